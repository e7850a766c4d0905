use serde::{Deserialize, Serialize};

use super::AvOptions;

/// What writes a format.
///
/// ```
/// # fn f(capabilities: &afmpeg_engine::Capabilities) {
/// let takes = |codec: &str| capabilities.muxer("mp4").is_some_and(|mp4| mp4.codecs.iter().any(|own| own == codec));
/// assert!(takes("h264"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Muxer {
    /// Its names, for `-f`.
    pub names: Vec<String>,
    /// Its name in words.
    pub long_name: Option<String>,
    /// The file extensions that mean it.
    pub extensions: Vec<String>,
    /// Its MIME types.
    pub mime_types: Vec<String>,
    /// What it is like, in the words of `AVFMT_`: `no_file`, `global_header`, `ts_negative`...
    pub flags: Vec<String>,
    /// Whether it writes to a device.
    pub device: bool,
    /// The codec that FFmpeg takes if nothing is said.
    pub video_codec: Option<String>,
    /// The codec that FFmpeg takes if nothing is said.
    pub audio_codec: Option<String>,
    /// The codec that FFmpeg takes if nothing is said.
    pub subtitle_codec: Option<String>,
    /// The codecs that it surely takes. Muxers that do not say, say only those that FFmpeg takes by default.
    pub codecs: Vec<String>,
    /// Its own options, beside the [generic](super::GenericOptions::format) ones.
    pub options: AvOptions,
}

impl Muxer {
    /// Whether this is its name.
    pub fn is(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}

/// What reads a format.
///
/// ```
/// # fn f(capabilities: &afmpeg_engine::Capabilities) {
/// assert!(capabilities.demuxer("m4a").is_some_and(|demuxer| demuxer.is("mp4")));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Demuxer {
    /// Its names, for `-f`: `mov`, `mp4`, `m4a`...
    pub names: Vec<String>,
    /// Its name in words.
    pub long_name: Option<String>,
    /// The file extensions that mean it.
    pub extensions: Vec<String>,
    /// Its MIME types.
    pub mime_types: Vec<String>,
    /// What it is like, in the words of `AVFMT_`: `no_file`, `generic_index`, `ts_discont`...
    pub flags: Vec<String>,
    /// Whether it reads from a device: `lavfi`, which makes media of a filter graph, counts as one.
    pub device: bool,
    /// Its own options, beside the [generic](super::GenericOptions::format) ones.
    pub options: AvOptions,
}

impl Demuxer {
    /// Whether this is one of its names.
    pub fn is(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}

/// A way to reach files.
///
/// ```
/// # fn f(capabilities: &afmpeg_engine::Capabilities) {
/// assert!(capabilities.protocol("file").is_some_and(|protocol| protocol.input && protocol.output));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Protocol {
    /// What stands before the colon of a URL.
    pub name: String,
    /// Whether it reads.
    pub input: bool,
    /// Whether it writes.
    pub output: bool,
    /// Its options.
    pub options: AvOptions,
}
