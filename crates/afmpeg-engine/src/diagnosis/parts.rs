//! Names in FFmpeg's log: the parts of FFmpeg that write messages, and the things that messages name.

use std::borrow::Cow;

use crate::{AvError, ffmpeg_messages::Stage};

/// Whether `component` belongs to the part whose failure `failed` reported.
pub(super) fn is_part_of(stage: Stage, failed: Option<&str>, component: Option<&str>) -> bool {
    // `out#0/mp4` and `vost#0:0/libx264`, but `enc:libx264` and `dec:h264`.
    let own = failed.and_then(|failed| {
        let separator = if failed.contains('#') { '/' } else { ':' };
        failed.split_once(separator).map(|(_, name)| name)
    });
    let Some(component) = component else { return stage == Stage::Output };
    let starts = |starts: &[&str]| starts.iter().any(|start| component.starts_with(start));
    match stage {
        Stage::Input => false,
        // A demuxer logs under the name of the tool's input.
        Stage::Demuxer => {
            let input = |name: &str| name.split('/').next().map(str::to_owned);
            failed.and_then(input) == input(component)
        }
        Stage::Decoder => own == Some(component),
        Stage::DecoderStart => own == Some(component) || component == "Eval",
        // An option's value may be an expression, which logs under its own context.
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

/// Whether a component is part of the tool and not of a library. Inputs are not: demuxers log under their names.
pub(super) fn is_of_tool(component: &str) -> bool {
    const PARTS: &[&str] = &["out#", "dec:", "enc:", "fc#", "vf#", "af#"];
    PARTS.iter().any(|part| component.starts_with(part))
        || component.get(1..).is_some_and(|rest| rest.starts_with("ist#") || rest.starts_with("ost#"))
}

/// Returns `scale` for the instance `Parsed_scale_0` or `scale@name`.
pub(super) fn filter_of_instance(component: &str) -> Option<&str> {
    match component.strip_prefix("Parsed_") {
        Some(rest) => rest.rsplit_once('_').map(|(filter, _)| filter),
        None => component.split_once('@').map(|(filter, _)| filter),
    }
}

/// Returns the index of the input in the name of one of its streams: 0 for `vist#0:1/png`.
pub(super) fn input_of_stream(component: &str) -> Option<usize> {
    let (_, rest) = component.split_once("ist#")?;
    rest.split(':').next()?.parse().ok()
}

/// The most characters of a filter's or a codec's message in a summary: it may repeat an option of any length.
const MAX_REASON: usize = 300;

/// Shortens a message to fit into a line, keeping its start and end.
pub(super) fn shortened(message: &str) -> Cow<'_, str> {
    let count = message.chars().count();
    if count <= MAX_REASON {
        return Cow::Borrowed(message);
    }
    let (front, back) = (MAX_REASON * 3 / 4, MAX_REASON / 4);
    let start: String = message.chars().take(front).collect();
    let end: String = message.chars().skip(count - back).collect();
    Cow::Owned(format!("{start} [...] {end}"))
}

/// Returns the file or other thing that a filter's message names: in quotes, before the reason, or as the last word.
pub(super) fn thing_named_in(message: &str) -> Option<&str> {
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
