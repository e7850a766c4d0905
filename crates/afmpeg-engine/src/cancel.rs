use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

/// Cancels jobs. Clones share the state, and any number of jobs may use one token.
///
/// A cancelled job ends within 100 ms with [`Error::Cancelled`](crate::Error::Cancelled), unless one of its threads
/// is inside a call to the job's filesystem, an input file or a sink. The job then waits for that call: for at most
/// 10 seconds, or without a limit if the call is on FFmpeg's main thread. A job that still waits for a slot when it
/// is cancelled does not start.
///
/// ```
/// use afmpeg_engine::CancelToken;
///
/// let all_of_a_user = CancelToken::new();
/// let one_of_them = all_of_a_user.child();
/// one_of_them.cancel();
/// assert!(one_of_them.is_cancelled() && !all_of_a_user.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelToken {
    cancel: CancellationToken,
    finish: CancellationToken,
}

impl CancelToken {
    /// Creates a token.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels all current and future jobs with this token. Further calls have no effect.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Makes all current and future jobs with this token finish early, as an interrupt does with ffmpeg: it stops
    /// reading input, encodes the frames that it has read, and completes its outputs, so that they are playable. The
    /// job then succeeds. This can take any time; [`CancelToken::cancel`] still ends the job at once. Further calls
    /// have no effect.
    ///
    /// These jobs cannot finish early and are cancelled instead: jobs that wait for a slot or have not opened their
    /// outputs, jobs of tools other than ffmpeg, and jobs of a module without support for it.
    ///
    /// ```
    /// use afmpeg_engine::CancelToken;
    ///
    /// let recordings = CancelToken::new();
    /// recordings.finish();
    /// assert!(!recordings.is_cancelled());
    /// ```
    pub fn finish(&self) {
        self.finish.cancel();
    }

    /// Whether this token is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Creates a token that is cancelled with this one, and can be cancelled separately.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { cancel: self.cancel.child_token(), finish: self.finish.child_token() }
    }

    /// Returns a guard that cancels this token when it is dropped, for a task that may be dropped while its job runs.
    ///
    /// ```
    /// use afmpeg_engine::CancelToken;
    ///
    /// let token = CancelToken::new();
    /// drop(token.clone().drop_guard());
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> DropGuard {
        DropGuard(Some(self))
    }

    pub(crate) fn is_finish_requested(&self) -> bool {
        self.finish.is_cancelled()
    }

    pub(crate) fn finish_requested(&self) -> WaitForCancellationFuture<'_> {
        self.finish.cancelled()
    }

    pub(crate) fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        self.cancel.cancelled()
    }
}

/// Cancels its [`CancelToken`] when it is dropped.
#[derive(Debug)]
#[must_use = "dropping the guard cancels the token"]
pub struct DropGuard(Option<CancelToken>);

impl DropGuard {
    /// Drops the guard without cancelling the token.
    pub fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.0 {
            token.cancel();
        }
    }
}
