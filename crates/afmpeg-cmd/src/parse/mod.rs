//! Command lines and graphs as FFmpeg takes them, read into data. What FFmpeg would not understand is an error, with
//! its place; what the model has no word for stays as it is, as an argument.

mod command;
mod cursor;
mod error;
mod link;
mod number;
mod options;
mod output;
mod pads;
mod segment;
mod specifier;
mod words;

pub use error::ParseError;
pub(crate) use options::{is_own, own_names};
pub(crate) use segment::bitstream_filters;
pub(crate) use specifier::{Open, Specifier};

/// A chain of filters without labels, if it is one.
pub(crate) fn chain(text: &str) -> Option<Vec<crate::Filter>> {
    segment::chain(text).ok().flatten()
}

/// A graph with one pad that gives, as `-filter` has it, and the place of the node whose pad that is.
pub(crate) fn filter_graph(text: &str) -> Option<(crate::model::Graph, usize)> {
    let linked = link::link(&[text]).ok()?;
    let mut pads = linked.open.into_iter().chain(linked.labels.into_values());
    let (node, _) = pads.next()?;
    pads.next().is_none().then_some((linked.graph, node))
}
