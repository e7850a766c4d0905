//! The host's threads: one for timers, and those of guests.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::nested::OuterJobs;

/// The most threads of all jobs of a runtime together. Sensible limits do not reach it: slots bound the jobs, and a limit
/// bounds the threads of each.
const MAX_THREADS: usize = 32_768;

/// The time that an idle thread is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// The threads of a runtime. Threads of guests are started on demand and reused, and end after a second without work.
pub(crate) struct HostThreads {
    /// `None` after a shutdown.
    runtime: Mutex<Option<Runtime>>,
    /// Held while the threads end.
    ending: Mutex<()>,
    busy: Arc<AtomicUsize>,
}

impl HostThreads {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("afmpeg")
            .enable_time()
            .max_blocking_threads(MAX_THREADS)
            .thread_keep_alive(KEEP_ALIVE)
            .build()?;
        Ok(Self { runtime: Mutex::new(Some(runtime)), ending: Mutex::default(), busy: Arc::default() })
    }

    /// Returns a spawner of threads and timers; `None` after a shutdown.
    pub(crate) fn spawner(&self) -> Option<Spawner> {
        let handle = self.runtime.lock().as_ref()?.handle().clone();
        Some(Spawner { handle, busy: Arc::clone(&self.busy) })
    }

    /// Ends all threads without work, and waits for them.
    pub(crate) fn shutdown(&self) {
        // A second caller waits for the first.
        let _ending = self.ending.lock();
        let Some(runtime) = self.runtime.lock().take() else { return };
        // On a thread of its own, since tokio panics if this one works for another of its runtimes.
        std::thread::scope(|scope| {
            scope.spawn(move || runtime.shutdown_timeout(KEEP_ALIVE));
        });
    }
}

impl Drop for HostThreads {
    fn drop(&mut self) {
        // Not by `shutdown`, which blocks: a tokio runtime must not be dropped where another one runs.
        if let Some(runtime) = self.runtime.lock().take() {
            runtime.shutdown_background();
        }
    }
}

/// Starts threads and timers. It must not outlive its [`HostThreads`].
#[derive(Debug, Clone)]
pub(crate) struct Spawner {
    handle: Handle,
    busy: Arc<AtomicUsize>,
}

impl Spawner {
    /// Returns the handle of the runtime for timers and other small futures, which must not block.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs `work` on a separate thread, on behalf of the same jobs as this one; returns false if there are too many.
    pub(crate) fn spawn(&self, work: impl FnOnce() + Send + 'static) -> bool {
        // Beyond the size of the pool, the work and its waiters would wait in its queue.
        let busy = Busy(Arc::clone(&self.busy));
        if self.busy.fetch_add(1, Ordering::SeqCst) >= MAX_THREADS {
            return false;
        }
        let outer = OuterJobs::of_this_thread();
        self.handle.spawn_blocking(move || {
            let _busy = busy;
            let _outer = outer.enter();
            work();
        });
        true
    }
}

struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Barrier, atomic::AtomicBool};

    use super::*;

    #[test]
    fn every_shutdown_waits_for_the_threads() {
        let host = HostThreads::start().unwrap();
        let (started, has_ended) = (Arc::new(Barrier::new(2)), Arc::new(AtomicBool::new(false)));
        let (entered, ended) = (Arc::clone(&started), Arc::clone(&has_ended));
        host.spawner().unwrap().spawn(move || {
            entered.wait();
            std::thread::sleep(Duration::from_millis(300));
            ended.store(true, Ordering::SeqCst);
        });
        started.wait();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    host.shutdown();
                    assert!(has_ended.load(Ordering::SeqCst));
                });
            }
        });
    }
}
