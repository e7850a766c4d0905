//! Links the pads of a parsed graph, as `avfilter_graph_segment_link` does.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap},
    str::FromStr,
};

use super::{
    error::{ParseError, Problem},
    pads::Pads,
    segment::{Piece, Segment},
};
use crate::{
    FilterOption, MediaKind,
    model::{Graph, Node, Source},
    specifier::Specifier,
};

/// A linked graph, with its unlinked output pads.
#[derive(Debug, Default)]
pub(super) struct Linked {
    pub(super) graph: Graph,
    /// Unlinked pads with a label.
    pub(super) labels: HashMap<String, (usize, usize)>,
    /// Unlinked pads without a label, which FFmpeg maps to the first output.
    pub(super) open: Vec<(usize, usize)>,
}

/// The complex graphs of a command, as the source of its outputs.
pub(super) enum ComplexGraph {
    Linked(Linked),
    /// It stays text.
    Text,
}

/// The reason why there is no graph.
#[derive(Debug)]
pub(super) enum Unlinked {
    /// An error, with the index of the text.
    Invalid(usize, Problem),
    /// A valid graph that the model cannot represent.
    Unsupported(&'static str),
}

/// Parses the syntax that [`Graph`] prints and `-filter_complex` accepts. Inputs without a label become
/// [`Source::Free`]; labels of outputs are replaced when the graph is printed. A filter that precedes one of its
/// sources is moved after it, which may change the pixel formats that FFmpeg selects.
///
/// ```
/// use afmpeg_cmd::model::Graph;
///
/// let graph: Graph = "[0:v] scale = 640:-2, hflip [small]; [small][1:v] overlay=x=W-w".parse().unwrap();
/// assert_eq!(
///     graph.to_string(),
///     "[0:v]scale@n0=640:-2,hflip@n1[v1];[v1][1:v]overlay@n2=x=W-w[v2]"
/// );
/// ```
impl FromStr for Graph {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        link(&[text]).map(|linked| linked.graph).map_err(|unlinked| {
            let problem = match unlinked {
                Unlinked::Invalid(_, problem) => problem,
                Unlinked::Unsupported(reason) => {
                    Problem::new(reason, "keep it as text, in an `Arg` filter_complex")
                }
            };
            problem.of(0, text)
        })
    }
}

/// A pad, as the index of its filter and its own.
type Pad = (usize, usize);

/// The source of an input.
#[derive(Debug, Clone)]
enum From {
    Pad(Pad),
    Label(String),
    Nowhere,
}

/// Links all texts into one graph; they can use each other's labels.
pub(super) fn link(texts: &[&str]) -> Result<Linked, Unlinked> {
    let mut linker = Linker::default();
    for (text, written) in texts.iter().enumerate() {
        let segment = Segment::parse(written).map_err(|problem| Unlinked::Invalid(text, problem))?;
        if text > 0 && linker.sws_flags != segment.sws_flags {
            return Err(Unlinked::Unsupported("the graphs have different sws_flags"));
        }
        linker.sws_flags = segment.sws_flags;
        linker.add(text, segment.pieces)?;
    }
    let has_free = linker.inputs.iter().flatten().any(|from| matches!(from, From::Nowhere));
    if texts.len() > 1 && has_free {
        return Err(Unlinked::Unsupported("an input without a label may read from another graph"));
    }
    if linker.receives_commands() {
        return Err(Unlinked::Unsupported("its filters receive commands by the names that FFmpeg generates"));
    }
    linker.across();
    linker.finish()
}

#[derive(Default)]
struct Linker {
    sws_flags: Option<String>,
    pieces: Vec<(usize, Piece)>,
    kinds: Vec<Pads>,
    inputs: Vec<Vec<From>>,
    /// The outputs that are linked.
    taken: Vec<Vec<bool>>,
}

