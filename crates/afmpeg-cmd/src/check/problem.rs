use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::{Component, MediaKind, Time, expr::MAX_DEPTH};

/// A problem of a command, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The part of the command.
    pub place: Place,
    /// The name of that part: a path, a filter.
    pub name: Option<String>,
    /// The problem itself.
    pub kind: ProblemKind,
}

/// A part of a [`Command`](crate::Command), by its index in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Place {
    /// The whole command.
    Command,
    /// An input.
    Input(usize),
    /// A node of the graph.
    Node(usize),
    /// An output.
    Output(usize),
    /// A stream of an output.
    Stream {
        /// The output.
        output: usize,
        /// The stream's index in it.
        stream: usize,
    },
}

/// Whether FFmpeg fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// FFmpeg runs, but its result is likely unintended.
    Warning,
    /// FFmpeg fails, or its output is likely wrong.
    Error,
}

/// The kind of a problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The command has no output.
    #[error("it has no output")]
    NoOutput,
    /// A file has no path.
    #[error("it has no path")]
    NoPath,
    /// A text contains a zero byte, which ends an argument.
    #[error("{field} contains a zero byte")]
    ZeroByte {
        /// The name of the option or field.
        field: String,
    },
    /// A name contains characters that FFmpeg reads as syntax.
    #[error("invalid name for {kind}: {name:?}")]
    NotAName {
        /// The name.
        name: String,
        /// The kind of thing that it names: a filter, an option...
        kind: &'static str,
    },
    /// A reference to an input that does not exist.
    #[error("there is no input {input}")]
    NoInput {
        /// The index.
        input: usize,
    },
    /// A reference to a node that does not exist.
    #[error("there is no node {node}")]
    NoNode {
        /// The index.
        node: usize,
    },
    /// A node reads from a node that does not precede it.
    #[error("it reads from node {node}, which does not precede it")]
    NotBefore {
        /// The other node.
        node: usize,
    },
    /// A reference to a pad that a node does not have.
    #[error("node {node} has no output pad {pad}")]
    NoPad {
        /// The node.
        node: usize,
        /// The pad.
        pad: usize,
    },
    /// A stream of a file that may be a tiled image, and was not probed.
    #[error("stream {streams} of input {input} may be a single tile of the image")]
    MaybeTile {
        /// The input.
        input: usize,
        /// The specifier of the stream.
        streams: String,
    },
    /// A pad is used more than once.
    #[error("its output pad {pad} is used {uses} times")]
    PadUsedAgain {
        /// The pad.
        pad: usize,
        /// The number of uses.
        uses: usize,
        /// The kind of its stream.
        kind: MediaKind,
    },
    /// A pad is not used.
    #[error("its output pad {pad} is not used")]
    PadUnused {
        /// The pad.
        pad: usize,
    },
    /// A stream of an output declares another kind than its source has.
    #[error("expected {expected}, but its source is {found}")]
    WrongKind {
        /// The declared kind.
        expected: MediaKind,
        /// The kind of the source.
        found: MediaKind,
    },
    /// An output would overwrite an input while it is read.
    #[error("it is an input of the same command")]
    OutputIsInput,
    /// Two outputs would overwrite each other.
    #[error("output {other} writes to the same path")]
    SameOutput {
        /// The other, which precedes it.
        other: usize,
    },
    /// Both `-t` and `-to`.
    #[error("it has both a duration and an end, and FFmpeg ignores the end")]
    DurationAndEnd,
    /// The end is not after the start.
    #[error("it ends at {end} s, but starts at {start} s")]
    EndBeforeStart {
        /// The start.
        start: Time,
        /// The end.
        end: Time,
    },
    /// A negative duration.
    #[error("its duration is negative")]
    NegativeDuration,
    /// `-sseof` past the end.
    #[error("it starts after the end of the file")]
    SeekAfterEnd,
    /// The output of a filter is copied.
    #[error("filtered streams cannot be copied, since copied packets are not decoded")]
    CopyOfFiltered,
    /// A copied stream has filters.
    #[error("it has filters, and copied packets are not decoded")]
    FiltersOnCopy,
    /// A stream from the graph has filters of an output.
    #[error("it comes from the graph, and cannot have other filters")]
    FiltersOnFiltered,
    /// A cut that cannot be exact.
    #[error("copied packets start at a key frame, not at {seek} s")]
    InexactCopy {
        /// The requested start.
        seek: Time,
    },
    /// Options of a stream that no specifier addresses.
    #[error("cannot address this stream's options: an earlier map adds an unknown number of streams")]
    AmbiguousOptions,
    /// FFmpeg would not select streams for an output that relies on it.
    #[error("FFmpeg selects streams automatically only for the first output, beside pads of the graph")]
    NotAutomatic,
    /// Options on a map that excludes streams.
    #[error("it excludes streams, and has options for them")]
    OptionsOnExcept,
    /// An input has no such stream.
    #[error("input {input} has no stream {streams:?}")]
    NoStream {
        /// The input.
        input: usize,
        /// The specifier.
        streams: String,
    },
    /// Packets are copied into a format that cannot hold them.
    #[error("cannot copy stream {stream} of input {input} ({carries}): {format} cannot hold it")]
    CannotHold {
        /// The input.
        input: usize,
        /// The stream's index in it.
        stream: usize,
        /// The stream's kind and codec, if known.
        carries: String,
        /// The output's format, by name or by the extension of its path.
        format: String,
    },
    /// The inputs of a filter must be equal in a property, and differ.
    #[error("its inputs differ in {property}: {one} and {other}")]
    InputsDisagree {
        /// The property: size, frame rate...
        property: &'static str,
        /// The value of the first input.
        one: String,
        /// The value of another input.
        other: String,
    },
    /// The module has no such component.
    #[error("the module has no {kind} {name:?}")]
    Lacks {
        /// The kind of component: a filter, an encoder, an option...
        kind: &'static str,
        /// The name.
        name: String,
        /// A similar name that exists.
        suggestion: Option<String>,
    },
    /// A filter has no such option.
    #[error("it has no option {option:?}")]
    NoOption {
        /// The filter or bitstream filter.
        of: Component,
        /// The option.
        option: String,
        /// A similar option that exists.
        suggestion: Option<String>,
    },
    /// `drawtext` without a font, in a module that cannot look for one.
    #[error("it has no font, and cannot find one")]
    NoFont,
    /// The value of an option is out of range, or unknown.
    #[error("invalid value {value:?} for option {option:?}; allowed: {allowed}")]
    BadValue {
        /// The option.
        option: String,
        /// The value.
        value: String,
        /// The allowed values: a range, names.
        allowed: String,
    },
    /// An expression is nested deeper than FFmpeg evaluates.
    #[error("the expression of its option {option:?} is more than {MAX_DEPTH} operations deep")]
    TooDeep {
        /// The option.
        option: String,
    },
    /// `enable` on a filter without timeline support.
    #[error("it cannot be switched on and off")]
    NoTimeline,
    /// A filter has another number of pads.
    #[error("expected {expected} {pads}, found {found}")]
    WrongArity {
        /// `inputs` or `outputs`.
        pads: &'static str,
        /// The number of pads of the filter.
        expected: usize,
        /// The number of pads in use.
        found: usize,
    },
    /// An input pad receives another kind of stream.
    #[error("its input pad {pad} expects {expected}, found {found}")]
    WrongPad {
        /// The pad.
        pad: usize,
        /// The kind of the pad.
        expected: MediaKind,
        /// The kind of the stream.
        found: MediaKind,
    },
    /// An output pad is used as another kind of stream.
    #[error("its output pad {pad} is {found}, but is used as {expected}")]
    WrongPadOut {
        /// The pad.
        pad: usize,
        /// The kind that it is used as.
        expected: MediaKind,
        /// The kind of the pad.
        found: MediaKind,
    },
    /// An encoder is for another kind of stream.
    #[error("expected an encoder for {expected}, found {codec}, which encodes {found}")]
    WrongEncoder {
        /// The encoder.
        codec: String,
        /// The kind of the stream.
        expected: MediaKind,
        /// The kind of the encoder.
        found: MediaKind,
    },
    /// An endless input, and an output without a limit.
    #[error("input {input} is endless, and the output has no duration limit")]
    Endless {
        /// The input.
        input: usize,
    },
}

