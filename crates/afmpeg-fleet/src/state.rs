use std::time::Duration;

use afmpeg_engine::{ErrorKind, Progress, Tool};
use serde::{Deserialize, Serialize};
use url::Url;

/// The state of a job of a fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JobState {
    /// The phase.
    #[serde(flatten)]
    pub phase: Phase,
    /// The tool.
    pub tool: Tool,
    /// The locations of the outputs.
    pub outputs: Vec<Url>,
    /// The number of starts since the job was submitted.
    pub attempts: u32,
    /// The number of times that the job was submitted again after it had failed or was cancelled.
    pub generation: u32,
    /// The objects that a worker has stored, if the job is done. Otherwise those that an attempt was about to store,
    /// some of which may exist.
    pub objects: Vec<OutputObject>,
    /// The failure of the last attempt, if it failed and the job was tried again.
    pub last_failure: Option<Failure>,
}

/// The phase of a job of a fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// A submitter prepares the job. If it is interrupted here, the job must be submitted again.
    Submitting,
    /// The job waits for a worker.
    Queued,
    /// A worker runs the job.
    #[non_exhaustive]
    Running {
        /// The name of the worker.
        worker: String,
        /// The sequence number of the message by which the worker got the job.
        sequence: u64,
        /// The progress.
        progress: RunningProgress,
    },
    /// The job has ended, and a worker stores its outputs.
    #[non_exhaustive]
    Committing {
        /// The name of the worker.
        worker: String,
        /// The sequence number of the message by which the worker got the job.
        sequence: u64,
        /// The running time of the job.
        elapsed: Duration,
    },
    /// All outputs are stored.
    #[non_exhaustive]
    Done {
        /// The running time of the attempt that made them.
        elapsed: Duration,
    },
    /// The job has failed: it is a [dead letter](crate::DeadLetter).
    #[non_exhaustive]
    Failed {
        /// The failure.
        failure: Failure,
    },
    /// The job was cancelled.
    Cancelled,
}

/// The progress of a running job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunningProgress {
    /// The time of the most advanced stream of all outputs.
    pub time: Option<Duration>,
    /// The average seconds of output per second.
    pub speed: Option<f64>,
    /// The completed fraction, from 0 to 1, if the job has an expected duration.
    pub fraction: Option<f64>,
    /// The running time of this attempt.
    pub elapsed: Duration,
}

impl From<&Progress> for RunningProgress {
    fn from(progress: &Progress) -> Self {
        Self {
            time: progress.time,
            speed: progress.speed,
            fraction: progress.fraction,
            elapsed: progress.elapsed,
        }
    }
}

/// An output of a job in its store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputObject {
    /// The location.
    pub url: Url,
    /// The length in bytes.
    pub bytes: u64,
    /// The SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// The failure of a job of a fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The kind.
    pub kind: ErrorKind,
    /// The error in one line.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
    /// Whether a later attempt may succeed.
    pub may_be_retried: bool,
    /// The exit code of the tool, if it exited with an error.
    #[serde(default)]
    pub exit_code: Option<u8>,
}

impl JobState {
    /// Whether the job has ended: it is done, has failed or was cancelled.
    ///
    /// ```
    /// # fn f(state: afmpeg_fleet::JobState) {
    /// if state.is_final() {
    ///     println!("{:?} after {} attempts", state.phase, state.attempts);
    /// }
    /// # }
    /// ```
    pub fn is_final(&self) -> bool {
        matches!(self.phase, Phase::Done { .. } | Phase::Failed { .. } | Phase::Cancelled)
    }
}
