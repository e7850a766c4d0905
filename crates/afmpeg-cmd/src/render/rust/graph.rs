//! Handles of streams and filters.

use super::code::{Code, text};
use crate::{
    MediaKind,
    model::{Chapters, Command, Map, Node, Source},
    specifier::kind_of,
};

/// Whether every node leads to an output: a command built from outputs has no others.
pub(super) fn all_lead_out(command: &Command) -> bool {
    let nodes = &command.graph.nodes;
    let mut pending: Vec<usize> = Vec::new();
    for stream in command.outputs.iter().flat_map(|output| &output.streams) {
        if let Map::Node { node, .. } = stream.map {
            pending.push(node);
        }
    }
    let mut seen = vec![false; nodes.len()];
    while let Some(index) = pending.pop() {
        if seen.get(index) != Some(&false) {
            continue;
        }
        seen[index] = true;
        for source in &nodes[index].inputs {
            if let Source::Node { node, .. } = source {
                pending.push(*node);
            }
        }
    }
    seen.into_iter().all(|seen| seen)
}

impl Code<'_> {
    /// Returns the variable of a node: one stream, or all output pads.
    pub(super) fn variable(&self, index: usize) -> String {
        match self.command.graph.nodes.get(index).map(|node| &node.outputs[..]) {
            Some([kind]) => format!("{}{index}", kind.specifier()),
            _ => format!("pads{index}"),
        }
    }

    /// Renders a stream of an input, of a kind that handles have.
    pub(super) fn stream(&mut self, input: usize, streams: &str, kind: MediaKind) -> String {
        let (letter, name, of_kind) = match kind {
            MediaKind::Audio => ("a", "audio", "Audio"),
            MediaKind::Subtitle => ("s", "subtitle", "Subtitle"),
            _ => ("v", "video", "Video"),
        };
        let place = streams.strip_prefix(letter).and_then(|rest| rest.strip_prefix(':'));
        match place.map(|place| (place, place.parse::<usize>())) {
            Some(("0", _)) => format!("input{input}.{name}()"),
            Some((text, Ok(place))) if place.to_string() == text => {
                format!("input{input}.nth::<{}>({place})", self.uses(of_kind))
            }
            _ => format!("input{input}.stream::<{}>({})", self.uses(of_kind), text(streams)),
        }
    }

    pub(super) fn node(&mut self, index: usize, node: &Node) -> String {
        for source in &node.inputs {
            if let Source::Free { .. } = source {
                let source = self.plain_source(source);
                self.fields.push(format!("graph.nodes[{index}].inputs.push({source})"));
            }
        }
        let is_explicit = |source: &&Source| !matches!(source, Source::Free { .. });
        let sources: Vec<&Source> = node.inputs.iter().filter(is_explicit).collect();
        let filter = self.filter(&node.filter);
        // A handle of the same kind has a shorter call.
        if let ([source], [kind]) = (&sources[..], &node.outputs[..])
            && let Some(stream) = self.typed(source, *kind)
        {
            return format!("{stream}.filter({filter})");
        }
        let kind = node.outputs.first().copied().unwrap_or(MediaKind::Video);
        let streams: Vec<String> = sources.iter().map(|source| self.any(source, kind)).collect();
        let on = match &streams[..] {
            [] => format!("{filter}.source()"),
            streams => format!("{filter}.on([{}])", streams.join(", ")),
        };
        match node.outputs[..] {
            [MediaKind::Video] => format!("{on}.video()"),
            [MediaKind::Audio] => format!("{on}.audio()"),
            [MediaKind::Subtitle] => format!("{on}.subtitle()"),
            _ => {
                let kinds: Vec<String> = node.outputs.iter().map(|kind| self.kind(*kind)).collect();
                format!("{on}.pads([{}])", kinds.join(", "))
            }
        }
    }

    /// Renders a node of the model.
    pub(super) fn plain_node(&mut self, node: &Node) -> String {
        let sources: Vec<String> = node.inputs.iter().map(|source| self.plain_source(source)).collect();
        let kinds: Vec<String> = node.outputs.iter().map(|kind| self.kind(*kind)).collect();
        let (path, filter) = (self.path, self.filter(&node.filter));
        format!(
            "        {path}::model::Node {{\n            filter: {filter},\n            inputs: vec![{}],\n            \
             outputs: vec![{}],\n        }},\n",
            sources.join(", "),
            kinds.join(", ")
        )
    }

    pub(super) fn plain_source(&mut self, source: &Source) -> String {
        let fields = match source {
            Source::Input { input, streams } => {
                format!("Input {{ input: {input}, streams: {}.into() }}", text(streams))
            }
            Source::Node { node, pad } => format!("Node {{ node: {node}, pad: {pad} }}"),
            Source::Free { free } => format!("Free {{ free: {} }}", self.kind(*free)),
        };
        format!("{}::model::Source::{fields}", self.path)
    }

    /// Renders a handle of this kind, if the source has it.
    pub(super) fn typed(&mut self, source: &Source, kind: MediaKind) -> Option<String> {
        match source {
            Source::Input { input, streams } if kind_of(streams) == Some(kind) => {
                Some(self.stream(*input, streams, kind))
            }
            Source::Node { node, .. } => {
                let is_one = self.command.graph.nodes.get(*node)?.outputs == [kind];
                is_one.then(|| self.variable(*node))
            }
            _ => None,
        }
    }

    /// Renders a handle of any kind.
    pub(super) fn any(&mut self, source: &Source, otherwise: MediaKind) -> String {
        match source {
            Source::Input { input, streams } => {
                let kind = kind_of(streams).unwrap_or(otherwise);
                format!("{}.any()", self.stream(*input, streams, kind))
            }
            Source::Node { node, pad } => match self.command.graph.nodes.get(*node) {
                Some(before) if before.outputs.len() == 1 => format!("{}.any()", self.variable(*node)),
                _ => format!("{}[{pad}].clone()", self.variable(*node)),
            },
            Source::Free { .. } => String::new(),
        }
    }

    /// Whether anything refers to an input.
    pub(super) fn is_taken(&self, index: usize) -> bool {
        let of_map = |map: &Map| match map {
            Map::Input { input, .. } | Map::Except { input, .. } => *input == index,
            _ => false,
        };
        let nodes = self.command.graph.nodes.iter().filter(|_| self.has_handles);
        nodes
            .flat_map(|node| &node.inputs)
            .any(|source| matches!(source, Source::Input { input, .. } if *input == index))
            || self.command.outputs.iter().any(|output| {
                output.chapters == Some(Chapters::Input(index))
                    || output.streams.iter().any(|stream| of_map(&stream.map))
            })
    }
}
