use serde::{Deserialize, Serialize};

use crate::{Filter, MediaKind};

/// The filter graph of a command (`-filter_complex`): nodes, each of which takes from inputs and from nodes before it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graph {
    /// What its scalers get, those too that FFmpeg adds: the `sws_flags=...;` that it begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sws_flags: Option<String>,
    /// In an order in which each takes only from those before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
}

/// A filter at work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// What it does.
    pub filter: Filter,
    /// What goes into each of its pads, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Source>,
    /// What comes out of each of its pads, in order.
    pub outputs: Vec<MediaKind>,
}

/// Where a filter's input comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "what goes into a pad is {\"input\": 0, \"streams\": \"v:0\"}, {\"node\": 0, \"pad\": 0} or {\"free\": \"video\"}"
)]
pub enum Source {
    /// A stream of an input file: the first that the specifier fits and that nothing else has taken.
    Input {
        /// The input's place in [`Job::inputs`](super::Job::inputs).
        input: usize,
        /// A stream specifier: `v:0`, `a:1`, `m:language:deu`.
        streams: String,
    },
    /// A pad of a node before this one.
    Node {
        /// The node's place in [`Graph::nodes`].
        node: usize,
        /// The pad's place in [`Node::outputs`].
        pad: usize,
    },
    /// What FFmpeg finds: a stream of this kind that nothing else has taken. No other source comes after it.
    Free {
        /// What the filter takes.
        free: MediaKind,
    },
}
