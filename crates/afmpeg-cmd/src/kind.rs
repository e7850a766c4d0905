use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The kind of a stream that commands select and filter.
///
/// ```
/// use afmpeg_cmd::MediaKind;
///
/// assert_eq!(MediaKind::Audio.specifier(), "a");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
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

    /// Returns the kind that a stream specifier begins with. `V` is video without covers.
    pub(crate) fn of_specifier(specifier: &str) -> Option<Self> {
        Some(match specifier.split(':').next()? {
            "v" | "V" => MediaKind::Video,
            "a" => MediaKind::Audio,
            "s" => MediaKind::Subtitle,
            "d" => MediaKind::Data,
            "t" => MediaKind::Attachment,
            _ => return None,
        })
    }
}

impl fmt::Display for MediaKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MediaKind::Video => "video",
            MediaKind::Audio => "audio",
            MediaKind::Subtitle => "subtitle",
            MediaKind::Data => "data",
            MediaKind::Attachment => "attachment",
        })
    }
}

/// The error of parsing a text that is not a [`MediaKind`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of media: {0:?}")]
pub struct ParseMediaKindError(String);

/// The name that it prints as.
///
/// ```
/// use afmpeg_cmd::MediaKind;
///
/// assert_eq!("audio".parse::<MediaKind>(), Ok(MediaKind::Audio));
/// assert_eq!("sound".parse::<MediaKind>().unwrap_err().to_string(), "not a kind of media: \"sound\"");
/// ```
impl FromStr for MediaKind {
    type Err = ParseMediaKindError;

    fn from_str(text: &str) -> Result<Self, ParseMediaKindError> {
        let kinds = [Self::Video, Self::Audio, Self::Subtitle, Self::Data, Self::Attachment];
        let found = kinds.into_iter().find(|kind| kind.to_string() == text);
        found.ok_or_else(|| ParseMediaKindError(text.to_owned()))
    }
}

/// A kind of stream as a type, for [`Stream`](crate::Stream).
pub trait Kind: Clone + Copy + fmt::Debug + Send + Sync + 'static + sealed::Sealed {
    /// The kind as a value.
    const KIND: MediaKind;
}

/// Video frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Video {}

/// Audio samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audio {}

/// Subtitles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subtitle {}

impl Kind for Video {
    const KIND: MediaKind = MediaKind::Video;
}

impl Kind for Audio {
    const KIND: MediaKind = MediaKind::Audio;
}

impl Kind for Subtitle {
    const KIND: MediaKind = MediaKind::Subtitle;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Video {}
    impl Sealed for super::Audio {}
    impl Sealed for super::Subtitle {}
}
