//! The slot of a job, which is released while the job waits for the reader of its output.

use std::{
    io,
    pin::pin,
    sync::{Arc, OnceLock},
};

use futures_util::future::{Either, select};
use parking_lot::Mutex;
use tokio::sync::mpsc::{Sender, error::TrySendError};

use crate::{
    CancelToken,
    blocking::block_on,
    scheduler::{Scheduler, Slot},
};

/// A job's slot, released while the job waits for its reader: with a single slot, a reader that runs another job before it
/// reads on would otherwise deadlock. Clones share the lease.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lease(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// None before the job starts.
    owner: OnceLock<Owner>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct Owner {
    scheduler: Scheduler,
    cancel: CancelToken,
}

#[derive(Debug, Default)]
enum State {
    /// The job has no slot: it has not started, or waits for its reader.
    #[default]
    None,
    Held(Slot),
    Ended,
}

impl Lease {
    /// Stores the slot of a job that starts.
    pub(crate) fn begin(&self, slot: Slot, scheduler: &Scheduler, cancel: &CancelToken) {
        self.0.owner.get_or_init(|| Owner { scheduler: scheduler.clone(), cancel: cancel.clone() });
        *self.0.state.lock() = State::Held(slot);
    }

    /// Releases the slot of a job that has ended.
    pub(crate) fn end(&self) {
        *self.0.state.lock() = State::Ended;
    }

    /// Sends `item` to the job's reader, and releases the slot while that blocks. It fails if the reader is gone or the
    /// job is cancelled.
    pub(crate) fn send<T>(&self, sender: &Sender<T>, item: T) -> io::Result<()> {
        let is_sent = match (sender.try_send(item), self.0.owner.get()) {
            (Ok(()), _) => true,
            (Err(TrySendError::Full(item)), Some(owner)) => self.lend(owner, async {
                match select(pin!(sender.send(item)), pin!(owner.cancel.cancelled())).await {
                    Either::Left((sent, _)) => sent.is_ok(),
                    Either::Right(_) => false,
                }
            }),
            (Err(_), _) => false,
        };
        if is_sent { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }

    /// Waits without the slot.
    fn lend<T>(&self, owner: &Owner, wait: impl Future<Output = T>) -> T {
        let slot = {
            let state = &mut *self.0.state.lock();
            match std::mem::take(state) {
                State::Held(slot) if !slot.is_of_another_job() => Some(slot),
                other => {
                    *state = other;
                    None
                }
            }
        };
        let Some(slot) = slot else { return block_on(wait) };
        drop(slot);
        let result = block_on(wait);
        // A cancelled job runs to its end without a slot.
        if let Some(slot) = block_on(owner.scheduler.again(&owner.cancel)) {
            let state = &mut *self.0.state.lock();
            if !matches!(state, State::Ended) {
                *state = State::Held(slot);
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use super::*;
    use crate::items::queue;

    #[test]
    fn slot_is_free_only_while_its_job_waits_for_a_reader() {
        let scheduler = Scheduler::new(NonZero::<usize>::MIN);
        let cancel = CancelToken::new();
        let slot = block_on(scheduler.again(&cancel)).unwrap();
        let lease = Lease::default();
        lease.begin(slot, &scheduler, &cancel);
        let (sender, mut receiver) = queue(1);
        std::thread::scope(|scope| {
            let job = lease.clone();
            let writer = scope.spawn(move || (job.send(&sender, 1), job.send(&sender, 2)));
            // A slot is free as soon as the second item waits.
            let other = block_on(scheduler.again(&cancel)).unwrap();
            assert_eq!((block_on(receiver.recv()), block_on(receiver.recv())), (Some(1), Some(2)));
            drop(other);
            assert!(matches!(writer.join().unwrap(), (Ok(()), Ok(()))));
        });
        assert!(matches!(*lease.0.state.lock(), State::Held(_)));
        lease.end();
        assert!(block_on(scheduler.again(&cancel)).is_some());
    }

    #[test]
    fn cancellation_ends_the_wait_for_an_idle_reader() {
        let scheduler = Scheduler::new(NonZero::<usize>::MIN);
        let cancel = CancelToken::new();
        let lease = Lease::default();
        lease.begin(block_on(scheduler.again(&cancel)).unwrap(), &scheduler, &cancel);
        let (sender, _idle) = queue(1);
        std::thread::scope(|scope| {
            let job = lease.clone();
            let writer = scope.spawn(move || (job.send(&sender, 1), job.send(&sender, 2)));
            // The slot is free as soon as the second item waits.
            drop(block_on(scheduler.again(&CancelToken::new())));
            cancel.cancel();
            let (first, second) = writer.join().unwrap();
            assert!(first.is_ok());
            assert_eq!(second.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        });
    }
}
