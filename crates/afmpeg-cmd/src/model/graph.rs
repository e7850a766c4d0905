use serde::{Deserialize, Serialize};

use crate::{Filter, MediaKind};

/// The filter graph of a command (`-filter_complex`): nodes, each of which reads from inputs and earlier nodes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graph {
    /// The options of its scalers, including those that FFmpeg inserts: the leading `sws_flags=...;`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sws_flags: Option<String>,
    /// The nodes, ordered so that each reads only from earlier ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
}

/// A filter in a graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The filter.
    pub filter: Filter,
    /// The sources of its input pads, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Source>,
    /// The kinds of its output pads, in order.
    pub outputs: Vec<MediaKind>,
}

/// The source of an input pad.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected a source: {\"input\": 0, \"streams\": \"v:0\"}, {\"node\": 0, \"pad\": 0} or {\"free\": \"video\"}"
)]
#[non_exhaustive]
pub enum Source {
    /// The first unused stream of an input that the specifier fits.
    Input {
        /// The input's index in [`Command::inputs`](super::Command::inputs).
        input: usize,
        /// A stream specifier: `v:0`, `a:1`, `m:language:deu`.
        streams: String,
    },
    /// A pad of an earlier node.
    Node {
        /// The node's index in [`Graph::nodes`].
        node: usize,
        /// The pad's index in [`Node::outputs`].
        pad: usize,
    },
    /// An unused stream of this kind, which FFmpeg selects. No other source follows it.
    Free {
        /// The kind of the pad.
        free: MediaKind,
    },
}
