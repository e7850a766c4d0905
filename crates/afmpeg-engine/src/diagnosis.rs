//! Reads FFmpeg's log for the thing at fault, so that an error can name it.

use crate::{AvError, Component, ComponentKind, ErrorKind, ExitStatus};

/// A failure in one line, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    pub(crate) kind: ErrorKind,
    pub(crate) summary: String,
    pub(crate) subject: Option<String>,
    /// What the module lacks.
    pub(crate) component: Option<Component>,
    pub(crate) hint: Option<String>,
}

/// A message of FFmpeg's that names the thing at fault between `before` and `after`.
struct Named {
    before: &'static str,
    after: &'static str,
    cause: Cause,
}

enum Cause {
    /// The module lacks a component.
    Lacks(ComponentKind),
    /// The command is wrong: what is, and what to do.
    Wrong(&'static str, &'static str),
}

use Cause::{Lacks, Wrong};

const LIST_OPTIONS: &str = "`-h full` lists every option; an option stands before the file it applies to";
const CHECK_VALUE: &str =
    "`-h encoder=NAME`, `-h filter=NAME`, `-h muxer=NAME`... list options and their ranges";

/// The messages of FFmpeg 9.0.2's own tools and libraries that name a cause, most telling first.
#[rustfmt::skip]
const NAMED: &[Named] = &[
    Named { before: "Unrecognized option '", after: "'", cause: Wrong("unrecognized option", LIST_OPTIONS) },
    Named { before: "Missing argument for option '", after: "'", cause: Wrong("no value for the option", LIST_OPTIONS) },
    Named { before: "No such filter: '", after: "'", cause: Lacks(ComponentKind::Filter) },
    Named { before: "Unknown encoder '", after: "'", cause: Lacks(ComponentKind::Encoder) },
    Named { before: "Unknown decoder '", after: "'", cause: Lacks(ComponentKind::Decoder) },
    Named { before: "Unknown input format: '", after: "'", cause: Lacks(ComponentKind::Demuxer) },
    Named { before: "Requested output format '", after: "' is not known", cause: Lacks(ComponentKind::Muxer) },
    Named { before: "Error parsing bitstream filter sequence '", after: "': Bitstream filter not found", cause: Lacks(ComponentKind::BitstreamFilter) },
    Named { before: "Unknown bitstream filter '", after: "'", cause: Lacks(ComponentKind::BitstreamFilter) },
    Named { before: "Decoding requested, but no decoder found for: ", after: "", cause: Lacks(ComponentKind::Decoder) },
    Named { before: "Cannot find a decoder for codec ID '", after: "'", cause: Lacks(ComponentKind::Decoder) },
    Named { before: " (codec ", after: ") is probably disabled. Please choose an encoder manually", cause: Lacks(ComponentKind::Encoder) },
    Named { before: "Error applying option '", after: "' to filter", cause: Wrong("bad filter option", "`-h filter=NAME` lists a filter's options and their ranges") },
    Named { before: "Error setting option ", after: " to value", cause: Wrong("bad value for the option", CHECK_VALUE) },
    Named { before: "Unable to parse \"", after: "\" option value", cause: Wrong("bad value for the option", CHECK_VALUE) },
    Named { before: "Stream map '", after: "' matches no streams", cause: Wrong("no stream matches the map", "`-map FILE:TYPE?` with a question mark takes a stream if there is one") },
    Named { before: "Unable to choose an output format for '", after: "'", cause: Wrong("no output format fits", "use a usual file extension, or name the format with `-f`") },
    Named { before: "File '", after: "' already exists. Exiting", cause: Wrong("the output is there already:", "`-y` writes over it") },
];

const OPENING_INPUT: &str = "Error opening input file ";
const OPENING_OUTPUT: &str = "Error opening output file ";

/// What encoders' failures begin with, in `fftools/ffmpeg_enc.c` and `ffmpeg_mux_init.c`.
const ENCODING: &[&str] = &[
    "Error while opening encoder",
    "Error encoding a frame",
    "Error flushing encoder",
    "Error sending frames to",
];

