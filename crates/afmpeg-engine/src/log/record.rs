use std::fmt;

/// How grave a line of FFmpeg's log is, gravest first: `AV_LOG_*` of `libavutil/log.h`.
///
/// ```
/// use afmpeg_engine::LogLevel;
///
/// assert!(LogLevel::Error < LogLevel::Info);
/// assert_eq!(LogLevel::from_name("warning"), Some(LogLevel::Warning));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// FFmpeg is about to abort.
    Panic,
    /// FFmpeg cannot go on.
    Fatal,
    /// Something was lost: it cannot be right.
    Error,
    /// Something looks wrong, and may be right.
    Warning,
    /// What a user wants to know.
    Info,
    /// More of it.
    Verbose,
    /// For FFmpeg's developers.
    Debug,
    /// For FFmpeg's developers, much.
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

    /// The level with this place among the levels, the most severe first.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::NAMES.get(usize::from(number)).map(|(_, level)| *level)
    }

    #[cfg(any(test, fuzzing))]
    pub(crate) fn number(self) -> u8 {
        self as u8
    }

    /// The level that FFmpeg calls `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, level)| *level)
    }

    /// FFmpeg's name for it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, level)| *level == self).map_or("", |(name, _)| name)
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One line of FFmpeg's log.
///
/// ```
/// use afmpeg_engine::{LogLevel, LogRecord};
///
/// let record = LogRecord::new(LogLevel::Info, Some("h264_enc"), "profile High, level 3.1");
/// assert_eq!(record.to_string(), "h264_enc: profile High, level 3.1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogRecord {
    /// How grave it is. Lines that do not say, such as the second line of a message, have that of the one before.
    pub level: LogLevel,
    /// The part of FFmpeg that says it: `h264_enc`, `out#0/mp4`, `Parsed_scale_0`... None for the tool itself.
    pub component: Option<String>,
    /// What it says, without the end of the line.
    pub message: String,
}

impl LogRecord {
    /// A record of these.
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
