use std::fmt;

use crate::MediaKind;

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
