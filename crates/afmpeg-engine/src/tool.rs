use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A program in an FFmpeg module. Every FFmpeg module contains all of these programs.
///
/// ```
/// use afmpeg_engine::Tool;
///
/// assert_eq!(Tool::Ffprobe.to_string(), "ffprobe");
/// assert_eq!("ffmpeg".parse(), Ok(Tool::Ffmpeg));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Tool {
    /// `ffmpeg`, which converts.
    #[default]
    Ffmpeg,
    /// `ffprobe`, which inspects.
    Ffprobe,
    /// A program of afmpeg, which prints the components of the module as JSON and takes no arguments:
    /// [`Runtime::capabilities`](crate::Runtime::capabilities) reads it.
    Capabilities,
}

impl Tool {
    /// Returns the name of the tool, which is its `argv[0]`.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Ffmpeg => "ffmpeg",
            Tool::Ffprobe => "ffprobe",
            Tool::Capabilities => "capabilities",
        }
    }

    /// Returns the options for a run without a terminal: they hide the banner and keep ffmpeg from reading keys.
    ///
    /// [`Runtime::run`](crate::Runtime::run) and the command `afmpeg run` add them.
    pub fn unattended_args(self) -> &'static [&'static str] {
        match self {
            Tool::Ffmpeg => &["-hide_banner", "-nostdin"],
            Tool::Ffprobe => &["-hide_banner"],
            Tool::Capabilities => &[],
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Tool {
    type Err = ParseToolError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let all = [Tool::Ffmpeg, Tool::Ffprobe, Tool::Capabilities];
        all.into_iter().find(|tool| tool.name() == name).ok_or_else(|| ParseToolError(name.to_owned()))
    }
}

/// The error returned for a string that is not the name of a [`Tool`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a tool (ffmpeg, ffprobe or capabilities), found {0:?}")]
pub struct ParseToolError(String);
