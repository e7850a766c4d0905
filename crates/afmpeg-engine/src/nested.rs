//! Jobs that run inside another job: in its filesystem, its sinks or its reader.
//!
//! The outer job waits for them while it holds a slot. If no other slot is free, they share that one: otherwise the two
//! jobs would deadlock.

use std::{cell::RefCell, marker::PhantomData};

use tokio_util::sync::CancellationToken;

/// The identity of a scheduler, shared by its clones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SchedulerId(pub(crate) usize);

thread_local! {
    static WORKS_FOR: RefCell<Vec<SchedulerId>> = const { RefCell::new(Vec::new()) };
}

/// The schedulers of the jobs on whose behalf a thread runs: it executes their guests or their callers' code.
#[derive(Debug, Clone)]
pub(crate) struct OuterJobs(Vec<SchedulerId>);

impl OuterJobs {
    pub(crate) fn of_this_thread() -> Self {
        Self(WORKS_FOR.with_borrow(Clone::clone))
    }

    /// Adds a job of `scheduler`.
    pub(crate) fn and(mut self, scheduler: SchedulerId) -> Self {
        if !self.0.contains(&scheduler) {
            self.0.push(scheduler);
        }
        self
    }

    /// Registers the calling thread on behalf of these jobs until the guard is dropped.
    pub(crate) fn enter(self) -> OuterJobsGuard {
        OuterJobsGuard { before: WORKS_FOR.replace(self.0), on_this_thread: PhantomData }
    }
}

pub(crate) struct OuterJobsGuard {
    before: Vec<SchedulerId>,
    on_this_thread: PhantomData<*const ()>,
}

impl Drop for OuterJobsGuard {
    fn drop(&mut self) {
        WORKS_FOR.set(std::mem::take(&mut self.before));
    }
}

/// Whether a job is awaited inside another one of the same scheduler. Clones share the state.
#[derive(Debug, Clone)]
pub(crate) struct Awaited {
    scheduler: SchedulerId,
    inside: CancellationToken,
}

impl Awaited {
    /// Creates the state of a job that is not awaited.
    pub(crate) fn new(scheduler: SchedulerId) -> Self {
        Self { scheduler, inside: CancellationToken::new() }
    }

    /// Called on the thread that waits for the job.
    pub(crate) fn by_this_thread(&self) {
        if WORKS_FOR.with_borrow(|outer| outer.contains(&self.scheduler)) {
            self.inside.cancel();
        }
    }

    pub(crate) fn is_inside(&self) -> bool {
        self.inside.is_cancelled()
    }

    /// Resolves as soon as the job is awaited inside another one.
    pub(crate) async fn inside(&self) {
        self.inside.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_runs_on_behalf_of_a_job_and_its_outer_jobs_until_it_ends() {
        let [outer, inner, other] = [1, 2, 3].map(SchedulerId);
        let is_inside = |scheduler: SchedulerId| {
            let awaited = Awaited::new(scheduler);
            awaited.by_this_thread();
            awaited.is_inside()
        };
        let first = OuterJobs::of_this_thread().and(outer).enter();
        {
            let _second = OuterJobs::of_this_thread().and(inner).enter();
            assert!(is_inside(outer) && is_inside(inner) && !is_inside(other));
        }
        assert!(is_inside(outer) && !is_inside(inner));
        drop(first);
        assert!(!is_inside(outer));
    }
}
