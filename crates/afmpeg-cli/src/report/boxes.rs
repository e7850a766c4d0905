//! The order of the boxes of an MP4 or MOV.

use std::io::{self, Read, Seek, SeekFrom};

use super::facts::IndexPlace;

/// The most boxes that are read. Files have a few before their media, and fragmented ones begin with their index.
const MOST_BOXES: u32 = 10_000;

/// Returns the place of the index (`moov`) among the media (`mdat`) of a file; `None` if it lacks one of them.
pub(super) fn index_place(mut file: impl Read + Seek) -> io::Result<Option<IndexPlace>> {
    let mut has_media = false;
    let mut offset = 0_u64;
    for _ in 0..MOST_BOXES {
        file.seek(SeekFrom::Start(offset))?;
        let Some([size @ .., k0, k1, k2, k3]) = read::<8>(&mut file)? else { return Ok(None) };
        match &[k0, k1, k2, k3] {
            b"moov" if has_media => return Ok(Some(IndexPlace::AfterMedia)),
            b"moov" => return Ok(Some(IndexPlace::BeforeMedia)),
            b"mdat" => has_media = true,
            _ => {}
        }
        let size = match u32::from_be_bytes(size) {
            1 => match read::<8>(&mut file)? {
                Some(size) => u64::from_be_bytes(size),
                None => return Ok(None),
            },
            size => u64::from(size),
        };
        // A size of 0 is that of a box up to the end of the file; other sizes include the header.
        let Some(next) = offset.checked_add(size).filter(|_| size >= 8) else { return Ok(None) };
        offset = next;
    }
    Ok(None)
}

/// Reads this many bytes; `None` at the end of the file.
fn read<const COUNT: usize>(file: &mut impl Read) -> io::Result<Option<[u8; COUNT]>> {
    let mut bytes = [0; COUNT];
    match file.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(boxes: &[(&[u8; 4], u32, usize)]) -> Option<IndexPlace> {
        let boxes = boxes.iter().flat_map(|(kind, size, payload)| {
            [&size.to_be_bytes()[..], &kind[..], &vec![0; *payload]].concat()
        });
        index_place(io::Cursor::new(boxes.collect::<Vec<u8>>())).unwrap()
    }

    #[test]
    fn index_is_found_before_and_after_the_media() {
        let (head, index, media) = ((b"ftyp", 16, 8), (b"moov", 12, 4), (b"mdat", 108, 100));
        assert_eq!(place(&[head, index, media]), Some(IndexPlace::BeforeMedia));
        assert_eq!(place(&[head, media, index]), Some(IndexPlace::AfterMedia));
        assert_eq!(place(&[head, (b"free", 8, 0), media, media, index]), Some(IndexPlace::AfterMedia));
    }

    #[test]
    fn large_media_has_its_size_behind_its_type() {
        let large =
            [&1_u32.to_be_bytes()[..], b"mdat", &20_u64.to_be_bytes(), &[0; 4], &[0, 0, 0, 8], b"moov"];
        assert_eq!(index_place(io::Cursor::new(large.concat())).unwrap(), Some(IndexPlace::AfterMedia));
    }

    #[test]
    fn file_that_ends_early_or_has_impossible_sizes_has_no_place() {
        assert_eq!(place(&[]), None);
        assert_eq!(place(&[(b"ftyp", 16, 8), (b"mdat", 0, 100)]), None);
        assert_eq!(place(&[(b"ftyp", 7, 8), (b"moov", 8, 0)]), None);
        assert_eq!(place(&[(b"mdat", 1, 3)]), None);
        // Endless boxes of 8 bytes.
        assert_eq!(place(&vec![(b"free", 8, 0); 20_000]), None);
    }
}
