//! What is known of a module without running it: its capabilities and its tools' options, kept in the cache beside the
//! compiled code.
//!
//! They are written when a runtime is built, or by [`Runtime::capabilities`]; a job that fails only reads them. So no
//! guest runs but those that a caller starts.

use std::{sync::OnceLock, time::Duration};

use afmpeg_vfs::MemFs;
use serde::{Deserialize, Serialize};

use crate::{
    Capabilities, Limits, Result, Runtime, Tool,
    cache::Cache,
    capabilities::{self, is_kept, keep_sealed, kept, read_sealed},
    runtime::Inner,
};

/// The most time that each run of a tool takes that writes facts: a host that is as slow as that goes without.
const MAX_TIME: Duration = Duration::from_secs(10);

/// The form of the list of options. Bump when it changes.
const OPTIONS_FORMAT: u32 = 1;

/// What is known of a module, each part as soon as it is.
#[derive(Default)]
pub(crate) struct Facts {
    capabilities: OnceLock<Capabilities>,
    options: OnceLock<ToolOptions>,
}

/// The names of the tools' own options, without a dash. They are in no table that a library could read.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ToolOptions {
    ffmpeg: Vec<String>,
    ffprobe: Vec<String>,
}

impl ToolOptions {
    pub(crate) fn of(&self, tool: Tool) -> &[String] {
        match tool {
            Tool::Ffmpeg => &self.ffmpeg,
            Tool::Ffprobe => &self.ffprobe,
            Tool::Capabilities => &[],
        }
    }
}

impl Inner {
    /// The module's capabilities, if they are known: nothing is run.
    pub(crate) fn known_capabilities(&self) -> Option<&Capabilities> {
        known(&self.facts.capabilities, || kept(self.cache.as_ref()?, &self.sha256))
    }

    /// The options of the module's tools, if they are known: nothing is run.
    pub(crate) fn known_options(&self) -> Option<&ToolOptions> {
        known(&self.facts.options, || read_sealed(self.cache.as_ref()?, &options_file(&self.sha256)))
    }
}

fn known<T>(place: &OnceLock<T>, read: impl FnOnce() -> Option<T>) -> Option<&T> {
    if let Some(known) = place.get() {
        return Some(known);
    }
    let read = read()?;
    Some(place.get_or_init(|| read))
}

fn options_file(module_sha256: &str) -> String {
    format!("{module_sha256}-{OPTIONS_FORMAT}.options")
}

/// The capabilities of `runtime`'s module: those that are known, or else those that the module prints within `limits`.
pub(crate) fn capabilities<'a>(runtime: &'a Runtime, limits: &Limits) -> Result<&'a Capabilities> {
    let inner = runtime.inner();
    if let Some(known) = inner.known_capabilities() {
        return Ok(known);
    }
    let read = capabilities::read(runtime, inner.cache.as_ref(), limits)?;
    Ok(inner.facts.capabilities.get_or_init(|| read))
}

/// Makes the tools' options known, if they are not. Without them there are no suggestions for misspelt options, and
/// nothing else is missing.
pub(crate) fn learn_options(runtime: &Runtime, limits: &Limits) {
    let inner = runtime.inner();
    if !inner.is_ffmpeg || inner.known_options().is_some() {
        return;
    }
    let options_of = |tool| -> Result<Vec<String>> {
        let job = runtime.job(MemFs::new()).tool(tool).limits(limits.clone().wall_time(MAX_TIME));
        let help = job.args(["-hide_banner", "-h", "long"]).run()?;
        Ok(names_in(&String::from_utf8_lossy(help.stdout())))
    };
    let read = options_of(Tool::Ffmpeg)
        .and_then(|ffmpeg| Ok(ToolOptions { ffmpeg, ffprobe: options_of(Tool::Ffprobe)? }));
    match read {
        Ok(options) => {
            let options = inner.facts.options.get_or_init(|| options);
            let name = options_file(&inner.sha256);
            if let Some(Err(error)) = inner.cache.as_ref().map(|cache| keep_sealed(cache, &name, options)) {
                tracing::debug!(name, %error, "cannot keep the options of the tools");
            }
        }
        Err(error) => tracing::debug!(%error, "the options of the tools are not known"),
    }
}

/// Writes the facts of a module whose compiled code is in the cache, where they are missing and can be kept.
pub(crate) fn keep(runtime: &Runtime) {
    let inner = runtime.inner();
    let is_missing =
        |cache: &&Cache| !is_kept(cache, &inner.sha256) || !cache.has(&options_file(&inner.sha256));
    let cache = inner.cache.as_ref().filter(|_| inner.is_ffmpeg).filter(is_missing);
    if cache.is_none_or(|cache| !cache.is_writable()) {
        return;
    }
    // The module is ours and its arguments are, too: the caller's limits are for media.
    let limits = Limits::default().wall_time(MAX_TIME);
    if let Err(error) = capabilities(runtime, &limits) {
        tracing::debug!(%error, "the module's capabilities are not known");
    }
    learn_options(runtime, &limits);
}

/// The names in lines such as `-c[:<stream_spec>] <codec>  select encoder/decoder`.
fn names_in(help: &str) -> Vec<String> {
    let names = help.lines().filter_map(|line| line.strip_prefix('-')?.split([' ', '[', '<']).next());
    names
        .filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()))
        .map(str::to_owned)
        .collect()
}

/// What reads a text that a tool printed.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(text: &str) {
    let _ = names_in(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_out_of_the_help() {
        let help = "usage: tool [options]\n\nMain:\n-y        overwrite\n-c[:<stream_spec>] <codec>  select\n    -h long -- more\n\
            -? <topic>  help\n--help <topic>  help\n-map_chapters <index>  set\n";
        assert_eq!(names_in(help), ["y", "c", "map_chapters"]);
    }
}
