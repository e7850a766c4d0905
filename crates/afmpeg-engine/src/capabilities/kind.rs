use std::fmt;

use super::Capabilities;

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

    pub(super) fn names_in(self, capabilities: &Capabilities) -> Vec<&str> {
        fn of<'a, T>(all: &'a [T], name: impl Fn(&'a T) -> &'a String) -> Vec<&'a str> {
            all.iter().map(|one| name(one).as_str()).collect()
        }
        fn of_many<'a, T>(all: &'a [T], names: impl Fn(&'a T) -> &'a [String]) -> Vec<&'a str> {
            all.iter().flat_map(|one| names(one).iter().map(String::as_str)).collect()
        }
        match self {
            Self::Encoder => of(&capabilities.encoders, |codec| &codec.name),
            Self::Decoder => of(&capabilities.decoders, |codec| &codec.name),
            Self::Muxer => of_many(&capabilities.muxers, |muxer| &muxer.names),
            Self::Demuxer => of_many(&capabilities.demuxers, |demuxer| &demuxer.names),
            Self::Filter => of(&capabilities.filters, |filter| &filter.name),
            Self::BitstreamFilter => of(&capabilities.bitstream_filters, |filter| &filter.name),
            Self::Protocol => of(&capabilities.protocols, |protocol| &protocol.name),
            Self::PixelFormat => of(&capabilities.pixel_formats, |format| &format.name),
            Self::SampleFormat => of(&capabilities.sample_formats, |format| &format.name),
            Self::ChannelLayout => of(&capabilities.channel_layouts, |layout| &layout.name),
        }
    }
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
