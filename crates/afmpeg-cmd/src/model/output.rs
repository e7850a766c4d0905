use serde::{Deserialize, Serialize};

use crate::{Arg, Filter, MediaKind, Time, Value};

/// An output file, its streams and its options.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Output {
    /// The path.
    pub path: String,
    /// `-f`: the format, if not that of the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The streams (`-map`), in order. If empty, FFmpeg selects the best of each kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<OutputStream>,
    /// Whether FFmpeg selects the best stream of each kind that `streams` lacks. Only for the first output, and only if
    /// all of `streams` are pads of the graph, in the graph's order: these then have no labels.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// `-ss`: the start; earlier frames are decoded and discarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seek: Option<Time>,
    /// `-t`: the maximum duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Time>,
    /// `-to`: the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
    /// `-fs`: the approximate maximum size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// `-shortest`: the output ends with its shortest stream.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shortest: bool,
    /// `-map_chapters`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapters: Option<Chapters>,
    /// `-metadata` of the file, of chapters and of programs; streams have their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<Metadata>,
    /// `-attach`: attached files, for containers that support them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// All other options, of the muxer and of streams that FFmpeg selects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
}

/// One stream of an output, or all streams of one map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "OutputStreamJson")]
pub struct OutputStream {
    /// The source.
    #[serde(flatten)]
    pub map: Map,
    /// The kind, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MediaKind>,
    /// `-c`: the encoder, or `copy`. If `None`, FFmpeg selects by the format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// `-filter`: a chain of filters with one input and one output pad, for streams directly from an input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// `-bsf`: the bitstream filters, which run after encoding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bitstream_filters: Vec<Filter>,
    /// `-frames`: the maximum number of frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u64>,
    /// `-metadata:s`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<Metadata>,
    /// `-disposition`: `default`, `forced+comment`, `0`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
    /// All other options, including the encoder's; without specifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
}

/// A stream of an output in JSON. A flattened struct could neither refuse unknown fields nor report missing ones.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputStreamJson {
    input: Option<InputJson>,
    except: Option<ExceptJson>,
    node: Option<PadJson>,
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
struct InputJson {
    input: usize,
    streams: String,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptJson {
    input: usize,
    streams: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PadJson {
    node: usize,
    pad: usize,
}

impl TryFrom<OutputStreamJson> for OutputStream {
    type Error = &'static str;

    fn try_from(json: OutputStreamJson) -> Result<Self, Self::Error> {
        let map = match (json.input, json.except, json.node, json.label) {
            (Some(InputJson { input, streams, optional }), None, None, None) => {
                Map::Input { input, streams, optional }
            }
            (None, Some(ExceptJson { input, streams }), None, None) => Map::Except { input, streams },
            (None, None, Some(PadJson { node, pad }), None) => Map::Node { node, pad },
            (None, None, None, Some(label)) => Map::Label(label),
            _ => {
                return Err("expected one of `input`, `except`, `node` and `label` in a stream of an output");
            }
        };
        Ok(Self {
            map,
            kind: json.kind,
            codec: json.codec,
            filters: json.filters,
            bitstream_filters: json.bitstream_filters,
            frames: json.frames,
            metadata: json.metadata,
            disposition: json.disposition,
            args: json.args,
        })
    }
}

/// `-map`: the source of one or more streams of an output.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Map {
    /// Every stream of an input that the specifier fits; all streams if it is empty.
    Input {
        /// The input's index in [`Command::inputs`](super::Command::inputs).
        input: usize,
        /// A stream specifier.
        streams: String,
        /// Whether it may fit no stream.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        optional: bool,
    },
    /// Excludes streams of an input that earlier maps added.
    Except {
        /// The input's index in [`Command::inputs`](super::Command::inputs).
        input: usize,
        /// A stream specifier.
        streams: String,
    },
    /// A pad of the graph that is not used elsewhere.
    Node {
        /// The node's index in [`Graph::nodes`](super::Graph::nodes).
        node: usize,
        /// The pad's index in [`Node::outputs`](super::Node::outputs).
        pad: usize,
    },
    /// A pad of a text graph, by label.
    Label(String),
}

/// A metadata key and its value. An empty value removes the key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The owner, as `-metadata` names it: `c:0`, `p:1`. If `None`, the file or the stream that contains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specifier: Option<String>,
    /// The key. It contains no equals sign.
    pub key: String,
    /// The value.
    pub value: Value,
}

/// The source of an output's chapters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Chapters {
    /// No chapters.
    None,
    /// The chapters of this input.
    Input(usize),
}

/// A file attached to an output.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// The path that it is read from.
    pub path: String,
    /// The MIME type, which Matroska requires: `application/x-truetype-font`, `image/jpeg`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
}
