use std::sync::{Arc, OnceLock};

use afmpeg_vfs::{FileStats, Observe, Quota, VPath, Vfs};
use tokio::sync::watch;

use super::{JobState, Progress};
use crate::blocking::block_on;

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
        {
            let current = self.progress.borrow();
            // The thread with the sender may be stuck in a call to the filesystem for ever.
            if current.state == JobState::Ended && !current.has_changed() {
                return None;
            }
        }
        self.progress.changed().await.ok()?;
        Some(self.progress.borrow_and_update().clone())
    }
}

impl Iterator for ProgressWatch {
    type Item = Progress;

    fn next(&mut self) -> Option<Progress> {
        block_on(self.next_change())
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

    #[test]
    fn end_is_reported_to_a_reader_that_was_busy() {
        let sender = ProgressSender::new();
        let mut busy = sender.watch();
        sender.send(&Progress { fraction: Some(0.5), ..Progress::default() });
        sender.end(true);
        drop(sender);
        let end = busy.next().unwrap();
        assert_eq!((end.state, end.fraction), (JobState::Ended, Some(1.0)));
        assert_eq!(busy.next(), None);
    }

    #[test]
    fn reader_in_a_task_of_tokio_can_wait_any_number_of_times() {
        let sender = ProgressSender::new();
        let mut watch = sender.watch();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            // More often than tokio lets a task use its channels at once.
            for frame in 0..1000 {
                sender.send(&Progress { frame: Some(frame), ..Progress::default() });
                assert_eq!(watch.next().and_then(|progress| progress.frame), Some(frame));
            }
        });
    }
}
