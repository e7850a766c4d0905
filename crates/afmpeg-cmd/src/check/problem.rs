use std::fmt;

use crate::{
    MediaKind, Time,
    expr::MAX_DEPTH,
    facts::{self, Component},
};

/// Something that is wrong with a command, where it is, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is about.
    pub place: Place,
    /// What that is called: a path, a filter.
    pub name: Option<String>,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// A part of a [`Job`](crate::Job), by its place in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The whole command.
    Job,
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
        /// The stream's place in it.
        stream: usize,
    },
}

/// Whether FFmpeg fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It does not, but what it does is hardly what was meant.
    Warning,
    /// It does, or what it writes is likely to be wrong.
    Error,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// There is nothing to write.
    #[error("it has no output")]
    NoOutput,
    /// A file has no path.
    #[error("it has no path")]
    NoPath,
    /// A text holds a zero byte, which ends an argument.
    #[error("{what} holds a zero byte")]
    ZeroByte {
        /// The option or the value.
        what: String,
    },
    /// A name has characters that FFmpeg would take for syntax.
    #[error("{name:?} is no name of {what}")]
    NotAName {
        /// The name.
        name: String,
        /// What it is to name: a filter, an option...
        what: &'static str,
    },
    /// A reference to an input that does not exist.
    #[error("there is no input {input}")]
    NoInput {
        /// The place that is empty.
        input: usize,
    },
    /// A reference to a node that does not exist.
    #[error("there is no node {node}")]
    NoNode {
        /// The place that is empty.
        node: usize,
    },
    /// A node takes from one that does not come before it.
    #[error("it takes from node {node}, which does not come before it")]
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
    /// A stream of a file that may be a picture of tiles, which nobody has looked at.
    #[error("stream {streams} of input {input} may be one tile of its picture")]
    MaybeTile {
        /// The input.
        input: usize,
        /// The specifier of the stream.
        streams: String,
    },
    /// Two take from one pad.
    #[error("its output pad {pad} is used {uses} times")]
    PadUsedAgain {
        /// The pad.
        pad: usize,
        /// How many take from it.
        uses: usize,
        /// What it carries.
        kind: MediaKind,
    },
    /// Nothing takes from a pad.
    #[error("its output pad {pad} leads nowhere")]
    PadUnused {
        /// The pad.
        pad: usize,
    },
    /// A stream of an output says that it carries what it does not.
    #[error("it is to carry {wanted}, and what it comes from carries {found}")]
    WrongKind {
        /// What the stream says.
        wanted: MediaKind,
        /// What the pad says.
        found: MediaKind,
    },
    /// A file would be read while it is written over.
    #[error("it is an input of the same command")]
    OutputIsInput,
    /// Two outputs would write over each other.
    #[error("output {other} writes to the same path")]
    SameOutput {
        /// The other, which comes before it.
        other: usize,
    },
    /// Both of `-t` and `-to`.
    #[error("it has both a duration and an end, and FFmpeg ignores the end")]
    DurationAndEnd,
    /// It stops before it begins.
    #[error("it ends at {end} s, before it begins at {start} s")]
    EndBeforeStart {
        /// Where it begins.
        start: Time,
        /// Where it ends.
        end: Time,
    },
    /// A length below zero.
    #[error("its duration is below zero")]
    NegativeDuration,
    /// `-sseof` after the end.
    #[error("it begins after its own end")]
    SeekAfterEnd,
    /// Copying what a filter makes.
    #[error("it comes out of a filter, and packets that are copied are not decoded")]
    CopyOfFiltered,
    /// Filters on a stream that is copied.
    #[error("it has filters, and packets that are copied are not decoded")]
    FiltersOnCopy,
    /// Filters on a stream that comes out of the graph.
    #[error("it has filters of its own, and comes out of the graph")]
    FiltersOnFiltered,
    /// A cut that cannot be exact.
    #[error("packets that are copied begin at a key frame, not at {seek} s")]
    InexactCopy {
        /// Where it is to begin.
        seek: Time,
    },
    /// Options of a stream that cannot be told from its neighbours'.
    #[error(
        "its options cannot be said for it alone: the maps before it bring nobody knows how many streams"
    )]
    AmbiguousOptions,
    /// FFmpeg is to choose more streams, and does not.
    #[error("FFmpeg chooses nothing for it: it does so beside pads of the graph, in the first output")]
    NotAutomatic,
    /// Options where streams are taken away.
    #[error("it takes streams away, and has options for them")]
    OptionsOnExcept,
    /// An input has no such stream.
    #[error("input {input} has no stream {streams:?}")]
    NoStream {
        /// The input.
        input: usize,
        /// The specifier.
        streams: String,
    },
    /// Packets are to be copied into a file of a format that does not hold them.
    #[error("stream {stream} of input {input} ({carries}) is to be copied, and {format} cannot hold it")]
    CannotHold {
        /// The input.
        input: usize,
        /// The stream's index in it.
        stream: usize,
        /// What it carries: its kind, and its codec where it is known.
        carries: String,
        /// The output's format, by its name or by the ending of its path.
        format: String,
    },
    /// A filter's inputs must be alike in something, and are not.
    #[error("its inputs differ in their {what}: {one} and {other}")]
    InputsDisagree {
        /// In what: size, frame rate...
        what: &'static str,
        /// Of the first.
        one: String,
        /// Of another.
        other: String,
    },
    /// The module has no such component.
    #[error("the module has no {what} {name:?}{}", but(near))]
    Lacks {
        /// What it is: a filter, an encoder, an option...
        what: &'static str,
        /// Its name.
        name: String,
        /// One that is there, and may have been meant.
        near: Option<String>,
    },
    /// A filter has no such option.
    #[error("it has no option {option:?}{}", but(near))]
    NoOption {
        /// The option.
        option: String,
        /// One that it has, and that may have been meant.
        near: Option<String>,
    },
    /// A text is to be drawn, and nothing says in which font.
    #[error("it has no font, and finds none by itself")]
    NoFont,
    /// An option does not take a value.
    #[error("its option {option:?} cannot be {value:?}, but {allowed}")]
    BadValue {
        /// The option.
        option: String,
        /// The value.
        value: String,
        /// What it may be: a range, names.
        allowed: String,
    },
    /// An expression of more operations within each other than FFmpeg evaluates.
    #[error("its option {option:?} is an expression that is more than {MAX_DEPTH} operations deep")]
    TooDeep {
        /// The option.
        option: String,
    },
    /// `enable` on a filter that cannot be switched.
    #[error("it cannot be switched on and off")]
    NoTimeline,
    /// A filter has another number of pads.
    #[error("it has {wanted} {what}, and {found} are used")]
    WrongArity {
        /// Inputs or outputs.
        what: &'static str,
        /// How many it has.
        wanted: usize,
        /// How many are used.
        found: usize,
    },
    /// A pad takes another kind of stream.
    #[error("its input pad {pad} takes {wanted}, and gets {found}")]
    WrongPad {
        /// The pad.
        pad: usize,
        /// What it takes.
        wanted: MediaKind,
        /// What it gets.
        found: MediaKind,
    },
    /// A pad gives another kind of stream.
    #[error("its output pad {pad} gives {found}, and is used as {wanted}")]
    WrongPadOut {
        /// The pad.
        pad: usize,
        /// What it is used as.
        wanted: MediaKind,
        /// What it gives.
        found: MediaKind,
    },
    /// An encoder is of another kind than its stream.
    #[error("{codec} encodes {found}, and it carries {wanted}")]
    WrongEncoder {
        /// The encoder.
        codec: String,
        /// What the stream carries.
        wanted: MediaKind,
        /// What the encoder takes.
        found: MediaKind,
    },
    /// An input without an end, and nothing that ends the output.
    #[error("it takes from input {input}, which has no end, and nothing ends it")]
    Endless {
        /// The input.
        input: usize,
    },
}

