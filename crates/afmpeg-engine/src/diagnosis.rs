//! Reads FFmpeg's errors for the thing at fault, so that an error of ours can name it.
//!
//! Only records of FFmpeg's log at the level of an error are read, and of these only what `ffmpeg_messages.rs` knows
//! and what the part of FFmpeg that failed wrote just before: text from media has no place among them.

mod parts;

use parts::{filter_of_instance, input_of_stream, is_of_tool, is_part_of, shortened, thing_named_in};

use crate::{
    AvError, Component, ComponentKind, ErrorKind, ExitStatus, Tool,
    ffmpeg_messages::{Meaning, NameOf, Recognised, Stage, recognise},
    log::LogLine,
};

/// A failure in one line, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    pub(crate) kind: ErrorKind,
    pub(crate) summary: String,
    pub(crate) subject: Option<String>,
    /// What the module lacks.
    pub(crate) component: Option<Component>,
    pub(crate) hint: Option<String>,
    /// The name that FFmpeg does not have, if that is why.
    pub(crate) misspelt: Option<Misspelt>,
}

/// A name on the command line that FFmpeg does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misspelt {
    pub(crate) name: String,
    pub(crate) of: NameOf,
    /// The filter whose option it is.
    pub(crate) filter: Option<String>,
}

/// Gives the component that a module must have to read the file at a path, if the file says so and the module lacks it.
pub(crate) type Needed<'a> = &'a dyn Fn(&str) -> Option<Component>;

/// What is known of a job beside its log.
pub(crate) struct About<'a> {
    /// What the module must have to read an input, where it lacks it.
    pub(crate) needed: Needed<'a>,
    /// The inputs that its arguments name, in their order.
    pub(crate) inputs: Vec<&'a str>,
    /// The words in its arguments that may be names of filters.
    pub(crate) filters: Vec<&'a str>,
}

/// Finds the cause of `status` in the errors of a tool's log, oldest first.
pub(crate) fn diagnose(tool: Tool, status: ExitStatus, errors: &[LogLine], about: &About<'_>) -> Diagnosis {
    let log = Errors::new(tool, status, errors, about);
    log.named().or_else(|| log.at_stage()).or_else(|| log.of_ffprobe()).unwrap_or_else(|| log.unexplained())
}

/// FFmpeg's words for a picture that is too large to be decoded, if a record of the log says that there is one.
pub(crate) fn invalid_size(errors: &[LogLine]) -> Option<&str> {
    let is_it = |line: &&LogLine| recognise(line).is_some_and(|known| known.meaning == Meaning::InvalidSize);
    errors.iter().find(is_it).map(|line| line.record.message.trim())
}

/// The errors of a log, each with what it is known to be.
struct Errors<'a> {
    tool: Tool,
    status: ExitStatus,
    lines: Vec<(&'a LogLine, Option<Recognised<'a>>)>,
    about: &'a About<'a>,
}

impl<'a> Errors<'a> {
    fn new(tool: Tool, status: ExitStatus, errors: &'a [LogLine], about: &'a About<'a>) -> Self {
        Self { tool, status, lines: errors.iter().map(|line| (line, recognise(line))).collect(), about }
    }

    fn known(&self) -> impl Iterator<Item = (usize, &'a LogLine, &Recognised<'a>)> {
        self.lines
            .iter()
            .enumerate()
            .filter_map(|(index, (line, known))| Some((index, *line, known.as_ref()?)))
    }

    /// The first message that names what is wrong with the command, or what the module lacks.
    fn named(&self) -> Option<Diagnosis> {
        self.known().find_map(|(_, _, known)| {
            let subject = known.subject.unwrap_or_default();
            let mut diagnosis = match known.meaning {
                Meaning::Lacks(kind) => lacking(Component::new(kind, subject)),
                Meaning::Wrong(what, hint) => wrong(what, subject, hint),
                Meaning::OutputExists => {
                    wrong("the output is there already:", subject, "`-y` writes over it")
                }
                _ => return None,
            };
            diagnosis.misspelt = misspelt(known);
            Some(diagnosis)
        })
    }

