//! Reads FFmpeg's log for the thing at fault, so that an error can name it.

use crate::{AvError, ExitStatus};

/// A failure in one line, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    pub(crate) summary: String,
    pub(crate) subject: Option<String>,
    pub(crate) hint: Option<String>,
}

/// A message of FFmpeg's that names the thing at fault between `before` and `after`.
struct Named {
    before: &'static str,
    after: &'static str,
    summary: &'static str,
    hint: &'static str,
}

/// The messages of FFmpeg 9.0.2's own tools and graph parser that name a cause, most telling first.
#[rustfmt::skip]
const NAMED: &[Named] = &[
    Named { before: "Unrecognized option '", after: "'", summary: "unrecognized option", hint: "`-h full` lists every option; an option stands before the file it applies to" },
    Named { before: "No such filter: '", after: "'", summary: "no such filter:", hint: "`-filters` lists what this module has" },
    Named { before: "Unknown encoder '", after: "'", summary: "unknown encoder", hint: "`-encoders` lists what this module has; the gpl variant has more than the lgpl one" },
    Named { before: "Unknown decoder '", after: "'", summary: "unknown decoder", hint: "`-decoders` lists what this module has" },
    Named { before: "Error applying option '", after: "' to filter", summary: "bad filter option", hint: "`-h filter=NAME` lists a filter's options and their ranges" },
    Named { before: "Unable to choose an output format for '", after: "'", summary: "no output format fits", hint: "use a usual file extension, or name the format with `-f`" },
];

const OPENING_INPUT: &str = "Error opening input file ";
const OPENING_OUTPUT: &str = "Error opening output file ";

/// Finds the cause of `status` in the log's last lines, oldest first.
pub(crate) fn diagnose(status: ExitStatus, log: &[String]) -> Diagnosis {
    let lines: Vec<&str> =
        log.iter().map(|line| without_context(line)).filter(|line| !line.is_empty()).collect();

    for named in NAMED {
        if let Some(subject) = lines.iter().find_map(|line| between(line, named.before, named.after)) {
            return Diagnosis {
                summary: format!("{} '{subject}'", named.summary),
                subject: Some(subject.to_owned()),
                hint: Some(named.hint.to_owned()),
            };
        }
    }
    if let Some(path) = lines.iter().find_map(|line| between(line, OPENING_INPUT, ".")) {
        return Diagnosis {
            summary: format!("cannot open input {path}: {}", reason(status)),
            subject: Some(path.to_owned()),
            hint: Some(hint_for_input(status.av_error()).to_owned()),
        };
    }
    if let Some(index) = lines.iter().position(|line| line.starts_with(OPENING_OUTPUT)) {
        let path = between(lines[index], OPENING_OUTPUT, ".").unwrap_or_default();
        // The line before says why in FFmpeg's own words; where it only repeats the path, the code says more.
        let detail = index.checked_sub(1).map(|before| lines[before]).filter(|line| !line.contains(path));
        return Diagnosis {
            summary: format!("cannot open output {path}: {}", detail.unwrap_or_else(|| reason(status))),
            subject: Some(path.to_owned()),
            hint: Some(match status.av_error().map(AvError::name) {
                Some("ENOENT") => {
                    "its folder does not exist on the job's filesystem; create it first".to_owned()
                }
                _ => SEE_LOG.to_owned(),
            }),
        };
    }
    let last = lines.last().copied();
    // ffprobe ends with 1 whatever happened, and says it as "name: message".
    if let Some((subject, error)) = last
        .and_then(|line| line.rsplit_once(": "))
        .and_then(|(subject, message)| AvError::from_message(message).map(|error| (subject, error)))
    {
        return Diagnosis {
            summary: format!("{subject}: {}", error.message()),
            subject: Some(subject.to_owned()),
            hint: Some(hint_for_input(Some(error)).to_owned()),
        };
    }
    Diagnosis {
        summary: last.map_or_else(|| status.to_string(), str::to_owned),
        subject: None,
        hint: Some(SEE_LOG.to_owned()),
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
    fn cause_inside_a_filter_graph_wins_over_the_output_it_belongs_to() {
        let found = of(
            -1,
            &[
                "[AVFilterGraph @ 0x55ee] No such filter: 'nope'",
                "Error opening output file o.mp4.",
                "Error opening output files: Filter not found",
            ],
        );
        assert_eq!(found.summary, "no such filter: 'nope'");
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
