//! The table of FFmpeg 9.0.2's messages that explain a failure, for diagnosis and suggestions.
//!
//! A message is recognised only at its level, from its kind of component, and as the whole first line of a message: text
//! from media never appears there.

use crate::{ComponentKind, LogLevel, LogRecord, log::LogLine};

/// An FFmpeg message.
#[derive(Debug)]
pub(crate) struct Message {
    /// The first line of its format, as in the source.
    pub(crate) format: &'static str,
    /// The meanings of its conversions, in order.
    args: &'static [Arg],
    level: LogLevel,
    from: Writer,
    /// The source file in FFmpeg. Only a test reads it.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares the table with FFmpeg's source"))]
    source: &'static str,
    pub(crate) meaning: Meaning,
    /// The kind of name that the subject is, if it may be misspelt.
    pub(crate) names: Option<NameOf>,
}

/// The meaning of a conversion in a format.
#[derive(Debug, Clone, Copy)]
enum Arg {
    /// The thing at fault.
    Subject,
    /// The filter whose option is at fault.
    Filter,
    /// FFmpeg's message for its error code.
    Reason,
    /// This text, which selects a variant of the message.
    Is(&'static str),
    /// Not used.
    Other,
}

/// The part of FFmpeg that writes a message.
#[derive(Debug, Clone, Copy)]
enum Writer {
    /// The tool itself, which is not a component.
    Tool,
    /// A component with one of these name prefixes.
    Named(&'static [&'static str]),
    /// Any component.
    Component,
    /// The tool or any component.
    Any,
}

/// The meaning of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The module lacks the component that is the subject.
    Lacks(ComponentKind),
    /// The component that writes it, of this kind, cannot work.
    IsUnable(ComponentKind),
    /// The command is wrong: the problem, and a hint.
    Wrong(&'static str, &'static str),
    /// An output already exists and must not be overwritten.
    OutputExists,
    /// No image of a numbered sequence is in the searched range.
    NoSequence,
    /// A frame claims a size that FFmpeg cannot decode. The message has the size.
    InvalidSize,
    /// FFmpeg does not open a file in a playlist or a list: the reason, and a hint.
    Refuses(&'static str, &'static str),
    /// The format of an output cannot hold a stream. The muxer's message becomes the summary.
    CannotHold,
    /// A part of the job failed, for the reason in that part's message before this one.
    Stage(Stage),
    /// The part that writes it ended with an error.
    TaskFailed,
    /// An output has no content: a consequence of a failure or of an early end.
    NothingWritten,
    /// A consequence of a failure, without its reason.
    Consequence,
}

/// A part of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Input,
    Demuxer,
    Decoder,
    /// A decoder that does not start.
    DecoderStart,
    Filter,
    Encoder,
    Muxer,
    Output,
}

/// The kind of thing that a message names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameOf {
    Component(ComponentKind),
    /// An option of the command line.
    Option,
    /// An option of the filter in the same message.
    FilterOption,
    /// A chain of filters with their options.
    FilterChain,
}

/// A recognised message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recognised<'a> {
    pub(crate) meaning: Meaning,
    pub(crate) names: Option<NameOf>,
    pub(crate) subject: Option<&'a str>,
    pub(crate) filter: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
}

use Arg::{Filter, Is, Other, Reason, Subject};
use ComponentKind::{BitstreamFilter, Decoder, Demuxer, Encoder, Muxer};
use LogLevel::{Error, Fatal};
use Meaning::{
    CannotHold, Consequence, InvalidSize, IsUnable, Lacks, NoSequence, NothingWritten, OutputExists, Refuses,
    TaskFailed, Wrong,
};
use Writer::{Any, Named, Tool};

const LIST_OPTIONS: &str = "list the options with `-h full`, and put each before the file that it applies to";
const CHECK_VALUE: &str =
    "list options and their ranges with `-h encoder=NAME`, `-h filter=NAME`, `-h muxer=NAME`...";
const FILTER_OPTION: &str = "list the filter's options and their ranges with `-h filter=NAME`";
const CHAIN: &str = "write a chain as `name=option=value:option=value,name=...`; `-filters` lists the names, `-h filter=NAME` the options";

