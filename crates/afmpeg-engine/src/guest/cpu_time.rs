//! The processor time used by a job's threads.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;

/// The processor time of all of a job's threads, including ended ones.
#[derive(Debug, Clone, Default)]
pub(super) struct CpuTime(Arc<Mutex<Threads>>);

#[derive(Debug, Default)]
struct Threads {
    ended: Duration,
    running: Vec<(ThreadClock, Duration)>,
}

impl CpuTime {
    /// Counts the calling thread's time for the job, until the guard is dropped on the same thread.
    pub(super) fn enter(&self) -> CpuTimeGuard {
        let clock = ThreadClock::of_this_thread();
        self.0.lock().running.push((clock, ThreadClock::own_time()));
        CpuTimeGuard { times: self.clone(), clock }
    }

    /// Returns the time used so far, and the number of running threads.
    pub(super) fn used(&self) -> (Duration, usize) {
        let threads = self.0.lock();
        let running = threads.running.iter().filter_map(|(clock, start)| clock.now()?.checked_sub(*start));
        (threads.ended + running.sum::<Duration>(), threads.running.len())
    }
}

pub(super) struct CpuTimeGuard {
    times: CpuTime,
    clock: ThreadClock,
}

impl Drop for CpuTimeGuard {
    fn drop(&mut self) {
        let now = ThreadClock::own_time();
        let mut threads = self.times.0.lock();
        if let Some(index) = threads.running.iter().position(|(clock, _)| *clock == self.clock) {
            let (_, start) = threads.running.swap_remove(index);
            threads.ended += now.saturating_sub(start);
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod clock {
    use std::time::Duration;

    use nix::{time::ClockId, unistd::gettid};

    /// The clock of one thread, readable from any other.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) struct ThreadClock(i32);

    impl ThreadClock {
        pub(super) fn of_this_thread() -> Self {
            // The kernel's MAKE_THREAD_CPUCLOCK: the inverted thread ID, CPUCLOCK_PERTHREAD and CPUCLOCK_SCHED.
            Self((!gettid().as_raw() << 3) | 4 | 2)
        }

        /// None if the thread has ended.
        pub(super) fn now(self) -> Option<Duration> {
            ClockId::from_raw(self.0).now().ok().map(Duration::from)
        }

        pub(super) fn own_time() -> Duration {
            Self::of_this_thread().now().unwrap_or_default()
        }
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
mod clock {
    use std::{
        sync::atomic::{AtomicU64, Ordering},
        time::Duration,
    };

    use nix::time::ClockId;

    /// A thread whose time only the thread itself can read: it is counted when the thread ends.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) struct ThreadClock(u64);

    impl ThreadClock {
        pub(super) fn of_this_thread() -> Self {
            static NEXT: AtomicU64 = AtomicU64::new(0);
            Self(NEXT.fetch_add(1, Ordering::Relaxed))
        }

        pub(super) fn now(self) -> Option<Duration> {
            None
        }

        pub(super) fn own_time() -> Duration {
            ClockId::CLOCK_THREAD_CPUTIME_ID.now().map(Duration::from).unwrap_or_default()
        }
    }
}

#[cfg(not(unix))]
mod clock {
    use std::time::Duration;

    /// Thread clocks are not available on this platform.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) struct ThreadClock;

    impl ThreadClock {
        pub(super) fn of_this_thread() -> Self {
            Self
        }

        pub(super) fn now(self) -> Option<Duration> {
            None
        }

        pub(super) fn own_time() -> Duration {
            Duration::ZERO
        }
    }
}

use clock::ThreadClock;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    #[test]
    fn time_of_a_thread_is_readable_from_another_and_kept_after_its_end() {
        let times = CpuTime::default();
        let (started, has_started) = mpsc::channel();
        let (end, may_end) = mpsc::channel::<()>();
        let counted = times.clone();
        let thread = thread::spawn(move || {
            let _guard = counted.enter();
            let start = ThreadClock::own_time();
            while ThreadClock::own_time() - start < Duration::from_millis(20) {}
            started.send(()).unwrap();
            may_end.recv().unwrap();
        });
        has_started.recv().unwrap();
        let (used, running) = times.used();
        assert!(used >= Duration::from_millis(10), "{used:?}");
        assert_eq!(running, 1);
        end.send(()).unwrap();
        thread.join().unwrap();
        let (after, running) = times.used();
        assert!(after >= used);
        assert_eq!(running, 0);
    }
}
