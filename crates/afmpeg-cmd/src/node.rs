//! The immutable graph that handles share: inputs, filters and streams.

use std::{
    borrow::Cow,
    fmt, mem,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{Filter, MediaKind, Probe, model, probe, specifier};

/// The creation order of a node or input: it orders a command, so that the same code builds the same arguments. Handles
/// are created independently, so the counter is global.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Sequence(u64);

impl Sequence {
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// An input file and its options. A cheap handle: clones are the same input, and appear once in a command.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, Output};
///
/// let clip = Input::new("clip.mp4").seek(Duration::from_secs(10)).duration(Duration::from_secs(5));
/// let command = Command::new([Output::new("part.mkv").copy(clip.video()).copy(clip.audio())]);
/// assert_eq!(
///     command.to_args().join(" "),
///     "-ss 10 -t 5 -i clip.mp4 -map 0:v:0 -map 0:a:0 -c:v copy -c:a copy part.mkv"
/// );
/// ```
#[derive(Clone)]
#[must_use = "an input is read only if an output uses it"]
pub struct Input(pub(crate) Arc<Shared>);

impl Input {
    pub(crate) fn probed(&self) -> Option<&Probe> {
        self.0.probe.as_deref()
    }

    /// Returns the probed video that a specifier selects, or else the first of the file.
    pub(crate) fn probed_video(&self, streams: &str) -> Option<Cow<'_, probe::Stream>> {
        let probe = self.probed()?;
        let matching = specifier::matching(probe, streams).unwrap_or_default();
        let selected = matching.into_iter().find(|stream| stream.kind() == Some(MediaKind::Video));
        selected.map(Cow::Borrowed).or_else(|| probe.video())
    }

    pub(crate) fn data(&self) -> &model::Input {
        &self.0.data
    }

    /// Returns its identity, which orders inputs by creation.
    pub(crate) fn sequence(&self) -> Sequence {
        self.0.sequence
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Input").field(&self.0.data.path).finish()
    }
}

/// The data of an input, which its handles share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) sequence: Sequence,
    pub(crate) data: model::Input,
    /// The file name as given, if it is a file.
    pub(crate) name: Option<String>,
    /// The result of probing it.
    pub(crate) probe: Option<Arc<Probe>>,
}

/// A clone is another input: changing a shared input clones it.
impl Clone for Shared {
    fn clone(&self) -> Self {
        Self {
            sequence: Sequence::next(),
            data: self.data.clone(),
            name: self.name.clone(),
            probe: self.probe.clone(),
        }
    }
}

/// The source of a stream.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    Input { input: Input, streams: String, kind: MediaKind },
    Node { node: Arc<Node>, pad: usize },
}

pub(crate) struct Node {
    pub(crate) sequence: Sequence,
    pub(crate) filter: Filter,
    pub(crate) inputs: Vec<Origin>,
    pub(crate) outputs: Vec<MediaKind>,
}

impl Node {
    pub(crate) fn new(filter: Filter, inputs: Vec<Origin>, outputs: Vec<MediaKind>) -> Arc<Self> {
        Arc::new(Self { sequence: Sequence::next(), filter, inputs, outputs })
    }
}

/// Iterative: dropping a chain of thousands of nodes would recurse as deep.
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

/// Without its inputs, which would print the whole graph.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Node").field(&self.filter.to_string()).finish()
    }
}
