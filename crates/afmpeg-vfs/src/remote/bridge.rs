//! Running asynchronous libraries from synchronous calls.

use std::{
    fmt,
    future::Future,
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::AbortHandle,
};

/// The number of worker threads. Requests mostly wait, so few are enough.
const WORKERS: usize = 2;

/// The runtime of all filesystems without their own, started by the first request. It is never stopped, because
/// filesystems come and go.
static SHARED: Mutex<Option<Shared>> = Mutex::new(None);

/// A runtime, and the process that its threads run in: after a `fork`, such as that of Python's `multiprocessing`, the
/// child has the runtime but none of its threads.
#[derive(Debug)]
struct Shared {
    process: u32,
    runtime: Runtime,
}

impl Shared {
    /// Returns the handle of the runtime of `process`, starting one if `shared` is empty or from another process.
    fn of(shared: &mut Option<Self>, process: u32) -> io::Result<Handle> {
        if let Some(shared) = shared.as_ref().filter(|shared| shared.process == process) {
            return Ok(shared.runtime.handle().clone());
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("afmpeg-remote")
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        // Dropping the old runtime would wait for threads that do not exist in this process.
        std::mem::forget(shared.replace(Self { process, runtime }));
        Ok(handle)
    }
}

/// Runs asynchronous work on a runtime and waits for it.
///
/// The caller waits on a channel, not in a runtime, so it may be a thread of any runtime.
#[derive(Debug, Clone)]
pub(super) struct Bridge {
    given: Option<Handle>,
    timeout: Duration,
}

impl Bridge {
    pub(super) fn new(given: Option<Handle>, timeout: Duration) -> Self {
        Self { given, timeout }
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn handle(&self) -> io::Result<Handle> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        Shared::of(&mut SHARED.lock(), std::process::id())
    }

    /// Starts `work`. Dropping the result stops it.
    pub(super) fn start<T: Send + 'static>(
        &self,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<Pending<T>> {
        self.start_within(self.timeout, work)
    }

    /// As [`start`](Self::start), with another timeout.
    fn start_within<T: Send + 'static>(
        &self,
        timeout: Duration,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<Pending<T>> {
        let (sender, result) = mpsc::sync_channel(1);
        let task = self.handle()?.spawn(async move {
            // The caller may have stopped waiting.
            let _ = sender.send(work.await);
        });
        Ok(Pending { result, task: task.abort_handle(), timeout })
    }

    /// Runs `work`; `action` describes it in errors.
    #[cfg(any(feature = "object-store", test))]
    pub(super) fn run<T: Send + 'static>(
        &self,
        action: impl fmt::Display,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        self.start(work)?.wait(action)
    }

    /// Runs `work`, which adds the bytes that it receives to a counter; the timeout counts from the last of them.
    #[cfg(feature = "http")]
    pub(super) fn run_receiving<T: Send + 'static, F: Future<Output = io::Result<T>> + Send + 'static>(
        &self,
        action: impl fmt::Display,
        work: impl FnOnce(Received) -> F,
    ) -> io::Result<T> {
        let received = Received::default();
        self.start(work(received.clone()))?.wait_receiving(action, &received)
    }

    /// Runs `work` with another timeout.
    #[cfg(feature = "object-store")]
    pub(super) fn run_within<T: Send + 'static>(
        &self,
        timeout: Duration,
        action: impl fmt::Display,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        self.start_within(timeout, work)?.wait(action)
    }
}

/// The number of bytes that some work has received.
#[derive(Debug, Clone, Default)]
pub(super) struct Received(Arc<AtomicU64>);

impl Received {
    #[cfg(feature = "http")]
    pub(super) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Work in progress.
#[derive(Debug)]
pub(super) struct Pending<T> {
    result: mpsc::Receiver<io::Result<T>>,
    task: AbortHandle,
    timeout: Duration,
}

impl<T> Pending<T> {
    /// Waits for the result, for as long as the timeout from now on.
    #[cfg(any(feature = "object-store", test))]
    pub(super) fn wait(self, action: impl fmt::Display) -> io::Result<T> {
        self.wait_receiving(action, &Received::default())
    }

