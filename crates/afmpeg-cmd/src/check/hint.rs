//! Hints for fixing problems.

use std::borrow::Cow;

use super::problem::{FILTER, METADATA_KEY, ProblemKind};
use crate::{
    MediaKind,
    facts::{self, Kind},
};

/// Whether the fullest module has a component of this name.
fn is_in_fullest(name: &str) -> bool {
    let kinds = [Kind::Encoder, Kind::Muxer, Kind::Demuxer, Kind::BitstreamFilter];
    facts::filter(name).is_some() || kinds.into_iter().any(|kind| facts::has(kind, name))
}

/// Returns a hint that begins with the suggestion.
fn suggesting(suggestion: Option<&str>, hint: String) -> Cow<'static, str> {
    match suggestion {
        Some(name) => format!("did you mean `{name}`? Otherwise, {hint}").into(),
        None => hint.into(),
    }
}

impl ProblemKind {
    /// Returns a hint for fixing the problem, with a similar name for one that does not exist.
    pub fn hint(&self) -> Cow<'static, str> {
        let hint = match self {
            ProblemKind::Lacks { kind: "option", suggestion, .. } => {
                let hint = "use a module with the codec or format that has this option".to_owned();
                return suggesting(suggestion.as_deref(), hint);
            }
            ProblemKind::Lacks { kind, name, suggestion } if !facts::is_gpl(name) && !is_in_fullest(name) => {
                let (field, listing) = (kind.replace(' ', "_"), kind.replace(' ', "-"));
                let hint = format!(
                    "choose one of `Capabilities::{field}s`, which `afmpeg capabilities {listing}s` lists"
                );
                return suggesting(suggestion.as_deref(), hint);
            }
            ProblemKind::NoOption { of, suggestion, .. } => {
                let (kind, name) = (of.kind().name(), of.name());
                let (method, page) = (kind.replace(' ', "_"), kind.replace(' ', "-"));
                let hint = format!(
                    "choose one of the options of `Capabilities::{method}({name:?})`, which \
                     `afmpeg capabilities {page} {name}` lists"
                );
                return suggesting(suggestion.as_deref(), hint);
            }
            ProblemKind::NoOutput => "add an output; `Output::null()` discards its streams",
            ProblemKind::NoPath => "set a path",
            ProblemKind::ZeroByte { .. } => "remove the zero byte",
            ProblemKind::NotAName { kind: METADATA_KEY, .. } => {
                "remove equals signs; `title`, `artist` and `language` are keys"
            }
            ProblemKind::NotAName { name, kind: FILTER } if name.contains('=') => {
                "set options separately, as in `Filter::new(\"aresample\").arg(48000)`, or parse the text as a `Filter`"
            }
            ProblemKind::NotAName { .. } => "use FFmpeg's own name: letters, digits, _ . - and / only",
            ProblemKind::NoInput { .. } | ProblemKind::NoNode { .. } | ProblemKind::NoPad { .. } => {
                "count from 0, within the list"
            }
            ProblemKind::MaybeTile { .. } => {
                "pass ffprobe's output to `Input::probe`, or select the tile by its index in the file"
            }
            ProblemKind::NotBefore { .. } => "list nodes after their sources",
            ProblemKind::PadUsedAgain { kind: MediaKind::Video | MediaKind::Audio, .. } => {
                "add a `split` or `asplit` after it; `Command::new` adds one automatically"
            }
            ProblemKind::PadUsedAgain { .. } => {
                "read the input a second time: FFmpeg splits only video and audio"
            }
            ProblemKind::PadUnused { .. } => "use it, or end it with `nullsink` or `anullsink`",
            ProblemKind::WrongKind { .. } => "map a stream of the expected kind",
            ProblemKind::OutputIsInput => {
                "write to another path, and rename it after the command has succeeded"
            }
            ProblemKind::SameOutput { .. } => "write to another path",
            ProblemKind::DurationAndEnd => "remove one of them",
            ProblemKind::EndBeforeStart { .. } => "swap them: both count from the beginning of the file",
            ProblemKind::NegativeDuration => "set a duration of zero or more",
            ProblemKind::SeekAfterEnd => "set a time of zero or less",
            ProblemKind::CopyOfFiltered | ProblemKind::FiltersOnCopy => {
                "choose an encoder, or remove the filters"
            }
            ProblemKind::FiltersOnFiltered => "add them to the graph, or map a stream of an input",
            ProblemKind::InexactCopy { .. } => "choose an encoder for an exact cut, or start at a key frame",
            ProblemKind::AmbiguousOptions => {
                "declare the kind of each stream of the output, map this stream first, or set the options on the \
                 output with a specifier"
            }
            ProblemKind::NotAutomatic => {
                "map its streams, or make it the first output, with only pads of the graph, in the graph's order"
            }
            ProblemKind::OptionsOnExcept => "set them on the entries that add streams",
            ProblemKind::Lacks { name, .. } if facts::is_gpl(name) => {
                "use the gpl variant of the module, which has it"
            }
            ProblemKind::Lacks { .. } => "use the full profile of the module, which has it",
            ProblemKind::NoFont => "set its option `fontfile` to the path of a font on the job's filesystem",
            ProblemKind::BadValue { .. } => "choose an allowed value",
            ProblemKind::TooDeep { .. } => {
                "group terms by halves, as `Expr` adds and multiplies: `((a+b)+(c+d))`"
            }
            ProblemKind::NoTimeline => "remove `enable`, or trim and join the parts",
            ProblemKind::WrongArity { .. } => "use all of its pads, and no more",
            ProblemKind::WrongPad { .. } | ProblemKind::WrongPadOut { .. } => {
                "choose the filter for the other kind: names of audio filters often begin with an a"
            }
            ProblemKind::WrongEncoder { .. } => "choose an encoder of the stream's kind",
            ProblemKind::NoStream { .. } => "choose one of `Probe::streams`, or make the stream optional",
            ProblemKind::CannotHold { .. } => {
                "choose an encoder or another format; `Output::copy_all` drops such streams"
            }
            ProblemKind::InputsDisagree { .. } => {
                "equalize them first with `recipes::Conform`, or with the filters `scale`, `setsar`, `fps`, and `settb` \
                 with the expression AVTB"
            }
            ProblemKind::Endless { .. } => "give the output a duration, a number of frames, or `shortest`",
        };
        hint.into()
    }
}