const PLAYLIST_FILE: &str = "the playlist names a file with an extension that FFmpeg refuses";
const LISTED_FILE: &str = "it lists a file that cannot be opened";
const LISTED_PLACE: &str =
    "put the file on the job's filesystem: a name without a leading / is resolved beside the list";
const ANY_EXTENSION: &str = "put `-allowed_extensions ALL` before its `-i` if the playlist is trusted";
const ANY_SEGMENT: &str = "put `-extension_picky 0` before its `-i` if the playlist is trusted";

const STREAM: Writer = Named(&["vist#", "aist#", "sist#", "dist#", "tist#", "ist#", "?ist#"]);
const OUTPUT_STREAM: Writer = Named(&["vost#", "aost#", "sost#", "dost#", "tost#", "ost#", "?ost#"]);
const GRAPH: Writer = Named(&["fc#", "vf#", "af#"]);
const GRAPH_PARSER: Writer = Named(&["AVFilterGraph"]);
const DECODER: Writer = Named(&["dec:"]);
const ENCODER: Writer = Named(&["enc:"]);
const INPUT: Writer = Named(&["in#"]);
const OUTPUT: Writer = Named(&["out#"]);

const fn message(
    format: &'static str,
    args: &'static [Arg],
    level: LogLevel,
    from: Writer,
    source: &'static str,
    meaning: Meaning,
) -> Message {
    Message { format, args, level, from, source, meaning, names: None }
}

const fn naming(names: NameOf, message: Message) -> Message {
    Message { names: Some(names), ..message }
}

const fn stage(stage: Stage) -> Meaning {
    Meaning::Stage(stage)
}

const CMDUTILS: &str = "fftools/cmdutils.c";
const DEC: &str = "fftools/ffmpeg_dec.c";
const DEMUX: &str = "fftools/ffmpeg_demux.c";
const ENC: &str = "fftools/ffmpeg_enc.c";
const FILTER: &str = "fftools/ffmpeg_filter.c";
const MUX: &str = "fftools/ffmpeg_mux.c";
const MUX_INIT: &str = "fftools/ffmpeg_mux_init.c";
const OPT: &str = "fftools/ffmpeg_opt.c";
const SCHED: &str = "fftools/ffmpeg_sched.c";
const PARSER: &str = "libavfilter/graphparser.c";
const AVFILTER: &str = "libavfilter/avfilter.c";
const IMG2DEC: &str = "libavformat/img2dec.c";
const IMGUTILS: &str = "libavutil/imgutils.c";
const LIBAVUTIL_OPT: &str = "libavutil/opt.c";
const CONCATDEC: &str = "libavformat/concatdec.c";
const HLS: &str = "libavformat/hls.c";
const MATROSKAENC: &str = "libavformat/matroskaenc.c";
const MOVENC: &str = "libavformat/movenc.c";
const OGGENC: &str = "libavformat/oggenc.c";
const LIBAVFORMAT_MUX: &str = "libavformat/mux.c";

