//! The cookbook's snippets of the command builder, as functions that the build script has written.

use std::error::Error;

use afmpeg::{HostDir, Runtime};

/// A snippet of the command builder, which does its task in a folder.
pub type Builder = fn(Runtime, HostDir) -> Result<(), Box<dyn Error>>;

#[allow(clippy::print_stdout, reason = "an example prints its results")]
mod snippets {
    use super::Builder;

    include!(concat!(env!("OUT_DIR"), "/builders.rs"));
}

/// Returns the snippets of a task, in order.
pub(crate) fn builders_of(chapter: &str, task: &str) -> Vec<Builder> {
    let of_task = snippets::BUILDERS.iter().filter(|(file, title, _)| (*file, *title) == (chapter, task));
    of_task.map(|(.., builder)| *builder).collect()
}
