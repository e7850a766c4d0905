//! FFmpeg's log: as text, and as records.

mod reader;
mod record;
mod tail;

#[cfg(any(test, fuzzing))]
pub(crate) use reader::encode;
pub(crate) use reader::{LogEvents, LogReader};
pub use record::{LogLevel, LogRecord};
pub(crate) use tail::{LogLine, LogTail};
