//! What is known of a module without running it: its capabilities and its tools' options, kept in the cache beside the
//! compiled code.
//!
//! They are written by what `inventory.rs` runs; a job that fails only reads them.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::{
    Capabilities, Tool,
    capabilities::{is_kept, kept},
    store::Store,
};

/// The form of the list of options. Bump when it changes.
const OPTIONS_FORMAT: u32 = 1;

/// What is known of a module, each part as soon as it is.
pub(crate) struct Facts {
    module_sha256: String,
    store: Option<Store>,
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

    /// The options in the help of each tool.
    pub(crate) fn of_help(ffmpeg: &str, ffprobe: &str) -> Self {
        Self { ffmpeg: names_in(ffmpeg), ffprobe: names_in(ffprobe) }
    }
}

impl Facts {
    /// What `store` has of the module with this hash.
    pub(crate) fn new(module_sha256: &str, store: Option<Store>) -> Self {
        let module_sha256 = module_sha256.to_owned();
        Self { module_sha256, store, capabilities: OnceLock::new(), options: OnceLock::new() }
    }

    /// Where they are kept.
    pub(crate) fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// The module's capabilities, if they are known: nothing is run.
    pub(crate) fn capabilities(&self) -> Option<&Capabilities> {
        known(&self.capabilities, || kept(self.store()?, &self.module_sha256))
    }

    /// The options of the module's tools, if they are known: nothing is run.
    pub(crate) fn options(&self) -> Option<&ToolOptions> {
        known(&self.options, || self.store()?.read_sealed(&options_file(&self.module_sha256)))
    }

    pub(crate) fn set_capabilities(&self, capabilities: Capabilities) -> &Capabilities {
        self.capabilities.get_or_init(|| capabilities)
    }

    /// Keeps the options for later runtimes, too, where there is a cache.
    pub(crate) fn set_options(&self, options: ToolOptions) {
        let options = self.options.get_or_init(|| options);
        let name = options_file(&self.module_sha256);
        if let Some(Err(error)) = self.store().map(|store| store.keep_sealed(&name, options)) {
            tracing::debug!(name, %error, "cannot keep the options of the tools");
        }
    }

    /// Whether something is missing in a cache that could keep it.
    pub(crate) fn could_be_kept(&self) -> bool {
        let is_missing = |store: &&Store| {
            !is_kept(store, &self.module_sha256) || !store.has(&options_file(&self.module_sha256))
        };
        self.store().filter(is_missing).is_some_and(Store::is_writable)
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
