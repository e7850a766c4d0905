use serde::{Deserialize, Serialize};

use crate::{Arg, Time};

/// An input file and its options.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Input {
    /// The path or URL, or a graph for `lavfi`, or a pattern for `image2`.
    pub path: String,
    /// `-f`: the format, instead of probing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// `-ss`: the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seek: Option<Time>,
    /// `-sseof`: the start, relative to the end; zero or negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seek_from_end: Option<Time>,
    /// `-t`: the duration that is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Time>,
    /// `-to`: the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
    /// `-itsoffset`: the offset added to its timestamps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<Time>,
    /// `-stream_loop`: the number of additional reads; -1 is endless.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<i32>,
    /// All other options, of its demuxer and decoders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
}
