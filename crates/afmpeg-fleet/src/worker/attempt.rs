//! One attempt at a job.

use std::{sync::Arc, time::Duration};

use afmpeg_engine::{JobHandle, Limits};
use tokio::sync::watch;

use super::{
    active::{Reason, Running},
    failure::Failed,
    files::{self, Files, Prepared},
    film,
    lease::{Claim, Lease},
    shared::{Shared, Stop},
};
use crate::job::FleetJob;

/// The time without progress after which a job that has no such limit is stalled.
const STALL: Duration = Duration::from_secs(60);

/// The result of an attempt that succeeded: its outputs are not stored yet.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) files: Files,
    pub(super) outputs: Vec<Prepared>,
    /// The running time of the job.
    pub(super) elapsed: Duration,
}

/// Runs a claimed job, and renews its lease.
pub(super) async fn run(
    shared: &Shared,
    job: &FleetJob,
    claim: Claim,
    running: &Arc<Running>,
    stop: &mut watch::Receiver<Stop>,
) -> (Option<Claim>, Result<Finished, Failed>) {
    let (files, engine_job) = match prepare(shared, job, running).await {
        Ok(prepared) => prepared,
        Err(failed) => return (Some(claim), Err(failed)),
    };
    let progress = engine_job.progress();
    let handle = match engine_job.spawn() {
        Ok(handle) => handle,
        Err(error) => return (Some(claim), Err(error.into())),
    };
    let states = shared.fleet.states();
    let lease = Lease::start(claim, states, Arc::clone(running), shared.fleet.options.lease, Some(progress));
    let result = finish(shared, job, files, handle, running, stop).await;
    (lease.stop().await, result)
}

async fn prepare(
    shared: &Shared,
    job: &FleetJob,
    running: &Running,
) -> Result<(Files, afmpeg_engine::Job), Failed> {
    let inputs = files::inputs(job, &shared.stores).await?;
    let files = Files::new(job, inputs, &shared.readers, shared.spool)?;
    let mut spec = job.spec.clone();
    let most = &shared.limits;
    let mut limits = spec.limits.map_or_else(|| most.clone(), |wanted| within(wanted, most));
    // A stalled job loses its lease: it ends, and is tried again.
    limits.stall.get_or_insert(STALL);
    spec.limits = Some(limits);
    let engine_job = shared.runtime.job(files.0.clone()).with_spec(spec).cancel_token(&running.token);
    Ok((files, engine_job))
}

/// Returns the limits of a job, each at most that of the worker.
fn within(mut limits: Limits, most: &Limits) -> Limits {
    limits.memory = least(limits.memory, most.memory);
    limits.wall_time = least(limits.wall_time, most.wall_time);
    limits.slot_wait = least(limits.slot_wait, most.slot_wait);
    limits.stall = least(limits.stall, most.stall);
    limits.cpu_time = least(limits.cpu_time, most.cpu_time);
    limits.output = limits.output.min(most.output);
    limits.host_memory = limits.host_memory.min(most.host_memory);
    limits.files = limits.files.min(most.files);
    limits.tmp = limits.tmp.min(most.tmp);
    limits.log = limits.log.min(most.log);
    limits.threads = least(limits.threads, most.threads);
    limits.stack = limits.stack.min(most.stack);
    limits
}

/// Returns the smaller of two limits, either of which may be absent.
fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.into_iter().chain(other).min()
}

async fn finish(
    shared: &Shared,
    job: &FleetJob,
    files: Files,
    handle: JobHandle,
    running: &Running,
    stop: &mut watch::Receiver<Stop>,
) -> Result<Finished, Failed> {
    let mut ended = std::pin::pin!(handle.wait_async());
    let ended_early = tokio::select! {
        result = &mut ended => Some(result),
        _ = stop.wait_for(|stop| *stop == Stop::Now) => None,
    };
    let result = match ended_early {
        Some(result) => result,
        None => {
            running.end(Reason::HandedBack);
            ended.await
        }
    };
    let elapsed = result?.elapsed();
    if let Some(part) = &job.film {
        film::check(shared, part, &files).await?;
    }
    let (job, written) = (job.clone(), files.clone());
    let outputs = tokio::task::spawn_blocking(move || written.outputs(&job)).await;
    let outputs =
        outputs.map_err(|error| Failed::of_files(format!("cannot read the outputs: {error}")))??;
    Ok(Finished { files, outputs, elapsed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_a_job_are_at_most_those_of_the_worker() {
        let most = Limits::default().memory(1 << 30).wall_time(Duration::from_secs(60)).output(1 << 20);
        assert_eq!(within(Limits::none(), &most), most.clone().threads(Limits::MAX_THREADS));
        let less =
            most.clone().memory(1 << 20).wall_time(Duration::from_secs(1)).output(1).cpu_time(Duration::ZERO);
        assert_eq!(within(less.clone(), &most), less);
    }
}
