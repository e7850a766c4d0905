//! FFmpeg's log: as text, and as records.

mod record;
mod splitter;
mod tail;

pub use record::{LogLevel, LogRecord};
pub(crate) use splitter::{LogEvents, LogSplitter};
pub(crate) use tail::{LogLine, LogTail};
