//! Filters at work as handles see them: each holds what it takes from, and nothing is ever changed.

use std::{
    fmt, mem,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{Filter, Input, MediaKind};

/// When something was made, among all that were: it orders a command, so that the same code gives the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Sequence(u64);

impl Sequence {
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where a stream comes from.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    Input { input: Input, streams: String, kind: MediaKind },
    Node { node: Arc<Node>, pad: usize },
}

pub(crate) struct Node {
    pub(crate) made: Sequence,
    pub(crate) filter: Filter,
    pub(crate) inputs: Vec<Origin>,
    pub(crate) outputs: Vec<MediaKind>,
}

impl Node {
    pub(crate) fn new(filter: Filter, inputs: Vec<Origin>, outputs: Vec<MediaKind>) -> Arc<Self> {
        Arc::new(Self { made: Sequence::next(), filter, inputs, outputs })
    }
}

/// One after the other: a chain of thousands, dropped by its end, would be as many calls deep.
impl Drop for Node {
    fn drop(&mut self) {
        let mut rest = mem::take(&mut self.inputs);
        while let Some(origin) = rest.pop() {
            if let Origin::Node { node, .. } = origin
                && let Some(mut node) = Arc::into_inner(node)
            {
                rest.append(&mut node.inputs);
            }
        }
    }
}

/// Without what it takes from, which would be the whole graph.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Node").field(&self.filter.to_string()).finish()
    }
}
