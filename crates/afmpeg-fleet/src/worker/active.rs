//! The jobs that a worker runs.

use std::{collections::HashMap, fmt, sync::Arc};

use afmpeg_engine::CancelToken;
use async_nats::jetstream::message::Acker;
use parking_lot::Mutex;

use crate::identity::Identity;

/// The reason to end a job early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// A user has cancelled it.
    Cancelled,
    /// Another worker has it.
    Lost,
    /// This worker stops.
    HandedBack,
}

/// A job that this worker runs.
pub(super) struct Running {
    identity: Identity,
    /// The sequence number of its message.
    sequence: u64,
    pub(super) token: CancelToken,
    /// The last message about the job: only its lease can be renewed.
    acker: Mutex<Arc<Acker>>,
    /// The first reason to end it.
    reason: Mutex<Option<Reason>>,
}

impl Running {
    pub(super) fn acker(&self) -> Arc<Acker> {
        Arc::clone(&self.acker.lock())
    }

    /// Ends the job.
    pub(super) fn end(&self, reason: Reason) {
        self.reason.lock().get_or_insert(reason);
        self.token.cancel();
    }

    pub(super) fn reason(&self) -> Option<Reason> {
        *self.reason.lock()
    }
}

/// The jobs that a worker runs, by identity.
#[derive(Default)]
pub(super) struct Active(Mutex<HashMap<Identity, Arc<Running>>>);

impl Active {
    /// Adds a job, until the returned guard is dropped, unless it runs here already.
    pub(super) fn add(&self, identity: Identity, sequence: u64, acker: Acker) -> Added<'_> {
        let acker = Arc::new(acker);
        let mut jobs = self.0.lock();
        if let Some(running) = jobs.get(&identity) {
            if running.sequence != sequence {
                return Added::Duplicate(acker);
            }
            *running.acker.lock() = acker;
            return Added::Again;
        }
        let running = Arc::new(Running {
            identity,
            sequence,
            token: CancelToken::new(),
            acker: Mutex::new(acker),
            reason: Mutex::new(None),
        });
        jobs.insert(identity, Arc::clone(&running));
        Added::New(ActiveJob { active: self, running })
    }

    /// Cancels a job if it runs here.
    pub(super) fn cancel(&self, identity: Identity) {
        let running = self.0.lock().get(&identity).map(Arc::clone);
        if let Some(running) = running {
            running.end(Reason::Cancelled);
        }
    }

    /// Removes a job before its message is given back: this worker may get it again at once.
    pub(super) fn remove(&self, running: &Arc<Running>) {
        let mut jobs = self.0.lock();
        if jobs.get(&running.identity).is_some_and(|found| Arc::ptr_eq(found, running)) {
            jobs.remove(&running.identity);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.lock().len()
    }
}

impl fmt::Debug for Active {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.lock().keys()).finish()
    }
}

/// The result of adding a job to the set.
pub(super) enum Added<'a> {
    New(ActiveJob<'a>),
    /// The message of a job that runs here has come again, since its lease had expired. It replaces the last one.
    Again,
    /// A job that runs here has another message.
    Duplicate(Arc<Acker>),
}

/// A job of the set.
pub(super) struct ActiveJob<'a> {
    active: &'a Active,
    pub(super) running: Arc<Running>,
}

impl Drop for ActiveJob<'_> {
    fn drop(&mut self) {
        self.active.remove(&self.running);
    }
}
