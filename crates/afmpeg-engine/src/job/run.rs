//! The ways to run a job.

use tokio::{runtime::Handle, sync::oneshot};

use super::Job;
use crate::{
    blocking::block_on,
    error::{Error, Result},
    guest::{self, GuestJob},
    handle::JobHandle,
    near_match::with_near_match,
    nested::{Awaited, OuterJobs},
    output::Output,
    running::RunningJob,
    scheduler::{NoSlot, Slot},
};

impl Job {
    /// Runs the job on this thread, once a [slot](crate::RuntimeBuilder::slots) is free, until the tool and all of its
    /// threads have ended.
    ///
    /// On success, it calls `commit` of the filesystem once.
    ///
    /// # Errors
    ///
    /// [`Error::Exit`] if the tool fails, [`Error::Filesystem`] if the job's filesystem fails, and the other errors of
    /// jobs: [`Error::Limit`], [`Error::Cancelled`], [`Error::Trap`] and more.
    pub fn run(self) -> Result<Output> {
        self.check()?;
        let threads = self.runtime.inner().spawner(self.spec.tool)?;
        let awaited = self.awaited();
        awaited.by_this_thread();
        let (job, running) = self.register()?;
        let slot = block_on(job.slot(threads.handle(), &awaited));
        let result = job.run_in(slot);
        drop(running);
        result
    }

    /// Starts the job on threads of the runtime, once a slot is free, and returns immediately.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidJob`], and [`Error::ShutDown`] after a [shutdown](crate::Runtime::shutdown). [`JobHandle::wait`]
    /// returns all others.
    pub fn spawn(self) -> Result<JobHandle> {
        self.check()?;
        let threads = self.runtime.inner().spawner(self.spec.tool)?;
        let (end, result) = oneshot::channel();
        let awaited = self.awaited();
        let (job, running) = self.register()?;
        let handle =
            JobHandle::new(job.spec.tool, result, job.cancel.clone(), job.progress.watch(), awaited.clone());
        let spawner = threads.clone();
        // A waiting job has no thread of its own.
        threads.handle().spawn(async move {
            let slot = job.slot(spawner.handle(), &awaited).await;
            // The handle may be gone. If no thread can be started, the sender is dropped and the handle returns an error.
            spawner.spawn(move || {
                let result = job.run_in(slot);
                drop(running);
                drop(end.send(result));
            });
        });
        Ok(handle)
    }

    /// The async version of [`run`](Self::run), for any executor. Dropping the future cancels the job.
    ///
    /// # Errors
    ///
    /// As [`Job::run`].
    pub async fn run_async(self) -> Result<Output> {
        // The caller's token must not be cancelled when this job has ended.
        let token = self.cancel.child();
        let job = self.cancel_token(&token).spawn()?;
        let _guard = token.drop_guard();
        job.wait_async().await
    }

    /// Lets a shutdown of the runtime wait for the job, and cancel it.
    fn register(mut self) -> Result<(Self, RunningJob)> {
        let token = self.cancel.child();
        let running = self.runtime.inner().register(self.spec.tool, &token)?;
        self.cancel = token;
        Ok((self, running))
    }

    fn awaited(&self) -> Awaited {
        Awaited::new(self.runtime.scheduler().id())
    }

    async fn slot(&self, clock: &Handle, awaited: &Awaited) -> std::result::Result<Slot, NoSlot> {
        let timeout = self.resolved_limits().slot_wait;
        self.runtime.scheduler().wait(&self.cancel, timeout, clock, awaited).await
    }

    fn run_in(self, slot: std::result::Result<Slot, NoSlot>) -> Result<Output> {
        let tool = self.spec.tool;
        let slot = slot.map_err(|reason| {
            self.progress.end(false);
            match reason {
                NoSlot::Cancelled => Error::Cancelled { tool, partial_outputs: None, log: Vec::new() },
                NoSlot::Full(jobs) => {
                    Error::Busy { tool, reason: format!("{jobs} jobs wait for a slot, which is the maximum") }
                }
                NoSlot::TooLate(time) => {
                    Error::Busy { tool, reason: format!("no slot became free within {time:?}") }
                }
            }
        })?;
        let limits = self.resolved_limits().clone();
        let Self { runtime, fs, spec, sinks, cancel, progress, lease } = self;
        lease.begin(slot, runtime.scheduler(), &cancel);
        let _inside = OuterJobs::of_this_thread().and(runtime.scheduler().id()).enter();
        let inner = runtime.shared_inner();
        let result = guest::run(GuestJob { runtime: inner, fs, spec, limits, cancel, progress }, sinks);
        lease.end();
        result.map_err(|error| with_near_match(error, &runtime, tool))
    }

    fn check(&self) -> Result<()> {
        self.spec.check()?;
        self.sinks.streams.iter().try_for_each(|stream| stream.check())
    }
}
