//! Reads FFmpeg's log incrementally.
//!
//! It has two sources. A device receives the records of `wasm-build/compat/log.c`, one per write, with a level, a
//! writer, and a flag for the start of a line, which text cannot forge. Standard error receives other output as text:
//! from libraries with a separate log, and from a tool that prints without its log.

use super::{
    LogLevel, LogLine, LogRecord,
    text::{LogSource, LogText},
};

/// The longest line in bytes; longer ones are split.
const MAX_LINE: usize = 16 << 10;

/// The flags of a record.
const BEGINS: u8 = 1;
const SHOWN: u8 = 2;

/// The length of a record's header before the writer's name: its level, its flags, the length of its text's prefix, and
/// the categories of the writer that contains the writer and of the writer.
const HEAD: usize = 6;

/// Receives a log: text, then the lines that the text completes.
pub(crate) trait LogEvents {
    fn text(&mut self, text: &LogText<'_>);
    fn record(&mut self, line: LogLine);
}

/// The reader's incomplete lines.
#[derive(Debug, Default)]
pub(crate) struct LogReader {
    logged: Option<OpenLine>,
    printed: Option<OpenLine>,
}

/// An incomplete line, with the properties of all its pieces.
#[derive(Debug)]
struct OpenLine {
    origin: Origin,
    /// From the prefix of the first piece, the only one with it.
    parent: Option<String>,
    begins: bool,
    message: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq)]
struct Origin {
    level: LogLevel,
    component: Option<String>,
    is_shown: bool,
}

/// A record as the device receives it.
struct Record<'a> {
    origin: Origin,
    parent: Option<String>,
    begins: bool,
    text: LogText<'a>,
    /// The text without FFmpeg's prefix.
    message: &'a [u8],
}

impl LogReader {
    /// Processes one write to the log's device. An invalid record, which FFmpeg never writes, is text.
    pub(crate) fn write_record(&mut self, bytes: &[u8], events: &mut impl LogEvents) {
        let Some(Record { origin, parent, begins, text, message }) = Record::read(bytes) else {
            return self.write_text(bytes, events);
        };
        if origin.is_shown {
            events.text(&text);
        }
        // Another thread may write between the pieces of a line.
        if self.logged.as_ref().is_some_and(|line| begins || line.origin != origin) {
            finish(&mut self.logged, events);
        }
        split(&mut self.logged, &origin, parent, begins, message, events);
    }

    /// Processes a write to standard error.
    pub(crate) fn write_text(&mut self, bytes: &[u8], events: &mut impl LogEvents) {
        let origin = Origin { level: LogLevel::Info, component: None, is_shown: true };
        // Line by line, so that a limit on the text keeps the lines before it.
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            events.text(&LogText { bytes: line, source: None });
            split(&mut self.printed, &origin, None, false, line, events);
        }
    }

    /// Flushes the incomplete lines.
    pub(crate) fn finish(&mut self, events: &mut impl LogEvents) {
        finish(&mut self.logged, events);
        finish(&mut self.printed, events);
    }
}

impl<'a> Record<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&[level, flags, low, high, parent_category, category], rest) =
            bytes.split_first_chunk::<HEAD>()?;
        let level = LogLevel::from_number(level)?;
        let end_of_name = rest.iter().position(|byte| *byte == 0)?;
        let component = String::from_utf8_lossy(&rest[..end_of_name]).into_owned();
        let component = Some(component).filter(|component| !component.is_empty());
        let bytes = &rest[end_of_name + 1..];
        let (prefix, message) = bytes.split_at_checked(usize::from(u16::from_le_bytes([low, high])))?;
        let source = LogSource { level, category, parent_category, prefix: prefix.len() };
        let text = LogText { bytes, source: Some(source) };
        let origin = Origin { level, component, is_shown: flags & SHOWN != 0 };
        let parent = std::str::from_utf8(prefix).ok().and_then(parent_in).map(str::to_owned);
        Some(Self { origin, parent, begins: flags & BEGINS != 0, text, message })
    }
}

/// Returns the first of two writers in `[parent @ 0x1] [writer @ 0x2] [error] `.
fn parent_in(prefix: &str) -> Option<&str> {
    let (parent, rest) = prefix.strip_prefix('[')?.split_once(" @ ")?;
    let (_, rest) = rest.split_once("] ")?;
    (rest.starts_with('[') && rest.contains(" @ ")).then_some(parent)
}

