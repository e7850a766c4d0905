use std::sync::{Arc, OnceLock};

use afmpeg_vfs::{FileStats, Observe, Quota, VPath, Vfs};
use tokio::sync::watch;

use super::{JobState, Progress};

/// A watch on a job's [`Progress`], usable from any thread. It never blocks the job: a slow reader sees only the latest
/// progress.
///
/// As an iterator it waits for new progress, and ends with the job.
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

/// The job's filesystem with counters and limits.
type Observed = Observe<Quota<Arc<dyn Vfs>>>;

/// The counters of a job's filesystem, once the job has started.
#[derive(Debug, Clone, Default)]
struct Traffic(Arc<OnceLock<Observed>>);

impl ProgressWatch {
    /// Returns the current progress.
    pub fn latest(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Returns the numbers of bytes read from and written to each file so far, by the path under which it was opened,
    /// without `/dev` and a private `/tmp`.
    pub fn files(&self) -> Vec<(VPath, FileStats)> {
        self.traffic.0.get().map(Observe::stats).unwrap_or_default()
    }

    /// Waits for progress since the last call, on any executor; `None` once the end of the job was returned.
    pub async fn changed(&mut self) -> Option<Progress> {
        self.next_change().await
    }

    async fn next_change(&mut self) -> Option<Progress> {
        // The thread with the sender may be stuck in a call to the filesystem for ever.
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

/// The sender for a [`ProgressWatch`].
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

    /// Starts to count the operations on the files of `fs`.
    pub(crate) fn observe(&self, fs: Quota<Arc<dyn Vfs>>) -> Observed {
        self.traffic.0.get_or_init(|| Observe::new(fs)).clone()
    }

    /// Returns the number of bytes read from and written to files.
    pub(crate) fn bytes_moved(&self) -> u64 {
        let total = self.traffic.0.get().map(Observe::total).unwrap_or_default();
        total.bytes_read.wrapping_add(total.bytes_written)
    }

    pub(crate) fn send(&self, progress: &Progress) {
        self.progress.send_if_modified(|current| {
            // A thread of an abandoned job may still report.
            let is_running = current.state != JobState::Ended;
            if is_running {
                current.clone_from(progress);
            }
            is_running
        });
    }

    /// Sends the end of the job; the fraction becomes 1 only on success.
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
    fn reports_after_the_end_are_ignored() {
        let sender = ProgressSender::new();
        let (mut early, stuck) = (sender.watch(), sender.clone());
        sender.end(false);
        stuck.send(&Progress { state: JobState::Running, ..Progress::default() });
        assert_eq!(early.latest().state, JobState::Ended);
        assert_eq!(early.next().map(|progress| progress.state), Some(JobState::Ended));
        assert_eq!(early.next(), None);
    }
}
