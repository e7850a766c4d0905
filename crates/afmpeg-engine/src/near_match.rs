//! What a command that failed at a misspelt name may have meant.
//!
//! The names come from the module itself, after the job has given its slot back: the job that reads them waits for
//! nobody.

use std::{
    num::NonZero,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use afmpeg_vfs::MemFs;

use crate::{
    Capabilities, Error, Runtime, Tool,
    capabilities::{Kind, nearest},
};

/// What a name in FFmpeg's log is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NameOf {
    Component(Kind),
    /// An option of the command line.
    Option,
    /// An option of the filter that the rest of the line names.
    FilterOption,
}

use NameOf::{Component, FilterOption, Option as CommandOption};

/// The messages of FFmpeg 9.0.2 that quote a name of the command line which there is not. Those about a codec that a
/// file has are not among them: nobody misspelt it.
const MESSAGES: &[(&str, &str, NameOf)] = &[
    ("No such filter: '", "'", Component(Kind::Filter)),
    ("Unknown encoder '", "'", Component(Kind::Encoder)),
    ("Unknown decoder '", "'", Component(Kind::Decoder)),
    ("Unknown input format: '", "'", Component(Kind::Demuxer)),
    ("Requested output format '", "' is not known", Component(Kind::Muxer)),
    (
        "Error parsing bitstream filter sequence '",
        "': Bitstream filter not found",
        Component(Kind::BitstreamFilter),
    ),
    ("Unknown pixel format requested: ", ".", Component(Kind::PixelFormat)),
    ("Error applying option '", "' to filter '", FilterOption),
    ("Unrecognized option '", "'", CommandOption),
    // ffprobe's words for it.
    (" for option '", "': Option not found", CommandOption),
];

/// How long the module may take to tell its names: on a host that is as slow as that, nobody waits for a hint.
const PATIENCE: Duration = Duration::from_secs(10);

/// Adds what may have been meant to the hint of a failure, where it is a misspelling of what `runtime`'s module has.
/// Whatever goes wrong with that leaves the error as it was.
pub(crate) fn with_near_match(mut error: Error, runtime: &Runtime, tool: Tool) -> Error {
    let Error::Exit(exit) = &mut error else { return error };
    if tool == Tool::Capabilities || !runtime.inner().is_ffmpeg {
        return error;
    }
    let Some((line, name, of)) = exit.log.iter().find_map(|line| misspelt(line)) else { return error };
    // Slots of its own: the job's is given back, and the next one may be hours away.
    let runtime = runtime.with_slots(NonZero::<usize>::MIN);
    let Some(capabilities) = capabilities(&runtime) else { return error };
    let meant = match of {
        Component(kind) => capabilities.nearest(kind, name).map(str::to_owned),
        FilterOption => option_of_filter(capabilities, line, name),
        CommandOption => nearest_option(capabilities, &options_of(&runtime, tool), name),
    };
    if let Some(meant) = meant.filter(|meant| meant != name) {
        let hint = exit.diagnosis.hint.take().unwrap_or_default();
        exit.diagnosis.hint = Some(format!("did you mean `{meant}`? {hint}").trim_end().to_owned());
    }
    error
}

/// The line, the name in it that there is not, and what it is a name of.
fn misspelt(line: &str) -> Option<(&str, &str, NameOf)> {
    MESSAGES.iter().find_map(|(before, after, of)| {
        let (_, rest) = line.split_once(before)?;
        let (name, _) = rest.split_once(after)?;
        let name = match of {
            // A sequence of filters with their options, of which any may be wrong, is no name.
            Component(Kind::BitstreamFilter) => name.split('=').next().filter(|name| !name.contains(','))?,
            // An option may say for which stream it is.
            CommandOption => name.split(':').next()?,
            FilterOption if !line.ends_with(": Option not found") => return None,
            _ => name,
        };
        (!name.is_empty()).then_some((line, name, *of))
    })
}

