//! Measurements in alternating pairs.

use std::time::{Duration, Instant};

use afmpeg_engine::{CancelToken, Limits, Runtime};
use afmpeg_vfs::{MemFs, VfsExt as _};
use tempfile::TempDir;

use super::{
    jobs::{FILM, SOUND, Threads, Work},
    media,
    native::Native,
    table::Row,
};
use crate::{failure::Failure, interrupt::Interrupts};

/// Both programs, and the media for each.
pub(super) struct Bench {
    runtime: Runtime,
    memory: MemFs,
    /// The installed FFmpeg, with a folder of the same files, which is removed with this value.
    native: Option<(Native, TempDir)>,
    rounds: u32,
    cancel: CancelToken,
    interrupts: Interrupts,
}

impl Bench {
    /// Makes the media. From now on, an interrupt ends the jobs.
    pub(super) fn new(runtime: Runtime, native: Option<Native>, rounds: u32) -> Result<Self, Failure> {
        let cancel = CancelToken::new();
        let interrupts = Interrupts::cancelling(&cancel);
        let memory = media::make(&runtime, &cancel).map_err(|failure| or_interrupt(&interrupts, failure))?;
        let native = native.map(|native| Ok::<_, Failure>((native, on_disk(&memory)?))).transpose()?;
        Ok(Self { runtime, memory, native, rounds, cancel, interrupts })
    }

    /// Measures a job, unless a program lacks its component.
    pub(super) fn row(&self, work: &Work, threads: Threads) -> Result<Row, Failure> {
        let arguments = work.arguments(threads);
        let is_in_module = work.need.is_in(self.runtime.capabilities()?);
        let native = self.native.as_ref().filter(|(native, _)| native.has(work.need));
        let mut row = Row::new(work, threads);
        if !is_in_module {
            row.lacks("module", work.need);
        }
        if native.is_none() && self.native.is_some() {
            row.lacks("native", work.need);
        }
        for round in 0..self.rounds {
            if self.interrupts.received() {
                return Err(interrupted());
            }
            // Each is first in half of the rounds, since the speed of machines varies.
            for is_ours in [round % 2 == 0, round % 2 != 0] {
                match native {
                    _ if is_ours && is_in_module => row.add(self.ours(&arguments)?),
                    Some((native, folder)) if !is_ours => {
                        let started = Instant::now();
                        native
                            .run(folder.path(), work, &arguments)
                            .map_err(|failure| or_interrupt(&self.interrupts, failure))?;
                        row.add_native(started.elapsed());
                    }
                    _ => {}
                }
            }
        }
        Ok(row)
    }

    fn ours(&self, arguments: &[&str]) -> Result<Duration, Failure> {
        let job = self.runtime.job(self.memory.clone()).args(arguments.iter().copied());
        let job = job.limits(Limits::none()).cancel_token(&self.cancel);
        let started = Instant::now();
        job.run().map_err(|error| or_interrupt(&self.interrupts, error.into()))?;
        Ok(started.elapsed())
    }
}

/// Returns the error of an interrupt if one was received, else the failure.
fn or_interrupt(interrupts: &Interrupts, failure: Failure) -> Failure {
    if interrupts.received() { interrupted() } else { failure }
}

fn interrupted() -> Failure {
    Failure::interrupted().with_hint("run it again for the whole table".to_owned())
}

/// Writes the media to a temporary folder.
fn on_disk(memory: &MemFs) -> Result<TempDir, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        let hint = "set TMPDIR to a folder that can be written, with 20 MB left";
        Failure::filesystem(format!("cannot write the media of the bench: {error}"), hint)
    };
    let folder =
        tempfile::Builder::new().prefix("afmpeg-bench-").tempdir().map_err(|error| failed(&error))?;
    for name in [FILM, SOUND] {
        let bytes = memory.read(name).map_err(|error| failed(&error))?;
        std::fs::write(folder.path().join(name), bytes).map_err(|error| failed(&error))?;
    }
    Ok(folder)
}
