use std::fmt;

/// A part of FFmpeg that a module has or lacks.
///
/// ```
/// use afmpeg_engine::{Component, ComponentKind};
///
/// let lacking = Component::new(ComponentKind::Encoder, "hevc_enc");
/// assert_eq!(lacking.to_string(), "encoder hevc_enc");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Component {
    kind: ComponentKind,
    name: String,
}

/// The kinds of [`Component`].
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
}

impl ComponentKind {
    /// The option that lists the components of this kind.
    pub(crate) fn listing(self) -> &'static str {
        match self {
            ComponentKind::Encoder => "-encoders",
            ComponentKind::Decoder => "-decoders",
            ComponentKind::Muxer => "-muxers",
            ComponentKind::Demuxer => "-demuxers",
            ComponentKind::Filter => "-filters",
            ComponentKind::BitstreamFilter => "-bsfs",
            ComponentKind::Protocol => "-protocols",
        }
    }
}

impl fmt::Display for ComponentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ComponentKind::Encoder => "encoder",
            ComponentKind::Decoder => "decoder",
            ComponentKind::Muxer => "muxer",
            ComponentKind::Demuxer => "demuxer",
            ComponentKind::Filter => "filter",
            ComponentKind::BitstreamFilter => "bitstream filter",
            ComponentKind::Protocol => "protocol",
        })
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
