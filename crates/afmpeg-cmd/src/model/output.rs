use serde::{Deserialize, Serialize};

use crate::{Arg, Filter, MediaKind, Time, Value};

/// An output file, and what goes into it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Output {
    /// Its path.
    pub path: String,
    /// `-f`: its format, where FFmpeg shall not guess by the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// What goes into it (`-map`), in order. If there is nothing, FFmpeg chooses: the best of each kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<OutputStream>,
    /// Whether FFmpeg chooses more: the best of each kind that `streams` has none of. Only for the first output, and
    /// only if all of `streams` are pads of the graph, in the graph's order: they are left without labels, then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// `-ss`: what is decoded and thrown away before it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seek: Option<Time>,
    /// `-t`: how long it becomes at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Time>,
    /// `-to`: where it stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
    /// `-fs`: how many bytes it becomes, about, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// `-shortest`: it ends when the first of its streams ends.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shortest: bool,
    /// `-map_chapters`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapters: Option<Chapters>,
    /// `-metadata`: of the file, of chapters and of programs; that of a stream is the stream's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<Metadata>,
    /// `-attach`: files that travel along, for containers that carry them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// All other options of it: a muxer's, and those of streams that FFmpeg chooses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
}

/// A stream of an output, or several that one map brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct OutputStream {
    /// Where it comes from.
    #[serde(flatten)]
    pub map: Map,
    /// What it carries, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MediaKind>,
    /// `-c`: its encoder, or `copy`. FFmpeg chooses by the format where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// `-filter`: a chain of filters with one pad in and one out, for streams that come right from an input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// `-bsf`: what is done to its packets after encoding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bitstream_filters: Vec<Filter>,
    /// `-frames`: how many frames it has at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u64>,
    /// `-metadata:s`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<Metadata>,
    /// `-disposition`: `default`, `forced+comment`, `0`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
    /// All other options of it, the encoder's among them; without specifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
}

/// A stream of an output as JSON has it. What is flattened refuses no field that nobody knows, and does not tell what
/// is missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    input: Option<WrittenInput>,
    except: Option<WrittenExcept>,
    node: Option<WrittenPad>,
    label: Option<String>,
    kind: Option<MediaKind>,
    codec: Option<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    #[serde(default)]
    bitstream_filters: Vec<Filter>,
    frames: Option<u64>,
    #[serde(default)]
    metadata: Vec<Metadata>,
    disposition: Option<String>,
    #[serde(default)]
    args: Vec<Arg>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenInput {
    input: usize,
    streams: String,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenExcept {
    input: usize,
    streams: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPad {
    node: usize,
    pad: usize,
}

impl TryFrom<Written> for OutputStream {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let map = match (written.input, written.except, written.node, written.label) {
            (Some(WrittenInput { input, streams, optional }), None, None, None) => {
                Map::Input { input, streams, optional }
            }
            (None, Some(WrittenExcept { input, streams }), None, None) => Map::Except { input, streams },
            (None, None, Some(WrittenPad { node, pad }), None) => Map::Node { node, pad },
            (None, None, None, Some(label)) => Map::Label(label),
            _ => return Err("a stream of an output has one of `input`, `except`, `node` and `label`"),
        };
        Ok(Self {
            map,
            kind: written.kind,
            codec: written.codec,
            filters: written.filters,
            bitstream_filters: written.bitstream_filters,
            frames: written.frames,
            metadata: written.metadata,
            disposition: written.disposition,
            args: written.args,
        })
    }
}

/// `-map`: where streams of an output come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Map {
    /// Every stream of an input that the specifier fits; all of them if it is empty.
    Input {
        /// The input's place in [`Job::inputs`](super::Job::inputs).
        input: usize,
        /// A stream specifier.
        streams: String,
        /// Whether there may be none.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        optional: bool,
    },
    /// Takes away what the maps before it have brought of an input.
    Except {
        /// The input's place in [`Job::inputs`](super::Job::inputs).
        input: usize,
        /// A stream specifier.
        streams: String,
    },
    /// A pad of the graph, which nothing else takes from.
    Node {
        /// The node's place in [`Graph::nodes`](super::Graph::nodes).
        node: usize,
        /// The pad's place in [`Node::outputs`](super::Node::outputs).
        pad: usize,
    },
    /// A pad of a graph that was given as text.
    Label(String),
}

/// A key and its value. An empty value takes the key away.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Whose it is, as `-metadata` names it: `c:0`, `p:1`. The file's own, or the stream's that it stands with, if
    /// there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specifier: Option<String>,
    /// The key. It has no equals sign.
    pub key: String,
    /// The value.
    pub value: Value,
}

/// Where an output's chapters come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Chapters {
    /// From nowhere: there are none.
    None,
    /// From this input.
    Input(usize),
}

/// A file that travels along in an output.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Where it is read from.
    pub path: String,
    /// What Matroska wants to know of it: `application/x-truetype-font`, `image/jpeg`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
}
