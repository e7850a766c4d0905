//! `cargo xtask soak`: whether a process that has run many jobs is as it was.

use std::process::Command;

use crate::{
    command, project,
    wasm::{self, ModuleName},
};

pub(crate) fn run(jobs: usize) -> anyhow::Result<()> {
    wasm::build(ModuleName::FULL_GPL, true)?;
    wasm::guests::build()?;
    command::build_workspace()?;
    command::run(Command::new(project::target().join("debug").join("soak")).arg(jobs.to_string()))
}
