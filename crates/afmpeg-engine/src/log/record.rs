use std::{fmt, str::FromStr};

/// The severity of a log line, most severe first: `AV_LOG_*` of `libavutil/log.h`.
///
/// ```
/// use afmpeg_engine::LogLevel;
///
/// assert!(LogLevel::Error < LogLevel::Info);
/// assert_eq!("warning".parse(), Ok(LogLevel::Warning));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LogLevel {
    /// FFmpeg is about to abort.
    Panic,
    /// FFmpeg cannot continue.
    Fatal,
    /// Data was lost, or the result is wrong.
    Error,
    /// The result may be wrong.
    Warning,
    /// Information for users.
    Info,
    /// More information for users.
    Verbose,
    /// For FFmpeg's developers.
    Debug,
    /// For FFmpeg's developers, in large amounts.
    Trace,
}

impl LogLevel {
    const NAMES: [(&'static str, Self); 8] = [
        ("panic", Self::Panic),
        ("fatal", Self::Fatal),
        ("error", Self::Error),
        ("warning", Self::Warning),
        ("info", Self::Info),
        ("verbose", Self::Verbose),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];

    /// The level at this position, the most severe first.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::NAMES.get(usize::from(number)).map(|(_, level)| *level)
    }

    #[cfg(any(test, fuzzing))]
    pub(crate) fn number(self) -> u8 {
        self as u8
    }

    /// Returns FFmpeg's name of the level, which [`FromStr`] parses.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, level)| *level == self).map_or("", |(name, _)| name)
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads FFmpeg's name of a level: `error`, `warning`, `info`...
impl FromStr for LogLevel {
    type Err = ParseLogLevelError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::NAMES.iter().find(|(own, _)| *own == name);
        found.map(|(_, level)| *level).ok_or_else(|| ParseLogLevelError(name.to_owned()))
    }
}

/// The error returned for a string that is not the name of a [`LogLevel`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a log level such as `error` or `info`, found {0:?}")]
pub struct ParseLogLevelError(String);

/// One line of FFmpeg's log.
///
/// ```
/// use afmpeg_engine::{LogLevel, LogRecord};
///
/// let record = LogRecord::new(LogLevel::Info, Some("libx264"), "profile High, level 3.1");
/// assert_eq!(record.to_string(), "libx264: profile High, level 3.1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogRecord {
    /// The severity. Lines without one, such as the second line of a message, have that of the line before.
    pub level: LogLevel,
    /// The part of FFmpeg that logged it: `libx264`, `out#0/mp4`, `Parsed_scale_0`... None for the tool itself.
    pub component: Option<String>,
    /// The text, without the line ending.
    pub message: String,
}

impl LogRecord {
    /// Creates a record.
    pub fn new(level: LogLevel, component: Option<&str>, message: impl Into<String>) -> Self {
        Self { level, component: component.map(str::to_owned), message: message.into() }
    }
}

impl fmt::Display for LogRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.component {
            Some(component) => write!(f, "{component}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}
