use std::fmt;

use serde::{Deserialize, Serialize};

/// What a stream carries, among what a command can choose and filter.
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
    /// Pictures.
    Video,
    /// Sound.
    Audio,
    /// Text or pictures to be shown over a video.
    Subtitle,
    /// Anything else: time codes, telemetry.
    Data,
    /// A file that travels along: a font, a cover.
    Attachment,
}

impl MediaKind {
    /// Its letter in FFmpeg's stream specifiers.
    pub fn specifier(self) -> &'static str {
        match self {
            MediaKind::Video => "v",
            MediaKind::Audio => "a",
            MediaKind::Subtitle => "s",
            MediaKind::Data => "d",
            MediaKind::Attachment => "t",
        }
    }

    /// The kind that a stream specifier begins with, if it names one. `V` is video that is no cover.
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

/// A kind as a type: what a [`Stream`](crate::Stream) carries, for the compiler to check.
pub trait Kind: Clone + Copy + fmt::Debug + Send + Sync + 'static + sealed::Sealed {
    /// The same as a value.
    const KIND: MediaKind;
}

/// Pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Video {}

/// Sound.
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
