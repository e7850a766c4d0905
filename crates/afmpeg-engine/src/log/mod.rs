//! FFmpeg's log: as text, and as records.

mod record;
mod splitter;

pub use record::{LogLevel, LogRecord};
pub(crate) use splitter::{LogEvents, LogSplitter};
