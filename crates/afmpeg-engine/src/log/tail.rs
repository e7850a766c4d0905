//! The error records of a log.

use std::collections::VecDeque;

use super::{LogLevel, LogRecord};

/// A record with its properties in the log, which distinguish it from text from media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogLine {
    pub(crate) record: LogRecord,
    /// The filter or decoder that contains the writer, if FFmpeg prints both.
    pub(crate) parent: Option<String>,
    /// Whether an FFmpeg log message starts here. False for the second line of a message, for later pieces of a message,
    /// and for text outside of FFmpeg's log.
    pub(crate) begins: bool,
    /// Whether the command line's log level shows it.
    pub(crate) is_shown: bool,
}

/// The number of records kept from the start of a log, and from its end.
const KEPT_AT_EITHER_END: usize = 64;

/// The first and the last error records of a log: the first have the cause of a failure, the last its consequences.
///
/// Records below that level or without the start of a message are dropped: FFmpeg prints text from media in those.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogTail {
    first: Vec<LogLine>,
    last: VecDeque<LogLine>,
}

impl LogTail {
    pub(crate) fn push(&mut self, line: &LogLine) {
        if line.record.level > LogLevel::Error || !line.begins {
            return;
        }
        if self.first.len() < KEPT_AT_EITHER_END {
            self.first.push(line.clone());
            return;
        }
        if self.last.len() == KEPT_AT_EITHER_END {
            self.last.pop_front();
        }
        self.last.push_back(line.clone());
    }

    /// Returns the kept records, oldest first.
    pub(crate) fn into_lines(self) -> Vec<LogLine> {
        self.first.into_iter().chain(self.last).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(level: LogLevel, number: usize) -> LogLine {
        let record = LogRecord::new(level, None, number.to_string());
        LogLine { record, parent: None, begins: true, is_shown: true }
    }

    #[test]
    fn only_first_and_last_errors_are_kept() {
        let mut tail = LogTail::default();
        for number in 0..1000 {
            tail.push(&line(LogLevel::Error, number));
            tail.push(&line(LogLevel::Warning, number));
            tail.push(&line(LogLevel::Info, number));
            tail.push(&LogLine { begins: false, ..line(LogLevel::Error, number) });
        }
        let kept: Vec<usize> =
            tail.into_lines().iter().map(|line| line.record.message.parse().unwrap()).collect();
        let expected: Vec<usize> = (0..KEPT_AT_EITHER_END).chain(1000 - KEPT_AT_EITHER_END..1000).collect();
        assert_eq!(kept, expected);
    }
}
