//! Builds a command from outputs: collects the inputs and nodes that they use, and orders them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    Arg, Audio, Filter, Input, MediaKind, Output, OutputStream, Probe, Stream,
    automatic::Automatic,
    entry::MapSource,
    model::{Chapters, Command, Graph, Map, Node as GraphNode, Source},
    node::{Node, Origin, Sequence},
};

impl Command {
    /// Builds the command that writes these outputs. Inputs and filters are in the order of their creation; a pad that
    /// is used more than once is split.
    pub fn new(outputs: impl IntoIterator<Item = Output>) -> Self {
        Self::from_input([], outputs)
    }

    /// Builds a command that also reads `inputs`, for outputs without streams: FFmpeg then selects the streams.
    ///
    /// ```
    /// use afmpeg_cmd::{Command, Input, Output};
    ///
    /// let film = Input::new("film.mkv");
    /// let command = Command::from_input([&film], [Output::new("film.mp4").copy_all()]);
    /// assert_eq!(command.to_args().join(" "), "-i film.mkv -c copy film.mp4");
    /// ```
    pub fn from_input<'a>(
        inputs: impl IntoIterator<Item = &'a Input>,
        outputs: impl IntoIterator<Item = Output>,
    ) -> Self {
        let outputs: Vec<Output> = outputs.into_iter().collect();
        let mut dependencies = Dependencies::from(&outputs);
        inputs.into_iter().for_each(|input| dependencies.input(input));
        let inputs = dependencies.inputs.values().map(|input| input.data().clone()).collect();
        let mut assembly = Assembly::new(&dependencies);
        for node in dependencies.nodes.values() {
            assembly.add(node);
        }
        let outputs = outputs.into_iter().map(|output| assembly.output(output)).collect();
        Self { inputs, graph: assembly.graph, outputs, ..Self::default() }
    }

    /// Adds an option of the whole command.
    #[must_use]
    pub fn with(mut self, arg: Arg) -> Self {
        self.args.push(arg);
        self
    }

    /// `-y`: overwrites existing outputs. Without it, FFmpeg refuses to.
    #[must_use]
    pub fn overwrite(self) -> Self {
        self.with(Arg::flag("y"))
    }
}

/// Properties of an audio stream.
pub(crate) struct AudioInfo {
    /// The duration, if it follows from the probes of the inputs.
    pub(crate) duration: Option<Duration>,
    /// Samples per second: the highest of the inputs, 48000 if unknown.
    pub(crate) sample_rate: u32,
    /// The highest number of channels of the inputs, 2 if unknown.
    pub(crate) channels: u32,
}

impl AudioInfo {
    pub(crate) fn of(audio: &Stream<Audio>) -> Self {
        let output = Output::null().map(audio);
        let dependencies = Dependencies::from(std::slice::from_ref(&output));
        let probes: Vec<Option<&Probe>> = dependencies.inputs.values().map(Input::probed).collect();
        let durations: Vec<_> = probes.iter().map(|probe| (*probe)?.duration()).collect();
        let sounds = || probes.iter().flatten().flat_map(|probe| &probe.streams);
        Self {
            duration: Command::new([output.clone()]).expected_duration(&durations),
            sample_rate: sounds().filter_map(|stream| stream.sample_rate()).max().unwrap_or(48_000),
            channels: sounds().filter_map(|stream| u32::try_from(stream.channels?).ok()).max().unwrap_or(2),
        }
    }
}

/// The inputs and nodes that outputs depend on, each once, in the order of creation.
#[derive(Default)]
struct Dependencies {
    inputs: BTreeMap<Sequence, Input>,
    nodes: BTreeMap<Sequence, Arc<Node>>,
    /// The number of uses of a pad, or by filters of a stream of an input.
    uses: HashMap<Pad, usize>,
}

/// A stream that can be split: a pad of a node, or a stream of an input.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Pad {
    Node { sequence: Sequence, pad: usize },
    Input { sequence: Sequence, streams: String },
}

impl Pad {
    fn of(origin: &Origin) -> Self {
        match origin {
            Origin::Node { node, pad } => Pad::Node { sequence: node.sequence, pad: *pad },
            Origin::Input { input, streams, .. } => {
                Pad::Input { sequence: input.sequence(), streams: streams.clone() }
            }
        }
    }
}

impl Dependencies {
    fn from(outputs: &[Output]) -> Self {
        let mut dependencies = Self::default();
        // A work list instead of recursion: a graph may be thousands of filters deep.
        let mut pending: Vec<Arc<Node>> = Vec::new();
        for output in outputs {
            for input in [&output.chapters, &output.metadata_from].into_iter().flatten() {
                dependencies.input(input);
            }
            for stream in &output.streams {
                match &stream.from {
                    MapSource::One(origin @ Origin::Node { node, .. }) => {
                        dependencies.uses(origin);
                        pending.push(Arc::clone(node));
                    }
                    // Outputs share a stream of an input without a split.
                    MapSource::One(Origin::Input { input, .. })
                    | MapSource::All { input, .. }
                    | MapSource::Except { input, .. } => dependencies.input(input),
                    MapSource::Label(_) | MapSource::Automatic(_) => {}
                }
            }
        }
        let mut seen = HashSet::new();
        while let Some(node) = pending.pop() {
            if !seen.insert(node.sequence) {
                continue;
            }
            for origin in &node.inputs {
                dependencies.uses(origin);
                match origin {
                    Origin::Node { node, .. } => pending.push(Arc::clone(node)),
                    Origin::Input { input, .. } => dependencies.input(input),
                }
            }
            dependencies.nodes.insert(node.sequence, node);
        }
        dependencies
    }

