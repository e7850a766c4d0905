//! Makes a command of the outputs that handles have built: finds all that they take from, and puts it in order.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    Arg, Audio, Filter, Input, Media, MediaKind, Output, OutputStream, Stream,
    automatic::Automatic,
    model::{Chapters, Graph, Job, Map, Node as GraphNode, Source},
    node::{Node, Origin, Sequence},
    output::Taken,
};

impl Job {
    /// The command that makes these outputs. What they take from becomes its inputs and its graph, in the order in which
    /// they were made; where a pad is used more than once, it is split.
    pub fn new(outputs: impl IntoIterator<Item = Output>) -> Self {
        Self::reading([], outputs)
    }

    /// The same with inputs that outputs take from without saying so: one without streams leaves to FFmpeg what goes
    /// into it.
    ///
    /// ```
    /// use afmpeg_cmd::{Input, Job, Output};
    ///
    /// let film = Input::new("film.mkv");
    /// let job = Job::reading([&film], [Output::new("film.mp4").copy_all()]);
    /// assert_eq!(job.to_args().join(" "), "-i film.mkv -c copy film.mp4");
    /// ```
    pub fn reading<'a>(
        inputs: impl IntoIterator<Item = &'a Input>,
        outputs: impl IntoIterator<Item = Output>,
    ) -> Self {
        let outputs: Vec<Output> = outputs.into_iter().collect();
        let mut reached = Reached::from(&outputs);
        inputs.into_iter().for_each(|input| reached.input(input));
        let inputs = reached.inputs.values().map(|input| input.data().clone()).collect();
        let mut assembly = Assembly::new(&reached);
        for node in reached.nodes.values() {
            assembly.add(node);
        }
        let outputs = outputs.into_iter().map(|output| assembly.output(output)).collect();
        Self { inputs, graph: assembly.graph, outputs, ..Self::default() }
    }

    /// An option of the whole command: `-name value`.
    #[must_use]
    pub fn with(mut self, arg: Arg) -> Self {
        self.args.push(arg);
        self
    }

    /// `-y`: writes over outputs that are there. Without it, FFmpeg refuses to.
    #[must_use]
    pub fn overwrite(self) -> Self {
        self.with(Arg::flag("y"))
    }
}

/// What is known of a sound.
pub(crate) struct Sound {
    /// How long it is, where that follows from what is known of inputs.
    pub(crate) duration: Option<Duration>,
    /// Samples a second: the most that an input has, 48000 where none is known.
    pub(crate) sample_rate: u32,
    /// The most that an input has, two where none is known.
    pub(crate) channels: u32,
}

impl Sound {
    pub(crate) fn of(audio: &Stream<Audio>) -> Self {
        let output = Output::nowhere().map(audio);
        let reached = Reached::from(std::slice::from_ref(&output));
        let media: Vec<Option<&Media>> = reached.inputs.values().map(Input::media).collect();
        let durations: Vec<_> = media.iter().map(|media| media.as_ref()?.duration?.duration()).collect();
        let sounds = || media.iter().flatten().flat_map(|media| &media.streams);
        Self {
            duration: Job::new([output.clone()]).expected_duration(&durations),
            sample_rate: sounds().filter_map(|stream| stream.sample_rate).max().unwrap_or(48_000),
            channels: sounds().filter_map(|stream| stream.channels).max().unwrap_or(2),
        }
    }
}

/// What outputs take from, each thing once, in the order in which it was made.
#[derive(Default)]
struct Reached {
    inputs: BTreeMap<Sequence, Input>,
    nodes: BTreeMap<Sequence, Arc<Node>>,
    /// How often a pad is used, or a stream of an input by filters.
    uses: HashMap<Pad, usize>,
}

/// What can be split: a pad of a node, or a stream of an input.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Pad {
    Node { made: Sequence, pad: usize },
    Input { made: Sequence, streams: String },
}

impl Pad {
    fn of(origin: &Origin) -> Self {
        match origin {
            Origin::Node { node, pad } => Pad::Node { made: node.made, pad: *pad },
            Origin::Input { input, streams, .. } => {
                Pad::Input { made: input.made(), streams: streams.clone() }
            }
        }
    }
}

impl Reached {
    fn from(outputs: &[Output]) -> Self {
        let mut reached = Self::default();
        // A list of what to look at and no recursion: a graph may be thousands of filters deep.
        let mut waiting: Vec<Arc<Node>> = Vec::new();
        for output in outputs {
            for input in [&output.chapters, &output.metadata_from].into_iter().flatten() {
                reached.input(input);
            }
            for stream in &output.streams {
                match &stream.from {
                    Taken::One(origin @ Origin::Node { node, .. }) => {
                        reached.uses(origin);
                        waiting.push(Arc::clone(node));
                    }
                    // Outputs take from an input without its being split.
                    Taken::One(Origin::Input { input, .. })
                    | Taken::All { input, .. }
                    | Taken::Except { input, .. } => reached.input(input),
                    Taken::Label(_) | Taken::Automatic(_) => {}
                }
            }
        }
        let mut seen = HashSet::new();
        while let Some(node) = waiting.pop() {
            if !seen.insert(node.made) {
                continue;
            }
            for origin in &node.inputs {
                reached.uses(origin);
                match origin {
                    Origin::Node { node, .. } => waiting.push(Arc::clone(node)),
                    Origin::Input { input, .. } => reached.input(input),
                }
            }
            reached.nodes.insert(node.made, node);
        }
        reached
    }

