//! `cargo xtask fleet`: a fleet on this machine.

use std::process::Command;

use clap::Args;

use crate::{
    command, debian, nats, project,
    wasm::{self, ModuleName},
};

/// The choices of `cargo xtask fleet`.
#[derive(Debug, Args)]
pub(crate) struct Choices {
    /// Instead, measure a film on one worker and on two, and the overhead of a job
    #[arg(long)]
    scale: bool,
}

/// Encodes a film in chunks on two workers, and kills one of them on the way.
pub(crate) fn run(choices: &Choices) -> anyhow::Result<()> {
    debian::ensure_installed(&["ffmpeg"])?;
    wasm::build(ModuleName::FULL_GPL, true)?;
    command::run(
        command::cargo().arg("build").args(command::SELECTION).args(["--bin", "afmpeg", "--bin", "fleet"]),
    )?;
    let mut program = Command::new(project::target().join("debug/fleet"));
    program.arg(if choices.scale { "scale" } else { "demo" });
    command::run(program.env(nats::VARIABLE, nats::server()?))
}
