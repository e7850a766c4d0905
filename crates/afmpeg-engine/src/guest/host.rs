//! The host's threads: one for timers, and those that guests run on.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::nested::OuterJobs;

/// The most threads that all jobs of a runtime can have together. It is out of reach of sensible limits: jobs are
/// bounded by the slots, and each one's threads by its own limit.
const MAX_THREADS: usize = 32_768;

/// How long a thread without work is kept for the next one.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// The threads of a runtime. Those that guests run on are made when they are needed, used again, and end a second
/// after they were needed last.
pub(crate) struct HostThreads {
    /// `None` after a shutdown.
    runtime: Mutex<Option<Runtime>>,
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
        Ok(Self { runtime: Mutex::new(Some(runtime)), busy: Arc::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Runtime>> {
        self.runtime.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a spawner of threads and timers; `None` after a shutdown.
    pub(crate) fn spawner(&self) -> Option<Spawner> {
        let handle = self.lock().as_ref()?.handle().clone();
        Some(Spawner { handle, busy: Arc::clone(&self.busy) })
    }

    /// Ends all threads without work, and waits for them.
    pub(crate) fn shutdown(&self) {
        let Some(runtime) = self.lock().take() else { return };
        // On a thread of its own, since tokio panics if this one works for another of its runtimes.
        std::thread::scope(|scope| {
            scope.spawn(move || runtime.shutdown_timeout(KEEP_ALIVE));
        });
    }
}

impl Drop for HostThreads {
    fn drop(&mut self) {
        // Not by `shutdown`, which blocks: a tokio runtime must not be dropped where another one runs.
        if let Some(runtime) = self.lock().take() {
            runtime.shutdown_background();
        }
    }
}

/// Makes threads and timers. It must not outlive its [`HostThreads`].
#[derive(Debug, Clone)]
pub(crate) struct Spawner {
    handle: Handle,
    busy: Arc<AtomicUsize>,
}

impl Spawner {
    /// Where timers and other small futures run. Nothing there may block.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs `work` on a thread of its own, which works for the same jobs as this one; false if there are too many.
    pub(crate) fn spawn(&self, work: impl FnOnce() + Send + 'static) -> bool {
        // A thread more than the pool has would wait in its queue, and whoever waits for that thread with it.
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
