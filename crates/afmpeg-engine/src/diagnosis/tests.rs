use super::*;
use crate::{LogLevel, LogRecord};

/// A log record as `-loglevel level` prints it.
fn line(text: &str) -> LogLine {
    let (head, message) = text.strip_prefix('[').unwrap().split_once("] ").unwrap();
    // Further parts are in brackets, too.
    let (mut parts, mut message) = (vec![head], message);
    while let Some((part, rest)) = message.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        parts.push(part);
        message = rest;
    }
    let level = parts.pop().unwrap().parse().unwrap();
    let component = parts.pop();
    let parent = parts.pop().map(str::to_owned);
    LogLine { record: LogRecord::new(level, component, message), parent, begins: true, is_shown: true }
}

/// A job with two inputs and two filters.
fn about() -> About<'static> {
    About { needed: &|_| None, inputs: vec!["first.mkv", "second.png"], filters: vec!["veil", "x"] }
}

fn by(tool: Tool, code: i32, log: &[&str]) -> Diagnosis {
    let log: Vec<LogLine> = log.iter().map(|text| line(text)).collect();
    diagnose(tool, ExitStatus::from_code(code), &log, &about())
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
    let log =
        ["[error] Unrecognized option 'foo'.", "[fatal] Error splitting the argument list: Option not found"];
    let found = of(-0x5450_4ff8, &log);
    assert_eq!(found.summary, "unrecognized option 'foo'");
    assert_eq!(found.misspelt.unwrap().of, NameOf::Option);
}

