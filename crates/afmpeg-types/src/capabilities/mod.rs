//! The components of a module, as data: codecs, formats, filters and others, each with its options.
//!
//! `Runtime::capabilities` of afmpeg-engine returns them. Names and descriptions are FFmpeg's. The ranges and
//! constants of options come from the tables that FFmpeg validates them with.
//!
//! ```
//! use afmpeg_types::{Capabilities, ComponentKind};
//!
//! // Of a module with a single filter.
//! let mut capabilities = Capabilities::default();
//! capabilities.filters = serde_json::from_str(r#"[{ "name": "fade" }]"#).unwrap();
//! assert!(capabilities.filter("fade").is_some());
//! assert_eq!(capabilities.nearest(ComponentKind::Filter, "fad"), Some("fade"));
//! ```

mod codec;
mod filter;
mod format;
mod option;
mod samples;
mod suggest;
mod version;

pub use codec::{Codec, Profile};
pub use filter::{BitstreamFilter, Filter, Pad};
pub use format::{Demuxer, Muxer, Protocol};
pub use option::{AvOption, AvOptions, Constant, ListOf, OptionFlag, OptionType, Range, Value};
pub use samples::{Channel, ChannelLayout, PixelComponent, PixelFormat, SampleFormat};

pub use suggest::nearest;

use serde::{Deserialize, Serialize};

use self::version::FormatVersion;
use crate::ComponentKind;

/// The components of a module. See the [module documentation](self).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Capabilities {
    format: FormatVersion,
    /// The version of FFmpeg.
    pub ffmpeg: String,
    /// The licence of the libraries as built: `GPL version 2 or later`.
    pub licence: String,
    /// The encoders.
    pub encoders: Vec<Codec>,
    /// The decoders.
    pub decoders: Vec<Codec>,
    /// The muxers, which write files.
    pub muxers: Vec<Muxer>,
    /// The demuxers, which read files.
    pub demuxers: Vec<Demuxer>,
    /// The filters of decoded frames.
    pub filters: Vec<Filter>,
    /// The filters of packets.
    pub bitstream_filters: Vec<BitstreamFilter>,
    /// The protocols for accessing files.
    pub protocols: Vec<Protocol>,
    /// The storage formats of pixels.
    pub pixel_formats: Vec<PixelFormat>,
    /// The storage formats of audio samples.
    pub sample_formats: Vec<SampleFormat>,
    /// The named channel layouts.
    pub channel_layouts: Vec<ChannelLayout>,
    /// The channels of layouts.
    pub channels: Vec<Channel>,
    /// The options that all components of a kind share.
    pub generic: GenericOptions,
}

/// The options that all components of a kind share.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GenericOptions {
    /// The options of encoders and decoders; their [flags](AvOption::flags) distinguish the two.
    pub codec: AvOptions,
    /// The options of muxers and demuxers.
    pub format: AvOptions,
    /// The options of filters.
    pub filter: AvOptions,
    /// The options of the scaler, which converts pixel formats and sizes.
    pub scaler: AvOptions,
    /// The options of the resampler, which converts sample formats, rates and layouts.
    pub resampler: AvOptions,
}

impl Capabilities {
    /// The version of the JSON format that `wasm-build/compat/capabilities.c` writes.
    pub const FORMAT: u32 = version::FORMAT;

    /// Parses the output of the tool `capabilities`, or the same JSON of `afmpeg capabilities --json`.
    ///
    /// # Errors
    ///
    /// If `json` is not the output of that tool, or comes from a module for another version of afmpeg.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    /// Returns the encoder with this name.
    pub fn encoder(&self, name: &str) -> Option<&Codec> {
        self.encoders.iter().find(|codec| codec.name == name)
    }

    /// Returns the decoder with this name.
    pub fn decoder(&self, name: &str) -> Option<&Codec> {
        self.decoders.iter().find(|codec| codec.name == name)
    }

    /// Returns the muxer with this name.
    pub fn muxer(&self, name: &str) -> Option<&Muxer> {
        self.muxers.iter().find(|muxer| muxer.is(name))
    }

    /// Returns the demuxer with this name.
    pub fn demuxer(&self, name: &str) -> Option<&Demuxer> {
        self.demuxers.iter().find(|demuxer| demuxer.is(name))
    }

    /// Returns the filter with this name.
    pub fn filter(&self, name: &str) -> Option<&Filter> {
        self.filters.iter().find(|filter| filter.name == name)
    }

    /// Returns the bitstream filter with this name.
    pub fn bitstream_filter(&self, name: &str) -> Option<&BitstreamFilter> {
        self.bitstream_filters.iter().find(|filter| filter.name == name)
    }

    /// Returns the protocol with this name.
    pub fn protocol(&self, name: &str) -> Option<&Protocol> {
        self.protocols.iter().find(|protocol| protocol.name == name)
    }

    /// Returns the pixel format with this name or alias.
    pub fn pixel_format(&self, name: &str) -> Option<&PixelFormat> {
        self.pixel_formats
            .iter()
            .find(|format| format.name == name || format.aliases.iter().any(|alias| alias == name))
    }

    /// Returns the sample format with this name.
    pub fn sample_format(&self, name: &str) -> Option<&SampleFormat> {
        self.sample_formats.iter().find(|format| format.name == name)
    }

    /// Returns the channel layout with this name.
    pub fn channel_layout(&self, name: &str) -> Option<&ChannelLayout> {
        self.channel_layouts.iter().find(|layout| layout.name == name)
    }

    /// Returns the names of all components of a kind, in FFmpeg's order.
    pub fn names(&self, kind: ComponentKind) -> Vec<&str> {
        fn of<'a, T>(all: &'a [T], name: impl Fn(&'a T) -> &'a String) -> Vec<&'a str> {
            all.iter().map(|one| name(one).as_str()).collect()
        }
        fn of_many<'a, T>(all: &'a [T], names: impl Fn(&'a T) -> &'a [String]) -> Vec<&'a str> {
            all.iter().flat_map(|one| names(one).iter().map(String::as_str)).collect()
        }
        match kind {
            ComponentKind::Encoder => of(&self.encoders, |codec| &codec.name),
            ComponentKind::Decoder => of(&self.decoders, |codec| &codec.name),
            ComponentKind::Muxer => of_many(&self.muxers, |muxer| &muxer.names),
            ComponentKind::Demuxer => of_many(&self.demuxers, |demuxer| &demuxer.names),
            ComponentKind::Filter => of(&self.filters, |filter| &filter.name),
            ComponentKind::BitstreamFilter => of(&self.bitstream_filters, |filter| &filter.name),
            ComponentKind::Protocol => of(&self.protocols, |protocol| &protocol.name),
            ComponentKind::PixelFormat => of(&self.pixel_formats, |format| &format.name),
            ComponentKind::SampleFormat => of(&self.sample_formats, |format| &format.name),
            ComponentKind::ChannelLayout => of(&self.channel_layouts, |layout| &layout.name),
        }
    }

    /// Returns the name most similar to an unknown one, if any is similar.
    pub fn nearest(&self, kind: ComponentKind, name: &str) -> Option<&str> {
        suggest::nearest(name, self.names(kind))
    }
}
