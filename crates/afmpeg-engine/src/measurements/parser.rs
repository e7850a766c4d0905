//! Parses the output of FFmpeg's filter `metadata`: a line for each frame with metadata, and one for each value.

use super::measurement::Measurement;
use crate::Time;

/// The longest line, in bytes: longer than any number or word.
const LINE_LIMIT: usize = 512;

/// The parser of one stream.
#[derive(Debug)]
pub(super) struct Parser {
    stream: usize,
    line: Vec<u8>,
    /// The number and the time of the current frame.
    frame: Option<(u64, Option<Time>)>,
    /// Whether the frame has no values yet.
    is_bare: bool,
    broken: Option<String>,
}

impl Parser {
    pub(super) fn new(stream: usize) -> Self {
        Self { stream, line: Vec::new(), frame: None, is_bare: false, broken: None }
    }

    /// Returns the reason that parsing failed, if it did.
    pub(super) fn broken(&self) -> Option<String> {
        self.broken.clone()
    }

    /// Returns the measurements that these bytes complete; `None` if these or earlier bytes are malformed.
    pub(super) fn add(&mut self, mut bytes: &[u8]) -> Option<Vec<Measurement>> {
        if self.broken.is_some() {
            return None;
        }
        let mut found = Vec::new();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            let line = std::mem::take(&mut self.line);
            match self.read(&line) {
                Ok(measurement) => found.extend(measurement),
                Err(reason) => {
                    self.broken = Some(reason);
                    return None;
                }
            }
        }
        if self.line.len() + bytes.len() > LINE_LIMIT {
            self.broken = Some(self.place("a line is too long"));
            return None;
        }
        self.line.extend_from_slice(bytes);
        Some(found)
    }

    /// Refuses an end in the middle of a line or a frame.
    pub(super) fn finish(&self) -> Result<(), String> {
        if self.line.is_empty() && !self.is_bare {
            Ok(())
        } else {
            Err(self.place("the output is incomplete"))
        }
    }

    fn place(&self, reason: &str) -> String {
        format!("{reason} in /dev/{}{}", super::measurement::DEVICE, self.stream)
    }

    fn read(&mut self, line: &[u8]) -> Result<Option<Measurement>, String> {
        let malformed = || self.place(&format!("{:?} is not a measurement", String::from_utf8_lossy(line)));
        if line.len() > LINE_LIMIT {
            return Err(malformed());
        }
        let text = std::str::from_utf8(line).map_err(|_| malformed())?;
        if let Some(frame) = frame(text) {
            // Only frames with values are printed.
            if self.is_bare {
                return Err(malformed());
            }
            self.frame = Some(frame);
            self.is_bare = true;
            return Ok(None);
        }
        let (frame, time) = self.frame.ok_or_else(malformed)?;
        let (key, value) = text.split_once('=').ok_or_else(malformed)?;
        if !is_key(key) || !is_value(value) {
            return Err(malformed());
        }
        self.is_bare = false;
        let (key, value) = (key.to_owned(), value.to_owned());
        Ok(Some(Measurement { stream: self.stream, frame, time, key, value }))
    }
}

/// `frame:7    pts:1234    pts_time:0.5`
fn frame(line: &str) -> Option<(u64, Option<Time>)> {
    let (number, rest) = line.strip_prefix("frame:")?.split_once(' ')?;
    let (pts, rest) = rest.trim_start_matches(' ').strip_prefix("pts:")?.split_once(' ')?;
    let time = rest.trim_start_matches(' ').strip_prefix("pts_time:")?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = number.parse().ok()?;
    if (pts, time) == ("NOPTS", "NOPTS") {
        return Some((number, None));
    }
    pts.parse::<i64>().ok()?;
    Some((number, Some(time.parse().ok()?)))
}

/// Names in filters consist of letters and digits; some have a space.
fn is_key(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._- ".contains(&byte);
    !key.is_empty() && key.bytes().all(is_part)
}

/// A number, a word, or a timecode, but not free text, which may come from a file.
fn is_value(value: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._:;/".contains(&byte);
    !value.is_empty() && value.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PRINTED: &str = "frame:0    pts:0       pts_time:0\nlavfi.r128.M=-120.691\n\
        frame:12   pts:-480    pts_time:-0.01\nlavfi.astats.1.Number of NaNs=0.000000\n\
        lavfi.psnr.psnr_avg=inf\nframe:13   pts:NOPTS   pts_time:NOPTS\nlavfi.idet.single.current_frame=progressive\n";

    #[test]
    fn values_belong_to_their_frame_in_any_pieces() {
        for size in 1..=PRINTED.len() {
            let mut parser = Parser::new(3);
            let mut found = Vec::new();
            for piece in PRINTED.as_bytes().chunks(size) {
                found.extend(parser.add(piece).unwrap());
            }
            parser.finish().unwrap();
            let read: Vec<_> = found
                .iter()
                .map(|it| (it.stream, it.frame, it.time.map(Time::as_micros), &*it.key, &*it.value))
                .collect();
            let expected = [
                (3, 0, Some(0), "lavfi.r128.M", "-120.691"),
                (3, 12, Some(-10_000), "lavfi.astats.1.Number of NaNs", "0.000000"),
                (3, 12, Some(-10_000), "lavfi.psnr.psnr_avg", "inf"),
                (3, 13, None, "lavfi.idet.single.current_frame", "progressive"),
            ];
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn truncated_output_is_refused() {
        let ends: Vec<usize> = PRINTED.match_indices('\n').map(|(at, _)| at + 1).collect();
        for end in 0..PRINTED.len() {
            let mut parser = Parser::new(0);
            parser.add(&PRINTED.as_bytes()[..end]).unwrap();
            // After a line with a value, the rest may be missing undetectably.
            let is_whole = end == 0
                || ends.contains(&end)
                    && !PRINTED[..end - 1].rsplit('\n').next().unwrap().starts_with("frame");
            assert_eq!(parser.finish().is_ok(), is_whole, "{end}");
        }
    }

    #[test]
    fn other_text_is_refused_with_all_that_follows() {
        let head = "frame:0    pts:0       pts_time:0\n";
        for text in [
            "lavfi.black_start=1\n".to_owned(),
            format!("{head}{head}"),
            format!("{head}comment=two words\n"),
            format!("{head}=1\n"),
            format!("{head}lavfi.black_start=\n"),
            format!("{head}\n"),
            format!("{head}lavfi.black_start=1\u{e9}\n"),
            format!("{head}lavfi.black_start=1\r\n"),
            "frame:-1   pts:0       pts_time:0\n".to_owned(),
            "frame:0    pts:0       pts_time:1e3\n".to_owned(),
            "x".repeat(LINE_LIMIT + 1),
        ] {
            let mut parser = Parser::new(0);
            assert_eq!(parser.add(text.as_bytes()), None, "{text:?}");
            assert!(parser.broken().is_some());
            assert_eq!(parser.add(PRINTED.as_bytes()), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_measurements_or_refused(bytes in any::<Vec<u8>>(), at in 0..PRINTED.len()) {
            let mut parser = Parser::new(0);
            let mut text = PRINTED.as_bytes()[..at].to_vec();
            text.extend(&bytes);
            for measurement in parser.add(&text).into_iter().flatten() {
                prop_assert!(is_key(&measurement.key) && is_value(&measurement.value));
            }
        }
    }
}
