//! The guest of one job: its instance, its threads, its end.

mod arguments;
mod clock;
mod cpu_time;
mod ending;
pub(crate) mod exit;
pub(crate) mod files;
mod job;
mod limits;
mod memory;
mod outcome;
mod poll;
mod process;
mod root;
pub(crate) mod shared_variables;
mod state;
mod stdin;
mod stdio;
mod stop;
mod terminal;
mod threads;
pub(crate) mod throws;
mod transfer;
mod urls;
mod wasi;
mod watch;

pub(crate) use job::GuestJob;

use crate::{error::Result, output::Output, sinks::Sinks};

/// Runs a job on the calling thread and the threads that the guest starts.
pub(crate) fn run(job: GuestJob, sinks: Sinks) -> Result<Output> {
    let span = tracing::debug_span!("job", tool = %job.spec.tool);
    let _in_span = span.enter();

    let progress = job.progress.clone();
    let result = run_process(job, sinks);
    progress.end(result.is_ok());
    result
}

fn run_process(job: GuestJob, sinks: Sinks) -> Result<Output> {
    let mut process = process::Process::set_up(job, sinks)?;
    let ending = process.call_main();
    let ended = process.wind_down(ending);
    let failure = ended.failure();
    ended.commit(failure)
}
