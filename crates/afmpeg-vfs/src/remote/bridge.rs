//! From synchronous calls to asynchronous libraries.

use std::{fmt, future::Future, io, sync::mpsc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::AbortHandle,
};

/// The threads that requests run on; the work is waiting, so there need not be many.
const WORKERS: usize = 2;

/// Started when the first request of a process is made. It is never stopped: filesystems come and go.
static SHARED: Mutex<Option<Shared>> = Mutex::new(None);

/// A runtime, and the process that its threads are in: after a `fork` (as Python's `multiprocessing` does it) the child
/// has the runtime and none of its threads.
#[derive(Debug)]
struct Shared {
    process: u32,
    runtime: Runtime,
}

impl Shared {
    /// A handle of the runtime of `process`, which is started if `shared` has none, or another process's.
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
        // Dropping the other one would wait for threads that are not there.
        std::mem::forget(shared.replace(Self { process, runtime }));
        Ok(handle)
    }
}

/// Runs asynchronous work elsewhere and waits for it.
///
/// The waiting thread waits on a channel, not in a runtime: it may be a thread of any runtime.
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

    /// Starts `work`, to be waited for later; dropping what is returned stops it.
    pub(super) fn start<T: Send + 'static>(
        &self,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<Pending<T>> {
        self.start_within(self.timeout, work)
    }

    /// The same, for what has a time of its own.
    fn start_within<T: Send + 'static>(
        &self,
        timeout: Duration,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<Pending<T>> {
        let (sender, result) = mpsc::sync_channel(1);
        let task = self.handle()?.spawn(async move {
            // Whoever waited may have gone.
            let _ = sender.send(work.await);
        });
        Ok(Pending { result, task: task.abort_handle(), timeout })
    }

    /// Does `work`, which an error calls `what`.
    pub(super) fn run<T: Send + 'static>(
        &self,
        what: impl fmt::Display,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        self.start(work)?.wait(what)
    }

    /// Does `work`, which may take as long as `timeout`.
    pub(super) fn run_within<T: Send + 'static>(
        &self,
        timeout: Duration,
        what: impl fmt::Display,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        self.start_within(timeout, work)?.wait(what)
    }
}

/// Work that was started.
#[derive(Debug)]
pub(super) struct Pending<T> {
    result: mpsc::Receiver<io::Result<T>>,
    task: AbortHandle,
    timeout: Duration,
}

impl<T> Pending<T> {
    /// Waits, from now on for as long as a request may take.
    pub(super) fn wait(self, what: impl fmt::Display) -> io::Result<T> {
        match self.result.recv_timeout(self.timeout) {
            Ok(result) => result,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(timed_out(what, self.timeout)),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(stopped(what)),
        }
    }
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn timed_out(what: impl fmt::Display, timeout: Duration) -> io::Error {
    let message = format!("{what}: no answer within {timeout:?}; a longer timeout can be set");
    io::Error::new(io::ErrorKind::TimedOut, message)
}

pub(super) fn stopped(what: impl fmt::Display) -> io::Error {
    io::Error::other(format!("{what}: stopped before there was an answer, by a panic or with its runtime"))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn bridge() -> Bridge {
        Bridge::new(None, Duration::from_secs(10))
    }

    #[test]
    fn work_is_done_from_any_thread_of_any_runtime() {
        assert_eq!(bridge().run("adding", async { Ok(1 + 1) }).unwrap(), 2);
        let outer = Builder::new_current_thread().enable_all().build().unwrap();
        let inside = outer.block_on(async { bridge().run("adding", async { Ok(1 + 1) }) });
        assert_eq!(inside.unwrap(), 2);
        let blocking = outer.spawn_blocking(|| bridge().run("adding", async { Ok(1 + 1) }));
        assert_eq!(outer.block_on(blocking).unwrap().unwrap(), 2);
    }

    #[test]
    fn process_that_was_forked_starts_threads_of_its_own() {
        let mut shared = None;
        let parent = Shared::of(&mut shared, 1).unwrap();
        assert_eq!(Shared::of(&mut shared, 1).unwrap().id(), parent.id());
        let child = Shared::of(&mut shared, 2).unwrap();
        assert_ne!(child.id(), parent.id());
        let bridge = Bridge::new(Some(child), Duration::from_secs(10));
        assert_eq!(bridge.run("adding", async { Ok(1 + 1) }).unwrap(), 2);
    }

    #[test]
    fn late_work_is_an_error_that_names_it_and_is_stopped() {
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
    fn runtime_that_has_gone_is_an_error() {
        let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let bridge = Bridge::new(Some(runtime.handle().clone()), Duration::from_secs(10));
        assert_eq!(bridge.run("adding", async { Ok(2) }).unwrap(), 2);
        drop(runtime);
        let error = bridge.run("adding", async { Ok(2) }).unwrap_err();
        assert!(error.to_string().contains("adding"), "{error}");
    }

    #[test]
    fn runtime_that_only_the_waiting_thread_could_drive_times_out() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let bridge = Bridge::new(Some(runtime.handle().clone()), Duration::from_millis(20));
        let error = runtime.block_on(async { bridge.run("adding", async { Ok(2) }) }).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
