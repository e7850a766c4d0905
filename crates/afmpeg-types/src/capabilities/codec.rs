use serde::{Deserialize, Serialize};

use super::AvOptions;
use crate::{MediaKind, media_kind::if_known};

/// An encoder or a decoder.
///
/// Each list of formats, rates and layouts holds the supported values. `None` means that all are supported, or that
/// FFmpeg has no list.
///
/// ```
/// # fn f(capabilities: &afmpeg_types::Capabilities) {
/// let lossless = |codec: &&afmpeg_types::capabilities::Codec| codec.properties.iter().any(|name| name == "lossless");
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
    /// The kind of its frames.
    #[serde(rename = "type", default, deserialize_with = "if_known")]
    pub kind: Option<MediaKind>,
    /// The coding format, which may have several encoders and decoders: `h264`.
    pub codec: String,
    /// The external library that it wraps, if any.
    pub wrapper: Option<String>,
    /// The capabilities, named after `AV_CODEC_CAP_`: `delay`, `frame_threads`, `experimental`...
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// The properties of the coding format, named after `AV_CODEC_PROP_`: `lossy`, `lossless`, `intra_only`, `reorder`...
    #[serde(default)]
    pub properties: Vec<String>,
    /// The supported profiles.
    #[serde(default)]
    pub profiles: Vec<Profile>,
    /// The largest value for `-lowres`: how many times the decoder can halve the width and height.
    #[serde(default)]
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
    #[serde(default)]
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
