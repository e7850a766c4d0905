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

    /// Instead, run 200 jobs and a film of 60 chunks twice: on one worker alone, and on workers that are killed, with a
    /// server that is killed and a store that fails. Their outputs must be equal
    #[arg(long, conflicts_with = "scale")]
    chaos: bool,

    /// Seed of the order of faults
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "chaos")]
    seed: u64,
}

/// Encodes a film in chunks on two workers, and kills one of them on the way.
pub(crate) fn run(choices: &Choices) -> anyhow::Result<()> {
    debian::ensure_installed(&["ffmpeg"])?;
    wasm::build(ModuleName::FULL_GPL, true)?;
    command::run(
        command::cargo().arg("build").args(command::SELECTION).args(["--bin", "afmpeg", "--bin", "fleet"]),
    )?;
    let mut program = Command::new(project::target().join("debug/fleet"));
    match choices {
        Choices { scale: true, .. } => program.arg("scale"),
        Choices { chaos: true, seed, .. } => program.args(["chaos", &seed.to_string()]),
        _ => program.arg("demo"),
    };
    command::run(program.env(nats::VARIABLE, nats::server()?))
}
