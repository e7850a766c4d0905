//! `cargo xtask fate`: FFmpeg's own test suite, FATE, with its programs run by afmpeg.

pub(crate) mod exec;
mod known;
mod run;
mod sample;
mod selection;
mod verdict;

use std::path::PathBuf;

pub(crate) use selection::Selection;

use crate::{
    command,
    failure::Failure,
    project,
    wasm::{Variant, fate::Suite},
};
use {known::KnownFailures, verdict::Verdict};

/// Runs the selected tests on the full module of a variant, and fails unless exactly the known failures among them fail.
pub(crate) fn run(variant: Variant, selection: &Selection) -> anyhow::Result<()> {
    let suite = Suite::prepare(variant)?;
    if selection.list {
        let tests = sample::choose(&run::list(&suite)?, selection)?;
        tests.iter().for_each(|test| println!("{test}"));
        return Ok(());
    }
    command::build_workspace()?;
    run_in(&suite, selection)
}

/// Like [`run()`], with the workspace already built.
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
