//! Modules that were made smaller with gzip or zstd, known by their first bytes.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::{
    StreamingDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Why a module could not be unpacked.
#[derive(Debug)]
pub(crate) enum Failure {
    TooLarge,
    Damaged(String),
}

/// The bytes themselves, or what is packed in them, of which there may be `limit`.
pub(crate) fn unpack(bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, Failure> {
    let (unpacked, what) = if bytes.starts_with(GZIP) {
        (read_all(MultiGzDecoder::new(bytes.as_slice()), limit), "gzip")
    } else if bytes.starts_with(ZSTD) {
        (read_all(Frames { rest: &bytes, frame: None }, limit), "zstd")
    } else {
        return Ok(bytes);
    };
    match unpacked {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Failure::TooLarge),
        Err(error) => Err(Failure::Damaged(format!("it cannot be unpacked as {what}: {error}"))),
    }
}

/// None if there is more than `limit`.
pub(crate) fn read_all(reader: impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// The frames of zstd one after another: compressors with several threads make several.
struct Frames<'a> {
    rest: &'a [u8],
    frame: Option<StreamingDecoder<&'a [u8], ruzstd::decoding::FrameDecoder>>,
}

impl Read for Frames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let frame = match &mut self.frame {
                Some(frame) => frame,
                None if self.rest.is_empty() => return Ok(0),
                None => match StreamingDecoder::new(self.rest) {
                    Ok(frame) => self.frame.insert(frame),
                    Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                        length,
                        ..
                    })) => {
                        // A frame of something else: its magic number and length, eight bytes, and that many.
                        let skipped = usize::try_from(length).ok().and_then(|length| length.checked_add(8));
                        self.rest = skipped
                            .and_then(|skipped| self.rest.get(skipped..))
                            .ok_or(io::ErrorKind::UnexpectedEof)?;
                        continue;
                    }
                    Err(error) => return Err(io::Error::other(error)),
                },
            };
            match frame.read(buffer)? {
                0 if !buffer.is_empty() => {
                    self.rest = frame.get_ref();
                    self.frame = None;
                }
                read => return Ok(read),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn text() -> Vec<u8> {
        b"\0asm and more ".repeat(10_000)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    #[test]
    fn packed_bytes_come_out_as_they_were_and_others_pass() {
        assert_eq!(unpack(text(), 10).unwrap(), text());
        assert_eq!(unpack(gzip(&text()), 1 << 20).unwrap(), text());
        assert_eq!(unpack(zstd(&text()), 1 << 20).unwrap(), text());
    }

    #[test]
    fn several_frames_are_one_file() {
        let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        let two = [zstd(b"\0asm"), skippable, zstd(b" and more")].concat();
        assert_eq!(unpack(two, 100).unwrap(), b"\0asm and more");
        let two = [gzip(b"\0asm"), gzip(b" and more")].concat();
        assert_eq!(unpack(two, 100).unwrap(), b"\0asm and more");
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused_before_it_is_all_there() {
        let bomb = vec![0; 50 << 20];
        for packed in [gzip(&bomb), zstd(&bomb)] {
            assert!(matches!(unpack(packed, 1 << 20), Err(Failure::TooLarge)));
        }
    }

    #[test]
    fn truncated_and_flipped_files_are_damaged() {
        for packed in [gzip(&text()), zstd(&text())] {
            for cut in [5, packed.len() / 2, packed.len() - 1] {
                let unpacked = unpack(packed[..cut].to_vec(), 1 << 20);
                assert!(matches!(unpacked, Err(Failure::Damaged(_))), "{cut} of {}", packed.len());
            }
        }
    }
}
