//! `cargo xtask soak`: checks that a process leaks nothing over many jobs.

use std::process::Command;

use crate::{
    command, project,
    wasm::{self, ModuleName},
};

/// Runs many jobs and as many stops.
pub(crate) fn run(jobs: usize) -> anyhow::Result<()> {
    program("soak", &[jobs.to_string()])
}

/// Reads all crafted files, and `count` damaged ones from number `first` on.
pub(crate) fn hostile(count: u64, first: u64) -> anyhow::Result<()> {
    program("hostile", &[count.to_string(), first.to_string()])
}

/// Reads `count` random texts back through filter graphs, with seeds from `seed` on.
pub(crate) fn escapes(count: usize, seed: u64) -> anyhow::Result<()> {
    program("escaping", &[count.to_string(), seed.to_string()])
}

fn program(name: &str, arguments: &[String]) -> anyhow::Result<()> {
    wasm::build(ModuleName::FULL_GPL, true)?;
    wasm::guests::build()?;
    command::build_workspace()?;
    command::run(Command::new(project::target().join("debug").join(name)).args(arguments))
}
