//! `cargo xtask fate`: FATE, FFmpeg's own test suite, with our runtime as the machine that its programs run on.

mod known;
mod run;
mod sample;
mod verdict;

use std::{num::NonZero, path::PathBuf};

use clap::Args;

use crate::{command, failure::Failure, project, wasm::fate::Suite};
use {known::KnownFailures, verdict::Verdict};

/// Which tests of FATE to run.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Selection {
    /// Names of tests, in which * stands for anything: vsynth1-*, fate-lavf-mkv; all by default
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<String>,
    /// Run only this many of them, chosen by the seed
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// What decides which
    #[arg(long, value_name = "S", default_value_t = 1, requires = "sample")]
    pub(crate) seed: u64,
    /// Let codecs and filters use N threads on as many processors, where FFmpeg's scripts use one
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZero<usize>>,
    /// Print their names instead of running them
    #[arg(long)]
    pub(crate) list: bool,
}

/// Runs the selected tests, and fails unless every failure is a known one and every known one fails.
pub(crate) fn run(selection: &Selection) -> anyhow::Result<()> {
    let suite = Suite::prepare()?;
    if selection.list {
        let tests = sample::choose(&run::list(&suite)?, selection)?;
        tests.iter().for_each(|test| println!("{test}"));
        return Ok(());
    }
    command::build_workspace()?;
    run_in(&suite, selection)
}

/// The same, once the workspace is built.
pub(crate) fn run_in(suite: &Suite, selection: &Selection) -> anyhow::Result<()> {
    let known = KnownFailures::read(&known_failures())?;
    let tests = sample::choose(&run::list(suite)?, selection)?;
    let results = run::run(suite, &tests, selection.threads)?;
    let verdict = Verdict::of(&tests, &results, &known);
    print!("{verdict}");
    if verdict.is_good() {
        return Ok(());
    }
    Err(Failure::new(
        "FATE found differences that nobody has explained, or no longer finds some that are",
        format!(
            "one test again: cargo xtask fate NAME; its files are in {}; explained failures are in {}",
            run::reports(suite).display(),
            known_failures().display()
        ),
    )
    .into())
}

fn known_failures() -> PathBuf {
    project::root().join("wasm-build/fate/known-failures.toml")
}