/// The same of encoders whose kind of frame is in the middle.
const ENCODING_ENDS: &[&str] = &[" encoding failed", " frame to the encoder"];

/// What muxers' failures begin with, in `fftools/ffmpeg_mux.c` and `ffmpeg_mux_init.c`.
const MUXING: &[&str] = &[
    "Could not write header",
    "Error initializing the muxer",
    "Error muxing a packet",
    "Error submitting a packet to the muxer",
    "Error writing trailer",
];

/// Whether FFmpeg refused to write over an output: it then exits with 0, as if it had done its work.
pub(crate) fn is_refusal_to_overwrite(log: &[String]) -> bool {
    log.iter().any(|line| line.contains("' already exists. Exiting."))
}

/// Finds the cause of `status` in the log's last lines, oldest first.
pub(crate) fn diagnose(status: ExitStatus, log: &[String]) -> Diagnosis {
    let lines: Vec<&str> =
        log.iter().map(|line| without_context(line)).filter(|line| !line.is_empty()).collect();
    named(&lines)
        .or_else(|| at_input(status, &lines))
        .or_else(|| at_stage(&lines, ErrorKind::Encode, is_of_encoder))
        .or_else(|| at_stage(&lines, ErrorKind::Mux, |line| starts_with_any(line, MUXING)))
        .or_else(|| at_output(status, &lines))
        .or_else(|| of_ffprobe(&lines))
        .unwrap_or_else(|| Diagnosis {
            kind: status.av_error().map_or(ErrorKind::Exit, kind_of),
            summary: lines.last().map_or_else(|| status.to_string(), |line| (*line).to_owned()),
            subject: None,
            component: None,
            hint: Some(SEE_LOG.to_owned()),
        })
}

fn named(lines: &[&str]) -> Option<Diagnosis> {
    NAMED.iter().find_map(|Named { before, after, cause }| {
        let subject = lines.iter().find_map(|line| between(line, before, after))?.to_owned();
        Some(match cause {
            Lacks(kind) => {
                let component = Component::new(*kind, subject.clone());
                let summary = format!("this module has no {kind} '{subject}'");
                let hint =
                    format!("`{}` lists what it has; other variants of the module have more", kind.listing());
                Diagnosis {
                    kind: ErrorKind::Unsupported,
                    summary,
                    subject: Some(subject),
                    component: Some(component),
                    hint: Some(hint),
                }
            }
            Wrong(what, hint) => {
                let summary = if subject.is_empty() {
                    what.trim_end_matches(':').to_owned()
                } else {
                    format!("{what} '{subject}'")
                };
                let subject = Some(subject).filter(|subject| !subject.is_empty());
                let hint = Some((*hint).to_owned());
                Diagnosis { kind: ErrorKind::InvalidArgument, summary, subject, component: None, hint }
            }
        })
    })
}

fn at_input(status: ExitStatus, lines: &[&str]) -> Option<Diagnosis> {
    let path = lines.iter().find_map(|line| between(line, OPENING_INPUT, "."))?;
    Some(Diagnosis {
        kind: match status.av_error().map_or(ErrorKind::Exit, kind_of) {
            ErrorKind::Exit => ErrorKind::InvalidData,
            kind => kind,
        },
        summary: format!("cannot open input {path}: {}", reason(status)),
        subject: Some(path.to_owned()),
        component: None,
        hint: Some(hint_for_input(status.av_error()).to_owned()),
    })
}

/// A failure of the encoder or the muxer: the first line that says so, with the part of the log before it that says
/// why.
fn at_stage(lines: &[&str], kind: ErrorKind, is_it: impl Fn(&str) -> bool) -> Option<Diagnosis> {
    let index = lines.iter().position(|line| is_it(line))?;
    // What the codec or the muxer itself said comes just before; an earlier line is of something else.
    let why = index.checked_sub(1).map(|before| lines[before]).filter(|line| !is_status(line));
    let summary = match why {
        Some(why) => format!("{why} ({})", lines[index]),
        None => lines[index].to_owned(),
    };
    Some(Diagnosis { kind, summary, subject: None, component: None, hint: Some(SEE_LOG.to_owned()) })
}

