//! Jobs that are run inside of another one, by its filesystem, its sinks or its reader.
//!
//! The other job waits for them, and has a slot. Where no other slot is free, they run in that one: otherwise the two
//! would wait for each other.

use std::{cell::RefCell, marker::PhantomData};

use tokio_util::sync::CancellationToken;

use crate::scheduler::SchedulerId;

thread_local! {
    static WORKS_FOR: RefCell<Vec<SchedulerId>> = const { RefCell::new(Vec::new()) };
}

/// The schedulers of the jobs that a thread works for: it runs their guests, or calls their callers' code.
#[derive(Debug, Clone)]
pub(crate) struct OuterJobs(Vec<SchedulerId>);

impl OuterJobs {
    pub(crate) fn of_this_thread() -> Self {
        Self(WORKS_FOR.with_borrow(Clone::clone))
    }

    /// These, and a job of `scheduler`.
    pub(crate) fn and(mut self, scheduler: SchedulerId) -> Self {
        if !self.0.contains(&scheduler) {
            self.0.push(scheduler);
        }
        self
    }

    /// Lets the calling thread work for these until the guard is dropped.
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

/// Whether somebody waits for a job inside of another one of the same scheduler. Clones are one and the same.
#[derive(Debug, Clone)]
pub(crate) struct Awaited {
    scheduler: SchedulerId,
    inside: CancellationToken,
}

impl Awaited {
    /// By nobody yet.
    pub(crate) fn new(scheduler: SchedulerId) -> Self {
        Self { scheduler, inside: CancellationToken::new() }
    }

    /// To be called by who waits for the job, on the thread that waits.
    pub(crate) fn by_this_thread(&self) {
        if WORKS_FOR.with_borrow(|outer| outer.contains(&self.scheduler)) {
            self.inside.cancel();
        }
    }

    pub(crate) fn is_inside(&self) -> bool {
        self.inside.is_cancelled()
    }

    /// Ready as soon as somebody inside of another job waits.
    pub(crate) async fn inside(&self) {
        self.inside.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use super::*;
    use crate::scheduler::Scheduler;

    #[test]
    fn thread_works_for_a_job_and_those_around_it_until_it_has_ended() {
        let [outer, inner, other] = [(); 3].map(|()| Scheduler::new(NonZero::<usize>::MIN));
        let is_inside = |scheduler: &Scheduler| {
            let awaited = Awaited::new(scheduler.id());
            awaited.by_this_thread();
            awaited.is_inside()
        };
        let first = OuterJobs::of_this_thread().and(outer.id()).enter();
        {
            let _second = OuterJobs::of_this_thread().and(inner.id()).enter();
            assert!(is_inside(&outer) && is_inside(&inner) && !is_inside(&other));
        }
        assert!(is_inside(&outer) && !is_inside(&inner));
        drop(first);
        assert!(!is_inside(&outer));
    }
}
