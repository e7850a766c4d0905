//! Reads FFmpeg's errors for the thing at fault, so that an error of ours can name it.
//!
//! Only records of FFmpeg's log at the level of an error are read, and of these only what `ffmpeg_messages.rs` knows
//! and what the part of FFmpeg that failed wrote just before: text from media has no place among them.

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

/// Finds the cause of `status` in the errors of a tool's log, oldest first.
pub(crate) fn diagnose(tool: Tool, status: ExitStatus, errors: &[LogLine], needed: Needed<'_>) -> Diagnosis {
    let log = Errors::new(tool, status, errors);
    log.named()
        .or_else(|| log.at_stage(needed))
        .or_else(|| log.of_ffprobe(needed))
        .unwrap_or_else(|| log.unexplained())
}

/// The errors of a log, each with what it is known to be.
struct Errors<'a> {
    tool: Tool,
    status: ExitStatus,
    lines: Vec<(&'a LogLine, Option<Recognised<'a>>)>,
}

impl<'a> Errors<'a> {
    fn new(tool: Tool, status: ExitStatus, errors: &'a [LogLine]) -> Self {
        Self { tool, status, lines: errors.iter().map(|line| (line, recognise(line))).collect() }
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
    fn at_stage(&self, needed: Needed<'_>) -> Option<Diagnosis> {
        let (index, line, known, stage) =
            self.known().find_map(|(index, line, known)| match known.meaning {
                Meaning::Stage(stage) if self.is_fatal(stage, line) => Some((index, line, known, stage)),
                _ => None,
            })?;
        Some(match stage {
            Stage::Input => self.at_input(known.subject.unwrap_or_default(), needed),
            Stage::Output => self.at_output(index, known),
            Stage::Filter => self.at_filter(index),
            Stage::Decoder => {
                self.unable_decoder(line).unwrap_or_else(|| self.of_part(index, ErrorKind::InvalidData))
            }
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

    fn at_input(&self, path: &str, needed: Needed<'_>) -> Diagnosis {
        let mut diagnosis = self.of_input(path, self.status.av_error(), needed);
        if diagnosis.kind == ErrorKind::Exit {
            diagnosis.kind = ErrorKind::InvalidData;
        }
        diagnosis
    }

    fn of_input(&self, path: &str, error: Option<AvError>, needed: Needed<'_>) -> Diagnosis {
        let mut diagnosis = of_input(path, error, needed);
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
        diagnosis
    }

    /// A failure of a part: with that part's own message before it, which says why.
    fn of_part(&self, index: usize, kind: ErrorKind) -> Diagnosis {
        let message = &self.lines[index].0.record.message;
        let summary = match self.why(index) {
            Some(why) => format!("{} ({message})", why.record.message.trim()),
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
        diagnosis.subject = thing_named_in(&why.record.message).map(str::to_owned);
        let filter = why.record.component.as_deref().and_then(filter_of_instance);
        diagnosis.hint = Some(match (&diagnosis.subject, filter) {
            (Some(name), _) if self.is_missing_file(name, why) => ON_ITS_FILESYSTEM.to_owned(),
            (_, Some(filter)) => format!("`-h filter={filter}` lists its options and their ranges"),
            _ => SEE_LOG.to_owned(),
        });
        diagnosis
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
        let (stage_line, stage) = &self.lines[index];
        let Some(Recognised { meaning: Meaning::Stage(stage), .. }) = stage else { return None };
        let before = self.lines[..index].iter().rev();
        before
            .filter(|(line, known)| {
                let is_reason = known.as_ref().is_none_or(|known| known.meaning == Meaning::CannotHold);
                line.begins && is_reason
            })
            .find(|(line, _)| {
                is_part_of(*stage, stage_line.record.component.as_deref(), line.record.component.as_deref())
            })
            .map(|(line, _)| *line)
    }

    /// ffprobe ends with 1 whatever happened, and prints it as "name: message".
    fn of_ffprobe(&self, needed: Needed<'_>) -> Option<Diagnosis> {
        let is_own = |line: &&LogLine| line.begins && line.record.component.is_none();
        let last = self
            .lines
            .iter()
            .rev()
            .map(|(line, _)| *line)
            .find(is_own)
            .filter(|_| self.tool == Tool::Ffprobe)?;
        let (subject, message) = last.record.message.rsplit_once(": ")?;
        Some(self.of_input(subject, Some(AvError::from_message(message)?), needed))
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

/// Whether a record of `component` is of the part whose failure `failed` reported.
fn is_part_of(stage: Stage, failed: Option<&str>, component: Option<&str>) -> bool {
    // `out#0/mp4` and `vost#0:0/h264_enc`, but `enc:h264_enc` and `dec:h264`.
    let own = failed.and_then(|failed| {
        let separator = if failed.contains('#') { '/' } else { ':' };
        failed.split_once(separator).map(|(_, name)| name)
    });
    let Some(component) = component else { return stage == Stage::Output };
    let starts = |starts: &[&str]| starts.iter().any(|start| component.starts_with(start));
    match stage {
        Stage::Input => false,
        // A demuxer writes under the name of the tool's input.
        Stage::Demuxer => {
            let input = |name: &str| name.split('/').next().map(str::to_owned);
            failed.and_then(input) == input(component)
        }
        Stage::Decoder => own == Some(component),
        Stage::DecoderStart => own == Some(component) || component == "Eval",
        // A value of an option may be an expression, which has a context of its own.
        Stage::Encoder => own == Some(component) || component == "Eval",
        Stage::Filter => {
            starts(&["Parsed_", "auto_", "AVFilterGraph", "fc#", "vf#", "af#", "graph "])
                || component.contains('@')
        }
        Stage::Muxer => own == Some(component) || component == "AVFormatContext",
        Stage::Output => {
            // `?ost#0:0`, with the kind of stream as its first letter.
            starts(&["out#"]) || component.get(1..).is_some_and(|rest| rest.starts_with("ost#"))
        }
    }
}

/// The parts that belong to the tool and not to a library, whose demuxers write under the names of inputs.
fn is_of_tool(component: &str) -> bool {
    const PARTS: &[&str] = &["out#", "dec:", "enc:", "fc#", "vf#", "af#"];
    PARTS.iter().any(|part| component.starts_with(part))
        || component.get(1..).is_some_and(|rest| rest.starts_with("ist#") || rest.starts_with("ost#"))
}

/// `scale` of the instance `Parsed_scale_0` or `scale@name`.
fn filter_of_instance(component: &str) -> Option<&str> {
    match component.strip_prefix("Parsed_") {
        Some(rest) => rest.rsplit_once('_').map(|(filter, _)| filter),
        None => component.split_once('@').map(|(filter, _)| filter),
    }
}

/// The file, or another thing, that a filter's message names: in quotes, or before or after the words about it.
fn thing_named_in(message: &str) -> Option<&str> {
    let message = message.trim();
    let quoted = ['"', '\''].into_iter().find_map(|quote| {
        let (_, rest) = message.split_once(quote)?;
        rest.split_once(quote).map(|(name, _)| name)
    });
    let before_reason = || {
        let (name, reason) = message.rsplit_once(": ")?;
        AvError::from_message(reason).map(|_| name)
    };
    let last_word = || {
        let word = message.rsplit(' ').next()?;
        word.trim_end_matches('.').contains(['/', '.']).then_some(word)
    };
    quoted
        .or_else(|| before_reason().and_then(|text| text.rsplit(' ').next()))
        .or_else(last_word)
        .filter(|name| !name.is_empty())
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
const LEAVE_OUT: &str = "leave out the stream that this format cannot hold (behind `-map 0`, `-map -0:d` takes the data \
                         away, `-map -0:s` the subtitles, `-map -0:2` the third stream), encode it, or write another format";
const ON_ITS_FILESYSTEM: &str =
    "FFmpeg sees only the filesystem that it was given; is the file on it, under this path?";
const NO_NETWORK: &str = "there is no network in the sandbox: put the file on the job's filesystem with afmpeg-vfs's \
                          `HttpFs` (a URL) or `ObjectFs` (a bucket), or download it first";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LogLevel, LogRecord};

    /// A record of a log as `-loglevel level` prints it.
    fn line(text: &str) -> LogLine {
        let (component, rest) = match text.strip_prefix('[').and_then(|rest| rest.split_once("] [")) {
            Some((component, rest)) => (Some(component), rest),
            None => (None, text.strip_prefix('[').unwrap()),
        };
        let (level, message) = rest.split_once("] ").unwrap();
        let record = LogRecord::new(LogLevel::from_name(level).unwrap(), component, message);
        LogLine { record, begins: true, is_shown: true }
    }

    fn by(tool: Tool, code: i32, log: &[&str]) -> Diagnosis {
        let log: Vec<LogLine> = log.iter().map(|text| line(text)).collect();
        diagnose(tool, ExitStatus::from_code(code), &log, &|_| None)
    }

    fn of(code: i32, log: &[&str]) -> Diagnosis {
        by(Tool::Ffmpeg, code, log)
    }

    #[test]
    fn missing_input_is_named_with_its_reason() {
        let found = of(
            -44,
            &[
                "[in#0] [error] Error opening input: No such file or directory",
                "[error] Error opening input file my.holiday.mp4.",
                "[fatal] Error opening input files: No such file or directory",
            ],
        );
        assert_eq!(found.summary, "cannot open input my.holiday.mp4: No such file or directory");
        assert_eq!(found.subject.as_deref(), Some("my.holiday.mp4"));
        assert_eq!(found.kind, ErrorKind::NotFound);
        assert!(found.hint.unwrap().contains("filesystem"));
    }

    #[test]
    fn unknown_option_is_named() {
        let log = [
            "[error] Unrecognized option 'foo'.",
            "[fatal] Error splitting the argument list: Option not found",
        ];
        let found = of(-0x5450_4ff8, &log);
        assert_eq!(found.summary, "unrecognized option 'foo'");
        assert_eq!(found.misspelt.unwrap().of, NameOf::Option);
    }

    #[test]
    fn encoder_that_an_output_has_by_default_is_named_when_it_is_missing() {
        let found = of(
            -0x434e_45f8,
            &[
                "[vost#0:0] [fatal] Automatic encoder selection failed Default encoder for format mp4 (codec h264) is \
                 probably disabled. Please choose an encoder manually.",
                "[error] Error opening output file o.mp4.",
            ],
        );
        assert_eq!(found.component, Some(Component::new(ComponentKind::Encoder, "h264")));
        assert_eq!(found.kind, ErrorKind::Unsupported);
    }

    #[test]
    fn errno_that_ffmpeg_gives_of_its_own_accord_is_not_a_fault_of_the_filesystem() {
        let log =
            ["[error] Error opening input file cut.mkv.", "[fatal] Error opening input files: I/O error"];
        assert_eq!(of(-29, &log).kind, ErrorKind::InvalidData);
        assert_eq!(of(-29, &[]).kind, ErrorKind::Exit);
        assert_eq!(of(-69, &[]).kind, ErrorKind::Filesystem);
    }

    #[test]
    fn cause_inside_a_filter_graph_wins_over_the_output_it_belongs_to() {
        let found = of(
            -1,
            &[
                "[AVFilterGraph] [error] No such filter: 'nope'",
                "[error] Error opening output file o.mp4.",
                "[fatal] Error opening output files: Filter not found",
            ],
        );
        assert_eq!(found.summary, "this module has no filter 'nope'");
        assert_eq!(found.component, Some(Component::new(ComponentKind::Filter, "nope")));
        assert_eq!(found.kind, ErrorKind::Unsupported);
    }

    #[test]
    fn filter_that_does_not_start_gives_the_cause_and_the_file_it_names() {
        let ending = [
            "[AVFilterGraph] [error] Error initializing filters",
            "[error] Error opening output file -.",
            "[fatal] Error opening output files: No such file or directory",
        ];
        for (own, subject) in [
            ("[Parsed_grade_0] [error] missing.cube: No such file or directory", Some("missing.cube")),
            (
                "[Parsed_words_0] [error] Could not load font \"/none.ttf\": cannot open resource",
                Some("/none.ttf"),
            ),
            ("[Parsed_words_0] [error] Unable to open missing.srt", Some("missing.srt")),
            ("[words@first] [error] No font filename provided", None),
        ] {
            let found = of(-44, &[&[own], &ending[..]].concat());
            let message = own.split_once("[error] ").unwrap().1;
            assert!(found.summary.starts_with(message), "{found:?}");
            assert_eq!(found.subject.as_deref(), subject, "{found:?}");
            let hint = found.hint.unwrap();
            assert!(
                if subject.is_some() {
                    hint.contains("filesystem")
                } else {
                    hint.contains("`-h filter=words`")
                },
                "{hint}"
            );
        }
    }

    #[test]
    fn encoder_that_does_not_open_gives_its_own_reason() {
        let found = of(
            -28,
            &[
                "[h264_enc] [error] width not divisible by 2 (321x240)",
                "[h264] [error] a decoder of another stream",
                "[enc:h264_enc] [error] Error while opening encoder - maybe incorrect parameters such as bit_rate, \
                 rate, width or height.",
                "[vf#0:0] [error] Error sending frames to consumers: Invalid argument",
                "[vf#0:0] [error] Task finished with error code: -28 (Invalid argument)",
            ],
        );
        assert_eq!(found.kind, ErrorKind::Encode);
        assert!(found.summary.starts_with("width not divisible by 2 (321x240)"), "{}", found.summary);
    }

    #[test]
    fn muxer_that_refuses_a_codec_gives_its_own_reason() {
        let found = of(
            -28,
            &[
                "[mp4] [error] Could not find tag for codec vp8 in stream #0, codec not currently supported in container",
                "[out#0/mp4] [error] Could not write header (incorrect codec parameters ?): Invalid argument",
            ],
        );
        assert_eq!(found.kind, ErrorKind::Mux);
        assert!(found.summary.starts_with("Could not find tag for codec vp8"), "{}", found.summary);
        assert!(found.hint.unwrap().contains("-map -0:"));
    }

    #[test]
    fn errors_of_a_decoder_are_the_cause_only_where_it_ends_the_job() {
        let damage = [
            "[h264] [error] error while decoding MB 12 3",
            "[dec:h264] [error] Error submitting packet to decoder: Invalid data found when processing input",
        ];
        let strict = ["[dec:h264] [error] Task finished with error code: -1094995529 (Invalid data found)"];
        let found = of(-0x4144_4e49, &[&damage[..], &strict].concat());
        assert_eq!(found.kind, ErrorKind::InvalidData);
        assert!(found.summary.starts_with("error while decoding MB 12 3"), "{}", found.summary);

        let muxing = ["[out#0/mp4] [error] Error muxing a packet"];
        let found = of(-51, &[&damage[..], &muxing].concat());
        assert_eq!((found.kind, found.summary.as_str()), (ErrorKind::Mux, "Error muxing a packet"));
    }

    #[test]
    fn part_that_does_not_start_is_the_cause_and_not_the_output_after_it() {
        let output = "[error] Error opening output file -.";
        let log = [
            "[vorbis] [error] no extradata",
            "[dec:vorbis] [error] Error while opening decoder: Invalid data found when processing input",
            output,
        ];
        let found = of(-0x4144_4e49, &log);
        assert_eq!(found.kind, ErrorKind::InvalidData);
        assert!(found.summary.starts_with("no extradata (Error while opening decoder"), "{}", found.summary);

        let log = [
            "[h264_enc] [error] no such profile",
            "[vost#0:0/h264_enc] [error] Error applying encoder options: Invalid argument",
            output,
        ];
        let found = of(-28, &log);
        assert!(
            found.summary.starts_with("no such profile (Error applying encoder options"),
            "{}",
            found.summary
        );
    }

    #[test]
    fn input_that_breaks_off_is_the_cause_where_that_ends_the_job() {
        let damage = [
            "[in#0/matroska,webm] [error] File ended prematurely",
            "[in#1/wav] [error] of another input",
            "[in#0/matroska,webm] [error] Error during demuxing: Input/output error",
        ];
        let strict = ["[in#0/matroska,webm] [error] Task finished with error code: -5 (Input/output error)"];
        let found = of(-29, &[&damage[..], &strict].concat());
        assert_eq!(found.kind, ErrorKind::InvalidData);
        assert!(found.summary.starts_with("File ended prematurely ("), "{}", found.summary);
    }

    #[test]
    fn decoder_without_code_for_pixels_is_one_that_the_module_lacks() {
        let found = of(
            69,
            &[
                "[av1] [error] Your platform doesn't support hardware accelerated AV1 decoding.",
                "[av1] [error] Failed to get pixel format.",
                "[dec:av1] [error] Error submitting packet to decoder: Function not implemented",
                "[dec:av1] [fatal] Decode error rate 1 exceeds maximum 0.666667",
                "[dec:av1] [error] Task finished with error code: -1145393733 (Success)",
            ],
        );
        assert_eq!(found.component, Some(Component::new(ComponentKind::Decoder, "av1")));
        assert_eq!(found.kind, ErrorKind::Unsupported);
        assert_eq!(of(69, &[]).kind, ErrorKind::InvalidData);
    }

    #[test]
    fn output_in_a_missing_folder_is_named() {
        let log = |path: &str| {
            [
                format!("[out#0/mp4] [fatal] Error opening output {path}: No such file or directory"),
                format!("[error] Error opening output file {path}."),
            ]
        };
        let of = |path| of(-44, &log(path).each_ref().map(String::as_str));
        let found = of("nodir/o.mp4");
        assert_eq!(found.summary, "cannot open output nodir/o.mp4: No such file or directory");
        assert!(found.hint.unwrap().contains("create it"));
        assert!(of("../o.mp4").hint.unwrap().contains("root"));
    }

    #[test]
    fn value_of_the_tools_own_option_is_the_cause_and_not_the_output() {
        let found = of(
            -28,
            &["[vost#0:0/any] [fatal] Invalid frame size: 10.", "[error] Error opening output file o.mkv."],
        );
        assert_eq!(found.summary, "cannot open output o.mkv: Invalid frame size: 10.");
        assert_eq!(found.kind, ErrorKind::InvalidArgument);
    }

    #[test]
    fn input_behind_a_protocol_is_named_with_what_replaces_it() {
        let log = [
            "[in#0] [error] Error opening input: Protocol not found",
            "[error] Error opening input file https://a/b.mp4.",
        ];
        let found = of(-0x4f52_50f8, &log);
        assert_eq!(found.component, Some(Component::new(ComponentKind::Protocol, "https")));
        assert!(found.hint.unwrap().contains("`HttpFs`"));
    }

    #[test]
    fn folder_as_an_input_is_the_same_mistake_for_both_tools() {
        let found = of(-31, &["[error] Error opening input file clips."]);
        let probed = by(Tool::Ffprobe, 1, &["[error] clips: Is a directory"]);
        for found in [found, probed] {
            assert_eq!((found.kind, found.subject.as_deref()), (ErrorKind::InvalidArgument, Some("clips")));
            assert!(found.hint.unwrap().contains("folder"));
        }
    }

    #[test]
    fn ffprobe_names_its_file_in_its_own_way() {
        let found = by(Tool::Ffprobe, 1, &["[error] my: film.mp4: No such file or directory"]);
        assert_eq!(found.subject.as_deref(), Some("my: film.mp4"));
        assert!(found.hint.unwrap().contains("filesystem"));
    }

    #[test]
    fn without_a_known_message_the_tools_own_last_error_is_the_summary() {
        let log = ["[fatal] At least one output file must be specified", "[any] [error] something else"];
        assert_eq!(of(1, &log).summary, "At least one output file must be specified");
        assert_eq!(of(-28, &[]).summary, "exit code 234 (EINVAL)");
    }

    #[test]
    fn text_that_does_not_begin_a_message_of_an_error_changes_nothing() {
        let failing = [
            "[mp4] [error] Could not find tag",
            "[out#0/mp4] [error] Could not write header (incorrect codec parameters ?): Invalid argument",
        ];
        let expected = of(-28, &failing);
        for message in crate::ffmpeg_messages::MESSAGES {
            let forged = |level, begins| LogLine {
                record: LogRecord::new(level, None, message.format.replace("%s", "encoder")),
                begins,
                is_shown: true,
            };
            let mut log: Vec<LogLine> = vec![forged(LogLevel::Info, true), forged(LogLevel::Warning, true)];
            log.extend([forged(LogLevel::Error, false), forged(LogLevel::Fatal, false)]);
            log.extend(failing.iter().map(|text| line(text)));
            assert_eq!(diagnose(Tool::Ffmpeg, ExitStatus::from_code(-28), &log, &|_| None), expected);
        }
    }
}