#[rustfmt::skip]
pub(crate) const MESSAGES: &[Message] = &[
    // The command line.
    naming(NameOf::Option, message("Unrecognized option '%s'.", &[Subject], Error, Tool, CMDUTILS, Wrong("unrecognized option", LIST_OPTIONS))),
    naming(NameOf::Option, message("Unrecognized option '%s'", &[Subject], Error, Tool, CMDUTILS, Wrong("unrecognized option", LIST_OPTIONS))),
    naming(NameOf::Option, message("Failed to set value '%s' for option '%s': %s", &[Other, Subject, Is("Option not found")], Error, Tool, CMDUTILS, Wrong("unrecognized option", LIST_OPTIONS))),
    message("Missing argument for option '%s'.", &[Subject], Error, Tool, CMDUTILS, Wrong("no value for the option", LIST_OPTIONS)),
    message("Missing argument for option '%s'", &[Subject], Error, Tool, CMDUTILS, Wrong("no value for the option", LIST_OPTIONS)),
    message("Invalid duration for option %s: %s", &[Subject, Other], Error, Tool, CMDUTILS, Wrong("bad value for the option", "write a time as `SECONDS` or `HH:MM:SS.mmm`")),
    message("Stream map '%s' matches no streams.", &[Subject], Fatal, Tool, OPT, Wrong("no stream matches the map", "write `-map FILE:TYPE?`, with a question mark, to map a stream only if it exists")),
    message("Failed to set value '%s' for option '%s': %s", &[Other, Subject, Other], Error, Tool, CMDUTILS, Wrong("bad value for the option", LIST_OPTIONS)),
    message("File '%s' already exists. Exiting.", &[Subject], Fatal, Tool, OPT, OutputExists),
    message("Output %s same as Input #%d - exiting", &[Subject, Other], Fatal, Tool, OPT, Wrong("the output is also an input:", "write to another file")),
    // Components of the module.
    naming(NameOf::Component(ComponentKind::Filter), message("No such filter: '%s'", &[Subject], Error, GRAPH_PARSER, PARSER, Lacks(ComponentKind::Filter))),
    naming(NameOf::Component(Encoder), message("Unknown %s '%s'", &[Is("encoder"), Subject], Fatal, Any, OPT, Lacks(Encoder))),
    naming(NameOf::Component(Decoder), message("Unknown %s '%s'", &[Is("decoder"), Subject], Fatal, Any, OPT, Lacks(Decoder))),
    naming(NameOf::Component(Demuxer), message("Unknown input format: '%s'", &[Subject], Fatal, INPUT, DEMUX, Lacks(Demuxer))),
    naming(NameOf::Component(Demuxer), message("Unknown input format: %s", &[Subject], Error, Tool, "fftools/ffprobe.c", Lacks(Demuxer))),
    naming(NameOf::Component(Muxer), message("Requested output format '%s' is not known.", &[Subject], Error, Named(&["AVFormatContext"]), LIBAVFORMAT_MUX, Lacks(Muxer))),
    naming(NameOf::Component(BitstreamFilter), message("Error parsing bitstream filter sequence '%s': %s", &[Subject, Is("Bitstream filter not found")], Error, OUTPUT_STREAM, MUX_INIT, Lacks(BitstreamFilter))),
    naming(NameOf::Component(BitstreamFilter), message("Error parsing bitstream filter sequence '%s': %s", &[Subject, Is("Bitstream filter not found")], Error, STREAM, DEMUX, Lacks(BitstreamFilter))),
    message("Unknown bitstream filter '%s'", &[Subject], Error, Tool, LIBAVFORMAT_MUX, Lacks(BitstreamFilter)),
    message("Decoding requested, but no decoder found for: %s", &[Subject], Error, STREAM, DEMUX, Lacks(Decoder)),
    message("Cannot find a decoder for codec ID '%s'", &[Subject], Error, DECODER, DEC, Lacks(Decoder)),
    message("Your platform doesn't support hardware accelerated AV1 decoding.", &[], Error, Writer::Component, "libavcodec/av1dec.c", IsUnable(Decoder)),
    message("Automatic encoder selection failed Default encoder for format %s (codec %s) is probably disabled. Please choose an encoder manually.", &[Other, Subject], Fatal, OUTPUT_STREAM, MUX_INIT, Lacks(Encoder)),
    message("Invalid %s type '%s'", &[Other, Subject], Fatal, Any, OPT, Wrong("not a codec for this kind of stream:", "use `-c:v` for video, `-c:a` for audio, `-c:s` for subtitles; `-encoders` and `-decoders` list the kind of each codec")),
    // Values.
    naming(NameOf::Component(ComponentKind::PixelFormat), message("Unknown pixel format requested: %s.", &[Subject], Fatal, OUTPUT_STREAM, MUX_INIT, Wrong("unknown pixel format", "list the pixel formats with `-pix_fmts`"))),
    naming(NameOf::FilterOption, message("Error applying option '%s' to filter '%s': %s", &[Subject, Filter, Is("Option not found")], Error, GRAPH, FILTER, Wrong("bad filter option", FILTER_OPTION))),
    message("Error applying option '%s' to filter '%s': %s", &[Subject, Filter, Other], Error, GRAPH, FILTER, Wrong("bad filter option", FILTER_OPTION)),
    message("Error loading value for option '%s' from file '%s'", &[Other, Subject], Error, GRAPH, FILTER, Wrong("cannot read the value of a filter's option from the file", "check the file's path: a `/` before an option's name makes FFmpeg read the value from a file")),
    naming(NameOf::FilterChain, message("Error parsing filterchain '%s' around: %s", &[Subject, Other], Error, GRAPH_PARSER, PARSER, Wrong("cannot parse the filters", CHAIN))),
    message("Unable to parse \"%s\" option value \"%s\"", &[Subject, Other], Error, Writer::Component, LIBAVUTIL_OPT, Wrong("bad value for the option", CHECK_VALUE)),
    message("Unable to parse \"%s\" option value \"%s\" as %s", &[Subject, Other, Other], Error, Writer::Component, LIBAVUTIL_OPT, Wrong("bad value for the option", CHECK_VALUE)),
    message("Value %f for parameter '%s' out of range [%g - %g]", &[Other, Subject, Other, Other], Error, Writer::Component, LIBAVUTIL_OPT, Wrong("value out of range for the option", CHECK_VALUE)),
    message("Error setting option %s to value %s.", &[Subject, Other], Error, Writer::Component, LIBAVUTIL_OPT, Wrong("bad value for the option", CHECK_VALUE)),
    message("Unable to choose an output format for '%s'; use a standard extension for the filename or specify the format manually.", &[Subject], Error, Named(&["AVFormatContext"]), LIBAVFORMAT_MUX, Wrong("no output format matches", "use a usual file extension, or name the format with `-f`")),
    message("No font filename provided", &[], Error, Writer::Component, "libavfilter/vf_drawtext.c", Wrong("there is no font for the text", "set the filter's option `fontfile` to a font, or name folders with fonts by `Job::font_folders`")),
    message("Empty output stream", &[], Fatal, OUTPUT_STREAM, MUX, Wrong("there is no frame at the requested time", "request an earlier time, before the input's duration (probe it)")),
    // Playlists.
    message("Filename extension of '%s' is not a common multimedia extension, blocked for security reasons.", &[Subject], Error, Writer::Component, HLS, Refuses(PLAYLIST_FILE, ANY_EXTENSION)),
    message("URL %s is not in allowed_segment_extensions, consider updating hls.c and submitting a patch to ffmpeg-devel, if this should be added", &[Subject], Error, Writer::Component, HLS, Refuses(PLAYLIST_FILE, ANY_SEGMENT)),
    message("detected format %s extension %s mismatches allowed extensions in url %s", &[Other, Other, Subject], Error, Writer::Component, HLS, Refuses(PLAYLIST_FILE, ANY_SEGMENT)),
    message("Error when loading first segment '%s'", &[Other], Error, Writer::Component, HLS, Refuses(LISTED_FILE, LISTED_PLACE)),
    message("Impossible to open '%s'", &[Other], Error, Writer::Component, CONCATDEC, Refuses(LISTED_FILE, LISTED_PLACE)),
    // Images.
    message("Could find no file or sequence with path '%s' and index in the range %d-%d", &[Other, Other, Other], Error, Writer::Component, IMG2DEC, NoSequence),
    message("Picture size %ux%u is invalid", &[Other, Other], Error, Named(&["IMGUTILS"]), IMGUTILS, InvalidSize),
    // The parts of a job.
    message("Error opening %s file %s.", &[Is("input"), Subject], Error, Tool, OPT, stage(Stage::Input)),
    message("Error during demuxing: %s", &[Reason], Error, INPUT, DEMUX, stage(Stage::Demuxer)),
    message("Error submitting %s to decoder: %s", &[Other, Reason], Error, DECODER, DEC, stage(Stage::Decoder)),
    message("Decoding error: %s", &[Reason], Error, DECODER, DEC, stage(Stage::Decoder)),
    message("Error decoding subtitles: %s", &[Reason], Error, DECODER, DEC, stage(Stage::Decoder)),
    message("Error processing packet in decoder: %s", &[Reason], Error, DECODER, DEC, stage(Stage::Decoder)),
    message("Error while opening decoder: %s", &[Reason], Error, DECODER, DEC, stage(Stage::DecoderStart)),
    message("Error applying decoder options: %s", &[Reason], Error, DECODER, DEC, stage(Stage::DecoderStart)),
    message("Decode error rate %g exceeds maximum %g", &[Other, Other], Fatal, DECODER, DEC, stage(Stage::Decoder)),
    message("Error initializing filters", &[], Error, GRAPH_PARSER, PARSER, stage(Stage::Filter)),
    message("Error initializing filters!", &[], Error, GRAPH, FILTER, stage(Stage::Filter)),
    message("Error reinitializing filters!", &[], Error, GRAPH, FILTER, stage(Stage::Filter)),
    message("Error configuring filter graph: %s", &[Reason], Error, GRAPH, FILTER, stage(Stage::Filter)),
    message("Error while filtering: %s", &[Reason], Error, GRAPH, FILTER, stage(Stage::Filter)),
    message("Error requesting a frame from the filtergraph: %s", &[Reason], Error, GRAPH, FILTER, stage(Stage::Filter)),
    message("Error while opening encoder - maybe incorrect parameters such as bit_rate, rate, width or height.", &[], Error, ENCODER, ENC, stage(Stage::Encoder)),
    message("Error encoding a frame: %s", &[Reason], Error, ENCODER, ENC, stage(Stage::Encoder)),
    message("Error flushing encoder: %s", &[Reason], Error, ENCODER, ENC, stage(Stage::Encoder)),
    message("%s encoding failed", &[Other], Error, ENCODER, ENC, stage(Stage::Encoder)),
    message("Subtitle encoding failed", &[], Fatal, ENCODER, ENC, stage(Stage::Encoder)),
    message("Error submitting %s frame to the encoder", &[Other], Error, ENCODER, ENC, stage(Stage::Encoder)),
    message("Error applying encoder options: %s", &[Reason], Error, OUTPUT_STREAM, MUX_INIT, stage(Stage::Encoder)),
    message("Could not write header (incorrect codec parameters ?): %s", &[Reason], Error, OUTPUT, MUX, stage(Stage::Muxer)),
    message("Could not find tag for codec %s in stream #%d, codec not currently supported in container", &[Other, Other], Error, Writer::Component, MOVENC, CannotHold),
    message("Only audio, video, and subtitles are supported for Matroska.", &[], Error, Writer::Component, MATROSKAENC, CannotHold),
    message("Only VP8 or VP9 or AV1 video and Vorbis or Opus audio and WebVTT subtitles are supported for WebM.", &[], Error, Writer::Component, MATROSKAENC, CannotHold),
    message("Subtitle codec %s (%d) is not supported.", &[Other, Other], Error, Writer::Component, MATROSKAENC, CannotHold),
    message("Unsupported codec id in stream %d", &[Other], Error, Writer::Component, OGGENC, CannotHold),
    message("Error muxing a packet", &[], Error, OUTPUT, MUX, stage(Stage::Muxer)),
    message("Error submitting a packet to the muxer: %s", &[Reason], Error, OUTPUT, MUX, stage(Stage::Muxer)),
    message("Error writing trailer: %s", &[Reason], Error, OUTPUT, MUX, stage(Stage::Muxer)),
    message("Error initializing the muxer for %s: %s", &[Subject, Reason], Fatal, OUTPUT, MUX_INIT, stage(Stage::Muxer)),
    message("Error opening output %s: %s", &[Subject, Reason], Fatal, OUTPUT, MUX_INIT, stage(Stage::Output)),
    message("Error opening %s file %s.", &[Is("output"), Subject], Error, Tool, OPT, stage(Stage::Output)),
    // Consequences of a failure.
    message("Error selecting an encoder", &[], Fatal, OUTPUT_STREAM, MUX_INIT, Consequence),
    message("Error opening input: %s", &[Reason], Error, INPUT, DEMUX, Consequence),
    message("Did you mean file:%s?", &[Other], Error, INPUT, DEMUX, Consequence),
    message("Failed to configure output pad on %s", &[Other], Error, Writer::Component, AVFILTER, Consequence),
    message("Failed to configure input pad on %s", &[Other], Error, Writer::Component, AVFILTER, Consequence),
    message("Error sending frames to consumers: %s", &[Reason], Error, GRAPH, FILTER, Consequence),
    message("Could not open encoder before EOF", &[], Error, ENCODER, ENC, Consequence),
    message("Task finished with error code: %d (%s)", &[Other, Reason], Error, Writer::Component, SCHED, TaskFailed),
    message("Terminating thread with return code %d (%s)", &[Other, Reason], Error, Writer::Component, SCHED, Consequence),
    message("Nothing was written into output file, because at least one of its streams received no packets.", &[], Error, OUTPUT, MUX, NothingWritten),
    message("Error parsing options for %s file %s.", &[Other, Other], Error, Tool, OPT, Consequence),
    message("Error %s: %s", &[Other, Reason], Fatal, Tool, OPT, Consequence),
];