impl Linker {
    /// Links the filters of one text.
    fn add(&mut self, text: usize, pieces: Vec<Piece>) -> Result<(), Unlinked> {
        let first = self.pieces.len();
        // Unlinked pads, by label.
        let mut outputs: HashMap<String, BTreeSet<Pad>> = HashMap::new();
        let mut inputs = outputs.clone();
        for (place, piece) in (first..).zip(pieces) {
            for (pending, labels) in [(&mut inputs, &piece.inputs), (&mut outputs, &piece.outputs)] {
                for (pad, label) in labels.iter().enumerate() {
                    pending.entry(label.clone()).or_default().insert((place, pad));
                }
            }
            let kinds = Pads::of(&piece.filter, piece.inputs.len(), piece.outputs.len());
            self.inputs.push(vec![From::Nowhere; kinds.inputs.len()]);
            self.taken.push(vec![false; kinds.outputs.len()]);
            self.kinds.push(kinds);
            self.pieces.push((text, piece));
        }
        for place in first..self.pieces.len() {
            let (_, piece) = &self.pieces[place];
            // A label can be used again: each use refers to the next pad that has it.
            for (pad, label) in piece.inputs.iter().enumerate() {
                if matches!(self.inputs[place][pad], From::Pad(_)) {
                    continue;
                }
                self.inputs[place][pad] = match next(&mut outputs, label, place) {
                    Some(from) => {
                        self.taken[from.0][from.1] = true;
                        From::Pad(from)
                    }
                    None => From::Label(label.clone()),
                };
                inputs.get_mut(label).map(|pending| pending.remove(&(place, pad)));
            }
            for pad in 0..self.taken[place].len() {
                if self.taken[place][pad] {
                    continue;
                }
                let to = match piece.outputs.get(pad) {
                    Some(label) => {
                        let to = next(&mut inputs, label, place);
                        if to.is_some() {
                            outputs.get_mut(label).map(|pending| pending.remove(&(place, pad)));
                        }
                        to
                    }
                    None => self.after_comma(place),
                };
                if let Some((to, input)) = to {
                    self.inputs[to][input] = From::Pad((place, pad));
                    self.taken[place][pad] = true;
                }
            }
        }
        Ok(())
    }

    /// Whether commands may address filters by generated names (`Parsed_hue_1`), which depend on their index.
    fn receives_commands(&self) -> bool {
        let mut filters = self.pieces.iter().map(|(_, piece)| &piece.filter);
        let has_nameless = filters.clone().any(|filter| filter.instance.is_none());
        has_nameless
            && filters.any(|filter| match filter.name.as_str() {
                "zmq" | "azmq" => true,
                "sendcmd" | "asendcmd" => {
                    // Without names, the first option is the commands and the second is the file.
                    let is_file = |(place, option): (usize, &FilterOption)| match option.name.as_deref() {
                        Some(name) => matches!(name, "f" | "filename" | "/c" | "/commands"),
                        None => place == 1,
                    };
                    filter.options.iter().any(|option| option.value.as_str().contains("Parsed_"))
                        || filter.options.iter().enumerate().any(is_file)
                }
                _ => false,
            })
    }

    /// Returns the first free pad of the filter after the comma.
    fn after_comma(&self, place: usize) -> Option<Pad> {
        let (_, piece) = &self.pieces[place];
        let to = Some(place + 1).filter(|to| piece.goes_on && *to < self.pieces.len())?;
        let labelled = self.pieces[to].1.inputs.len();
        let is_free = |input: &usize| matches!(self.inputs[to][*input], From::Nowhere);
        (labelled..self.inputs[to].len()).find(is_free).map(|input| (to, input))
    }

    /// Returns unlinked pads by label; the first if several have the same.
    fn labels(&self) -> HashMap<String, Pad> {
        let mut labels = HashMap::new();
        for (place, (_, piece)) in self.pieces.iter().enumerate() {
            for (pad, label) in piece.outputs.iter().enumerate() {
                if !self.taken[place][pad] {
                    labels.entry(label.clone()).or_insert((place, pad));
                }
            }
        }
        labels
    }

    /// Links the texts with each other.
    fn across(&mut self) {
        let mut labels = self.labels();
        for inputs in &mut self.inputs {
            for from in inputs {
                let From::Label(label) = from else { continue };
                if let Some(pad) = labels.remove(label) {
                    self.taken[pad.0][pad.1] = true;
                    *from = From::Pad(pad);
                }
            }
        }
    }

    /// Returns an order in which each filter follows its sources, as close as possible to the text.
    fn order(&self) -> Option<Vec<usize>> {
        let mut takers: Vec<Vec<usize>> = vec![Vec::new(); self.pieces.len()];
        let mut missing = vec![0_usize; self.pieces.len()];
        for (place, inputs) in self.inputs.iter().enumerate() {
            for from in inputs {
                if let From::Pad((before, _)) = from {
                    takers[*before].push(place);
                    missing[place] += 1;
                }
            }
        }
        let ready = |place: &usize| missing[*place] == 0;
        let mut ready: BinaryHeap<Reverse<usize>> = (0..missing.len()).filter(ready).map(Reverse).collect();
        let mut order = Vec::new();
        while let Some(Reverse(place)) = ready.pop() {
            order.push(place);
            for taker in &takers[place] {
                missing[*taker] -= 1;
                if missing[*taker] == 0 {
                    ready.push(Reverse(*taker));
                }
            }
        }
        (order.len() == self.pieces.len()).then_some(order)
    }

