//! Finds the thing at fault in FFmpeg's errors, so that a job's error can name it.
//!
//! Reads only log records at the level of an error, and of these only the messages in `ffmpeg_messages.rs` and the last
//! one that the failed part wrote before: text from media is never among them.

mod parts;

use parts::{filter_of_instance, input_of_stream, is_of_tool, is_part_of, shortened, thing_named_in};

use crate::{
    AvError, Component, ComponentKind, ErrorKind, ExitStatus, Tool,
    ffmpeg_messages::{Meaning, NameOf, Recognised, Stage, recognise},
    log::LogLine,
};

/// A failure in one line, with a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    pub(crate) kind: ErrorKind,
    pub(crate) summary: String,
    pub(crate) subject: Option<String>,
    /// The component that the module lacks.
    pub(crate) component: Option<Component>,
    pub(crate) hint: Option<String>,
    /// The unknown name, if that is the cause.
    pub(crate) misspelt: Option<Misspelt>,
}

/// An unknown name on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misspelt {
    pub(crate) name: String,
    pub(crate) of: NameOf,
    /// The filter, if the name is of its option.
    pub(crate) filter: Option<String>,
}

/// Returns the component that a module needs to read the file at a path, if the module lacks it.
pub(crate) type Needed<'a> = &'a dyn Fn(&str) -> Option<Component>;

/// Facts about a job that are not in its log.
pub(crate) struct About<'a> {
    /// Returns the component that is missing to read an input.
    pub(crate) needed: Needed<'a>,
    /// The inputs in the arguments, in order.
    pub(crate) inputs: Vec<&'a str>,
    /// The words in the arguments that may be names of filters.
    pub(crate) filters: Vec<&'a str>,
}

/// Finds the cause of `status` in the errors of a tool's log, oldest first.
pub(crate) fn diagnose(tool: Tool, status: ExitStatus, errors: &[LogLine], about: &About<'_>) -> Diagnosis {
    let log = Errors::new(tool, status, errors, about);
    log.named().or_else(|| log.at_stage()).or_else(|| log.of_ffprobe()).unwrap_or_else(|| log.unexplained())
}

/// Returns FFmpeg's message about a frame that is too large to be decoded, if the log has one.
pub(crate) fn invalid_size(errors: &[LogLine]) -> Option<&str> {
    let is_size =
        |line: &&LogLine| recognise(line).is_some_and(|message| message.meaning == Meaning::InvalidSize);
    errors.iter().find(is_size).map(|line| line.record.message.trim())
}

/// The errors of a log, each with its recognised message.
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

    fn recognised(&self) -> impl Iterator<Item = (usize, &'a LogLine, &Recognised<'a>)> {
        self.lines
            .iter()
            .enumerate()
            .filter_map(|(index, (line, known))| Some((index, *line, known.as_ref()?)))
    }

    /// The first message that names a mistake in the command or a component that the module lacks.
    fn named(&self) -> Option<Diagnosis> {
        self.recognised().find_map(|(_, _, known)| {
            let subject = known.subject.unwrap_or_default();
            let mut diagnosis = match known.meaning {
                Meaning::Lacks(kind) => lacking(Component::new(kind, subject)),
                Meaning::Wrong(problem, hint) => wrong(problem, subject, hint),
                Meaning::OutputExists => {
                    wrong("the output already exists:", subject, "pass `-y` to overwrite it")
                }
                _ => return None,
            };
            if let Some(filter) = known.filter {
                diagnosis.summary = format!("filter {filter}: {}", diagnosis.summary);
            }
            diagnosis.misspelt = misspelt(known);
            Some(diagnosis)
        })
    }

    /// The first failed part of the job.
    fn at_stage(&self) -> Option<Diagnosis> {
        let (index, line, known, stage) =
            self.recognised().find_map(|(index, line, known)| match known.meaning {
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

    /// Whether this error ended the job: ffmpeg continues after most errors in an input.
    fn is_fatal(&self, stage: Stage, line: &LogLine) -> bool {
        if !matches!(stage, Stage::Demuxer | Stage::Decoder) {
            return true;
        }
        self.recognised().any(|(_, failed, known)| {
            known.meaning == Meaning::TaskFailed && failed.record.component == line.record.component
        })
    }

    /// A decoder that the module has only without code for pixels.
    fn unable_decoder(&self, failed: &LogLine) -> Option<Diagnosis> {
        self.recognised().find_map(|(_, line, known)| {
            let (Meaning::IsUnable(kind), Some(name)) = (known.meaning, &line.record.component) else {
                return None;
            };
            (failed.record.component.as_deref()?.strip_prefix("dec:")? == name)
                .then(|| lacking(Component::new(kind, name.clone())))
        })
    }

    /// A decoder that refused frames of the size that their file claims.
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
            let refusal = self.recognised().find_map(|(_, _, known)| match known.meaning {
                Meaning::Refuses(reason, hint) => Some((reason, known.subject, hint)),
                _ => None,
            });
            if let Some((reason, name, hint)) = refusal {
                let name = name.map(|name| format!(", '{name}'")).unwrap_or_default();
                diagnosis.summary = format!("cannot open input {path}: {reason}{name}");
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

    /// The searched range of numbers, such as `0-4`, in which no image of a sequence exists.
    fn searched_range(&self) -> Option<&'a str> {
        let (_, line, _) = self.recognised().find(|(_, _, known)| known.meaning == Meaning::NoSequence)?;
        line.record.message.trim_end().rsplit(' ').next()
    }

    /// The failure of a part, with the reason that the part logged before it.
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
            (_, Some(filter)) => format!("list its options and their ranges with `-h filter={filter}`"),
            _ => SEE_LOG.to_owned(),
        });
        diagnosis
    }

    /// The filter that wrote a message, under its instance's name or its own.
    fn filter_of<'w>(&self, writer: &'w str) -> Option<&'w str> {
        filter_of_instance(writer).or_else(|| self.about.filters.contains(&writer).then_some(writer))
    }

    /// Whether `name` looks like the path of a file that could not be opened.
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
                "give the job a filesystem that has the folder: nothing is above its root"
            }
            Some("ENOENT") if detail.is_none() => "create its folder on the job's filesystem first",
            Some("EBADF") => NO_DESCRIPTOR,
            Some("EROFS") => READ_ONLY,
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

    /// The last message before `index` by the same part: other parts write about other problems.
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
            // A pad that the filter could not configure, if the filter itself logged nothing.
            .or_else(|| own().find(|(_, known)| *stage == Stage::Filter && is_consequence(known)))
            .map(|(line, _)| *line)
    }

    /// ffprobe exits with 1 on every failure, and logs it as "name: message".
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

    /// The failure without a recognised message: the tool's own last message, or else the last of any part.
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
        hint: Some(format!("list its {kind}s with `{}`, or use a module that has it", listing_option(kind))),
        component: Some(component),
        misspelt: None,
    }
}