    /// The first part of the job that failed.
    fn at_stage(&self) -> Option<Diagnosis> {
        let (index, line, known, stage) =
            self.known().find_map(|(index, line, known)| match known.meaning {
                Meaning::Stage(stage) if self.is_fatal(stage, line) => Some((index, line, known, stage)),
                _ => None,
            })?;
        Some(match stage {
            Stage::Input => self.at_input(known.subject.unwrap_or_default()),
            Stage::Output => self.at_output(index, known),
            Stage::Filter => self.at_filter(index),
            Stage::Decoder => self
                .unable_decoder(line)
                .or_else(|| self.at_invalid_size(index))
                .unwrap_or_else(|| self.of_part(index, ErrorKind::InvalidData)),
            Stage::DecoderStart => {
                let kind = Some(self.kind()).filter(|kind| *kind != ErrorKind::Exit);
                self.of_part(index, kind.unwrap_or(ErrorKind::InvalidData))
            }
            Stage::Demuxer => self.of_part(index, ErrorKind::InvalidData),
            Stage::Encoder => self.of_part(index, ErrorKind::Encode),
            Stage::Muxer => self.at_muxer(index),
        })
    }

    /// Whether the job failed by this: one that reads goes on after most errors in its input.
    fn is_fatal(&self, stage: Stage, line: &LogLine) -> bool {
        if !matches!(stage, Stage::Demuxer | Stage::Decoder) {
            return true;
        }
        self.known().any(|(_, failed, known)| {
            known.meaning == Meaning::TaskFailed && failed.record.component == line.record.component
        })
    }

    /// A decoder that is in the module and has no code for pixels.
    fn unable_decoder(&self, failed: &LogLine) -> Option<Diagnosis> {
        self.known().find_map(|(_, line, known)| {
            let (Meaning::IsUnable(kind), Some(name)) = (known.meaning, &line.record.component) else {
                return None;
            };
            (failed.record.component.as_deref()?.strip_prefix("dec:")? == name)
                .then(|| lacking(Component::new(kind, name.clone())))
        })
    }

    /// A decoder that refused pictures of the size that their file claims.
    fn at_invalid_size(&self, index: usize) -> Option<Diagnosis> {
        let failed = self.lines[index].0;
        let decoder = failed.record.component.as_deref()?.strip_prefix("dec:")?;
        let (size, _) = self.lines[..index].iter().rev().find(|(line, known)| {
            known.as_ref().is_some_and(|known| known.meaning == Meaning::InvalidSize)
                && line.parent.as_deref() == Some(decoder)
        })?;
        let message = size.record.message.trim();
        let input = failed.parent.as_deref().and_then(input_of_stream);
        let input = input.and_then(|number| self.about.inputs.get(number));
        Some(Diagnosis {
            kind: ErrorKind::InvalidData,
            summary: input
                .map_or_else(|| message.to_owned(), |path| format!("cannot decode {path}: {message}")),
            subject: input.map(|path| (*path).to_owned()),
            component: None,
            hint: Some(TOO_LARGE.to_owned()),
            misspelt: None,
        })
    }

    fn at_input(&self, path: &str) -> Diagnosis {
        let mut diagnosis = self.of_input(path, self.status.av_error());
        if diagnosis.kind == ErrorKind::Exit {
            diagnosis.kind = ErrorKind::InvalidData;
        }
        diagnosis
    }

    fn of_input(&self, path: &str, error: Option<AvError>) -> Diagnosis {
        let mut diagnosis = of_input(path, error, self.about.needed);
        let may_be_of_a_list = matches!(diagnosis.kind, ErrorKind::InvalidData | ErrorKind::NotFound);
        if diagnosis.component.is_none() && may_be_of_a_list {
            let refusal = self.known().find_map(|(_, _, known)| match known.meaning {
                Meaning::Refuses(what, hint) => Some((what, known.subject, hint)),
                _ => None,
            });
            if let Some((what, name, hint)) = refusal {
                let name = name.map(|name| format!(", '{name}'")).unwrap_or_default();
                diagnosis.summary = format!("cannot open input {path}: {what}{name}");
                diagnosis.hint = Some(hint.to_owned());
            }
        }
        if let (ErrorKind::NotFound, Some(range)) = (diagnosis.kind, self.searched_range()) {
            diagnosis.summary = format!(
                "cannot open input {path}: no file of that sequence has an index in the range {range}"
            );
            diagnosis.hint = Some(START_NUMBER.to_owned());
        }
        diagnosis
    }

