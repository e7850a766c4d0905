//! `cargo xtask soak`: whether a process that has run many jobs is as it was.

use std::process::Command;

use crate::{
    command, project,
    wasm::{self, ModuleName},
};

/// Many jobs and as many stops.
pub(crate) fn run(jobs: usize) -> anyhow::Result<()> {
    program("soak", &[jobs.to_string()])
}

/// Everything crafted, and `count` damaged files from the `first` on.
pub(crate) fn hostile(count: u64, first: u64) -> anyhow::Result<()> {
    program("hostile", &[count.to_string(), first.to_string()])
}

/// `count` random texts through filter graphs, whose seeds begin with `seed`.
pub(crate) fn escapes(count: usize, seed: u64) -> anyhow::Result<()> {
    program("escaping", &[count.to_string(), seed.to_string()])
}

fn program(name: &str, arguments: &[String]) -> anyhow::Result<()> {
    wasm::build(ModuleName::FULL_GPL, true)?;
    wasm::guests::build()?;
    command::build_workspace()?;
    command::run(Command::new(project::target().join("debug").join(name)).args(arguments))
}