/// What the module has; nothing if it cannot be read.
fn capabilities(runtime: &Runtime) -> Option<&Capabilities> {
    // Of many jobs that fail at once, the first one asks, and the others wait for its answer.
    static ASKING: Mutex<()> = Mutex::new(());
    let _asking = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    runtime
        .capabilities()
        .inspect_err(|error| tracing::debug!(%error, "no near match can be looked for"))
        .ok()
}

fn option_of_filter(capabilities: &Capabilities, line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once("' to filter '")?;
    let filter = capabilities.filter(rest.split_once('\'')?.0)?;
    let own = filter.options.nearest(name);
    own.or_else(|| capabilities.generic.filter.nearest(name)).map(str::to_owned)
}

/// The nearest of the tool's own options, then of those that every codec and format has, then of each one's own.
fn nearest_option(capabilities: &Capabilities, own: &[String], name: &str) -> Option<String> {
    let Capabilities { encoders, decoders, muxers, demuxers, generic, .. } = capabilities;
    let codecs = encoders.iter().chain(decoders).map(|codec| &codec.options);
    let formats =
        muxers.iter().map(|muxer| &muxer.options).chain(demuxers.iter().map(|demuxer| &demuxer.options));
    let all = [&generic.codec, &generic.format, &generic.scaler, &generic.resampler].into_iter();
    let all = all.chain(codecs).chain(formats).flatten().map(|option| option.name.as_str());
    nearest(name, own.iter().map(String::as_str).chain(all)).map(str::to_owned)
}

/// The options of the tool itself, which are in no table that a library could read: it lists them in its help.
fn options_of(runtime: &Runtime, tool: Tool) -> Vec<String> {
    let limits = runtime.limits().clone().wall_time(PATIENCE);
    let help = runtime.job(MemFs::new()).tool(tool).limits(limits).args(["-hide_banner", "-h", "long"]).run();
    help.map(|help| names_in(&String::from_utf8_lossy(help.stdout()))).unwrap_or_default()
}

/// The names in lines such as `-c[:<stream_spec>] <codec>  select encoder/decoder`.
fn names_in(help: &str) -> Vec<String> {
    let names = help.lines().filter_map(|line| line.strip_prefix('-')?.split([' ', '[', '<']).next());
    names
        .filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()))
        .map(str::to_owned)
        .collect()
}

/// What reads a text that FFmpeg printed.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(text: &str) {
    let _ = (text.lines().filter_map(misspelt).count(), names_in(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_there_is_not_is_found_in_its_message() {
        let of = |line| misspelt(line).map(|(_, name, of)| (name, of));
        let component = |name, kind| Some((name, Component(kind)));
        assert_eq!(of("[fc#-1 @ 0x1] No such filter: 'vingette'"), component("vingette", Kind::Filter));
        assert_eq!(
            of(
                "[vost#0:0 @ 0x1] Error parsing bitstream filter sequence 'nul=a=b': Bitstream filter not found"
            ),
            component("nul", Kind::BitstreamFilter)
        );
        assert_eq!(of("Error parsing bitstream filter sequence 'a,b': Bitstream filter not found"), None);
        assert_eq!(of("Unrecognized option 'presett:v'."), Some(("presett", CommandOption)));
        assert_eq!(
            of("Error applying option 'angel' to filter 'vignette': Option not found"),
            Some(("angel", FilterOption))
        );
        assert_eq!(of("Error applying option 'angle' to filter 'vignette': Invalid argument"), None);
        assert_eq!(
            of("Failed to set value 'a' for option 'show_stream': Option not found"),
            Some(("show_stream", CommandOption))
        );
        assert_eq!(of("Unrecognized option ''."), None);
        assert_eq!(of("Decoding requested, but no decoder found for: av1"), None);
    }

    #[test]
    fn options_are_read_out_of_the_help() {
        let help = "usage: tool [options]\n\nMain:\n-y        overwrite\n-c[:<stream_spec>] <codec>  select\n    -h long -- more\n\
            -? <topic>  help\n--help <topic>  help\n-map_chapters <index>  set\n";
        assert_eq!(names_in(help), ["y", "c", "map_chapters"]);
    }
}