    fn input(&mut self, input: &Input) {
        self.inputs.entry(input.sequence()).or_insert_with(|| input.clone());
    }

    fn uses(&mut self, origin: &Origin) {
        *self.uses.entry(Pad::of(origin)).or_default() += 1;
    }
}

/// A graph under construction: each node follows its sources.
struct Assembly<'a> {
    dependencies: &'a Dependencies,
    inputs: HashMap<Sequence, usize>,
    nodes: HashMap<Sequence, usize>,
    /// The node of the split of a pad, and the next free pad of that node.
    splits: HashMap<Pad, (usize, usize)>,
    graph: Graph,
}

impl<'a> Assembly<'a> {
    fn new(dependencies: &'a Dependencies) -> Self {
        let inputs =
            dependencies.inputs.keys().enumerate().map(|(index, sequence)| (*sequence, index)).collect();
        Self { dependencies, inputs, nodes: HashMap::new(), splits: HashMap::new(), graph: Graph::default() }
    }

    fn push(&mut self, filter: Filter, inputs: Vec<Source>, outputs: Vec<MediaKind>) -> usize {
        self.graph.nodes.push(GraphNode { filter, inputs, outputs });
        self.graph.nodes.len() - 1
    }

    fn add(&mut self, node: &Node) {
        let inputs = node.inputs.iter().map(|origin| self.source(origin)).collect();
        let index = self.push(node.filter.clone(), inputs, node.outputs.clone());
        self.nodes.insert(node.sequence, index);
    }

    /// Returns the source for the next use of a stream by a filter.
    fn source(&mut self, origin: &Origin) -> Source {
        match origin {
            Origin::Input { input, streams, kind } => {
                let input = self.inputs[&input.sequence()];
                let whole = Source::Input { input, streams: streams.clone() };
                match self.split(Pad::of(origin), &whole, *kind) {
                    Some((node, pad)) => Source::Node { node, pad },
                    None => whole,
                }
            }
            Origin::Node { node, pad } => {
                let (node, pad) = self.pad(node, *pad);
                Source::Node { node, pad }
            }
        }
    }

    /// Returns the node and pad for the next use of an output pad.
    fn pad(&mut self, node: &Node, pad: usize) -> (usize, usize) {
        let index = self.nodes[&node.sequence];
        let whole = Source::Node { node: index, pad };
        self.split(Pad::Node { sequence: node.sequence, pad }, &whole, node.outputs[pad])
            .unwrap_or((index, pad))
    }

    /// Returns the next free pad of the split of a stream; `None` if it has no split.
    fn split(&mut self, pad: Pad, whole: &Source, kind: MediaKind) -> Option<(usize, usize)> {
        let uses = self.dependencies.uses.get(&pad).copied().unwrap_or_default();
        let split = match kind {
            MediaKind::Video => "split",
            MediaKind::Audio => "asplit",
            // FFmpeg splits no other kind; `Command::check` reports it.
            _ => return None,
        };
        if uses < 2 {
            return None;
        }
        let (node, free) = match self.splits.get(&pad) {
            Some(found) => *found,
            None => {
                (self.push(Filter::new(split).opt("outputs", uses), vec![whole.clone()], vec![kind; uses]), 0)
            }
        };
        self.splits.insert(pad, (node, free + 1));
        Some((node, free))
    }

    fn output(&mut self, output: Output) -> crate::model::Output {
        let dropped = output.cannot_hold();
        let mut data = output.data;
        if let Some(input) = output.chapters {
            data.chapters = Some(Chapters::Input(self.inputs[&input.sequence()]));
        }
        if let Some(input) = output.metadata_from {
            data.args.push(Arg::new("map_metadata", self.inputs[&input.sequence()]));
        }
        let mut automatic = Automatic::default();
        let excepts =
            dropped.iter().map(|(input, left)| OutputStream::except(input, left.stream.to_string()));
        for OutputStream { options, from } in output.streams.into_iter().chain(excepts) {
            let map = match from {
                MapSource::Automatic(kind) => {
                    automatic.add(options, kind);
                    continue;
                }
                MapSource::One(Origin::Input { input, streams, .. }) => {
                    Map::Input { input: self.inputs[&input.sequence()], streams, optional: false }
                }
                MapSource::One(Origin::Node { node, pad }) => {
                    let (node, pad) = self.pad(&node, pad);
                    Map::Node { node, pad }
                }
                MapSource::All { input, streams, optional } => {
                    Map::Input { input: self.inputs[&input.sequence()], streams, optional }
                }
                MapSource::Except { input, streams } => {
                    Map::Except { input: self.inputs[&input.sequence()], streams }
                }
                MapSource::Label(label) => Map::Label(label),
            };
            data.streams.push(options.with_map(map));
        }
        if output.copies {
            automatic.copy(&mut data.streams);
        }
        automatic.put_into(&mut data);
        data
    }
}
