use std::fmt;

/// A kind of component of a module.
///
/// ```
/// use afmpeg_engine::capabilities::Kind;
///
/// assert_eq!(Kind::ALL.len(), 10);
/// assert_eq!(Kind::BitstreamFilter.to_string(), "bitstream filter");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are clear")]
pub enum Kind {
    Encoder,
    Decoder,
    Muxer,
    Demuxer,
    Filter,
    BitstreamFilter,
    Protocol,
    PixelFormat,
    SampleFormat,
    ChannelLayout,
}

impl Kind {
    /// Every kind.
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
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encoder => "encoder",
            Self::Decoder => "decoder",
            Self::Muxer => "muxer",
            Self::Demuxer => "demuxer",
            Self::Filter => "filter",
            Self::BitstreamFilter => "bitstream filter",
            Self::Protocol => "protocol",
            Self::PixelFormat => "pixel format",
            Self::SampleFormat => "sample format",
            Self::ChannelLayout => "channel layout",
        })
    }
}