#[test]
fn missing_default_encoder_of_an_output_is_named() {
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
fn errno_that_ffmpeg_itself_returns_is_not_a_filesystem_fault() {
    let log = ["[error] Error opening input file cut.mkv.", "[fatal] Error opening input files: I/O error"];
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
fn filter_that_does_not_start_is_the_cause_with_the_file_it_names() {
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
        ("[words@first] [error] Too few words", None),
    ] {
        let found = of(-44, &[&[own], &ending[..]].concat());
        let message = own.split_once("[error] ").unwrap().1;
        assert!(found.summary.contains(&format!(": {message}")), "{found:?}");
        assert_eq!(found.subject.as_deref(), subject, "{found:?}");
        let hint = found.hint.unwrap();
        assert!(
            if subject.is_some() { hint.contains("filesystem") } else { hint.contains("`-h filter=words`") },
            "{hint}"
        );
    }
}

#[test]
fn filter_is_named_with_its_last_message_before_the_failure() {
    let start = "[AVFilterGraph] [error] Error initializing filters";
    let later = "[fc#0] [error] Error reinitializing filters!";
    let of_filter = |log: &[&str]| {
        let found = of(-48, log);
        assert_eq!(found.kind, ErrorKind::InvalidArgument, "{found:?}");
        found.summary
    };
    // Logged under an instance's name, under the filter's name, and by a part of an instance.
    let summary = of_filter(&["[Parsed_cut_0] [error] Error while parsing expression 'a('", start]);
    assert_eq!(summary, "filter cut: Error while parsing expression 'a(' (Error initializing filters)");
    let summary = of_filter(&["[veil] [error] Error when evaluating the expression 'a(' for enable", start]);
    assert!(summary.starts_with("filter veil: Error when evaluating the expression 'a('"), "{summary}");
    let summary =
        of_filter(&["[Parsed_cut_0] [Eval] [error] Undefined constant or missing '(' in 'b'", start]);
    assert!(summary.starts_with("filter cut: Undefined constant"), "{summary}");
    // The pad is the reason only if there is no other.
    let pad = "[Parsed_cut_0] [error] Failed to configure input pad on Parsed_cut_0";
    let summary = of_filter(&["[Parsed_cut_0] [error] too wide", pad, later]);
    assert_eq!(summary, "filter cut: too wide (Error reinitializing filters!)");
    let summary = of_filter(&["[png] [error] of an input", pad, later]);
    assert!(summary.starts_with("filter cut: Failed to configure input pad"), "{summary}");
    assert_eq!(of_filter(&["[png] [error] of an input", start]), "Error initializing filters");
}

#[test]
fn long_option_does_not_make_the_summary_long() {
    let own = format!("[Parsed_cut_0] [error] Error while parsing expression '{}é'", "é+".repeat(5000));
    let found = of(-48, &[&own, "[AVFilterGraph] [error] Error initializing filters"]);
    assert!(found.summary.chars().count() < 400, "{}", found.summary);
    assert!(
        found.summary.starts_with("filter cut: Error while parsing expression 'é+é+"),
        "{}",
        found.summary
    );
    assert!(found.summary.contains("é+é' (Error"), "{}", found.summary);
}

#[test]
fn frame_that_is_too_large_is_named_with_its_file() {
    let log = [
        "[png] [IMGUTILS] [error] Picture size 30000x30000 is invalid",
        "[png] [error] Invalid image size",
        "[vist#1:0/png] [dec:png] [error] Error submitting packet to decoder: Invalid data found when processing input",
        "[vist#1:0/png] [dec:png] [error] Task finished with error code: -1145393733 (Success)",
    ];
    let found = of(69, &log);
    assert_eq!(found.kind, ErrorKind::InvalidData);
    assert_eq!(found.summary, "cannot decode second.png: Picture size 30000x30000 is invalid");
    assert_eq!(found.subject.as_deref(), Some("second.png"));
    // The size that another decoder refused is not the reason.
    let other = ["[gif] [IMGUTILS] [error] Picture size 30000x30000 is invalid", log[1], log[2], log[3]];
    assert!(of(69, &other).summary.starts_with("Invalid image size"));
}

#[test]
fn sequence_without_a_first_image_is_reported_with_the_searched_range() {
    let search = "Could find no file or sequence with path 'g%03d.png' and index in the range 0-4";
    let found =
        of(-44, &[&format!("[in#0] [error] {search}"), "[error] Error opening input file g%03d.png."]);
    let probed = by(
        Tool::Ffprobe,
        1,
        &[&format!("[image2] [error] {search}"), "[error] g%03d.png: No such file or directory"],
    );
    for found in [found, probed] {
        assert_eq!(found.kind, ErrorKind::NotFound);
        assert!(found.summary.ends_with("index in the range 0-4"), "{}", found.summary);
        assert!(found.hint.unwrap().contains("`-start_number`"));
    }
}

#[test]
fn missing_descriptor_is_a_mistake_of_the_command() {
    let output = "[out#0/mpegts] [fatal] Error opening output pipe:4: Bad file descriptor";
    let of_output = of(-8, &[output, "[error] Error opening output file pipe:4."]);
    let of_input = of(-8, &["[error] Error opening input file pipe:4."]);
    for found in [of_output, of_input] {
        assert_eq!(found.kind, ErrorKind::InvalidArgument, "{found:?}");
        assert!(found.hint.as_ref().unwrap().contains("descriptors 0, 1 and 2"), "{found:?}");
    }
}

#[test]
fn encoder_that_does_not_open_is_reported_with_its_reason() {
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
fn muxer_that_refuses_a_codec_is_reported_with_its_reason() {
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
fn decoder_errors_are_the_cause_only_if_they_end_the_job() {
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
fn part_that_does_not_start_is_the_cause_and_not_the_output() {
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
fn truncated_input_is_the_cause_if_it_ends_the_job() {
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
fn decoder_without_code_for_pixels_is_lacking() {
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
fn value_of_a_tool_option_is_the_cause_and_not_the_output() {
    let found = of(
        -28,
        &["[vost#0:0/any] [fatal] Invalid frame size: 10.", "[error] Error opening output file o.mkv."],
    );
    assert_eq!(found.summary, "cannot open output o.mkv: Invalid frame size: 10.");
    assert_eq!(found.kind, ErrorKind::InvalidArgument);
}

#[test]
fn input_of_a_missing_protocol_is_named_with_its_replacement() {
    let log = [
        "[in#0] [error] Error opening input: Protocol not found",
        "[error] Error opening input file https://a/b.mp4.",
    ];
    let found = of(-0x4f52_50f8, &log);
    assert_eq!(found.component, Some(Component::new(ComponentKind::Protocol, "https")));
    assert!(found.hint.unwrap().contains("`HttpFs`"));
}

#[test]
fn folder_as_an_input_is_the_same_mistake_in_both_tools() {
    let found = of(-31, &["[error] Error opening input file clips."]);
    let probed = by(Tool::Ffprobe, 1, &["[error] clips: Is a directory"]);
    for found in [found, probed] {
        assert_eq!((found.kind, found.subject.as_deref()), (ErrorKind::InvalidArgument, Some("clips")));
        assert!(found.hint.unwrap().contains("folder"));
    }
}

#[test]
fn file_in_an_error_of_ffprobe_is_named() {
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
fn text_that_does_not_begin_an_error_message_changes_nothing() {
    let failing = [
        "[mp4] [error] Could not find tag",
        "[out#0/mp4] [error] Could not write header (incorrect codec parameters ?): Invalid argument",
    ];
    let expected = of(-28, &failing);
    for message in crate::ffmpeg_messages::MESSAGES {
        let forged = |level, begins| LogLine {
            record: LogRecord::new(level, None, message.format.replace("%s", "encoder")),
            parent: None,
            begins,
            is_shown: true,
        };
        let mut log: Vec<LogLine> = vec![forged(LogLevel::Info, true), forged(LogLevel::Warning, true)];
        log.extend([forged(LogLevel::Error, false), forged(LogLevel::Fatal, false)]);
        log.extend(failing.iter().map(|text| line(text)));
        assert_eq!(diagnose(Tool::Ffmpeg, ExitStatus::from_code(-28), &log, &about()), expected);
    }
}
