//! One attempt at a job.

use std::{sync::Arc, time::Duration};

use afmpeg_engine::JobHandle;
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
    // A stalled job loses its lease: it ends, and is tried again.
    spec.limits.get_or_insert_with(|| shared.runtime.limits().clone()).stall.get_or_insert(STALL);
    let engine_job = shared.runtime.job(files.0.clone()).with_spec(spec).cancel_token(&running.token);
    Ok((files, engine_job))
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