/// Whether a module has it, though not this one.
fn is_in_fullest(name: &str) -> bool {
    let components = [Component::Encoder, Component::Muxer, Component::Demuxer, Component::BitstreamFilter];
    facts::filter(name).is_some() || components.into_iter().any(|component| facts::has(component, name))
}

fn but(near: &Option<String>) -> String {
    near.as_ref().map(|near| format!(", but {near:?}")).unwrap_or_default()
}

impl ProblemKind {
    /// Whether FFmpeg fails.
    pub fn severity(&self) -> Severity {
        match self {
            ProblemKind::DurationAndEnd | ProblemKind::InexactCopy { .. } | ProblemKind::Endless { .. } => {
                Severity::Warning
            }
            _ => Severity::Error,
        }
    }

    /// What to do about it.
    pub fn fix(&self) -> &'static str {
        match self {
            ProblemKind::NoOutput => "add an output; `Output::nowhere()` writes nothing",
            ProblemKind::NoPath => "give it a path",
            ProblemKind::ZeroByte { .. } => "leave the zero byte out",
            ProblemKind::NotAName { what: "a key of metadata", .. } => {
                "leave out equals signs; `title`, `artist` and `language` are keys"
            }
            ProblemKind::NotAName { .. } => "use FFmpeg's own name: letters, digits, _ . - and / only",
            ProblemKind::NoInput { .. } | ProblemKind::NoNode { .. } | ProblemKind::NoPad { .. } => {
                "count from 0, within the list"
            }
            ProblemKind::MaybeTile { .. } => {
                "give what a probe has found to `Input::known`, or name the tile by its index in the file"
            }
            ProblemKind::NotBefore { .. } => "put nodes behind those that they take from",
            ProblemKind::PadUsedAgain { kind: MediaKind::Video | MediaKind::Audio, .. } => {
                "put a `split` or `asplit` behind it; `Job::new` does so by itself"
            }
            ProblemKind::PadUsedAgain { .. } => {
                "FFmpeg splits only video and audio: read the input a second time"
            }
            ProblemKind::PadUnused { .. } => "use it, or end it with `nullsink` or `anullsink`",
            ProblemKind::WrongKind { .. } => "map what carries it",
            ProblemKind::OutputIsInput => {
                "write to another path, and rename it when the command has succeeded"
            }
            ProblemKind::SameOutput { .. } => "write to another path",
            ProblemKind::DurationAndEnd => "leave out one of them",
            ProblemKind::EndBeforeStart { .. } => "both count from the beginning of the file: swap them",
            ProblemKind::NegativeDuration => "give a length of zero or more",
            ProblemKind::SeekAfterEnd => "give it a time of zero or less",
            ProblemKind::CopyOfFiltered | ProblemKind::FiltersOnCopy => {
                "choose an encoder, or leave out the filters"
            }
            ProblemKind::FiltersOnFiltered => "put them into the graph, or take the stream from an input",
            ProblemKind::InexactCopy { .. } => "choose an encoder for an exact cut, or begin at a key frame",
            ProblemKind::AmbiguousOptions => {
                "say the kind of each stream of the output, put it before them, or give its options to the output with \
                 a specifier"
            }
            ProblemKind::NotAutomatic => {
                "map its streams, or make it the first output, of pads alone in the order in which they were made"
            }
            ProblemKind::OptionsOnExcept => "give them to the entries that bring streams",
            ProblemKind::Lacks { what: "option", .. } => {
                "correct it, or use a module that has the codec or format whose it is"
            }
            ProblemKind::Lacks { name, .. } if facts::is_gpl(name) => "the gpl variant of the module has it",
            ProblemKind::Lacks { name, .. } if is_in_fullest(name) => "the full profile of the module has it",
            ProblemKind::Lacks { .. } => "`afmpeg capabilities` lists what there is",
            ProblemKind::NoOption { .. } => "`afmpeg capabilities filter NAME` lists a filter's options",
            ProblemKind::NoFont => {
                "give it the option `fontfile`: the path of a font on the job's filesystem"
            }
            ProblemKind::BadValue { .. } => "choose one that it allows",
            ProblemKind::TooDeep { .. } => {
                "put terms together by halves, as `Expr` adds and multiplies: `((a+b)+(c+d))`"
            }
            ProblemKind::NoTimeline => "leave out `enable`, or trim and join the parts",
            ProblemKind::WrongArity { .. } => "use all of its pads, and no more",
            ProblemKind::WrongPad { .. } | ProblemKind::WrongPadOut { .. } => {
                "choose the filter for the other kind: those for audio often begin with an a"
            }
            ProblemKind::WrongEncoder { .. } => "choose an encoder for what it carries",
            ProblemKind::NoStream { .. } => "ffprobe lists what it has; an optional stream may be missing",
            ProblemKind::CannotHold { .. } => {
                "choose an encoder, or another format; `Output::copy_all` leaves such streams out"
            }
            ProblemKind::InputsDisagree { .. } => {
                "make them alike before: `scale` and `setsar`, `fps`, `settb` with the expression AVTB"
            }
            ProblemKind::Endless { .. } => "give the output a duration, a number of frames, or `shortest`",
        }
    }
}

impl Problem {
    /// Whether FFmpeg fails.
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }

    /// What to do about it.
    pub fn fix(&self) -> &'static str {
        self.kind.fix()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Job => f.write_str("the command"),
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

/// All that makes a command fail. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn of(found: Vec<Problem>) -> Result<(), Self> {
        let errors: Vec<Problem> =
            found.into_iter().filter(|problem| problem.severity() == Severity::Error).collect();
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }

    /// Each of them, by place.
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

/// A line for each, with what to do about it.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}{problem}; {}", problem.fix())?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
