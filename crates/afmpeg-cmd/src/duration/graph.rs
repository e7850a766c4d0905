//! The lengths of the nodes of a graph.

use super::{filters::filtered, frames::Span, length::Length::Unknown};
use crate::model::{Graph, Node, Source};

/// The length of each node of a graph; pads without a link have the length `free`.
pub(super) fn of_graph(graph: &Graph, inputs: &[Span], free: Span) -> Vec<Span> {
    let mut nodes: Vec<Span> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let span = of_node(node, &|source| of_source(source, inputs, &nodes, free));
        nodes.push(span);
    }
    nodes
}

/// The length of any stream of the inputs: that of all inputs, if they are equal.
pub(super) fn any_of(inputs: &[Span]) -> Span {
    let mut lengths = inputs.iter().map(|span| span.length);
    let first = lengths.next().unwrap_or(Unknown);
    Span::of(if lengths.all(|length| length == first) { first } else { Unknown })
}

fn of_source(source: &Source, inputs: &[Span], nodes: &[Span], free: Span) -> Span {
    match source {
        Source::Input { input, .. } => inputs.get(*input).copied(),
        Source::Node { node, .. } => nodes.get(*node).copied(),
        Source::Free { .. } => Some(free),
    }
    .unwrap_or(Span::of(Unknown))
}

/// All output pads of a filter have the same length.
fn of_node(node: &Node, span: &dyn Fn(&Source) -> Span) -> Span {
    filtered(&node.filter, &node.inputs.iter().map(span).collect::<Vec<_>>())
}