/// Returns the message of the table that a log record matches.
pub(crate) fn recognise(line: &LogLine) -> Option<Recognised<'_>> {
    if !line.begins {
        return None;
    }
    MESSAGES.iter().find_map(|message| message.read(&line.record))
}

impl Message {
    fn read<'a>(&self, record: &'a LogRecord) -> Option<Recognised<'a>> {
        if record.level != self.level || !self.from.is(record.component.as_deref()) {
            return None;
        }
        let found = conversions(self.format, &record.message)?;
        let (mut subject, mut filter, mut reason) = (None, None, None);
        for (arg, text) in self.args.iter().zip(found) {
            match arg {
                Subject => subject = Some(text),
                Filter => filter = Some(text),
                Reason => reason = Some(text),
                Is(expected) if *expected != text => return None,
                Is(_) | Other => {}
            }
        }
        Some(Recognised { meaning: self.meaning, names: self.names, subject, filter, reason })
    }
}

impl Writer {
    fn is(self, component: Option<&str>) -> bool {
        match self {
            Tool => component.is_none(),
            Named(starts) => component.is_some_and(|name| starts.iter().any(|start| name.starts_with(start))),
            Writer::Component => component.is_some(),
            Any => true,
        }
    }
}

/// Returns the text of each conversion if `format` printed `text`.
///
/// Each conversion ends at the first match of the literal after it, and the last one at the end of the format.
pub(crate) fn conversions<'a>(format: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut literals = literals(format);
    let mut rest = text.strip_prefix(literals.next()?)?;
    let mut found = Vec::new();
    let mut literals = literals.peekable();
    while let Some(literal) = literals.next() {
        let (value, after) = if literals.peek().is_none() {
            (rest.strip_suffix(literal)?, "")
        } else {
            rest.split_once(literal)?
        };
        found.push(value);
        rest = after;
    }
    // A format without conversions matches only itself.
    rest.is_empty().then_some(found)
}