    fn input(&mut self, input: &Input) {
        self.inputs.entry(input.made()).or_insert_with(|| input.clone());
    }

    fn uses(&mut self, origin: &Origin) {
        *self.uses.entry(Pad::of(origin)).or_default() += 1;
    }
}

/// A graph that grows node by node, each after all that it takes from.
struct Assembly<'a> {
    reached: &'a Reached,
    inputs: HashMap<Sequence, usize>,
    nodes: HashMap<Sequence, usize>,
    /// Where a pad is split, and which pad of the split is free.
    splits: HashMap<Pad, (usize, usize)>,
    graph: Graph,
}

impl<'a> Assembly<'a> {
    fn new(reached: &'a Reached) -> Self {
        let inputs = reached.inputs.keys().enumerate().map(|(index, made)| (*made, index)).collect();
        Self { reached, inputs, nodes: HashMap::new(), splits: HashMap::new(), graph: Graph::default() }
    }

    fn push(&mut self, filter: Filter, inputs: Vec<Source>, outputs: Vec<MediaKind>) -> usize {
        self.graph.nodes.push(GraphNode { filter, inputs, outputs });
        self.graph.nodes.len() - 1
    }

    fn add(&mut self, node: &Node) {
        let inputs = node.inputs.iter().map(|origin| self.source(origin)).collect();
        let index = self.push(node.filter.clone(), inputs, node.outputs.clone());
        self.nodes.insert(node.made, index);
    }

    /// Where to take a stream from, for the next who wants it.
    fn source(&mut self, origin: &Origin) -> Source {
        let (whole, kind) = match origin {
            Origin::Input { input, streams, kind } => {
                let input = self.inputs[&input.made()];
                (Source::Input { input, streams: streams.clone() }, *kind)
            }
            Origin::Node { node, pad } => {
                (Source::Node { node: self.nodes[&node.made], pad: *pad }, node.outputs[*pad])
            }
        };
        let pad = Pad::of(origin);
        let uses = self.reached.uses.get(&pad).copied().unwrap_or_default();
        let split = match kind {
            MediaKind::Video => "split",
            MediaKind::Audio => "asplit",
            // Nothing splits the others: `Job::check` says so.
            _ => return whole,
        };
        if uses < 2 {
            return whole;
        }
        let (node, free) = match self.splits.get(&pad) {
            Some(found) => *found,
            None => (self.push(Filter::new(split).opt("outputs", uses), vec![whole], vec![kind; uses]), 0),
        };
        self.splits.insert(pad, (node, free + 1));
        Source::Node { node, pad: free }
    }

    fn output(&mut self, output: Output) -> crate::model::Output {
        let left_out = output.cannot_hold();
        let mut data = output.data;
        if let Some(input) = output.chapters {
            data.chapters = Some(Chapters::Input(self.inputs[&input.made()]));
        }
        if let Some(input) = output.metadata_from {
            data.args.push(Arg::new("map_metadata", self.inputs[&input.made()]));
        }
        let mut automatic = Automatic::default();
        let excepts =
            left_out.iter().map(|(input, left)| OutputStream::except(input, left.stream.to_string()));
        for stream in output.streams.into_iter().chain(excepts) {
            let mut entry = stream.data;
            match stream.from {
                Taken::Automatic(kind) => automatic.add(entry, kind),
                from => {
                    entry.map = self.map(from);
                    data.streams.push(entry);
                }
            }
        }
        if output.copies {
            automatic.copy(&mut data.streams);
        }
        automatic.put_into(&mut data);
        data
    }

    fn map(&mut self, from: Taken) -> Map {
        match from {
            Taken::One(Origin::Input { input, streams, .. }) => {
                Map::Input { input: self.inputs[&input.made()], streams, optional: false }
            }
            Taken::One(origin) => match self.source(&origin) {
                Source::Node { node, pad } => Map::Node { node, pad },
                Source::Input { input, streams } => Map::Input { input, streams, optional: false },
                // No handle is one.
                Source::Free { .. } => Map::Label(String::new()),
            },
            Taken::All { input, streams, optional } => {
                Map::Input { input: self.inputs[&input.made()], streams, optional }
            }
            Taken::Except { input, streams } => Map::Except { input: self.inputs[&input.made()], streams },
            Taken::Label(label) => Map::Label(label),
            // It is no map.
            Taken::Automatic(_) => Map::Label(String::new()),
        }
    }
}