/// Adds a message to the open line, and passes on each completed line.
fn split(
    open: &mut Option<OpenLine>,
    origin: &Origin,
    mut parent: Option<String>,
    mut begins: bool,
    mut message: &[u8],
    events: &mut impl LogEvents,
) {
    while !message.is_empty() {
        let line = open.get_or_insert_with(|| OpenLine {
            origin: origin.clone(),
            parent: parent.take(),
            begins,
            message: Vec::new(),
        });
        begins = false;
        let room = MAX_LINE - line.message.len();
        let end = message.iter().position(|byte| matches!(byte, b'\n' | b'\r')).filter(|end| *end < room);
        let piece = end.unwrap_or(message.len().min(room));
        line.message.extend_from_slice(&message[..piece]);
        let is_full = line.message.len() == MAX_LINE;
        let ending = end.map(|end| message[end]);
        message = &message[end.map_or(piece, |end| end + 1)..];
        // A carriage return at the end of a message rewrites the line: it is progress and not a record.
        if ending == Some(b'\r') && message.is_empty() {
            *open = None;
        } else if ending.is_some() || is_full {
            finish(open, events);
        }
    }
}

fn finish(open: &mut Option<OpenLine>, events: &mut impl LogEvents) {
    let Some(OpenLine { origin, parent, begins, message }) = open.take() else { return };
    let Origin { level, component, is_shown } = origin;
    let message = String::from_utf8_lossy(&message).into_owned();
    if !message.trim().is_empty() {
        events.record(LogLine { record: LogRecord { level, component, message }, parent, begins, is_shown });
    }
}

/// A whole log.
#[cfg(any(test, fuzzing))]
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) text: Vec<u8>,
    pub(crate) lines: Vec<LogLine>,
}

#[cfg(any(test, fuzzing))]
impl LogEvents for Seen {
    fn text(&mut self, text: &LogText<'_>) {
        self.text.extend_from_slice(text.bytes);
    }

    fn record(&mut self, line: LogLine) {
        self.lines.push(line);
    }
}

