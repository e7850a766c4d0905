//! The claim of a worker on a job, and its renewal.

use std::{sync::Arc, time::Duration};

use afmpeg_engine::ProgressWatch;
use async_nats::jetstream::AckKind;
use tokio::{sync::oneshot, task::JoinHandle, time::Instant};

use super::active::{Reason, Running};
use crate::{
    error::Result,
    identity::Identity,
    records::Records,
    state::{JobState, Phase, RunningProgress},
};

/// The time between two reports of a job's progress.
const REPORT: Duration = Duration::from_secs(2);

/// A job that this worker has claimed. Only it changes the state of the job until the claim is lost.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) identity: Identity,
    pub(super) worker: String,
    pub(super) sequence: u64,
    pub(super) state: JobState,
    pub(super) revision: u64,
}

impl Claim {
    /// Stores the state; false if another worker has claimed the job.
    pub(super) async fn store(&mut self, states: &Records<JobState>) -> Result<bool> {
        loop {
            if let Some(revision) = states.update(self.identity, &self.state, self.revision).await? {
                self.revision = revision;
                return Ok(true);
            }
            // A request whose answer was lost can have changed the revision.
            match states.get(self.identity).await? {
                Some(found) if self.owns(&found.state) && found.revision != self.revision => {
                    self.revision = found.revision;
                }
                _ => return Ok(false),
            }
        }
    }

    /// Whether this attempt has stored `state`.
    fn owns(&self, state: &JobState) -> bool {
        match &state.phase {
            Phase::Running { worker, sequence, .. } | Phase::Committing { worker, sequence, .. } => {
                *worker == self.worker
                    && *sequence == self.sequence
                    && (state.attempts, state.generation) == (self.state.attempts, self.state.generation)
            }
            _ => false,
        }
    }

    pub(super) fn running(&mut self, progress: RunningProgress) {
        self.state.phase = Phase::Running { worker: self.worker.clone(), sequence: self.sequence, progress };
    }

    pub(super) fn committing(&mut self, elapsed: Duration) {
        self.state.phase =
            Phase::Committing { worker: self.worker.clone(), sequence: self.sequence, elapsed };
    }
}

/// Renews the lease of a claimed job in the background.
#[derive(Debug)]
pub(super) struct Lease {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Claim>,
}

impl Lease {
    /// Renews the lease until [`stop`](Self::stop), and reports the progress of the job if there is one.
    pub(super) fn start(
        claim: Claim,
        states: Records<JobState>,
        running: Arc<Running>,
        time: Duration,
        progress: Option<ProgressWatch>,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(renew(claim, states, running, time, progress, stopped)) }
    }

    /// Ends the renewal, and returns the claim; `None` if its task has panicked.
    pub(super) async fn stop(self) -> Option<Claim> {
        drop(self.stop);
        self.task.await.ok()
    }
}

async fn renew(
    mut claim: Claim,
    states: Records<JobState>,
    running: Arc<Running>,
    time: Duration,
    progress: Option<ProgressWatch>,
    mut stopped: oneshot::Receiver<()>,
) -> Claim {
    let mut renewed = Instant::now();
    let mut reported = RunningProgress::default();
    loop {
        let pause = tokio::time::sleep(REPORT.min(time / 3));
        tokio::select! {
            _ = &mut stopped => return claim,
            () = pause => {}
        }
        if renewed.elapsed() >= time / 3 - REPORT.min(time / 3) {
            // A lost message is followed by the next one, before the lease expires.
            let _ = running.acker().ack_with(AckKind::Progress).await;
            renewed = Instant::now();
        }
        let Some(progress) = progress.as_ref().map(ProgressWatch::latest) else { continue };
        let progress = RunningProgress::from(&progress);
        if progress.time == reported.time && progress.fraction == reported.fraction {
            continue;
        }
        claim.running(progress.clone());
        match claim.store(&states).await {
            Ok(true) => reported = progress,
            Ok(false) => {
                running.end(Reason::Lost);
                return claim;
            }
            Err(error) => tracing::warn!(%error, "cannot report the progress of a job"),
        }
    }
}
