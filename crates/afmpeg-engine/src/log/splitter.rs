//! Takes FFmpeg's log apart as it is written.
//!
//! A line is `[component @ 0x7f00] [level] message`, with any number of components, the innermost last. The level is
//! there because `wasm-build/compat/log.c` asks for it; it is taken out of the text again.

use super::{LogLevel, LogLine, LogRecord};

/// The longest line, in bytes, that is kept as one; the rest of a longer one is another line.
const MAX_LINE: usize = 16 << 10;

/// The longest head of a line: its components and its level.
const MAX_HEAD: usize = 512;

/// Receives a log: first its text, then the records that are complete with it.
pub(crate) trait LogEvents {
    fn text(&mut self, bytes: &[u8]);
    fn record(&mut self, line: LogLine);
}

/// The state between two pieces of a log.
#[derive(Debug)]
pub(crate) struct LogSplitter {
    line: Vec<u8>,
    /// What the current line's head says; none until that is known.
    head: Option<Head>,
    last: (LogLevel, Option<String>),
}

#[derive(Debug, Clone)]
struct Head {
    level: Option<LogLevel>,
    component: Option<String>,
    /// Where the message starts in the line.
    message: usize,
}

impl Default for LogSplitter {
    fn default() -> Self {
        Self { line: Vec::new(), head: None, last: (LogLevel::Info, None) }
    }
}

impl LogSplitter {
    /// Takes what was written.
    pub(crate) fn write(&mut self, mut bytes: &[u8], events: &mut impl LogEvents) {
        while !bytes.is_empty() {
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let room = MAX_LINE - self.line.len();
            let piece = end.map_or(bytes.len(), |end| end + 1).min(room);
            let shown = self.line.len();
            self.line.extend_from_slice(&bytes[..piece]);
            bytes = &bytes[piece..];
            let is_complete = end.is_some_and(|end| end < piece) || self.line.len() == MAX_LINE;

            if self.head.is_some() {
                events.text(&self.line[shown..]);
            } else if let Some(head) = read_head(&self.line, is_complete) {
                let tag = head.level.map_or(0, |level| level.name().len() + "[] ".len());
                events.text(&self.line[..head.message - tag]);
                events.text(&self.line[head.message..]);
                self.head = Some(head);
            }
            if is_complete {
                self.finish_line(events);
            }
        }
    }

    /// Ends a line that has no end.
    pub(crate) fn finish(&mut self, events: &mut impl LogEvents) {
        if self.line.is_empty() {
            return;
        }
        if self.head.is_none() {
            let head = read_head(&self.line, true);
            events.text(&self.line);
            self.head = head;
        }
        self.finish_line(events);
    }

    fn finish_line(&mut self, events: &mut impl LogEvents) {
        let line = std::mem::take(&mut self.line);
        let head = self.head.take();
        // A carriage return ends the status line, which is a progress and not a record.
        if line.last() == Some(&b'\r') {
            return;
        }
        let Some(head) = head else { return };
        let begins = head.level.is_some();
        if let Some(level) = head.level {
            self.last = (level, head.component);
        }
        let message = String::from_utf8_lossy(&line[head.message..]);
        let message = message.trim_end_matches(['\n', '\r']);
        if !message.trim().is_empty() {
            let (level, component) = self.last.clone();
            let record = LogRecord { level, component, message: message.to_owned() };
            events.record(LogLine { record, begins, is_shown: true });
        }
    }
}

/// The head of a line; none as long as more of the line may be needed.
fn read_head(line: &[u8], is_complete: bool) -> Option<Head> {
    let mut head = Head { level: None, component: None, message: 0 };
    loop {
        let rest = &line[head.message..];
        match rest.first() {
            Some(b'[') => {}
            None if !is_complete => return None,
            _ => return Some(without_level()),
        }
        let Some(end) = rest.windows(2).position(|pair| pair == b"] ") else {
            return (is_complete || line.len() > MAX_HEAD).then(without_level);
        };
        let text = String::from_utf8_lossy(&rest[1..end]);
        head.message += end + 2;
        match (text.split_once(" @ 0x"), LogLevel::from_name(&text)) {
            (Some((component, _)), _) => head.component = Some(component.to_owned()),
            (None, Some(level)) => return Some(Head { level: Some(level), ..head }),
            (None, None) => return Some(without_level()),
        }
    }
}

/// A line that FFmpeg's log did not begin: all of it is message.
fn without_level() -> Head {
    Head { level: None, component: None, message: 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Default)]
    struct Seen {
        text: Vec<u8>,
        records: Vec<LogRecord>,
    }

    impl LogEvents for Seen {
        fn text(&mut self, bytes: &[u8]) {
            self.text.extend_from_slice(bytes);
        }

        fn record(&mut self, line: LogLine) {
            self.records.push(line.record);
        }
    }

    fn split(pieces: &[&[u8]]) -> Seen {
        let mut seen = Seen::default();
        let mut splitter = LogSplitter::default();
        for piece in pieces {
            splitter.write(piece, &mut seen);
        }
        splitter.finish(&mut seen);
        seen
    }

    const LOG: &str = "[info] Input #0, lavfi, from 'testsrc':\n  Duration: N/A\n\
        [vist#0:0/h264 @ 0x2a0] [dec:h264 @ 0x3b0] [error] Decoding error: Invalid data\n\
        [info] frame=   10 fps=0.0\r[info] frame=   20 fps=0.0\n\
        [not a level] is text\n[h264_enc @ 0x1] [info] [bracketed] words";

    #[test]
    fn line_has_its_level_and_its_innermost_component() {
        let records = split(&[LOG.as_bytes()]).records;
        let expected = [
            LogRecord::new(LogLevel::Info, None, "Input #0, lavfi, from 'testsrc':"),
            LogRecord::new(LogLevel::Info, None, "  Duration: N/A"),
            LogRecord::new(LogLevel::Error, Some("dec:h264"), "Decoding error: Invalid data"),
            LogRecord::new(LogLevel::Info, None, "frame=   20 fps=0.0"),
            LogRecord::new(LogLevel::Info, None, "[not a level] is text"),
            LogRecord::new(LogLevel::Info, Some("h264_enc"), "[bracketed] words"),
        ];
        assert_eq!(records, expected);
    }

    #[test]
    fn text_is_the_log_without_the_levels() {
        let expected = LOG.replace("[info] ", "").replace("[error] ", "");
        assert_eq!(String::from_utf8(split(&[LOG.as_bytes()]).text).unwrap(), expected);
    }

    #[test]
    fn endless_line_is_cut() {
        let seen = split(&[b"[info] ", &[b'x'; 3 * MAX_LINE]]);
        assert_eq!(seen.text.len(), 3 * MAX_LINE);
        assert!(seen.records.iter().all(|record| record.message.len() <= MAX_LINE));
    }

    proptest! {
        #[test]
        fn pieces_in_which_it_is_written_do_not_matter(
            log in prop::collection::vec(prop::sample::select(vec![
                "[info] ", "[error] ", "[a @ 0x1] ", "[", "]", " ", "text", "\n", "\r", "é", "[x] ",
            ]), 0..40),
            cut in 1usize..7,
        ) {
            let log = log.concat();
            let whole = split(&[log.as_bytes()]);
            let pieces: Vec<&[u8]> = log.as_bytes().chunks(cut).collect();
            let cut = split(&pieces);
            prop_assert_eq!(whole.text, cut.text);
            prop_assert_eq!(whole.records, cut.records);
        }
    }
}
