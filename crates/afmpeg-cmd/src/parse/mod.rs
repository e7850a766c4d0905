//! Parsing of command lines and graphs in FFmpeg's syntax. Invalid syntax is an error with its position; options that
//! the model does not cover stay arguments.

mod arguments;
mod command;
mod error;
mod link;
mod number;
mod options;
mod output;
mod pads;
mod segment;

pub use error::ParseError;
pub(crate) use options::{is_own, own_names};
pub(crate) use segment::bitstream_filters;

/// Parses a chain of filters without labels; `None` for any other text.
pub(crate) fn chain(text: &str) -> Option<Vec<crate::Filter>> {
    segment::chain(text).ok().flatten()
}

/// Parses a graph with one output pad, as for `-filter`, and returns the index of the node of that pad.
pub(crate) fn filter_graph(text: &str) -> Option<(crate::model::Graph, usize)> {
    let linked = link::link(&[text]).ok()?;
    let mut pads = linked.open.into_iter().chain(linked.labels.into_values());
    let (node, _) = pads.next()?;
    pads.next().is_none().then_some((linked.graph, node))
}
