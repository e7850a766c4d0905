//! FFmpeg's log, as text and as records.

mod colors;
mod reader;
mod record;
mod tail;
mod text;

pub use colors::LogColors;
pub(crate) use reader::{LogEvents, LogReader};
#[cfg(any(test, fuzzing))]
pub(crate) use reader::{Seen, encode};
pub use record::{LogLevel, LogRecord, ParseLogLevelError};
pub(crate) use tail::{LogLine, LogTail};
pub(crate) use text::LogText;
