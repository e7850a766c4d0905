//! The queue of jobs for a limited number of slots.

use std::{
    future::{Future, pending},
    num::NonZero,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::{Either, select};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::{
    CancelToken,
    nested::{Awaited, SchedulerId},
    timer,
};

/// Runs at most as many jobs at once as there are slots; the others wait in order of arrival.
#[derive(Debug, Clone)]
pub(crate) struct Scheduler {
    slots: Arc<Semaphore>,
    count: NonZero<usize>,
    waiting: Arc<AtomicUsize>,
    max_waiting: usize,
}

/// The right to run, released on drop.
#[derive(Debug)]
pub(crate) struct Slot {
    /// None for a job that runs in the slot of another job that waits for it.
    permit: Option<OwnedSemaphorePermit>,
}

impl Slot {
    fn own(permit: OwnedSemaphorePermit) -> Self {
        Self { permit: Some(permit) }
    }

    fn of_another_job() -> Self {
        Self { permit: None }
    }

    /// Whether the slot belongs to another job, so that it cannot be released meanwhile.
    pub(crate) fn is_of_another_job(&self) -> bool {
        self.permit.is_none()
    }
}

/// The reason that a job got no slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoSlot {
    Cancelled,
    /// The queue has reached its maximum length.
    Full(usize),
    /// The job waited for the maximum time.
    TooLate(Duration),
}

impl Scheduler {
    pub(crate) fn new(slots: NonZero<usize>) -> Self {
        let count = slots.min(NonZero::new(Semaphore::MAX_PERMITS).unwrap_or(slots));
        let slots = Arc::new(Semaphore::new(count.get()));
        Self { slots, count, waiting: Arc::default(), max_waiting: usize::MAX }
    }

    /// Limits the length of the queue.
    pub(crate) fn max_waiting(self, jobs: usize) -> Self {
        Self { max_waiting: jobs, ..self }
    }

    /// Creates a separate queue with the same maximum length.
    pub(crate) fn another(&self, slots: NonZero<usize>) -> Self {
        Self::new(slots).max_waiting(self.max_waiting)
    }

    pub(crate) fn slots(&self) -> NonZero<usize> {
        self.count
    }

    pub(crate) fn id(&self) -> SchedulerId {
        SchedulerId(Arc::as_ptr(&self.slots).addr())
    }

    /// Waits for a slot, for at most `longest`, on the timers of `clock`. A job that is `awaited` inside another job does
    /// not wait: if no slot is free, it shares the other job's.
    pub(crate) async fn wait(
        &self,
        cancel: &CancelToken,
        longest: Option<Duration>,
        clock: &Handle,
        awaited: &Awaited,
    ) -> Result<Slot, NoSlot> {
        if cancel.is_cancelled() || cancel.is_finish_requested() {
            return Err(NoSlot::Cancelled);
        }
        if let Ok(permit) = Arc::clone(&self.slots).try_acquire_owned() {
            return Ok(Slot::own(permit));
        }
        if awaited.is_inside() {
            return Ok(Slot::of_another_job());
        }
        let _waiting = self.enter_queue()?;
        let given = first_of(self.again(cancel), awaited.inside());
        match first_of(given, elapsed(longest, clock)).await {
            Either::Left(Either::Left(slot)) => slot.ok_or(NoSlot::Cancelled),
            Either::Left(Either::Right(())) => Ok(Slot::of_another_job()),
            Either::Right(longest) => Err(NoSlot::TooLate(longest)),
        }
    }

    /// Waits for a slot for a job that has already started, whatever the queue's length. None if `cancel` came first.
    pub(crate) async fn again(&self, cancel: &CancelToken) -> Option<Slot> {
        // tokio's semaphore is fair: it grants slots in order of arrival.
        let permit = Arc::clone(&self.slots).acquire_owned();
        let ended = first_of(cancel.cancelled(), cancel.finish_requested());
        match first_of(permit, ended).await {
            // The semaphore is never closed.
            Either::Left(permit) => permit.ok().map(Slot::own),
            Either::Right(_) => None,
        }
    }

    fn enter_queue(&self) -> Result<Waiting, NoSlot> {
        let waiting = Waiting(Arc::clone(&self.waiting));
        if self.waiting.fetch_add(1, Ordering::SeqCst) >= self.max_waiting {
            return Err(NoSlot::Full(self.max_waiting));
        }
        Ok(waiting)
    }
}

