//! What a module has, as data: codecs, formats, filters and the rest, with the options of each.
//!
//! [`Runtime::capabilities`](crate::Runtime::capabilities) reads it. Names and words are FFmpeg's; so is what is
//! said of the values of an option, from the tables that FFmpeg itself checks them by.
//!
//! ```no_run
//! use afmpeg_engine::{Runtime, capabilities::{Kind, Value}};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
//! let capabilities = runtime.capabilities()?;
//! let filter = capabilities.filter("fade").ok_or("this module cannot fade")?;
//! let frames = filter.options.get("nb_frames").ok_or("no such option")?;
//! assert_eq!(frames.default, Some(Value::Integer(25)));
//! assert_eq!(capabilities.nearest(Kind::Filter, "fad"), Some("fade"));
//! # Ok(())
//! # }
//! ```

mod codec;
mod filter;
mod format;
mod kept;
mod kind;
mod near;
mod option;
mod samples;

pub use codec::{Codec, MediaType, Profile};
pub use filter::{BitstreamFilter, Filter, Pad};
pub use format::{Demuxer, Muxer, Protocol};
pub use kind::Kind;
pub use option::{AvOption, AvOptions, Constant, ListOf, OptionFlag, OptionType, Range, Value};
pub use samples::{Channel, ChannelLayout, Component, PixelFormat, SampleFormat};

pub(crate) use kept::{is_kept, kept, read_or_run};
pub(crate) use near::nearest;

use serde::{Deserialize, Serialize};

/// What `wasm-build/compat/capabilities.c` calls the form of its document.
const CAPABILITIES_FORMAT: u32 = 1;

/// What a module has: see [the module's page](self).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Capabilities {
    format: u32,
    /// FFmpeg's version.
    pub ffmpeg: String,
    /// The licence of its libraries, as they were built: `GPL version 2 or later`.
    pub licence: String,
    /// What encodes.
    pub encoders: Vec<Codec>,
    /// What decodes.
    pub decoders: Vec<Codec>,
    /// What writes files.
    pub muxers: Vec<Muxer>,
    /// What reads files.
    pub demuxers: Vec<Demuxer>,
    /// What changes decoded frames.
    pub filters: Vec<Filter>,
    /// What changes packets.
    pub bitstream_filters: Vec<BitstreamFilter>,
    /// How files are reached.
    pub protocols: Vec<Protocol>,
    /// How pixels can be stored.
    pub pixel_formats: Vec<PixelFormat>,
    /// How samples of sound can be stored.
    pub sample_formats: Vec<SampleFormat>,
    /// The channel layouts that have names.
    pub channel_layouts: Vec<ChannelLayout>,
    /// The channels that layouts are made of.
    pub channels: Vec<Channel>,
    /// The options that every component of a kind has.
    pub generic: GenericOptions,
}

/// The options that every component of a kind has, beside its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GenericOptions {
    /// Of every encoder and decoder: their [flags](AvOption::flags) say of which.
    pub codec: AvOptions,
    /// Of every muxer and demuxer.
    pub format: AvOptions,
    /// Of every filter.
    pub filter: AvOptions,
    /// Of what converts between pixel formats and sizes.
    pub scaler: AvOptions,
    /// Of what converts between sample formats, rates and layouts.
    pub resampler: AvOptions,
}

impl Capabilities {
    /// Reads what [`Tool::Capabilities`](crate::Tool::Capabilities) printed.
    ///
    /// # Errors
    ///
    /// When it is not that, or that of another version of afmpeg.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        use serde::de::Error as _;

        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        // The form is asked first: of another one, a missing field says nothing to anybody.
        let Form { format } = serde_json::from_slice(json)?;
        if format != CAPABILITIES_FORMAT {
            let reason = format!("its form is {format}, and this afmpeg reads {CAPABILITIES_FORMAT}");
            return Err(serde_json::Error::custom(reason));
        }
        serde_json::from_slice(json)
    }

    /// The encoder of this name.
    pub fn encoder(&self, name: &str) -> Option<&Codec> {
        self.encoders.iter().find(|codec| codec.name == name)
    }

    /// The decoder of this name.
    pub fn decoder(&self, name: &str) -> Option<&Codec> {
        self.decoders.iter().find(|codec| codec.name == name)
    }

    /// The muxer of this name.
    pub fn muxer(&self, name: &str) -> Option<&Muxer> {
        self.muxers.iter().find(|muxer| muxer.is(name))
    }

    /// The demuxer that has this name among its own.
    pub fn demuxer(&self, name: &str) -> Option<&Demuxer> {
        self.demuxers.iter().find(|demuxer| demuxer.is(name))
    }

    /// The filter of this name.
    pub fn filter(&self, name: &str) -> Option<&Filter> {
        self.filters.iter().find(|filter| filter.name == name)
    }

    /// The bitstream filter of this name.
    pub fn bitstream_filter(&self, name: &str) -> Option<&BitstreamFilter> {
        self.bitstream_filters.iter().find(|filter| filter.name == name)
    }

    /// The protocol of this name.
    pub fn protocol(&self, name: &str) -> Option<&Protocol> {
        self.protocols.iter().find(|protocol| protocol.name == name)
    }

    /// The pixel format of this name, or with this among its other names.
    pub fn pixel_format(&self, name: &str) -> Option<&PixelFormat> {
        self.pixel_formats
            .iter()
            .find(|format| format.name == name || format.aliases.iter().any(|alias| alias == name))
    }

    /// The sample format of this name.
    pub fn sample_format(&self, name: &str) -> Option<&SampleFormat> {
        self.sample_formats.iter().find(|format| format.name == name)
    }

    /// The channel layout of this name.
    pub fn channel_layout(&self, name: &str) -> Option<&ChannelLayout> {
        self.channel_layouts.iter().find(|layout| layout.name == name)
    }

    /// The names of all that there is of a kind, in FFmpeg's order.
    pub fn names(&self, kind: Kind) -> Vec<&str> {
        kind.names_in(self)
    }

    /// The name that may have been meant by one that there is not; nothing if none is near.
    pub fn nearest(&self, kind: Kind, name: &str) -> Option<&str> {
        near::nearest(name, self.names(kind))
    }
}
