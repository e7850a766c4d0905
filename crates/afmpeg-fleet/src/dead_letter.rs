use serde::{Deserialize, Serialize};

use crate::{identity::Identity, job::FleetJob, state::Failure};

/// A job that failed for good, with the end of its log.
///
/// [`Fleet::dead_letter`](crate::Fleet::dead_letter) returns it until [`FleetOptions::keep`](crate::FleetOptions::keep)
/// has passed. [`Fleet::submit`](crate::Fleet::submit) runs the job again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The identity of the job.
    pub identity: Identity,
    /// The job.
    pub job: FleetJob,
    /// The failure of its last attempt.
    pub failure: Failure,
    /// The last lines of FFmpeg's log in the last attempt.
    pub log: Vec<String>,
    /// The number of attempts.
    pub attempts: u32,
    /// The worker of the last attempt.
    pub worker: String,
}
