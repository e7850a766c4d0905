use serde::{Deserialize, Serialize};

use super::AvOptions;

/// What a stream, a pad or a codec is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are FFmpeg's and say it")]
pub enum MediaType {
    Video,
    Audio,
    Data,
    Subtitle,
    Attachment,
    /// One that FFmpeg does not name: a filter's pad may take any.
    #[serde(other)]
    Unknown,
}

/// An encoder or a decoder.
///
/// The lists of formats, rates and layouts are what it takes: nothing where it takes all, or does not say.
///
/// ```
/// # fn f(capabilities: &afmpeg_engine::Capabilities) {
/// let lossless = |codec: &&afmpeg_engine::capabilities::Codec| codec.properties.iter().any(|word| word == "lossless");
/// let names: Vec<&str> = capabilities.encoders.iter().filter(lossless).map(|codec| codec.name.as_str()).collect();
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Codec {
    /// Its name, for `-c`.
    pub name: String,
    /// Its name in words.
    pub long_name: Option<String>,
    /// What it is about.
    #[serde(rename = "type")]
    pub media_type: MediaType,
    /// What it codes, which may have several encoders and decoders: `h264`.
    pub codec: String,
    /// The library that it wraps, if it is not FFmpeg's own.
    pub wrapper: Option<String>,
    /// What it can, in the words of `AV_CODEC_CAP_`: `delay`, `frame_threads`, `experimental`...
    pub capabilities: Vec<String>,
    /// What its codec is like, in the words of `AV_CODEC_PROP_`: `lossy`, `lossless`, `intra_only`, `reorder`...
    pub properties: Vec<String>,
    /// The profiles that it knows.
    pub profiles: Vec<Profile>,
    /// How often it can halve the size while decoding.
    pub max_lowres: u8,
    /// The pixel formats that it takes.
    pub pixel_formats: Option<Vec<String>>,
    /// The frame rates that it takes, as ratios.
    pub frame_rates: Option<Vec<String>>,
    /// The sample rates that it takes.
    pub sample_rates: Option<Vec<u32>>,
    /// The sample formats that it takes.
    pub sample_formats: Option<Vec<String>>,
    /// The channel layouts that it takes.
    pub channel_layouts: Option<Vec<String>>,
    /// The colour ranges that it takes.
    pub color_ranges: Option<Vec<String>>,
    /// The colour matrices that it takes.
    pub color_spaces: Option<Vec<String>>,
    /// Its own options, beside the [generic](super::GenericOptions::codec) ones.
    pub options: AvOptions,
}

impl Codec {
    /// Whether it must be allowed with `-strict experimental`.
    pub fn is_experimental(&self) -> bool {
        self.capabilities.iter().any(|word| word == "experimental")
    }
}

/// A profile of a codec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    /// Its name: `High`.
    pub name: String,
    /// Its number, as `-profile` takes it.
    pub value: i64,
}