    /// The numbers, such as `0-4`, among which no image of a sequence was found.
    fn searched_range(&self) -> Option<&'a str> {
        let (_, line, _) = self.known().find(|(_, _, known)| known.meaning == Meaning::NoSequence)?;
        line.record.message.trim_end().rsplit(' ').next()
    }

    /// A failure of a part: with that part's own message before it, which says why.
    fn of_part(&self, index: usize, kind: ErrorKind) -> Diagnosis {
        let message = &self.lines[index].0.record.message;
        let summary = match self.why(index) {
            Some(why) => format!("{} ({message})", shortened(why.record.message.trim())),
            None => message.clone(),
        };
        Diagnosis {
            kind,
            summary,
            subject: None,
            component: None,
            hint: Some(SEE_LOG.to_owned()),
            misspelt: None,
        }
    }

    fn at_muxer(&self, index: usize) -> Diagnosis {
        let mut diagnosis = self.of_part(index, ErrorKind::Mux);
        let why = self.why(index).and_then(recognise);
        if why.is_some_and(|why| why.meaning == Meaning::CannotHold) {
            diagnosis.hint = Some(LEAVE_OUT.to_owned());
        }
        diagnosis
    }

    fn at_filter(&self, index: usize) -> Diagnosis {
        let kind = match self.kind() {
            ErrorKind::Exit => ErrorKind::InvalidArgument,
            kind => kind,
        };
        let mut diagnosis = self.of_part(index, kind);
        let Some(why) = self.why(index) else { return diagnosis };
        let writers = [why.record.component.as_deref(), why.parent.as_deref()];
        let filter = writers.into_iter().flatten().find_map(|writer| self.filter_of(writer));
        if let Some(filter) = filter {
            diagnosis.summary = format!("filter {filter}: {}", diagnosis.summary);
        }
        diagnosis.subject = thing_named_in(&why.record.message).map(str::to_owned);
        diagnosis.hint = Some(match (&diagnosis.subject, filter) {
            (Some(name), _) if self.is_missing_file(name, why) => ON_ITS_FILESYSTEM.to_owned(),
            (_, Some(filter)) => format!("`-h filter={filter}` lists its options and their ranges"),
            _ => SEE_LOG.to_owned(),
        });
        diagnosis
    }

    /// The filter that a writer of messages is: an instance, or the filter's own name, which some write under.
    fn filter_of<'w>(&self, writer: &'w str) -> Option<&'w str> {
        filter_of_instance(writer).or_else(|| self.about.filters.contains(&writer).then_some(writer))
    }

    /// Whether `name` looks like the path of a file that a part could not open.
    fn is_missing_file(&self, name: &str, why: &LogLine) -> bool {
        let is_tried =
            ["open", "load", "read", "No such file"].iter().any(|word| why.record.message.contains(word));
        name.contains(['/', '.']) && (is_tried || self.kind() == ErrorKind::NotFound)
    }

    fn at_output(&self, index: usize, known: &Recognised<'_>) -> Diagnosis {
        let path = known.subject.unwrap_or_default();
        let error = known.reason.and_then(AvError::from_message).or_else(|| self.status.av_error());
        let detail = self.why(index).map(|line| line.record.message.as_str());
        let hint = match error.map(AvError::name) {
            Some("ENOENT") if detail.is_none() && escapes(path) => {
                "nothing is above the root of the job's filesystem; give the job a filesystem that has the folder"
            }
            Some("ENOENT") if detail.is_none() => {
                "its folder does not exist on the job's filesystem; create it first"
            }
            Some("EBADF") => NO_DESCRIPTOR,
            _ => SEE_LOG,
        };
        Diagnosis {
            kind: error.map_or(ErrorKind::Exit, kind_of),
            summary: format!("cannot open output {path}: {}", detail.unwrap_or_else(|| self.reason())),
            subject: Some(path.to_owned()),
            component: None,
            hint: Some(hint.to_owned()),
            misspelt: None,
        }
    }

    /// The last message before `index` that the same part wrote: what others wrote meanwhile is of something else.
    fn why(&self, index: usize) -> Option<&'a LogLine> {
        let (failed, known) = &self.lines[index];
        let Some(Recognised { meaning: Meaning::Stage(stage), .. }) = known else { return None };
        let failed = failed.record.component.as_deref();
        let is_of_part = |line: &LogLine| {
            let (component, parent) = (line.record.component.as_deref(), line.parent.as_deref());
            is_part_of(*stage, failed, component)
                || parent.is_some_and(|parent| is_part_of(*stage, failed, Some(parent)))
                || (*stage == Stage::Filter && component.is_some_and(|name| self.filter_of(name).is_some()))
        };
        let own = || self.lines[..index].iter().rev().filter(|(line, _)| line.begins && is_of_part(line));
        let is_reason = |known: &Option<Recognised<'_>>| {
            known
                .as_ref()
                .is_none_or(|known| matches!(known.meaning, Meaning::CannotHold | Meaning::InvalidSize))
        };
        let is_consequence = |known: &Option<Recognised<'_>>| {
            known.as_ref().is_some_and(|known| known.meaning == Meaning::Consequence)
        };
        own()
            .find(|(_, known)| is_reason(known))
            // The pad that a filter could not configure, where the filter says nothing itself.
            .or_else(|| own().find(|(_, known)| *stage == Stage::Filter && is_consequence(known)))
            .map(|(line, _)| *line)
    }

    /// ffprobe ends with 1 whatever happened, and prints it as "name: message".
    fn of_ffprobe(&self) -> Option<Diagnosis> {
        let is_own = |line: &&LogLine| line.begins && line.record.component.is_none();
        let last = self
            .lines
            .iter()
            .rev()
            .map(|(line, _)| *line)
            .find(is_own)
            .filter(|_| self.tool == Tool::Ffprobe)?;
        let (subject, message) = last.record.message.rsplit_once(": ")?;
        Some(self.of_input(subject, Some(AvError::from_message(message)?)))
    }

    /// None of the messages is known: the tool's own is the best, and a grave one better than another.
    fn unexplained(&self) -> Diagnosis {
        let unknown =
            || self.lines.iter().filter(|(line, known)| line.begins && known.is_none()).map(|(line, _)| line);
        let best = unknown()
            .rev()
            .find(|line| line.record.component.as_deref().is_none_or(is_of_tool))
            .or_else(|| unknown().next_back());
        Diagnosis {
            kind: self.kind(),
            summary: best
                .map_or_else(|| self.status.to_string(), |line| line.record.message.trim().to_owned()),
            subject: None,
            component: None,
            hint: Some(SEE_LOG.to_owned()),
            misspelt: None,
        }
    }

    fn kind(&self) -> ErrorKind {
        if self.status.is_error_rate_exceeded() {
            return ErrorKind::InvalidData;
        }
        self.status.av_error().map_or(ErrorKind::Exit, kind_of)
    }

    fn reason(&self) -> &'static str {
        self.status.av_error().map_or("it failed", AvError::message)
    }
}

