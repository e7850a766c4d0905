//! A problem of a file.

use afmpeg_engine::{MediaKind, probe::Stream};
use serde::Serialize;

/// The weight of a problem, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Severity {
    /// A part of the file is lost, or cannot be played.
    Error,
    /// Some players or editors show the file wrongly, or slowly.
    Warning,
    /// A property that the receiver should be aware of.
    Note,
}

impl Severity {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Note => "Note",
        }
    }

    /// Returns its name in a sentence, in the singular.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// The section of the page that shows a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Section {
    Frames,
    BitRate,
    KeyFrames,
    Sound,
    Streams,
    Container,
}

impl Section {
    /// Returns the end of its anchor.
    pub(crate) fn anchor(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::BitRate => "bit-rate",
            Self::KeyFrames => "key-frames",
            Self::Sound => "sound",
            Self::Streams => "streams",
            Self::Container => "container",
        }
    }
}

/// A problem, with a fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    pub(crate) severity: Severity,
    pub(crate) section: Section,
    /// One sentence.
    pub(crate) text: String,
    /// One sentence, in the imperative.
    pub(crate) fix: String,
    /// The options of a command that fixes it, between the input and the output.
    pub(crate) options: Option<String>,
}

impl Problem {
    pub(super) fn new(
        severity: Severity,
        section: Section,
        text: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { severity, section, text: text.into(), fix: fix.into(), options: None }
    }

    pub(super) fn error(section: Section, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Severity::Error, section, text, fix)
    }

    pub(super) fn warning(section: Section, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Severity::Warning, section, text, fix)
    }

    pub(super) fn note(section: Section, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Severity::Note, section, text, fix)
    }

    pub(super) fn with_options(self, options: impl Into<String>) -> Self {
        Self { options: Some(options.into()), ..self }
    }
}

/// Returns the name of a stream in a sentence: `audio stream #1`.
pub(crate) fn stream_name(stream: &Stream) -> String {
    let kind = stream.kind().map_or("unknown", MediaKind::name);
    format!("{kind} stream #{}", stream.index)
}