/// A place in the queue.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Resolves after `time`, or never without one.
async fn elapsed(time: Option<Duration>, clock: &Handle) -> Duration {
    let Some(time) = time else { return pending().await };
    timer::sleep(time, clock).await;
    time
}

/// Returns the output of the future that is ready first, the left one if both are.
pub(crate) async fn first_of<A: Future, B: Future>(left: A, right: B) -> Either<A::Output, B::Output> {
    match select(pin!(left), pin!(right)).await {
        Either::Left((output, _)) => Either::Left(output),
        Either::Right((output, _)) => Either::Right(output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{host_threads::HostThreads, nested::OuterJobs};

    fn scheduler() -> Scheduler {
        Scheduler::new(NonZero::<usize>::MIN)
    }

    #[test]
    fn slots_are_granted_in_order_of_arrival() {
        let scheduler = scheduler();
        let (cancel, order) = (CancelToken::new(), parking_lot::Mutex::new(Vec::new()));
        pollster::block_on(async {
            let held = scheduler.again(&cancel).await.unwrap();
            let waiter = |number: u32| {
                let (scheduler, cancel, order) = (&scheduler, &cancel, &order);
                async move {
                    let slot = scheduler.again(cancel).await.unwrap();
                    order.lock().push(number);
                    drop(slot);
                }
            };
            let release = async { drop(held) };
            futures_util::join!(waiter(1), waiter(2), waiter(3), release);
        });
        assert_eq!(*order.lock(), [1, 2, 3]);
    }

    #[test]
    fn cancelled_job_leaves_the_queue() {
        let (scheduler, host) = (scheduler().max_waiting(1), HostThreads::start().unwrap());
        let clock = host.spawner().unwrap().handle().clone();
        let (cancel, awaited) = (CancelToken::new(), Awaited::new(scheduler.id()));
        pollster::block_on(async {
            let nobody = CancelToken::new();
            let held = scheduler.wait(&nobody, None, &clock, &awaited).await.unwrap();
            let waiting = scheduler.wait(&cancel, None, &clock, &awaited);
            let (given, ()) = futures_util::join!(waiting, async { cancel.cancel() });
            assert_eq!(given.unwrap_err(), NoSlot::Cancelled);
            // There is room in the queue again.
            let late = scheduler.wait(&nobody, Some(Duration::from_millis(1)), &clock, &awaited).await;
            assert_eq!(late.unwrap_err(), NoSlot::TooLate(Duration::from_millis(1)));
            drop(held);
            assert!(scheduler.wait(&nobody, None, &clock, &awaited).await.is_ok());
        });
    }

    #[test]
    fn full_queue_refuses_another_job() {
        let (scheduler, host) = (scheduler().max_waiting(1), HostThreads::start().unwrap());
        let clock = host.spawner().unwrap().handle().clone();
        let (cancel, awaited) = (CancelToken::new(), Awaited::new(scheduler.id()));
        pollster::block_on(async {
            let held = scheduler.wait(&cancel, None, &clock, &awaited).await.unwrap();
            let second = async { scheduler.wait(&cancel, None, &clock, &awaited).await.map(drop) };
            let third = async {
                let refused = scheduler.wait(&cancel, None, &clock, &awaited).await;
                drop(held);
                refused
            };
            let (second, third) = futures_util::join!(second, third);
            assert!(second.is_ok());
            assert_eq!(third.unwrap_err(), NoSlot::Full(1));
        });
    }

    #[test]
    fn job_that_is_awaited_inside_another_runs_in_its_slot() {
        let (scheduler, host) = (scheduler().max_waiting(1), HostThreads::start().unwrap());
        let clock = host.spawner().unwrap().handle().clone();
        let cancel = CancelToken::new();
        pollster::block_on(async {
            let held = scheduler.wait(&cancel, None, &clock, &Awaited::new(scheduler.id())).await.unwrap();
            let _outer = OuterJobs::of_this_thread().and(scheduler.id()).enter();
            let awaited = Awaited::new(scheduler.id());
            // A queued job leaves the queue as soon as it is awaited inside.
            let waiting = scheduler.wait(&cancel, None, &clock, &awaited);
            let (given, ()) = futures_util::join!(waiting, async { awaited.by_this_thread() });
            assert!(given.unwrap().is_of_another_job());
            drop(held);
            let free = scheduler.wait(&cancel, None, &clock, &awaited).await.unwrap();
            assert!(!free.is_of_another_job());
        });
    }
}