fn wrong(problem: &str, subject: &str, hint: &str) -> Diagnosis {
    let is_named = !subject.is_empty();
    Diagnosis {
        kind: ErrorKind::InvalidArgument,
        summary: if is_named {
            format!("{problem} '{subject}'")
        } else {
            problem.trim_end_matches(':').to_owned()
        },
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

/// Whether a path contains `..`.
fn escapes(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}

/// The kind of a failure of which only FFmpeg's error code is available.
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
        // Without EIO, EPERM and EFBIG, which FFmpeg also returns for other reasons: a real fault of the filesystem is
        // an `Error::Filesystem`.
        "ENOSPC" | "EROFS" | "EACCES" | "EDQUOT" => ErrorKind::Filesystem,
        _ => ErrorKind::Exit,
    }
}

/// Whether ffmpeg ended before an input or an output was open, or without content for an output.
pub(crate) fn is_without_output(errors: &[LogLine]) -> bool {
    errors.iter().filter_map(recognise).any(|known| {
        matches!(known.meaning, Meaning::Stage(Stage::Input | Stage::Output) | Meaning::NothingWritten)
    })
}

/// Whether an input is a URL that the host opens.
fn is_url(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// The diagnosis of an input that FFmpeg could not read.
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
            "put `file:` before it if it is the name of a file: there is no network in the sandbox"
        }
        (Some(_), _) => "convert the media to another format, or use a module that has it",
        (None, Some("ENOENT")) if is_url(path) => AT_ITS_SERVER,
        (None, Some("ENOENT")) => ON_ITS_FILESYSTEM,
        (None, Some("EISDIR")) => "name a file in the folder",
        (None, Some("EBADF")) => NO_DESCRIPTOR,
        (None, Some("AVERROR_INVALIDDATA")) => {
            "check the file: it is damaged, or in a format that this module does not read"
        }
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

const SEE_LOG: &str = "see the log for the details";
const READ_ONLY: &str =
    "mount a writable filesystem for the outputs, or put an `Overlay` over the read-only one";
const NO_DESCRIPTOR: &str = "use the descriptors 0, 1 and 2, or pass others with `Job::input_stream`, `input_file` and \
                             `output_stream`";
const START_NUMBER: &str = "put `-start_number` with the number of the first image before its `-i`; \
                            `-start_number_range` sets how many numbers are tried, and `-pattern_type glob` reads \
                            names with `*`";
pub(crate) const TOO_LARGE: &str = "reduce it with another program, unless its header is damaged: FFmpeg decodes frames \
                                    of up to about 260 million pixels";
const LEAVE_OUT: &str = "leave out the stream that this format cannot hold (after `-map 0`, `-map -0:d` drops data \
                         streams, `-map -0:s` subtitles, `-map -0:2` the third stream), encode it, or write another format";
const ON_ITS_FILESYSTEM: &str =
    "check that the job's filesystem has this file, and the files that it names: FFmpeg sees no others";
const NO_NETWORK: &str = "let the job read it with `Job::urls`, or put the file on the job's filesystem with afmpeg-vfs's \
                          `HttpFs` (a URL) or `ObjectFs` (a bucket): there is no network in the sandbox";
const AT_ITS_SERVER: &str = "check the URL: its server has no such file";

/// The option that lists the components of a kind.
fn listing_option(kind: ComponentKind) -> &'static str {
    match kind {
        ComponentKind::Encoder => "-encoders",
        ComponentKind::Decoder => "-decoders",
        ComponentKind::Muxer => "-muxers",
        ComponentKind::Demuxer => "-demuxers",
        ComponentKind::Filter => "-filters",
        ComponentKind::BitstreamFilter => "-bsfs",
        _ => "-protocols",
    }
}

#[cfg(test)]
mod tests;
