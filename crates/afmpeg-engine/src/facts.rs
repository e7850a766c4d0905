//! Facts about a module that are available without running it: its capabilities and its tools' options, in the cache
//! beside the compiled code.
//!
//! `inventory.rs` stores them; a failed job only reads them.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::{
    Capabilities, Tool,
    capabilities::{is_kept, kept},
    store::Store,
};

/// The format version of the list of options. Increment when it changes.
const OPTIONS_FORMAT: u32 = 1;

/// The facts about a module, each loaded on first use.
pub(crate) struct Facts {
    module_sha256: String,
    store: Option<Store>,
    capabilities: OnceLock<Capabilities>,
    options: OnceLock<ToolOptions>,
}

/// The names of the tools' options, without a dash. No table that a library could read has them.
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

    /// Reads the options from the help of each tool.
    pub(crate) fn of_help(ffmpeg: &str, ffprobe: &str) -> Self {
        Self { ffmpeg: names_in(ffmpeg), ffprobe: names_in(ffprobe) }
    }
}

impl Facts {
    /// Creates the facts about the module with this hash, kept in `store`.
    pub(crate) fn new(module_sha256: &str, store: Option<Store>) -> Self {
        let module_sha256 = module_sha256.to_owned();
        Self { module_sha256, store, capabilities: OnceLock::new(), options: OnceLock::new() }
    }

    /// Returns the store.
    pub(crate) fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// Returns the module's capabilities, if they are stored.
    pub(crate) fn capabilities(&self) -> Option<&Capabilities> {
        loaded(&self.capabilities, || kept(self.store()?, &self.module_sha256))
    }

    /// Returns the options of the module's tools, if they are stored.
    pub(crate) fn options(&self) -> Option<&ToolOptions> {
        loaded(&self.options, || self.store()?.read_sealed(&options_file(&self.module_sha256)))
    }

    pub(crate) fn set_capabilities(&self, capabilities: Capabilities) -> &Capabilities {
        self.capabilities.get_or_init(|| capabilities)
    }

    /// Stores the options, also in the cache if there is one.
    pub(crate) fn set_options(&self, options: ToolOptions) {
        let options = self.options.get_or_init(|| options);
        let name = options_file(&self.module_sha256);
        if let Some(Err(error)) = self.store().map(|store| store.keep_sealed(&name, options)) {
            tracing::debug!(name, %error, "cannot store the options of the tools");
        }
    }

    /// Whether a fact is missing in a writable cache.
    pub(crate) fn could_be_kept(&self) -> bool {
        let is_missing = |store: &&Store| {
            !is_kept(store, &self.module_sha256) || !store.has(&options_file(&self.module_sha256))
        };
        self.store().filter(is_missing).is_some_and(Store::is_writable)
    }
}

fn loaded<T>(cell: &OnceLock<T>, read: impl FnOnce() -> Option<T>) -> Option<&T> {
    if let Some(value) = cell.get() {
        return Some(value);
    }
    let value = read()?;
    Some(cell.get_or_init(|| value))
}

fn options_file(module_sha256: &str) -> String {
    format!("{module_sha256}-{OPTIONS_FORMAT}.options")
}

/// Returns the names in lines such as `-c[:<stream_spec>] <codec>  select encoder/decoder`.
fn names_in(help: &str) -> Vec<String> {
    let names = help.lines().filter_map(|line| line.strip_prefix('-')?.split([' ', '[', '<']).next());
    names
        .filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()))
        .map(str::to_owned)
        .collect()
}

/// Runs the parser of the tools' help.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(text: &str) {
    let _ = names_in(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_from_the_help() {
        let help = "usage: tool [options]\n\nMain:\n-y        overwrite\n-c[:<stream_spec>] <codec>  select\n    -h long -- more\n\
            -? <topic>  help\n--help <topic>  help\n-map_chapters <index>  set\n";
        assert_eq!(names_in(help), ["y", "c", "map_chapters"]);
    }
}
