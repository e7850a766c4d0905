//! The events of attempts, with the numbers that exporters of metrics need.

use std::time::{Duration, SystemTime};

use crate::{
    identity::Identity,
    state::{JobState, Phase},
};

/// An attempt starts at a job that was put into the queue at `queued`.
pub(super) fn started(identity: Identity, state: &JobState, queued: SystemTime) {
    // The clocks of the server and of this machine may differ.
    let waited = SystemTime::now().duration_since(queued).unwrap_or_default();
    tracing::info!(
        %identity,
        attempt = state.attempts,
        queued_seconds = waited.as_secs_f64(),
        "the job starts"
    );
}

/// An attempt has ended in `state`, after a time that includes those for reading and storing. A job that is not final is
/// tried again after a failure, or was handed back.
pub(super) fn ended(identity: Identity, state: &JobState, elapsed: Duration, is_handed_back: bool) {
    let elapsed_seconds = elapsed.as_secs_f64();
    let attempt = state.attempts;
    match &state.phase {
        Phase::Done { elapsed: job } => {
            let output_bytes: u64 = state.objects.iter().map(|object| object.bytes).sum();
            tracing::info!(
                %identity,
                attempt,
                elapsed_seconds,
                job_seconds = job.as_secs_f64(),
                output_bytes,
                "the job is done"
            );
        }
        Phase::Failed { failure } => {
            let kind = failure.kind.code();
            tracing::warn!(%identity, attempt, elapsed_seconds, kind, failure.message, "the job has failed");
        }
        Phase::Cancelled => tracing::info!(%identity, attempt, elapsed_seconds, "the job was cancelled"),
        _ if is_handed_back => tracing::info!(%identity, elapsed_seconds, "the job was handed back"),
        _ => {
            let failure = state.last_failure.as_ref();
            let kind = failure.map(|failure| failure.kind.code());
            let message = failure.map(|failure| &*failure.message);
            tracing::warn!(%identity, attempt, elapsed_seconds, kind, failure.message = message, "the job is tried again");
        }
    }
}
