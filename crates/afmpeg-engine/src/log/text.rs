//! A piece of a log as text.

use super::LogLevel;

/// A piece of a log as FFmpeg prints it.
pub(crate) struct LogText<'a> {
    pub(crate) bytes: &'a [u8],
    /// Its place in FFmpeg's log. `None` for other output.
    pub(crate) source: Option<LogSource>,
}

/// The properties of a text that FFmpeg logs.
#[derive(Debug)]
pub(crate) struct LogSource {
    pub(crate) level: LogLevel,
    /// The `AVClassCategory` of the writer, and of that which contains it; 0 without one.
    pub(crate) category: u8,
    pub(crate) parent_category: u8,
    /// The length of the prefix with the names of the writers, in bytes.
    pub(crate) prefix: usize,
}
