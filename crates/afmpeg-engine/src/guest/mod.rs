//! The guest of one job: its instance, its threads, its end.

mod arguments;
mod clock;
mod cpu_time;
mod ending;
pub(crate) mod exit;
pub(crate) mod files;
mod host;
mod limits;
mod memory;
mod outcome;
mod process;
mod root;
pub(crate) mod sjlj;
mod stdin;
mod stdio;
mod stop;
mod threads;
mod transfer;
mod wasi;
mod watch;
pub(crate) mod words;

use std::{num::NonZero, sync::Arc};

use afmpeg_vfs::Vfs;

pub(crate) use host::{HostThreads, Spawner};
use process::Process;
pub(crate) use stdio::STDOUT_COLLECTED;

use crate::{
    cancel::CancelToken, error::Result, limits::Limits, output::Output, progress::ProgressSender,
    runtime::Inner, sinks::Sinks, spec::JobSpec,
};

/// A job that has a slot.
pub(crate) struct GuestJob {
    pub(crate) runtime: Arc<Inner>,
    pub(crate) fs: Arc<dyn Vfs>,
    pub(crate) spec: JobSpec,
    /// The limits of the spec, or else those of the runtime.
    pub(crate) limits: Limits,
    pub(crate) cancel: CancelToken,
    pub(crate) progress: ProgressSender,
}

/// The most processors that a guest has by default: threads beyond them cost memory, and bring an encoder little.
const MAX_DEFAULT_PROCESSORS: NonZero<usize> = NonZero::new(8).unwrap();

impl GuestJob {
    fn processors(&self) -> NonZero<usize> {
        self.spec.processors.unwrap_or_else(|| {
            let available = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
            available.min(MAX_DEFAULT_PROCESSORS)
        })
    }

    /// The bound of the guest's memory, in bytes.
    fn max_memory(&self) -> u64 {
        self.limits.resolved_memory(self.processors())
    }

    /// The bound of the number of the guest's threads.
    fn max_threads(&self) -> usize {
        self.limits.resolved_threads(self.processors())
    }
}

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
    let mut process = Process::set_up(job, sinks)?;
    let ending = process.call_main();
    let ended = process.wind_down(ending);
    let failure = ended.failure();
    ended.commit(failure)
}
