//! The slot of a job, which is released while the job waits for the reader of its output.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{SyncSender, TrySendError},
    },
};

use parking_lot::Mutex;

use crate::{
    CancelToken,
    scheduler::{Scheduler, Slot},
};

/// A job's slot, released while the job waits for its reader: with a single slot, a reader that runs another job before it
/// reads on would otherwise deadlock. Clones share the lease.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lease(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    /// The job has no slot: it has not started, or waits for its reader.
    #[default]
    None,
    Held(Reservation),
    Ended,
}

#[derive(Debug)]
struct Reservation {
    slot: Slot,
    scheduler: Scheduler,
    cancel: CancelToken,
}

impl Lease {
    /// Stores the slot of a job that starts.
    pub(crate) fn begin(&self, slot: Slot, scheduler: &Scheduler, cancel: &CancelToken) {
        *self.0.lock() =
            State::Held(Reservation { slot, scheduler: scheduler.clone(), cancel: cancel.clone() });
    }

    /// Releases the slot of a job that has ended.
    pub(crate) fn end(&self) {
        *self.0.lock() = State::Ended;
    }

    /// Sends `item` to the job's reader, and releases the slot while that blocks.
    pub(crate) fn send<T>(&self, sender: &SyncSender<T>, item: T) -> io::Result<()> {
        match sender.try_send(item) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(item)) => self.lend(|| sender.send(item)).map_err(|_| gone()),
            Err(TrySendError::Disconnected(_)) => Err(gone()),
        }
    }

    fn lend<T>(&self, wait: impl FnOnce() -> T) -> T {
        let held = {
            let state = &mut *self.0.lock();
            match std::mem::take(state) {
                State::Held(held) if !held.slot.is_of_another_job() => Some(held),
                other => {
                    *state = other;
                    None
                }
            }
        };
        let Some(Reservation { slot, scheduler, cancel }) = held else { return wait() };
        drop(slot);
        let result = wait();
        // A cancelled job runs to its end without a slot.
        if let Some(slot) = pollster::block_on(scheduler.again(&cancel)) {
            let state = &mut *self.0.lock();
            if !matches!(state, State::Ended) {
                *state = State::Held(Reservation { slot, scheduler, cancel });
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
    fn slot_is_free_only_while_its_job_waits_for_a_reader() {
        let scheduler = Scheduler::new(NonZero::<usize>::MIN);
        let cancel = CancelToken::new();
        let slot = pollster::block_on(scheduler.again(&cancel)).unwrap();
        let lease = Lease::default();
        lease.begin(slot, &scheduler, &cancel);
        let (sender, receiver) = mpsc::sync_channel(1);
        std::thread::scope(|scope| {
            let job = lease.clone();
            let writer = scope.spawn(move || (job.send(&sender, 1), job.send(&sender, 2)));
            // A slot is free as soon as the second item waits.
            let other = pollster::block_on(scheduler.again(&cancel)).unwrap();
            assert_eq!((receiver.recv(), receiver.recv()), (Ok(1), Ok(2)));
            drop(other);
            assert!(matches!(writer.join().unwrap(), (Ok(()), Ok(()))));
        });
        assert!(matches!(*lease.0.lock(), State::Held(_)));
        lease.end();
        assert!(pollster::block_on(scheduler.again(&cancel)).is_some());
    }
}
