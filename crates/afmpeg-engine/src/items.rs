//! The items that a job sends to its reader while it runs.

use std::pin::pin;

use futures_util::future::{Either, select};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::{JobHandle, Output, Result, blocking::block_on};

/// Creates a queue for the items of a job, which blocks the job while it has `capacity` items: see
/// [`Lease::send`](crate::lease::Lease::send).
pub(crate) fn queue<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    mpsc::channel(capacity)
}

/// The items of a running job, in order. Dropping them cancels the job.
#[derive(Debug)]
pub(crate) struct Items<T> {
    receiver: Receiver<T>,
    /// None after the job's end.
    job: Option<JobHandle>,
}

/// The next item of a job, or its end.
pub(crate) enum Next<T> {
    Item(T),
    Ended(Result<Output>),
}

impl<T> Items<T> {
    pub(crate) fn new(receiver: Receiver<T>, job: JobHandle) -> Self {
        Self { receiver, job: Some(job) }
    }

    /// Waits for the next item or, after all items, for the job's end, which is returned once.
    pub(crate) fn next(&mut self) -> Option<Next<T>> {
        block_on(self.next_async())
    }

    /// The async version of [`next`](Self::next).
    pub(crate) async fn next_async(&mut self) -> Option<Next<T>> {
        let job = self.job.as_mut()?;
        // The job's end ends the items as well, since one of its threads, stuck in the caller's filesystem, may keep the
        // queue open. The first future is polled first, so that no item is lost.
        let next = match select(pin!(self.receiver.recv()), pin!(job.ended())).await {
            Either::Left((Some(item), _)) => Next::Item(item),
            Either::Left((None, end)) => Next::Ended(end.await),
            Either::Right((ending, _)) => Next::Ended(ending),
        };
        if matches!(next, Next::Ended(_)) {
            self.job = None;
        }
        Some(next)
    }
}

impl<T> Drop for Items<T> {
    fn drop(&mut self) {
        if let Some(job) = &self.job {
            job.cancel();
        }
    }
}
