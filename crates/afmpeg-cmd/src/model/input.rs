use serde::{Deserialize, Serialize};

use crate::{Arg, Time};

/// An input file, and how it is read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Input {
    /// Its path, its URL, or what its format takes for one: a graph for `lavfi`, a pattern for `image2`.
    pub path: String,
    /// `-f`: its format, where FFmpeg shall not guess.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// `-ss`: where to begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seek: Option<Time>,
    /// `-sseof`: where to begin, from the end; not above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seek_from_end: Option<Time>,
    /// `-t`: how much to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Time>,
    /// `-to`: where to stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
    /// `-itsoffset`: what is added to its timestamps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<Time>,
    /// `-stream_loop`: how many times more it is read; -1 is for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<i32>,
    /// All other options of it: a demuxer's, a decoder's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
}
