//! Measurements of whole processes in alternating pairs.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use wait4::Wait4 as _;

use super::rows::Row;

/// A program that runs FFmpeg's command lines.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) name: String,
    /// The words before FFmpeg's arguments.
    pub(super) words: Vec<std::ffi::OsString>,
}

impl Program {
    /// Returns the time of one run in a folder.
    fn time(&self, folder: &Path, row: &Row) -> anyhow::Result<Time> {
        let (program, words) = self.words.split_first().context("a program has a path")?;
        let mut command = Command::new(program);
        command.current_dir(folder).args(words).args(&row.arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot run {}", program.display()))?;
        let used = child.wait4()?;
        let elapsed = started.elapsed();
        anyhow::ensure!(used.status.success(), "{row} failed in {} ({})", self.name, used.status);
        Ok(Time { processor: used.rusage.utime + used.rusage.stime, elapsed })
    }
}

/// The time of a process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    /// User and system time of all threads.
    pub(super) processor: Duration,
    pub(super) elapsed: Duration,
}

/// The times of two programs for one row, by round.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) row: Row,
    pub(super) theirs: Vec<Time>,
    pub(super) ours: Vec<Time>,
}

/// Runs a row in both programs, in alternating order, once to fill caches and then `rounds` times.
pub(super) fn measure(
    row: &Row,
    folder: &Path,
    theirs: &Program,
    ours: &Program,
    rounds: usize,
) -> anyhow::Result<Measured> {
    theirs.time(folder, row)?;
    ours.time(folder, row)?;
    let mut measured = Measured { row: row.clone(), theirs: Vec::new(), ours: Vec::new() };
    for round in 0..rounds {
        if round % 2 == 0 {
            measured.theirs.push(theirs.time(folder, row)?);
            measured.ours.push(ours.time(folder, row)?);
        } else {
            measured.ours.push(ours.time(folder, row)?);
            measured.theirs.push(theirs.time(folder, row)?);
        }
    }
    Ok(measured)
}