    /// Waits for the result, for as long as each timeout adds to the received bytes.
    fn wait_receiving(self, action: impl fmt::Display, received: &Received) -> io::Result<T> {
        let mut before = received.bytes();
        loop {
            match self.result.recv_timeout(self.timeout) {
                Ok(result) => return result,
                Err(mpsc::RecvTimeoutError::Timeout) if received.bytes() != before => {
                    before = received.bytes()
                }
                Err(mpsc::RecvTimeoutError::Timeout) => return Err(timed_out(action, self.timeout)),
                Err(mpsc::RecvTimeoutError::Disconnected) => return Err(stopped(action)),
            }
        }
    }
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn timed_out(action: impl fmt::Display, timeout: Duration) -> io::Error {
    let message = format!("{action}: no response within {timeout:?}; set a longer timeout");
    io::Error::new(io::ErrorKind::TimedOut, message)
}

pub(super) fn stopped(action: impl fmt::Display) -> io::Error {
    io::Error::other(format!("{action}: the request panicked, or its runtime was stopped"))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn bridge() -> Bridge {
        Bridge::new(None, Duration::from_secs(10))
    }

    #[test]
    fn work_runs_from_any_thread_of_any_runtime() {
        assert_eq!(bridge().run("adding", async { Ok(1 + 1) }).unwrap(), 2);
        let outer = Builder::new_current_thread().enable_all().build().unwrap();
        let inside = outer.block_on(async { bridge().run("adding", async { Ok(1 + 1) }) });
        assert_eq!(inside.unwrap(), 2);
        let blocking = outer.spawn_blocking(|| bridge().run("adding", async { Ok(1 + 1) }));
        assert_eq!(outer.block_on(blocking).unwrap().unwrap(), 2);
    }

    #[test]
    fn forked_process_starts_its_own_threads() {
        let mut shared = None;
        let parent = Shared::of(&mut shared, 1).unwrap();
        assert_eq!(Shared::of(&mut shared, 1).unwrap().id(), parent.id());
        let child = Shared::of(&mut shared, 2).unwrap();
        assert_ne!(child.id(), parent.id());
        let bridge = Bridge::new(Some(child), Duration::from_secs(10));
        assert_eq!(bridge.run("adding", async { Ok(1 + 1) }).unwrap(), 2);
    }

    #[test]
    fn late_work_is_stopped_and_the_error_names_it() {
        let (sender, dropped) = mpsc::channel::<()>();
        let bridge = Bridge::new(None, Duration::from_millis(20));
        let started = Instant::now();
        let error = bridge
            .run("reading clip.mp4", async move {
                let _kept = sender;
                tokio::time::sleep(Duration::from_secs(60)).await;
                Ok(())
            })
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(error.to_string().starts_with("reading clip.mp4"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(10));
        let stopped = dropped.recv_timeout(Duration::from_secs(10));
        assert_eq!(stopped, Err(mpsc::RecvTimeoutError::Disconnected));
    }

    #[test]
    fn stopped_runtime_is_an_error() {
        let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let bridge = Bridge::new(Some(runtime.handle().clone()), Duration::from_secs(10));
        assert_eq!(bridge.run("adding", async { Ok(2) }).unwrap(), 2);
        drop(runtime);
        let error = bridge.run("adding", async { Ok(2) }).unwrap_err();
        assert!(error.to_string().contains("adding"), "{error}");
    }

    #[test]
    fn runtime_that_only_the_waiting_thread_drives_times_out() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let bridge = Bridge::new(Some(runtime.handle().clone()), Duration::from_millis(20));
        let error = runtime.block_on(async { bridge.run("adding", async { Ok(2) }) }).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
