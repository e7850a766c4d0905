use std::fmt;

use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::{CancelToken, Error, Output, ProgressWatch, Result, Tool, blocking::block_on, nested::Awaited};

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
    /// As [`Job::run`](crate::Job::run); [`Error::InvalidJob`] if [`try_wait`](Self::try_wait) has returned the result.
    pub fn wait(mut self) -> Result<Output> {
        block_on(self.ended())
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
            Err(TryRecvError::Closed) => Err(Error::no_thread(self.tool)),
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
    /// As [`wait`](Self::wait).
    pub async fn wait_async(mut self) -> Result<Output> {
        self.ended().await
    }

    /// Waits for the job's result, which is returned once.
    pub(crate) async fn ended(&mut self) -> Result<Output> {
        if self.result.is_terminated() {
            return Err(Error::InvalidJob {
                subject: "the wait for the job".to_owned(),
                reason: "its result was already returned".to_owned(),
            });
        }
        self.awaited.by_this_thread();
        (&mut self.result).await.unwrap_or_else(|_| Err(Error::no_thread(self.tool)))
    }
}

impl fmt::Debug for JobHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandle").field("tool", &self.tool).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{nested::SchedulerId, progress::ProgressSender};

    #[test]
    fn result_is_returned_once() {
        let (sender, result) = oneshot::channel();
        let progress = ProgressSender::new().watch();
        let awaited = Awaited::new(SchedulerId(0));
        let mut handle = JobHandle::new(Tool::Ffmpeg, result, CancelToken::new(), progress, awaited);
        assert!(matches!(handle.try_wait(), Ok(None)));
        sender.send(Err(Error::NoModule)).unwrap();
        assert!(matches!(handle.try_wait(), Err(Error::NoModule)));
        assert!(matches!(handle.try_wait(), Ok(None)));
        assert!(matches!(handle.wait(), Err(Error::InvalidJob { .. })));
    }
}
