//! The slot of a job that stands still while the reader of its output does something else.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{SyncSender, TrySendError},
    },
};

use crate::{
    CancelToken,
    scheduler::{Scheduler, Slot},
};

/// A job's slot, given back while the job waits for its reader: a reader that runs another job before it reads on would
/// otherwise wait for itself where there is one slot. Clones are the same lease.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lease(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    /// The job has no slot: it has not begun, or waits for its reader.
    #[default]
    None,
    Held(Held),
    Ended,
}

#[derive(Debug)]
struct Held {
    slot: Slot,
    scheduler: Scheduler,
    cancel: CancelToken,
}

impl Lease {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The job has begun in `slot`.
    pub(crate) fn begin(&self, slot: Slot, scheduler: &Scheduler, cancel: &CancelToken) {
        *self.lock() = State::Held(Held { slot, scheduler: scheduler.clone(), cancel: cancel.clone() });
    }

    /// The job has ended.
    pub(crate) fn end(&self) {
        *self.lock() = State::Ended;
    }

    /// Sends `item` to the job's reader, without the slot where that waits.
    pub(crate) fn send<T>(&self, sender: &SyncSender<T>, item: T) -> io::Result<()> {
        match sender.try_send(item) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(item)) => self.lend(|| sender.send(item)).map_err(|_| gone()),
            Err(TrySendError::Disconnected(_)) => Err(gone()),
        }
    }

    fn lend<T>(&self, wait: impl FnOnce() -> T) -> T {
        let held = {
            let state = &mut *self.lock();
            match std::mem::take(state) {
                State::Held(held) if !held.slot.is_of_another_job() => Some(held),
                other => {
                    *state = other;
                    None
                }
            }
        };
        let Some(Held { slot, scheduler, cancel }) = held else { return wait() };
        drop(slot);
        let result = wait();
        // A job that is cancelled goes on without a slot, to its end.
        if let Some(slot) = pollster::block_on(scheduler.again(&cancel)) {
            let state = &mut *self.lock();
            if !matches!(state, State::Ended) {
                *state = State::Held(Held { slot, scheduler, cancel });
            }
        }
        result
    }
}

fn gone() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

#[cfg(test)]
mod tests {
    use std::{num::NonZero, sync::mpsc};

    use super::*;

    #[test]
    fn slot_is_free_while_its_job_waits_for_a_reader_and_taken_again_after_that() {
        let scheduler = Scheduler::new(NonZero::<usize>::MIN);
        let cancel = CancelToken::new();
        let slot = pollster::block_on(scheduler.again(&cancel)).unwrap();
        let lease = Lease::default();
        lease.begin(slot, &scheduler, &cancel);
        let (sender, receiver) = mpsc::sync_channel(1);
        std::thread::scope(|scope| {
            let job = lease.clone();
            let writer = scope.spawn(move || (job.send(&sender, 1), job.send(&sender, 2)));
            // There is one as soon as the second item waits.
            let other = pollster::block_on(scheduler.again(&cancel)).unwrap();
            assert_eq!((receiver.recv(), receiver.recv()), (Ok(1), Ok(2)));
            drop(other);
            assert!(matches!(writer.join().unwrap(), (Ok(()), Ok(()))));
        });
        assert!(matches!(*lease.lock(), State::Held(_)));
        lease.end();
        assert!(pollster::block_on(scheduler.again(&cancel)).is_some());
    }
}