    fn finish(self) -> Result<Linked, Unlinked> {
        let order = self.order().ok_or(Unlinked::Unsupported("its filters form a cycle"))?;
        let mut places = vec![0; order.len()];
        for (index, place) in order.iter().enumerate() {
            places[*place] = index;
        }
        let labels = self.labels();
        let mut linked = Linked {
            labels: labels.into_iter().map(|(label, (place, pad))| (label, (places[place], pad))).collect(),
            ..Linked::default()
        };
        linked.graph.sws_flags = self.sws_flags;
        for (place, taken) in self.taken.iter().enumerate() {
            let labelled = self.pieces[place].1.outputs.len();
            let open = (labelled..taken.len()).filter(|pad| !taken[*pad]);
            linked.open.extend(open.map(|pad| (places[place], pad)));
        }
        // FFmpeg assigns streams and outputs to them in the order of the text.
        let free = self.inputs.iter().flatten().filter(|from| matches!(from, From::Nowhere)).count();
        if (free > 1 || linked.open.len() > 1) && !order.is_sorted() {
            return Err(Unlinked::Unsupported(
                "reordering would change the order of its pads without labels",
            ));
        }
        let Self { pieces, kinds, inputs, .. } = self;
        let mut nodes: Vec<Option<Node>> = Vec::new();
        for (((text, piece), kinds), inputs) in pieces.into_iter().zip(kinds).zip(inputs) {
            let mut filter = piece.filter;
            let own_name = format!("n{}", places[nodes.len()]);
            // A generated name is the same as none.
            filter.instance = filter.instance.filter(|instance| *instance != own_name);
            let sources = inputs.into_iter().zip(kinds.inputs).map(|(from, kind)| match from {
                From::Pad((place, pad)) => Ok(Source::Node { node: places[place], pad }),
                From::Label(label) => {
                    source(&label).ok_or_else(|| Unlinked::Invalid(text, no_output(&label).at(piece.offset)))
                }
                From::Nowhere => Ok(Source::Free { free: kind }),
            });
            let inputs = sources.collect::<Result<_, _>>()?;
            nodes.push(Some(Node { filter, inputs, outputs: kinds.outputs }));
        }
        linked.graph.nodes = order.into_iter().filter_map(|place| nodes[place].take()).collect();
        Ok(linked)
    }
}

/// Returns the next pad with this label, at this index or after it.
fn next(pending: &mut HashMap<String, BTreeSet<Pad>>, label: &str, place: usize) -> Option<Pad> {
    let pads = pending.get_mut(label)?;
    let pad = *pads.range((place, 0)..).next()?;
    pads.remove(&pad);
    Some(pad)
}

/// Returns the stream that a label selects: `0:v`. FFmpeg reads any other label as a stream of the first input, though
/// it is usually misspelt: only unambiguous ones are accepted here, such as `#0x101` and `v:0`.
fn source(label: &str) -> Option<Source> {
    let is_plain = |label: &str| label.starts_with('#') || label.contains(':');
    let is_specifier = |label: &str| Specifier::of(label).is_some_and(|it| it.rest.is_empty());
    let of_first = || (is_plain(label) && is_specifier(label)).then_some((0, label));
    let (input, streams) = input_and_streams(label).or_else(of_first)?;
    Some(Source::Input { input, streams: streams.to_owned() })
}

/// Splits a label or a `-map` into the index of an input and a stream specifier.
pub(super) fn input_and_streams(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let input = text[..end].parse().ok()?;
    let streams = &text[end..];
    Some((input, streams.strip_prefix(':').unwrap_or(streams)))
}

fn no_output(label: &str) -> Problem {
    if label.starts_with("dec:") {
        return Problem::new(
            format!("[{label}] is a loopback decoder, which a command cannot have"),
            "run two commands",
        );
    }
    let problem = format!("no filter outputs [{label}]");
    Problem::new(problem, "label the pad that it reads, or name a stream of an input: [0:v]")
}

/// Returns the kind of a pad of a graph.
pub(super) fn kind(graph: &Graph, (node, pad): Pad) -> Option<MediaKind> {
    graph.nodes.get(node)?.outputs.get(pad).copied()
}
