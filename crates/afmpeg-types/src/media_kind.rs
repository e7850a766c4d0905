use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};

/// The kind of a stream: FFmpeg's `AVMediaType`.
///
/// ```
/// use afmpeg_types::MediaKind;
///
/// assert_eq!(MediaKind::Audio.specifier(), "a");
/// assert_eq!("audio".parse(), Ok(MediaKind::Audio));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums, reason = "FFmpeg has had these for fifteen years; others are `None` here")]
pub enum MediaKind {
    /// Video frames.
    Video,
    /// Audio samples.
    Audio,
    /// Text or images to show over a video.
    Subtitle,
    /// Anything else: time codes, telemetry.
    Data,
    /// An attached file, such as a font.
    Attachment,
}

impl MediaKind {
    /// All kinds.
    pub const ALL: &'static [Self] =
        &[Self::Video, Self::Audio, Self::Subtitle, Self::Data, Self::Attachment];

    /// Returns its letter in FFmpeg's stream specifiers.
    pub fn specifier(self) -> &'static str {
        match self {
            MediaKind::Video => "v",
            MediaKind::Audio => "a",
            MediaKind::Subtitle => "s",
            MediaKind::Data => "d",
            MediaKind::Attachment => "t",
        }
    }

    /// Returns FFmpeg's name.
    pub fn name(self) -> &'static str {
        match self {
            MediaKind::Video => "video",
            MediaKind::Audio => "audio",
            MediaKind::Subtitle => "subtitle",
            MediaKind::Data => "data",
            MediaKind::Attachment => "attachment",
        }
    }
}

impl fmt::Display for MediaKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error returned for a string that is not the name of a [`MediaKind`].
///
/// ```
/// use afmpeg_types::MediaKind;
///
/// let error = "sound".parse::<MediaKind>().unwrap_err();
/// assert_eq!(error.to_string(), "expected video, audio, subtitle, data or attachment, found \"sound\"");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected video, audio, subtitle, data or attachment, found {0:?}")]
pub struct ParseMediaKindError(String);

impl FromStr for MediaKind {
    type Err = ParseMediaKindError;

    fn from_str(text: &str) -> Result<Self, ParseMediaKindError> {
        let found = Self::ALL.iter().copied().find(|kind| kind.name() == text);
        found.ok_or_else(|| ParseMediaKindError(text.to_owned()))
    }
}

/// Deserializes a kind; `None` for one that this version of afmpeg does not have.
pub(crate) fn if_known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MediaKind>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.and_then(|name| name.parse().ok()))
}
