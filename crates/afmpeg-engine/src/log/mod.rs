//! FFmpeg's log, as text and as records.

mod reader;
mod record;
mod tail;

pub(crate) use reader::{LogEvents, LogReader};
#[cfg(any(test, fuzzing))]
pub(crate) use reader::{Seen, encode};
pub use record::{LogLevel, LogRecord, ParseLogLevelError};
pub(crate) use tail::{LogLine, LogTail};
