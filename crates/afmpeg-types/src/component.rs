use std::fmt;

/// A part of FFmpeg that a module has or lacks.
///
/// ```
/// use afmpeg_types::{Component, ComponentKind};
///
/// let lacking = Component::new(ComponentKind::Encoder, "libx265");
/// assert_eq!(lacking.to_string(), "encoder libx265");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Component {
    kind: ComponentKind,
    name: String,
}

/// The kinds of [`Component`], as [`Capabilities`](crate::Capabilities) list them.
///
/// ```
/// use afmpeg_types::ComponentKind;
///
/// assert_eq!(ComponentKind::ALL.len(), 10);
/// assert_eq!(ComponentKind::BitstreamFilter.to_string(), "bitstream filter");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ComponentKind {
    /// Encodes frames into packets.
    Encoder,
    /// Decodes packets into frames.
    Decoder,
    /// Writes streams into a file.
    Muxer,
    /// Reads the streams of a file.
    Demuxer,
    /// Filters frames.
    Filter,
    /// Filters packets.
    BitstreamFilter,
    /// Opens files by their URL's scheme.
    Protocol,
    /// A storage format of pixels.
    PixelFormat,
    /// A storage format of audio samples.
    SampleFormat,
    /// A named set of audio channels.
    ChannelLayout,
}

impl ComponentKind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[
        Self::Encoder,
        Self::Decoder,
        Self::Muxer,
        Self::Demuxer,
        Self::Filter,
        Self::BitstreamFilter,
        Self::Protocol,
        Self::PixelFormat,
        Self::SampleFormat,
        Self::ChannelLayout,
    ];

    /// Returns the name, in the singular.
    pub fn name(self) -> &'static str {
        match self {
            ComponentKind::Encoder => "encoder",
            ComponentKind::Decoder => "decoder",
            ComponentKind::Muxer => "muxer",
            ComponentKind::Demuxer => "demuxer",
            ComponentKind::Filter => "filter",
            ComponentKind::BitstreamFilter => "bitstream filter",
            ComponentKind::Protocol => "protocol",
            ComponentKind::PixelFormat => "pixel format",
            ComponentKind::SampleFormat => "sample format",
            ComponentKind::ChannelLayout => "channel layout",
        }
    }
}

impl fmt::Display for ComponentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Component {
    /// Creates a component.
    pub fn new(kind: ComponentKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }

    /// Returns the kind.
    pub fn kind(&self) -> ComponentKind {
        self.kind
    }

    /// Returns FFmpeg's name of the component, or of the codec if FFmpeg reports only that.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}