impl ProblemKind {
    /// Returns whether FFmpeg fails.
    pub fn severity(&self) -> Severity {
        match self {
            ProblemKind::DurationAndEnd | ProblemKind::InexactCopy { .. } | ProblemKind::Endless { .. } => {
                Severity::Warning
            }
            _ => Severity::Error,
        }
    }
}

/// The kind of a [`NotAName`](ProblemKind::NotAName) that names a filter.
pub(super) const FILTER: &str = "a filter";

/// The kind of a [`NotAName`](ProblemKind::NotAName) that names metadata.
pub(super) const METADATA_KEY: &str = "a metadata key";

impl Problem {
    /// Returns whether FFmpeg fails.
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }

    /// Returns a hint for fixing the problem, with a similar name for one that does not exist.
    pub fn hint(&self) -> Cow<'static, str> {
        self.kind.hint()
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Command => f.write_str("the command"),
            Place::Input(input) => write!(f, "input {input}"),
            Place::Node(node) => write!(f, "node {node}"),
            Place::Output(output) => write!(f, "output {output}"),
            Place::Stream { output, stream } => write!(f, "stream {stream} of output {output}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} ({name}): {}", self.place, self.kind),
            None => write!(f, "{}: {}", self.place, self.kind),
        }
    }
}

/// The problems that make a command fail. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Returns the errors among problems, or `Ok` if there are none: warnings pass.
    ///
    /// # Errors
    ///
    /// Every problem of [`Severity::Error`].
    pub fn of(found: Vec<Problem>) -> Result<(), Self> {
        let errors: Vec<Problem> =
            found.into_iter().filter(|problem| problem.severity() == Severity::Error).collect();
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }

    /// Returns the problems in the order of their places.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One line per problem, with its hint.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}{problem}; {}", problem.hint())?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