fn lacking(component: Component) -> Diagnosis {
    let (kind, name) = (component.kind(), component.name());
    Diagnosis {
        kind: ErrorKind::Unsupported,
        summary: format!("this module has no {kind} '{name}'"),
        subject: Some(name.to_owned()),
        hint: Some(format!("`{}` lists what it has; other variants of the module have more", kind.listing())),
        component: Some(component),
        misspelt: None,
    }
}

fn wrong(what: &str, subject: &str, hint: &str) -> Diagnosis {
    let is_named = !subject.is_empty();
    Diagnosis {
        kind: ErrorKind::InvalidArgument,
        summary: if is_named { format!("{what} '{subject}'") } else { what.trim_end_matches(':').to_owned() },
        subject: is_named.then(|| subject.to_owned()),
        component: None,
        hint: Some(hint.to_owned()),
        misspelt: None,
    }
}

fn misspelt(known: &Recognised<'_>) -> Option<Misspelt> {
    let (name, of) = (known.subject?, known.names?);
    (!name.is_empty()).then(|| Misspelt {
        name: name.to_owned(),
        of,
        filter: known.filter.map(str::to_owned),
    })
}

/// Whether a path leads out of the folder that it starts from.
fn escapes(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}

/// What an error of FFmpeg's is about, where nothing else says it.
fn kind_of(error: AvError) -> ErrorKind {
    match error.name() {
        "ENOENT" | "ENOTDIR" => ErrorKind::NotFound,
        "EINVAL"
        | "ERANGE"
        | "EDOM"
        | "EEXIST"
        | "EISDIR"
        | "EBADF"
        | "ENAMETOOLONG"
        | "AVERROR_OPTION_NOT_FOUND"
        | "AVERROR_STREAM_NOT_FOUND" => ErrorKind::InvalidArgument,
        "AVERROR_INVALIDDATA" | "AVERROR_EOF" => ErrorKind::InvalidData,
        "AVERROR_BSF_NOT_FOUND"
        | "AVERROR_DECODER_NOT_FOUND"
        | "AVERROR_DEMUXER_NOT_FOUND"
        | "AVERROR_ENCODER_NOT_FOUND"
        | "AVERROR_FILTER_NOT_FOUND"
        | "AVERROR_MUXER_NOT_FOUND"
        | "AVERROR_PROTOCOL_NOT_FOUND"
        | "AVERROR_PATCHWELCOME"
        | "AVERROR_EXPERIMENTAL"
        | "ENOSYS"
        | "ENOTSUP" => ErrorKind::Unsupported,
        // Not EIO, EPERM and EFBIG: FFmpeg gives them of its own accord, and a real fault of the filesystem is its
        // own error.
        "ENOSPC" | "EROFS" | "EACCES" | "EDQUOT" => ErrorKind::Filesystem,
        _ => ErrorKind::Exit,
    }
}