fn is_of_encoder(line: &str) -> bool {
    starts_with_any(line, ENCODING)
        || ENCODING_ENDS.iter().any(|end| line.split(':').next().is_some_and(|start| start.ends_with(end)))
}

fn starts_with_any(line: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| line.starts_with(start))
}

/// The line in which FFmpeg says how far it is, or that it maps streams.
fn is_status(line: &str) -> bool {
    ["frame=", "size=", "Stream mapping:", "Stream #", "Press "].iter().any(|start| line.starts_with(start))
}

fn at_output(status: ExitStatus, lines: &[&str]) -> Option<Diagnosis> {
    let index = lines.iter().position(|line| line.starts_with(OPENING_OUTPUT))?;
    let path = between(lines[index], OPENING_OUTPUT, ".").unwrap_or_default();
    // The line before says why in FFmpeg's own words; where it only repeats the path, the code says more.
    let detail = index.checked_sub(1).map(|before| lines[before]).filter(|line| !line.contains(path));
    let error = status.av_error();
    Some(Diagnosis {
        kind: error.map_or(ErrorKind::Exit, kind_of),
        summary: format!("cannot open output {path}: {}", detail.unwrap_or_else(|| reason(status))),
        subject: Some(path.to_owned()),
        component: None,
        hint: Some(match error.map(AvError::name) {
            Some("ENOENT") => "its folder does not exist on the job's filesystem; create it first".to_owned(),
            _ => SEE_LOG.to_owned(),
        }),
    })
}

/// ffprobe ends with 1 whatever happened, and says it as "name: message".
fn of_ffprobe(lines: &[&str]) -> Option<Diagnosis> {
    let (subject, message) = lines.last()?.rsplit_once(": ")?;
    Some(of_input(subject, AvError::from_message(message)?))
}

/// What an error of FFmpeg's is about, where nothing else says it.
fn kind_of(error: AvError) -> ErrorKind {
    match error.name() {
        "ENOENT" => ErrorKind::NotFound,
        "EINVAL" | "ERANGE" | "EDOM" | "EEXIST" | "AVERROR_OPTION_NOT_FOUND" | "AVERROR_STREAM_NOT_FOUND" => {
            ErrorKind::InvalidArgument
        }
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

/// What to say of an input that FFmpeg could not read, and why.
pub(crate) fn of_input(path: &str, error: AvError) -> Diagnosis {
    Diagnosis {
        kind: kind_of(error),
        summary: format!("{path}: {}", error.message()),
        subject: Some(path.to_owned()),
        component: None,
        hint: Some(hint_for_input(Some(error)).to_owned()),
    }
}

const SEE_LOG: &str = "the log has the details";

fn hint_for_input(error: Option<AvError>) -> &'static str {
    match error.map(AvError::name) {
        Some("ENOENT") => {
            "FFmpeg sees only the filesystem that it was given; is the file on it, under this path?"
        }
        Some("AVERROR_INVALIDDATA") => "it is damaged, or not in a format that this module reads",
        _ => SEE_LOG,
    }
}

fn reason(status: ExitStatus) -> &'static str {
    status.av_error().map_or("it failed", |error| error.message())
}

/// `[in#0 @ 0x7f00] text` without the component in brackets.
fn without_context(line: &str) -> &str {
    let line = line.trim();
    match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((context, text)) if context.contains(" @ ") => without_context(text),
        _ => line,
    }
}

