use serde::{Deserialize, Serialize};

use super::AvOptions;

/// The type of media of a stream, a pad or a codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are FFmpeg's and clear")]
pub enum MediaType {
    Video,
    Audio,
    Data,
    Subtitle,
    Attachment,
    /// A type without a name in FFmpeg: a filter's pad may accept any type.
    #[serde(other)]
    Unknown,
}

/// An encoder or a decoder.
///
/// The lists of formats, rates and layouts are those that it supports; `None` if it supports all or has no list.
///
/// ```
/// # fn f(capabilities: &afmpeg_engine::Capabilities) {
/// let lossless = |codec: &&afmpeg_engine::capabilities::Codec| codec.properties.iter().any(|name| name == "lossless");
/// let names: Vec<&str> = capabilities.encoders.iter().filter(lossless).map(|codec| codec.name.as_str()).collect();
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Codec {
    /// The name, for `-c`.
    pub name: String,
    /// The descriptive name.
    pub long_name: Option<String>,
    /// The type of its media.
    #[serde(rename = "type")]
    pub media_type: MediaType,
    /// The coding format, which may have several encoders and decoders: `h264`.
    pub codec: String,
    /// The external library that it wraps, if any.
    pub wrapper: Option<String>,
    /// The capabilities, named after `AV_CODEC_CAP_`: `delay`, `frame_threads`, `experimental`...
    pub capabilities: Vec<String>,
    /// The properties of the coding format, named after `AV_CODEC_PROP_`: `lossy`, `lossless`, `intra_only`, `reorder`...
    pub properties: Vec<String>,
    /// The supported profiles.
    pub profiles: Vec<Profile>,
    /// The most times that it can halve the size while decoding.
    pub max_lowres: u8,
    /// The supported pixel formats.
    pub pixel_formats: Option<Vec<String>>,
    /// The supported frame rates, as ratios.
    pub frame_rates: Option<Vec<String>>,
    /// The supported sample rates.
    pub sample_rates: Option<Vec<u32>>,
    /// The supported sample formats.
    pub sample_formats: Option<Vec<String>>,
    /// The supported channel layouts.
    pub channel_layouts: Option<Vec<String>>,
    /// The supported colour ranges.
    pub color_ranges: Option<Vec<String>>,
    /// The supported colour matrices.
    pub color_spaces: Option<Vec<String>>,
    /// The options in addition to the [generic](super::GenericOptions::codec) ones.
    pub options: AvOptions,
}

impl Codec {
    /// Whether it requires `-strict experimental`.
    pub fn is_experimental(&self) -> bool {
        self.capabilities.iter().any(|name| name == "experimental")
    }
}

/// A profile of a codec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    /// The name: `High`.
    pub name: String,
    /// The number, for `-profile`.
    pub value: i64,
}
