//! Which specifier an option needs to be for one stream of an output and no other.

use crate::{
    MediaKind,
    model::{Graph, Map, OutputStream},
    parse::Specifier,
};

/// How many streams an entry of an output stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    One,
    Any,
    /// It takes others away.
    Except,
}

impl OutputStream {
    /// What it carries, as it says itself, as its map says or as the graph knows.
    pub(crate) fn told_kind(&self, graph: &Graph) -> Option<MediaKind> {
        self.kind.or_else(|| match &self.map {
            Map::Input { streams, .. } => MediaKind::of_specifier(streams),
            Map::Node { node, pad } => graph.nodes.get(*node)?.outputs.get(*pad).copied(),
            Map::Except { .. } | Map::Label(_) => None,
        })
    }

    pub(crate) fn count(&self) -> Count {
        match &self.map {
            Map::Node { .. } | Map::Label(_) => Count::One,
            Map::Except { .. } => Count::Except,
            Map::Input { optional: true, .. } => Count::Any,
            // `v:0` and `3` are one stream; `v`, `p:1` and `m:language:deu` are all that there are.
            Map::Input { streams, .. } => {
                let has_index = Specifier::of(streams).is_some_and(|specifier| specifier.has_index);
                if has_index { Count::One } else { Count::Any }
            }
        }
    }
}

/// The specifier of each entry; none where there is no telling which streams it will be.
pub(crate) fn specifiers(streams: &[OutputStream], graph: &Graph) -> Vec<Option<String>> {
    let all_known = streams.iter().all(|stream| stream.told_kind(graph).is_some());
    let has_except = streams.iter().any(|stream| stream.count() == Count::Except);
    let specifier = |index: usize, stream: &OutputStream| {
        let count = stream.count();
        let of_kind = |kind: MediaKind| {
            streams.iter().enumerate().filter(move |(_, other)| other.told_kind(graph) == Some(kind))
        };
        if let Some(kind) = stream.told_kind(graph).filter(|_| all_known && !has_except) {
            if of_kind(kind).count() == 1 {
                // All of its kind, however many.
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