/// The literals before, between and after the conversions of a format.
fn literals(format: &str) -> impl Iterator<Item = &str> {
    let first_end = format.find('%').unwrap_or(format.len());
    let (first, rest) = format.split_at(first_end);
    // Each conversion is one letter long.
    std::iter::once(first).chain(rest.split('%').skip(1).map(|part| part.get(1..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use super::*;

    fn line(level: LogLevel, component: Option<&str>, message: &str) -> LogLine {
        let record = LogRecord::new(level, component, message);
        LogLine { record, parent: None, begins: true, is_shown: true }
    }

    #[test]
    fn every_message_is_recognised_only_in_its_place() {
        for message in MESSAGES {
            assert_eq!(message.args.len(), literals(message.format).count() - 1, "{}", message.format);
            let place = example(message);
            let found = recognise(&place).unwrap_or_else(|| panic!("{place:?}"));
            let names = message.args.iter().any(|arg| matches!(arg, Subject));
            assert_eq!(found.subject, names.then_some("a name"), "{place:?}");

            let elsewhere = [
                LogLine { begins: false, ..place.clone() },
                line(LogLevel::Info, place.record.component.as_deref(), &place.record.message),
                line(LogLevel::Warning, place.record.component.as_deref(), &place.record.message),
                line(
                    place.record.level,
                    place.record.component.as_deref(),
                    &format!(" {}", place.record.message),
                ),
            ];
            for line in elsewhere {
                // A format that begins with a conversion matches any text there.
                if !message.format.starts_with('%') || line.record.level > LogLevel::Error || !line.begins {
                    assert_eq!(recognise(&line), None, "{line:?}");
                }
            }
        }
    }

    /// A message in this format.
    fn example(message: &Message) -> LogLine {
        let mut parts = literals(message.format);
        let mut text = parts.next().unwrap().to_owned();
        for (arg, part) in message.args.iter().zip(parts) {
            text += match arg {
                Is(text) => text,
                Subject => "a name",
                _ => "something",
            };
            text += part;
        }
        let component = match message.from {
            Tool | Any => None,
            Named(starts) => Some(format!("{}x", starts[0])),
            Writer::Component => Some("any".to_owned()),
        };
        line(message.level, component.as_deref(), &text)
    }

    #[test]
    fn name_may_contain_the_literals_around_it() {
        let of = |format, text| conversions(format, text);
        assert_eq!(
            of("File '%s' already exists. Exiting.", "File 'it's.mkv' already exists. Exiting."),
            Some(vec!["it's.mkv"])
        );
        assert_eq!(
            of("Error opening %s file %s.", "Error opening input file a. file.mkv."),
            Some(vec!["input", "a. file.mkv"])
        );
        assert_eq!(of("Error muxing a packet", "Error muxing a packet, and more"), None);
        assert_eq!(of("Unknown %s '%s'", "Unknown encoder '"), None);
        assert_eq!(of("%s: %s", "my.mkv: Invalid argument"), Some(vec!["my.mkv", "Invalid argument"]));
    }

    #[test]
    fn every_message_is_in_the_source_of_ffmpeg_at_its_level() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/fate/source/ffmpeg");
        let mut files: BTreeMap<&str, String> = BTreeMap::new();
        for message in MESSAGES {
            let text = files.entry(message.source).or_insert_with(|| {
                let path = source.join(message.source);
                std::fs::read_to_string(&path)
                    .unwrap_or_else(|error| panic!("{}: {error} (run `cargo xtask test`)", path.display()))
            });
            let level = format!("AV_LOG_{}", message.level.name().to_uppercase());
            let is_here = literals_of(text).into_iter().any(|(at, literal)| {
                let call = text[..at].rfind("av_log(").map_or("", |start| &text[start..at]);
                literal.lines().next() == Some(message.format) && call.contains(&level) && !call.contains(';')
            });
            assert!(is_here, "{}: {}", message.source, message.format);
        }
    }

    /// The string literals of a C source with their offsets; literals separated only by whitespace are joined.
    fn literals_of(source: &str) -> Vec<(usize, String)> {
        let (mut found, mut last_end): (Vec<(usize, String)>, _) = (Vec::new(), 0);
        let mut letters = source.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\'' => {
                    // A character, which may be a quote.
                    let is_escaped = letters.next().is_some_and(|(_, letter)| letter == '\\');
                    letters.nth(usize::from(is_escaped));
                }
                '/' if source[at..].starts_with("/*") => {
                    let end = source[at..].find("*/").map_or(source.len(), |length| at + length);
                    while letters.next_if(|(at, _)| *at <= end).is_some() {}
                }
                '"' => {
                    let is_more = source[last_end..at].trim().is_empty();
                    if !is_more || found.is_empty() {
                        found.push((at, String::new()));
                    }
                    let text = &mut found.last_mut().unwrap().1;
                    while let Some((end, letter)) = letters.next() {
                        match letter {
                            '"' => {
                                last_end = end + 1;
                                break;
                            }
                            '\\' => match letters.next() {
                                Some((_, 'n')) => text.push('\n'),
                                Some((_, letter)) => text.push(letter),
                                None => {}
                            },
                            _ => text.push(letter),
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }
}
