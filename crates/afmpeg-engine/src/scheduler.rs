//! Which jobs run, and which wait.

use std::{future::Future, num::NonZero, pin::pin, sync::Arc};

use futures_util::future::{Either, select};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::CancelToken;

/// Lets as many jobs run at once as there are slots; the others wait in the order in which they came.
#[derive(Debug, Clone)]
pub(crate) struct Scheduler {
    slots: Arc<Semaphore>,
    count: NonZero<usize>,
}

/// The right to run, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Scheduler {
    pub(crate) fn new(slots: NonZero<usize>) -> Self {
        let count = slots.min(NonZero::new(Semaphore::MAX_PERMITS).unwrap_or(slots));
        Self { slots: Arc::new(Semaphore::new(count.get())), count }
    }

    pub(crate) fn slots(&self) -> NonZero<usize> {
        self.count
    }

    /// Waits for a slot; none if `cancel` came first.
    pub(crate) async fn wait(&self, cancel: &CancelToken) -> Option<Slot> {
        if cancel.is_cancelled() || cancel.is_finish_requested() {
            return None;
        }
        // tokio's semaphore is fair: who came first gets the next slot.
        let permit = Arc::clone(&self.slots).acquire_owned();
        let ended = first_of(cancel.cancelled(), cancel.finish_requested());
        match first_of(permit, ended).await {
            // The semaphore is never closed.
            Either::Left(permit) => permit.ok().map(|permit| Slot { _permit: permit }),
            Either::Right(_) => None,
        }
    }
}

/// The output of whichever future is ready first, the left one if both are.
pub(crate) async fn first_of<A: Future, B: Future>(left: A, right: B) -> Either<A::Output, B::Output> {
    match select(pin!(left), pin!(right)).await {
        Either::Left((output, _)) => Either::Left(output),
        Either::Right((output, _)) => Either::Right(output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheduler() -> Scheduler {
        Scheduler::new(NonZero::<usize>::MIN)
    }

    #[test]
    fn slot_goes_to_who_came_first() {
        let scheduler = scheduler();
        let (cancel, order) = (CancelToken::new(), std::sync::Mutex::new(Vec::new()));
        pollster::block_on(async {
            let held = scheduler.wait(&cancel).await.unwrap();
            let waiter = |number: u32| {
                let (scheduler, cancel, order) = (&scheduler, &cancel, &order);
                async move {
                    let slot = scheduler.wait(cancel).await.unwrap();
                    order.lock().unwrap().push(number);
                    drop(slot);
                }
            };
            let release = async { drop(held) };
            futures_util::join!(waiter(1), waiter(2), waiter(3), release);
        });
        assert_eq!(*order.lock().unwrap(), [1, 2, 3]);
    }

    #[test]
    fn who_is_cancelled_in_the_queue_leaves_it() {
        let scheduler = scheduler();
        let cancel = CancelToken::new();
        pollster::block_on(async {
            let held = scheduler.wait(&CancelToken::new()).await.unwrap();
            let waiting = scheduler.wait(&cancel);
            let (given, ()) = futures_util::join!(waiting, async { cancel.cancel() });
            assert!(given.is_none());
            drop(held);
            assert!(scheduler.wait(&CancelToken::new()).await.is_some());
        });
    }
}
