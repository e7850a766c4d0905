use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

/// Ends jobs from outside: clones are one and the same, and any number of jobs may be given one.
///
/// A job ends within 100 ms, wherever its threads compute or wait, but for one that is inside of a call to the job's
/// filesystem: that one ends with the call. It then fails with [`Error::Cancelled`](crate::Error::Cancelled). A job that
/// still waits for a slot never starts.
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
pub struct CancelToken(CancellationToken);

impl CancelToken {
    /// A token that cancels nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends all jobs that have this token, now and later. More calls do nothing more.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether [`CancelToken::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// A token that is cancelled with this one, and can be cancelled alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }

    pub(crate) fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        self.0.cancelled()
    }
}
