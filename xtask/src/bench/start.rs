//! How soon FFmpeg runs: from a new process, from a runtime that is loaded.

use std::{
    io::Read as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;

use crate::{
    command, project,
    wasm::{self, ModuleName},
};

/// How many processes are started; the median counts.
const ROUNDS: usize = 21;

/// From the start of a process to the guest's first instruction, in milliseconds.
const PROCESS_TARGET: f64 = 60.0;

/// What a job may cost beside FFmpeg's own work, in milliseconds.
const JOB_TARGET: f64 = 10.0;

pub(super) fn run() -> anyhow::Result<()> {
    let module = wasm::build(ModuleName::FULL_GPL, true)?;
    command::build_workspace()?;
    let mut bench = command::cargo();
    bench.args(["bench", "--profile", "dev"]).args(command::SELECTION).args(["--bench", "start"]);
    let output = bench.stderr(Stdio::inherit()).output()?;
    anyhow::ensure!(output.status.success(), "the bench `start` failed ({})", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    let mut figures = text.split_whitespace().map(str::parse);
    let mut next =
        || figures.next().context("the bench `start` printed too little")?.context("the bench `start`");
    let (load, job): (f64, f64) = (next()?, next()?);

    let afmpeg = project::target().join("debug/afmpeg");
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let mut command = Command::new(&afmpeg);
        command.args(["run", "--module"]).arg(&module).args(["--", "-version"]);
        times.push(until_first_output(&mut command)?);
    }
    times.sort();
    let process = times[ROUNDS / 2].as_secs_f64() * 1e3;

    println!("{:<58} {:>8} {:>8}", "from... to...", "median", "target");
    for (what, milliseconds, target) in [
        ("a process starts; FFmpeg has printed its first line", process, Some(PROCESS_TARGET)),
        ("a runtime is built; its compiled module is mapped", load, None),
        ("a job is run; it has ended (`-version`)", job, Some(JOB_TARGET)),
    ] {
        let target_text = target.map(|target| format!("{target:.0} ms")).unwrap_or_default();
        let verdict = if target.is_some_and(|target| milliseconds > target) { "  missed" } else { "" };
        println!("{what:<58} {milliseconds:>5.1} ms {target_text:>8}{verdict}");
    }
    Ok(())
}

fn until_first_output(command: &mut Command) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut stdout = child.stdout.take().context("a pipe")?;
    stdout.read_exact(&mut [0])?;
    let time = started.elapsed();
    std::io::copy(&mut stdout, &mut std::io::sink())?;
    let status = child.wait()?;
    anyhow::ensure!(status.success(), "afmpeg failed ({status})");
    Ok(time)
}
