//! The jobs of a runtime that have not ended, for its shutdown.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use parking_lot::{Condvar, Mutex};

use crate::cancel::CancelToken;

/// The jobs that run or wait for a slot. Clones are the same set.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunningJobs(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    has_ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_closed: bool,
    next: u64,
    jobs: BTreeMap<u64, CancelToken>,
}

impl RunningJobs {
    /// Adds a job that `cancel` ends, until the returned guard is dropped. Returns `None` after [`close`](Self::close).
    pub(crate) fn add(&self, cancel: &CancelToken) -> Option<RunningJob> {
        let mut state = self.0.state.lock();
        if state.is_closed {
            return None;
        }
        let id = state.next;
        state.next += 1;
        state.jobs.insert(id, cancel.clone());
        Some(RunningJob { id, jobs: self.clone() })
    }

    /// Refuses further jobs.
    pub(crate) fn close(&self) {
        self.0.state.lock().is_closed = true;
    }

    /// Cancels all jobs, and returns their number.
    pub(crate) fn cancel(&self) -> usize {
        // Not under the lock: a cancelled job may end on this thread.
        let tokens: Vec<CancelToken> = self.0.state.lock().jobs.values().cloned().collect();
        tokens.iter().for_each(CancelToken::cancel);
        tokens.len()
    }

    /// Waits until all jobs have ended; false if that takes longer than `timeout`.
    pub(crate) fn wait(&self, timeout: Duration) -> bool {
        let mut state = self.0.state.lock();
        self.0.has_ended.wait_while_for(&mut state, |state| !state.jobs.is_empty(), timeout);
        state.jobs.is_empty()
    }
}

/// A job of the set.
#[derive(Debug)]
pub(crate) struct RunningJob {
    id: u64,
    jobs: RunningJobs,
}

impl Drop for RunningJob {
    fn drop(&mut self) {
        self.jobs.0.state.lock().jobs.remove(&self.id);
        self.jobs.0.has_ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_set_refuses_jobs_and_waits_for_those_that_run() {
        let jobs = RunningJobs::default();
        let token = CancelToken::new();
        let running = jobs.add(&token).unwrap();
        jobs.close();
        assert!(jobs.add(&token).is_none());
        assert!(!jobs.wait(Duration::from_millis(1)));
        assert_eq!(jobs.cancel(), 1);
        assert!(token.is_cancelled());
        std::thread::scope(|scope| {
            scope.spawn(move || drop(running));
            assert!(jobs.wait(Duration::from_secs(60)));
        });
        assert_eq!(jobs.cancel(), 0);
    }
}
