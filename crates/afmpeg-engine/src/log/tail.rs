//! The records of a log that say why a job failed.

use std::collections::VecDeque;

use super::{LogLevel, LogRecord};

/// A record with its place in the log, by which it is recognised: text from media never begins a record of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogLine {
    pub(crate) record: LogRecord,
    /// The part that its writer belongs to, where FFmpeg prints that, too: the filter or the decoder in whose name a
    /// part of a library writes.
    pub(crate) parent: Option<String>,
    /// Whether FFmpeg's log began a message here. False for the second line of a message, for the rest of one that
    /// was written in pieces, and for what did not come through FFmpeg's log.
    pub(crate) begins: bool,
    /// Whether the level that the command line asks for shows it.
    pub(crate) is_shown: bool,
}

/// How many records are kept from the start of a log, and how many from its end.
const KEPT_AT_EITHER_END: usize = 64;

/// The first and the last records of errors in a log: the first tell what began a failure, the last what ended it.
///
/// Records below that level are not kept, nor those that begin no message: they are where FFmpeg prints what media say
/// of themselves.
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

    /// What was kept, oldest first.
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
    fn first_and_last_errors_are_kept_and_nothing_else() {
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