/// What stands between `before` and the last `after`: names may hold either of them.
fn between<'a>(line: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(before)?;
    rest.rfind(after).map(|end| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: i32, log: &[&str]) -> Diagnosis {
        let log: Vec<String> = log.iter().map(|line| (*line).to_owned()).collect();
        diagnose(ExitStatus::from_code(code), &log)
    }

    #[test]
    fn missing_input_is_named_with_its_reason() {
        let found = of(
            -44,
            &[
                "[in#0 @ 0x55c43f0bdd00] Error opening input: No such file or directory",
                "Error opening input file my.holiday.mp4.",
                "Error opening input files: No such file or directory",
            ],
        );
        assert_eq!(found.summary, "cannot open input my.holiday.mp4: No such file or directory");
        assert_eq!(found.subject.as_deref(), Some("my.holiday.mp4"));
        assert!(found.hint.unwrap().contains("filesystem"));
    }

    #[test]
    fn unknown_option_is_named() {
        let found = of(
            -0x5450_4ff8,
            &["Unrecognized option 'foo'.", "Error splitting the argument list: Option not found"],
        );
        assert_eq!(found.summary, "unrecognized option 'foo'");
    }

    #[test]
    fn encoder_that_an_output_has_by_default_is_named_when_it_is_missing() {
        let found = of(
            -0x434e_45f8,
            &[
                "[vost#0:0 @ 0x1] Automatic encoder selection failed Default encoder for format mp4 (codec h264) is \
                 probably disabled. Please choose an encoder manually.",
                "Error opening output file o.mp4.",
            ],
        );
        assert_eq!(found.component, Some(Component::new(ComponentKind::Encoder, "h264")));
        assert_eq!(found.kind, ErrorKind::Unsupported);
    }

    #[test]
    fn errno_that_ffmpeg_gives_of_its_own_accord_is_no_fault_of_the_filesystem() {
        let log = ["Error opening input file cut.mkv.", "Error opening input files: I/O error"];
        assert_eq!(of(-29, &log).kind, ErrorKind::InvalidData);
        assert_eq!(of(-29, &[]).kind, ErrorKind::Exit);
        assert_eq!(of(-69, &[]).kind, ErrorKind::Filesystem);
    }

    #[test]
    fn cause_inside_a_filter_graph_wins_over_the_output_it_belongs_to() {
        let found = of(
            -1,
            &[
                "[AVFilterGraph @ 0x55ee] No such filter: 'nope'",
                "Error opening output file o.mp4.",
                "Error opening output files: Filter not found",
            ],
        );
        assert_eq!(found.summary, "this module has no filter 'nope'");
        assert_eq!(found.component, Some(Component::new(ComponentKind::Filter, "nope")));
        assert_eq!(found.kind, ErrorKind::Unsupported);
    }

    #[test]
    fn encoder_that_does_not_open_says_why_itself() {
        let found = of(
            -28,
            &[
                "[h264_enc @ 0x1] width not divisible by 2 (321x240)",
                "[vost#0:0/h264_enc @ 0x2] Error while opening encoder - maybe incorrect parameters such as bit_rate.",
                "Conversion failed!",
            ],
        );
        assert_eq!(found.kind, ErrorKind::Encode);
        assert!(found.summary.starts_with("width not divisible by 2 (321x240)"), "{}", found.summary);
    }

    #[test]
    fn muxer_that_refuses_a_codec_says_why_itself() {
        let found = of(
            -28,
            &[
                "[mp4 @ 0x1] Could not find tag for codec vp8 in stream #0",
                "[out#0/mp4 @ 0x2] Could not write header (incorrect codec parameters ?): Invalid argument",
            ],
        );
        assert_eq!(found.kind, ErrorKind::Mux);
        assert!(found.summary.starts_with("Could not find tag for codec vp8"), "{}", found.summary);
    }

    #[test]
    fn output_in_a_missing_folder_is_named() {
        let found = of(
            -44,
            &[
                "[out#0/mp4 @ 0x5620] Error opening output nodir/o.mp4: No such file or directory",
                "Error opening output file nodir/o.mp4.",
            ],
        );
        assert_eq!(found.summary, "cannot open output nodir/o.mp4: No such file or directory");
    }

    #[test]
    fn ffprobe_names_its_file_in_its_own_way() {
        let found = of(1, &["my: film.mp4: No such file or directory"]);
        assert_eq!(found.subject.as_deref(), Some("my: film.mp4"));
        assert!(found.hint.unwrap().contains("filesystem"));
    }

    #[test]
    fn without_a_known_message_the_last_line_speaks() {
        assert_eq!(
            of(1, &["At least one output file must be specified", ""]).summary,
            "At least one output file must be specified"
        );
        assert_eq!(of(-28, &[]).summary, "exit code 234 (EINVAL)");
    }
}
