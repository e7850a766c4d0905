use std::sync::{Arc, OnceLock};

use afmpeg_vfs::{FileStats, Observe, Quota, VPath, Vfs};
use tokio::sync::watch;

use super::{JobState, Progress};

/// Follows a job's [`Progress`] from any thread. It never makes the job wait: who looks seldom sees only the latest.
///
/// As an iterator it waits for what is new, and ends when the job has.
///
/// ```no_run
/// use afmpeg_engine::Runtime;
/// use afmpeg_vfs::MemFs;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let job = runtime.job(MemFs::new()).args(["-f", "lavfi", "-i", "testsrc", "-t", "9", "out.mkv"]);
/// let progress = job.progress();
/// std::thread::spawn(move || {
///     for step in progress {
///         println!("{} frames", step.frame.unwrap_or_default());
///     }
/// });
/// job.run()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ProgressWatch {
    progress: watch::Receiver<Progress>,
    traffic: Traffic,
}

/// The job's filesystem, counted and within its limits.
type Observed = Observe<Quota<Arc<dyn Vfs>>>;

/// The counts of a job's filesystem, from its start on.
#[derive(Debug, Clone, Default)]
struct Traffic(Arc<OnceLock<Observed>>);

impl ProgressWatch {
    /// How far the job has come, now.
    pub fn latest(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// What was read from and written to each file so far, in bytes, by the path it was opened under. `/dev` and a
    /// private `/tmp` are not counted.
    pub fn files(&self) -> Vec<(VPath, FileStats)> {
        self.traffic.0.get().map(Observe::stats).unwrap_or_default()
    }

    /// Waits for what is new since the last call; `None` when the job has ended and its end was seen.
    ///
    /// It is a future like any other: any executor will do.
    #[cfg(feature = "tokio")]
    pub async fn changed(&mut self) -> Option<Progress> {
        self.next_change().await
    }

    async fn next_change(&mut self) -> Option<Progress> {
        // Whoever holds the other end may be stuck in a call to the filesystem for ever.
        if self.progress.borrow().state == JobState::Ended && !self.progress.has_changed().unwrap_or(false) {
            return None;
        }
        self.progress.changed().await.ok()?;
        Some(self.progress.borrow_and_update().clone())
    }
}

impl Iterator for ProgressWatch {
    type Item = Progress;

    fn next(&mut self) -> Option<Progress> {
        pollster::block_on(self.next_change())
    }
}

/// The job's end of a [`ProgressWatch`].
#[derive(Debug, Clone)]
pub(crate) struct ProgressSender {
    progress: watch::Sender<Progress>,
    traffic: Traffic,
}

impl ProgressSender {
    pub(crate) fn new() -> Self {
        Self { progress: watch::Sender::new(Progress::default()), traffic: Traffic::default() }
    }

    pub(crate) fn watch(&self) -> ProgressWatch {
        ProgressWatch { progress: self.progress.subscribe(), traffic: self.traffic.clone() }
    }

    /// Counts from now on what is done with the files of `fs`.
    pub(crate) fn observe(&self, fs: Quota<Arc<dyn Vfs>>) -> Observed {
        self.traffic.0.get_or_init(|| Observe::new(fs)).clone()
    }

    /// How many bytes of files were read and written.
    pub(crate) fn bytes_moved(&self) -> u64 {
        let total = self.traffic.0.get().map(Observe::total).unwrap_or_default();
        total.bytes_read.wrapping_add(total.bytes_written)
    }

    pub(crate) fn send(&self, progress: &Progress) {
        self.progress.send_if_modified(|known| {
            // A thread that was stuck when its job was given up may still come by.
            let goes_on = known.state != JobState::Ended;
            if goes_on {
                known.clone_from(progress);
            }
            goes_on
        });
    }

    /// Says that the job has ended; only a success is all of it.
    pub(crate) fn end(&self, succeeded: bool) {
        self.progress.send_modify(|progress| {
            progress.state = JobState::Ended;
            progress.eta = None;
            if succeeded {
                progress.fraction = progress.fraction.map(|_| 1.0);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_is_the_last_that_is_heard_whoever_reports_after_it() {
        let sender = ProgressSender::new();
        let (mut early, stuck) = (sender.watch(), sender.clone());
        sender.end(false);
        stuck.send(&Progress { state: JobState::Running, ..Progress::default() });
        assert_eq!(early.latest().state, JobState::Ended);
        assert_eq!(early.next().map(|progress| progress.state), Some(JobState::Ended));
        assert_eq!(early.next(), None);
    }
}
