//! Rendering of a graph in the syntax of `-filter_complex`.

use std::{borrow::Cow, collections::HashSet, fmt};

use crate::{
    Filter,
    model::{Graph, Node, Source},
};

impl Graph {
    /// Returns the label of a pad, without brackets: the letter of the kind, the number of the node and, of several
    /// pads, that of the pad.
    pub(super) fn label(&self, node: usize, pad: usize) -> String {
        let outputs = self.nodes.get(node).map_or(&[][..], |node| &node.outputs);
        let letter = outputs.get(pad).map_or("x", |kind| kind.specifier());
        if outputs.len() > 1 { format!("{letter}{node}_{pad}") } else { format!("{letter}{node}") }
    }

    /// Whether a node's only source is the only pad of the node before it: a comma then links them.
    fn continues(&self, index: usize) -> bool {
        let Some(before) = index.checked_sub(1) else { return false };
        self.nodes[before].outputs.len() == 1
            && self.nodes[index].inputs == [Source::Node { node: before, pad: 0 }]
    }
}

/// Returns the filter with a name, which FFmpeg's messages contain.
pub(super) fn named(index: usize, node: &Node) -> Cow<'_, Filter> {
    if node.filter.instance.is_some() {
        return Cow::Borrowed(&node.filter);
    }
    Cow::Owned(node.filter.clone().named(format!("n{index}")))
}

/// The syntax of `-filter_complex`: escaped, with names for all filters and labels for all pads.
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        GraphText { graph: self, open: &HashSet::new() }.fmt(f)
    }
}

/// A graph in which some pads, the last of their nodes, have no labels: FFmpeg maps them to the first output.
pub(super) struct GraphText<'a> {
    pub(super) graph: &'a Graph,
    /// Indices of nodes and of their pads.
    pub(super) open: &'a HashSet<(usize, usize)>,
}

impl fmt::Display for GraphText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { graph, open } = self;
        if let Some(flags) = &graph.sws_flags {
            write!(f, "sws_flags={flags};")?;
        }
        for (index, node) in graph.nodes.iter().enumerate() {
            if graph.continues(index) {
                f.write_str(",")?;
            } else {
                f.write_str(if index == 0 { "" } else { ";" })?;
                for source in &node.inputs {
                    match source {
                        Source::Input { input, streams } if streams.is_empty() => write!(f, "[{input}]")?,
                        Source::Input { input, streams } => write!(f, "[{input}:{streams}]")?,
                        Source::Node { node, pad } => write!(f, "[{}]", graph.label(*node, *pad))?,
                        Source::Free { .. } => {}
                    }
                }
            }
            named(index, node).fmt(f)?;
            let is_continued = index + 1 < graph.nodes.len() && graph.continues(index + 1);
            if !is_continued {
                let labelled = |pad: &usize| !open.contains(&(index, *pad));
                for pad in (0..node.outputs.len()).filter(labelled) {
                    write!(f, "[{}]", graph.label(index, pad))?;
                }
            }
        }
        Ok(())
    }
}
