use std::fmt;

use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::{CancelToken, Error, Output, ProgressWatch, Result, Tool, nested::Awaited};

/// A [spawned](crate::Job::spawn) job, which runs on threads of the runtime.
///
/// Dropping the handle does not end the job: call [`JobHandle::cancel`].
///
/// ```no_run
/// use afmpeg_engine::{ErrorKind, Runtime};
/// use afmpeg_vfs::MemFs;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let job = runtime.job(MemFs::new()).args(["-f", "lavfi", "-i", "testsrc", "-f", "null", "-"]).spawn()?;
/// job.cancel();
/// assert_eq!(job.wait().unwrap_err().kind(), ErrorKind::Cancelled);
/// # Ok(())
/// # }
/// ```
#[must_use = "the job's result is available only from its handle"]
pub struct JobHandle {
    tool: Tool,
    result: oneshot::Receiver<Result<Output>>,
    cancel: CancelToken,
    progress: ProgressWatch,
    awaited: Awaited,
}

impl JobHandle {
    pub(crate) fn new(
        tool: Tool,
        result: oneshot::Receiver<Result<Output>>,
        cancel: CancelToken,
        progress: ProgressWatch,
        awaited: Awaited,
    ) -> Self {
        Self { tool, result, cancel, progress, awaited }
    }

    /// Waits for the job to end.
    ///
    /// # Errors
    ///
    /// As [`Job::run`](crate::Job::run).
    pub fn wait(self) -> Result<Output> {
        let tool = self.tool;
        self.awaited.by_this_thread();
        pollster::block_on(self.result).unwrap_or_else(|_| Err(lost(tool)))
    }

    /// Returns the job's result once, after its end; otherwise `None`.
    ///
    /// # Errors
    ///
    /// As [`Job::run`](crate::Job::run).
    pub fn try_wait(&mut self) -> Result<Option<Output>> {
        self.awaited.by_this_thread();
        match self.result.try_recv() {
            Ok(result) => result.map(Some),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Closed) if self.result.is_terminated() => Ok(None),
            Err(TryRecvError::Closed) => Err(lost(self.tool)),
        }
    }

    /// Cancels the job without waiting for its end: see [`CancelToken::cancel`].
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Makes the job finish early with playable outputs, without waiting for its end: see [`CancelToken::finish`].
    ///
    /// ```no_run
    /// # use afmpeg_engine::Runtime;
    /// # use afmpeg_vfs::HostDir;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let job = runtime.job(HostDir::open("media")?).args(["-re", "-i", "long.mkv", "start.mp4"]).spawn()?;
    /// std::thread::sleep(std::time::Duration::from_secs(10));
    /// job.finish();
    /// // The output has about ten seconds.
    /// job.wait()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn finish(&self) {
        self.cancel.finish();
    }

    /// Returns a watch on the job's progress.
    pub fn progress(&self) -> ProgressWatch {
        self.progress.clone()
    }

    /// The async version of [`wait`](Self::wait), for any executor. Dropping the future does not end the job.
    ///
    /// # Errors
    ///
    /// As [`Job::run`](crate::Job::run).
    pub async fn wait_async(self) -> Result<Output> {
        let tool = self.tool;
        self.awaited.by_this_thread();
        self.result.await.unwrap_or_else(|_| Err(lost(tool)))
    }
}

/// The error if no result is sent: the runtime had no thread for the job, or the engine panicked on it.
fn lost(tool: Tool) -> Error {
    Error::Start { tool, reason: "its thread could not be started, or panicked".to_owned() }
}

impl fmt::Debug for JobHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandle").field("tool", &self.tool).finish_non_exhaustive()
    }
}