#[cfg(any(test, fuzzing))]
/// Encodes a record as `wasm-build/compat/log.c` does.
pub(crate) fn encode(level: LogLevel, flags: u8, component: &str, prefix: &str, message: &str) -> Vec<u8> {
    let [low, high] = u16::try_from(prefix.len()).unwrap_or(u16::MAX).to_le_bytes();
    let head = [level.number(), flags, low, high, 0, 0];
    [&head, component.as_bytes(), &[0], prefix.as_bytes(), message.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(records: &[Vec<u8>]) -> Seen {
        let mut seen = Seen::default();
        let mut reader = LogReader::default();
        for record in records {
            reader.write_record(record, &mut seen);
        }
        reader.finish(&mut seen);
        seen
    }

    fn line(level: LogLevel, component: Option<&str>, message: &str, begins: bool) -> LogLine {
        LogLine { record: LogRecord::new(level, component, message), parent: None, begins, is_shown: true }
    }

    const ALL: u8 = BEGINS | SHOWN;

    #[test]
    fn record_has_its_level_and_writer_without_the_prefix() {
        let records = [
            encode(LogLevel::Info, ALL, "", "", "Input #0, lavfi, from 'testsrc':\n"),
            encode(LogLevel::Error, ALL, "dec:h264", "[dec:h264 @ 0x3b0] ", "Decoding error: Invalid data\n"),
        ];
        let seen = read(&records);
        let expected = [
            line(LogLevel::Info, None, "Input #0, lavfi, from 'testsrc':", true),
            line(LogLevel::Error, Some("dec:h264"), "Decoding error: Invalid data", true),
        ];
        assert_eq!(seen.lines, expected);
        let text = "Input #0, lavfi, from 'testsrc':\n[dec:h264 @ 0x3b0] Decoding error: Invalid data\n";
        assert_eq!(String::from_utf8(seen.text).unwrap(), text);
    }

    #[test]
    fn writer_inside_another_has_it_as_its_parent() {
        let parents = [
            ("[Parsed_geq_0 @ 0x10e0] [Eval @ 0x1fca] [error] ", Some("Parsed_geq_0")),
            ("[vist#0:0/png @ 0xf7] [dec:png @ 0x7f] ", Some("vist#0:0/png")),
            ("[png @ 0xf7] [error] ", None),
            ("[error] ", None),
            ("", None),
        ];
        for (prefix, parent) in parents {
            let seen = read(&[encode(LogLevel::Error, ALL, "writer", prefix, "[a @ 1] [b @ 2] text\n")]);
            assert_eq!(seen.lines[0].parent.as_deref(), parent, "{prefix}");
        }
    }

    #[test]
    fn line_in_pieces_is_one_record_and_lines_in_one_message_begin_once() {
        let records = [
            encode(LogLevel::Info, ALL, "", "", "  title : "),
            encode(LogLevel::Info, SHOWN, "", "", "a\r[error] b\nc\n"),
        ];
        let expected = [
            line(LogLevel::Info, None, "  title : a", true),
            line(LogLevel::Info, None, "[error] b", false),
            line(LogLevel::Info, None, "c", false),
        ];
        assert_eq!(read(&records).lines, expected);
    }

    #[test]
    fn record_of_another_thread_ends_a_line_in_pieces() {
        let records = [
            encode(LogLevel::Info, ALL, "a", "", "first "),
            encode(LogLevel::Error, ALL, "b", "", "second\n"),
            encode(LogLevel::Info, SHOWN, "a", "", "third\n"),
        ];
        let expected = [
            line(LogLevel::Info, Some("a"), "first ", true),
            line(LogLevel::Error, Some("b"), "second", true),
            line(LogLevel::Info, Some("a"), "third", false),
        ];
        assert_eq!(read(&records).lines, expected);
    }

    #[test]
    fn hidden_error_is_a_record_without_text() {
        let seen = read(&[encode(LogLevel::Fatal, BEGINS, "", "", "File 'o' already exists. Exiting.\n")]);
        assert!(seen.text.is_empty());
        assert_eq!(seen.lines.len(), 1);
        assert!(seen.lines[0].begins && !seen.lines[0].is_shown);
    }

    #[test]
    fn rewritten_progress_line_is_only_text() {
        let seen = read(&[encode(LogLevel::Info, ALL, "", "", "frame=   10 fps=0.0\r")]);
        assert_eq!(seen.text, b"frame=   10 fps=0.0\r");
        assert!(seen.lines.is_empty());
    }

    #[test]
    fn text_of_standard_error_never_begins_a_record() {
        let (mut seen, mut reader) = (Seen::default(), LogReader::default());
        reader.write_text(b"x265 [error]: no ", &mut seen);
        reader.write_text(b"memory\nUnknown encoder 'x'\n", &mut seen);
        reader.finish(&mut seen);
        let expected = [
            line(LogLevel::Info, None, "x265 [error]: no memory", false),
            line(LogLevel::Info, None, "Unknown encoder 'x'", false),
        ];
        assert_eq!(seen.lines, expected);
    }

    #[test]
    fn endless_line_is_split_and_kept_whole() {
        let long = "x".repeat(3 * MAX_LINE);
        let seen = read(&[encode(LogLevel::Info, ALL, "", "", &long)]);
        assert_eq!(seen.text.len(), long.len());
        let parts: Vec<usize> = seen.lines.iter().map(|line| line.record.message.len()).collect();
        assert_eq!(parts, [MAX_LINE; 3]);
    }

    proptest! {
        #[test]
        fn no_bytes_that_a_guest_writes_are_lost_or_panic(
            writes in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)
        ) {
            read(&writes);
        }

        #[test]
        fn message_in_pieces_reads_as_the_whole(
            message in prop::collection::vec(prop::sample::select(vec!["text", "é", "\n", "[error] ", " "]), 1..20),
            cut in 1usize..7,
        ) {
            let message = message.concat();
            let whole = read(&[encode(LogLevel::Warning, ALL, "c", "", &message)]);
            let mut pieces = Vec::new();
            let mut flags = ALL;
            for piece in message.as_bytes().chunks(cut) {
                let mut record = encode(LogLevel::Warning, flags, "c", "", "");
                record.extend_from_slice(piece);
                pieces.push(record);
                flags = SHOWN;
            }
            prop_assert_eq!(whole, read(&pieces));
        }
    }
}
