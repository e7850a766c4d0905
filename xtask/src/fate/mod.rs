//! `cargo xtask fate`: FFmpeg's own test suite, FATE, with its programs run by afmpeg.

mod known;
mod run;
mod sample;
mod verdict;

use std::{num::NonZero, path::PathBuf};

use clap::Args;

use crate::{command, failure::Failure, project, wasm::fate::Suite};
use {known::KnownFailures, verdict::Verdict};

/// The tests of FATE to run.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Selection {
    /// Names of tests, with * as a wildcard: vsynth1-*, fate-lavf-mkv. Default: all
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<String>,
    /// Run a random sample of N tests
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// Seed of the sample
    #[arg(long, value_name = "S", default_value_t = 1, requires = "sample")]
    pub(crate) seed: u64,
    /// Run codecs and filters with N threads on N processors, instead of one
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZero<usize>>,
    /// Print the names of the tests instead of running them
    #[arg(long)]
    pub(crate) list: bool,
}

/// Runs the selected tests, and fails unless exactly the known failures among them fail.
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

/// Like [`run`], with the workspace already built.
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
        "FATE's failures are not the known ones",
        format!(
            "run `cargo xtask fate NAME` to repeat a test; its files are in {}; known failures are in {}",
            run::reports(suite).display(),
            known_failures().display()
        ),
    )
    .into())
}

fn known_failures() -> PathBuf {
    project::root().join("wasm-build/fate/known-failures.toml")
}
