use serde::{Deserialize, Serialize};

use super::AvOptions;

/// A writer of a container format.
///
/// ```
/// # fn f(capabilities: &afmpeg_types::Capabilities) {
/// let takes = |codec: &str| capabilities.muxer("mp4").is_some_and(|mp4| mp4.codecs.iter().any(|own| own == codec));
/// assert!(takes("h264"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Muxer {
    /// The names, for `-f`.
    pub names: Vec<String>,
    /// The descriptive name.
    pub long_name: Option<String>,
    /// The file extensions that select it.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// The MIME types.
    #[serde(default)]
    pub mime_types: Vec<String>,
    /// The flags, named after `AVFMT_`: `no_file`, `global_header`, `ts_negative`...
    #[serde(default)]
    pub flags: Vec<String>,
    /// Whether it writes to a device.
    #[serde(default)]
    pub device: bool,
    /// The default video codec.
    pub video_codec: Option<String>,
    /// The default audio codec.
    pub audio_codec: Option<String>,
    /// The default subtitle codec.
    pub subtitle_codec: Option<String>,
    /// The codecs that it certainly supports; only the default ones for muxers without a list.
    #[serde(default)]
    pub codecs: Vec<String>,
    /// The options in addition to the [generic](super::GenericOptions::format) ones.
    #[serde(default)]
    pub options: AvOptions,
}

impl Muxer {
    /// Whether `name` is one of its names.
    pub fn is(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}

/// A reader of a container format.
///
/// ```
/// # fn f(capabilities: &afmpeg_types::Capabilities) {
/// assert!(capabilities.demuxer("m4a").is_some_and(|demuxer| demuxer.is("mp4")));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Demuxer {
    /// The names, for `-f`: `mov`, `mp4`, `m4a`...
    pub names: Vec<String>,
    /// The descriptive name.
    pub long_name: Option<String>,
    /// The file extensions that select it.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// The MIME types.
    #[serde(default)]
    pub mime_types: Vec<String>,
    /// The flags, named after `AVFMT_`: `no_file`, `generic_index`, `ts_discont`...
    #[serde(default)]
    pub flags: Vec<String>,
    /// Whether it reads from a device. `lavfi`, which generates media from a filter graph, counts as one.
    #[serde(default)]
    pub device: bool,
    /// The options in addition to the [generic](super::GenericOptions::format) ones.
    #[serde(default)]
    pub options: AvOptions,
}

impl Demuxer {
    /// Whether `name` is one of its names.
    pub fn is(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}

/// A protocol for accessing files.
///
/// ```
/// # fn f(capabilities: &afmpeg_types::Capabilities) {
/// assert!(capabilities.protocol("file").is_some_and(|protocol| protocol.input && protocol.output));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Protocol {
    /// The scheme of its URLs.
    pub name: String,
    /// Whether it reads.
    #[serde(default)]
    pub input: bool,
    /// Whether it writes.
    #[serde(default)]
    pub output: bool,
    /// The options.
    #[serde(default)]
    pub options: AvOptions,
}
