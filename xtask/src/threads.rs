//! `cargo xtask threads`: checks that codecs produce the same frames on machines with more processors.

use std::process::Command;

use crate::{
    command, native, project,
    wasm::{self, ModuleName},
};

/// Runs all trials, or those whose description contains all of these words.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    wasm::build(ModuleName::FULL_GPL, true)?;
    command::build_workspace()?;
    let mut program = Command::new(project::target().join("debug/threads"));
    command::run(program.args(words).env(native::VARIABLE, native::ffmpeg()?))
}
