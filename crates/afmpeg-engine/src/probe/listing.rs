//! Parses ffprobe's output incrementally.

use std::{fmt, io, ops::ControlFlow};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor},
};

use super::{Frame, Packet, PacketOrFrame, Probe};

/// The callback for packets and frames.
pub(super) type Each<'a> = &'a mut dyn FnMut(PacketOrFrame) -> ControlFlow<()>;

/// Parses the output from its pieces. Returns `Continue` at its end, and `Break` if `each` broke off.
pub(super) fn read(
    pieces: impl Iterator<Item = Vec<u8>>,
    each: Each<'_>,
) -> Result<ControlFlow<Probe, Probe>, serde_json::Error> {
    let mut reading = Reading { probe: Probe::default(), each, is_stopped: false };
    let text = Text { pieces, ready: Vec::new(), offset: 0, incomplete: Vec::new() };
    let mut json = serde_json::Deserializer::from_reader(text);
    match json.deserialize_map(&mut reading) {
        Ok(()) => Ok(ControlFlow::Continue(reading.probe)),
        Err(_) if reading.is_stopped => Ok(ControlFlow::Break(reading.probe)),
        Err(error) => Err(error),
    }
}

struct Reading<'a> {
    probe: Probe,
    each: Each<'a>,
    is_stopped: bool,
}

impl<'de> Visitor<'de> for &mut Reading<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ffprobe's output")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "packets" => map.next_value_seed(Items { reading: self, wrap: from_packet })?,
                "frames" => map.next_value_seed(Items { reading: self, wrap: from_frame })?,
                "packets_and_frames" => map.next_value_seed(Items { reading: self, wrap: |entry| entry })?,
                "program_version" => self.probe.program_version = map.next_value()?,
                "library_versions" => self.probe.library_versions = map.next_value()?,
                "programs" => self.probe.programs = map.next_value()?,
                "stream_groups" => self.probe.stream_groups = map.next_value()?,
                "streams" => self.probe.streams = map.next_value()?,
                "chapters" => self.probe.chapters = map.next_value()?,
                "format" => self.probe.format = map.next_value()?,
                "error" => self.probe.error = map.next_value()?,
                _ => {
                    self.probe.extra.push(key, map.next_value()?);
                }
            }
        }
        Ok(())
    }
}

fn from_packet(packet: Packet) -> PacketOrFrame {
    PacketOrFrame::Packet(packet)
}

fn from_frame(frame: Frame) -> PacketOrFrame {
    if frame.media_type.as_deref() == Some("subtitle") {
        PacketOrFrame::Subtitle(frame)
    } else {
        PacketOrFrame::Frame(frame)
    }
}

/// A list whose items are passed to the callback one by one.
struct Items<'a, 'b, T> {
    reading: &'a mut Reading<'b>,
    wrap: fn(T) -> PacketOrFrame,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Items<'_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            if (self.reading.each)((self.wrap)(item)).is_break() {
                self.reading.is_stopped = true;
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// The pieces as one text, with U+FFFD for invalid UTF-8.
struct Text<P> {
    pieces: P,
    ready: Vec<u8>,
    offset: usize,
    /// The beginning of a character whose end is in the next piece.
    incomplete: Vec<u8>,
}

impl<P: Iterator<Item = Vec<u8>>> Text<P> {
    /// Receives the next piece. Returns false at the end of the text.
    fn refill(&mut self) -> bool {
        let Some(piece) = self.pieces.next() else { return false };
        let mut bytes = std::mem::take(&mut self.incomplete);
        bytes.extend(piece);
        self.ready.clear();
        self.offset = 0;
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.ready.extend(chunk.valid().as_bytes());
            let invalid = chunk.invalid();
            let may_continue = std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if chunks.peek().is_none() && may_continue {
                self.incomplete = invalid.to_vec();
            } else if !invalid.is_empty() {
                self.ready.extend("\u{FFFD}".as_bytes());
            }
        }
        true
    }
}

impl<P: Iterator<Item = Vec<u8>>> io::Read for Text<P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.offset == self.ready.len() {
            if !self.refill() {
                return Ok(0);
            }
        }
        let len = buffer.len().min(self.ready.len() - self.offset);
        buffer[..len].copy_from_slice(&self.ready[self.offset..self.offset + len]);
        self.offset += len;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in_pieces(json: &[u8], size: usize, each: Each<'_>) -> ControlFlow<Probe, Probe> {
        read(json.chunks(size).map(<[u8]>::to_vec), each).unwrap()
    }

    #[test]
    fn text_may_be_split_anywhere_and_need_not_be_utf8() {
        let json = b"{\"frames\": [{\"pix_fmt\": \"\xE2\x82\xAC\xFF\xC3\"}], \"format\": {\"filename\": \"\xC3\xA9\"}}";
        for size in 1..json.len() {
            let mut seen = Vec::new();
            let read = read_in_pieces(json, size, &mut |entry| {
                seen.push(entry);
                ControlFlow::Continue(())
            });
            let ControlFlow::Continue(probe) = read else { panic!("it was not stopped") };
            let [PacketOrFrame::Frame(frame)] = seen.as_slice() else { panic!("{seen:?}") };
            assert_eq!(frame.pix_fmt.as_deref(), Some("\u{20AC}\u{FFFD}\u{FFFD}"), "in pieces of {size}");
            assert_eq!(probe.format.unwrap().filename.as_deref(), Some("é"));
        }
    }

    #[test]
    fn callback_is_not_called_after_a_break() {
        let mut seen = 0;
        let read = read_in_pieces(br#"{"packets": [{}, {}, {}], "streams": []}"#, 7, &mut |_| {
            seen += 1;
            if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(read.is_break() && seen == 2);
    }
}