/// Whether ffmpeg has ended before an input or an output was open, or without content for an output.
pub(crate) fn is_without_output(errors: &[LogLine]) -> bool {
    errors.iter().filter_map(recognise).any(|known| {
        matches!(known.meaning, Meaning::Stage(Stage::Input | Stage::Output) | Meaning::NothingWritten)
    })
}

/// What an input that FFmpeg could not read is, and why.
pub(crate) fn of_input(path: &str, error: Option<AvError>, needed: Needed<'_>) -> Diagnosis {
    let name = error.map(AvError::name);
    let lacks = match name {
        Some("AVERROR_PROTOCOL_NOT_FOUND") => {
            path.split_once(':').map(|(scheme, _)| Component::new(ComponentKind::Protocol, scheme))
        }
        Some("AVERROR_INVALIDDATA") => needed(path),
        _ => None,
    };
    let message = error.map_or("it failed", AvError::message);
    let hint = match (&lacks, name) {
        (Some(lacks), _) if ["http", "https"].contains(&lacks.name()) => NO_NETWORK,
        (Some(lacks), _) if lacks.kind() == ComponentKind::Protocol && path.starts_with(lacks.name()) => {
            "if it is the name of a file, put `file:` before it; there is no network in the sandbox"
        }
        (Some(_), _) => "give it the same media in another form; other variants of the module may have more",
        (None, Some("ENOENT")) => ON_ITS_FILESYSTEM,
        (None, Some("EISDIR")) => "it is a folder: name a file in it",
        (None, Some("EBADF")) => NO_DESCRIPTOR,
        (None, Some("AVERROR_INVALIDDATA")) => "it is damaged, or not in a format that this module reads",
        (None, _) => SEE_LOG,
    };
    Diagnosis {
        kind: if lacks.is_some() { ErrorKind::Unsupported } else { error.map_or(ErrorKind::Exit, kind_of) },
        summary: match &lacks {
            Some(lacks) => {
                format!("cannot open input {path}: this module has no {} '{}'", lacks.kind(), lacks.name())
            }
            None => format!("cannot open input {path}: {message}"),
        },
        subject: Some(path.to_owned()),
        component: lacks,
        hint: Some(hint.to_owned()),
        misspelt: None,
    }
}

const SEE_LOG: &str = "the log has the details";
const NO_DESCRIPTOR: &str = "a job has the descriptors 0, 1 and 2, and those that it is given by `Job::input_stream`, \
                             `input_file` and `output_stream`";
const START_NUMBER: &str = "put `-start_number` with the number of the first image before its `-i`; \
                            `-start_number_range` says how many numbers are tried, and `-pattern_type glob` takes \
                            names with `*`";
pub(crate) const TOO_LARGE: &str = "FFmpeg decodes pictures of up to about 260 million pixels: make it smaller with \
                                    another program, unless its header is damaged";
const LEAVE_OUT: &str = "leave out the stream that this format cannot hold (behind `-map 0`, `-map -0:d` takes the data \
                         away, `-map -0:s` the subtitles, `-map -0:2` the third stream), encode it, or write another format";
const ON_ITS_FILESYSTEM: &str =
    "FFmpeg sees only the filesystem that it was given; is the file on it, under this path?";
const NO_NETWORK: &str = "there is no network in the sandbox: put the file on the job's filesystem with afmpeg-vfs's \
                          `HttpFs` (a URL) or `ObjectFs` (a bucket), or download it first";

#[cfg(test)]
mod tests;
