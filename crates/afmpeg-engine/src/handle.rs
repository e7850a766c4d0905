use std::fmt;

use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::{CancelToken, Error, Output, ProgressWatch, Result, Tool, nested::Awaited};

/// A job that was [spawned](crate::Job::spawn), and runs on threads of its own.
///
/// Dropping the handle does not end the job; [`JobHandle::cancel`] does.
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
#[must_use = "without its handle, nobody hears of the job's end"]
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

    /// Waits for the job's end.
    ///
    /// # Errors
    ///
    /// As [`Job::run`](crate::Job::run).
    pub fn wait(self) -> Result<Output> {
        let tool = self.tool;
        self.awaited.by_this_thread();
        pollster::block_on(self.result).unwrap_or_else(|_| Err(lost(tool)))
    }

    /// The job's result if it has ended, once; `None` before, and after.
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

    /// Ends the job: see [`CancelToken::cancel`]. It does not wait for the end.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Lets the job end its work early and in good order, so that its outputs play: see [`CancelToken::finish`]. It does
    /// not wait for the end.
    ///
    /// ```no_run
    /// # use afmpeg_engine::Runtime;
    /// # use afmpeg_vfs::HostDir;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let job = runtime.job(HostDir::open("media")?).args(["-re", "-i", "long.mkv", "start.mp4"]).spawn()?;
    /// std::thread::sleep(std::time::Duration::from_secs(10));
    /// job.finish();
    /// // About ten seconds of it.
    /// job.wait()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn finish(&self) {
        self.cancel.finish();
    }

    /// Follows how far the job has come.
    pub fn progress(&self) -> ProgressWatch {
        self.progress.clone()
    }

    /// Waits for the job's end without blocking the executor's thread. It is a future like any other: any executor
    /// will do. Dropping it does not end the job.
    ///
    /// # Errors
    ///
    /// As [`Job::run`](crate::Job::run).
    #[cfg(feature = "tokio")]
    pub async fn finished(self) -> Result<Output> {
        let tool = self.tool;
        self.awaited.by_this_thread();
        self.result.await.unwrap_or_else(|_| Err(lost(tool)))
    }
}

/// Nobody will send a result: the runtime had no thread for the job, or our own code panicked in it.
fn lost(tool: Tool) -> Error {
    Error::Start { tool, reason: "its thread could not be started, or panicked".to_owned() }
}

impl fmt::Debug for JobHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandle").field("tool", &self.tool).finish_non_exhaustive()
    }
}
