//! The specifiers that select single streams of an output, for options.

use super::{kind::kind_of, syntax::Specifier};
use crate::{
    MediaKind,
    model::{Graph, Map, OutputStream},
};

/// The number of streams of an entry of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    One,
    Any,
    /// It excludes streams of other entries.
    Except,
}

impl OutputStream {
    /// Returns the kind by its declaration, its map or the graph.
    pub(crate) fn declared_kind(&self, graph: &Graph) -> Option<MediaKind> {
        self.kind.or_else(|| match &self.map {
            Map::Input { streams, .. } => kind_of(streams),
            Map::Node { node, pad } => graph.nodes.get(*node)?.outputs.get(*pad).copied(),
            Map::Except { .. } | Map::Label(_) => None,
        })
    }

    pub(crate) fn count(&self) -> Count {
        match &self.map {
            Map::Node { .. } | Map::Label(_) => Count::One,
            Map::Except { .. } => Count::Except,
            Map::Input { optional: true, .. } => Count::Any,
            // `v:0` and `3` are one stream; `v`, `p:1` and `m:language:deu` are any number.
            Map::Input { streams, .. } => {
                let has_index = Specifier::of(streams).is_some_and(|specifier| specifier.has_index);
                if has_index { Count::One } else { Count::Any }
            }
        }
    }
}

/// Returns the specifier of each entry; `None` if the streams that it would select are unknown.
pub(crate) fn specifiers(streams: &[OutputStream], graph: &Graph) -> Vec<Option<String>> {
    let all_known = streams.iter().all(|stream| stream.declared_kind(graph).is_some());
    let has_except = streams.iter().any(|stream| stream.count() == Count::Except);
    let specifier = |index: usize, stream: &OutputStream| {
        let count = stream.count();
        let of_kind = |kind: MediaKind| {
            streams.iter().enumerate().filter(move |(_, other)| other.declared_kind(graph) == Some(kind))
        };
        if let Some(kind) = stream.declared_kind(graph).filter(|_| all_known && !has_except) {
            if of_kind(kind).count() == 1 {
                // All streams of the kind.
                return Some(kind.specifier().to_owned());
            }
            let mut before = of_kind(kind).take_while(|(other, _)| *other < index);
            let is_one = count == Count::One && before.all(|(_, other)| other.count() == Count::One);
            let place = of_kind(kind).take_while(|(other, _)| *other < index).count();
            return is_one.then(|| format!("{}:{place}", kind.specifier()));
        }
        let is_one = streams[..=index].iter().all(|other| other.count() == Count::One);
        is_one.then(|| index.to_string())
    };
    streams.iter().enumerate().map(|(index, stream)| specifier(index, stream)).collect()
}
