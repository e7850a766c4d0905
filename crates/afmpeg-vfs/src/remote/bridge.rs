//! From synchronous calls to asynchronous libraries.

use std::{fmt, future::Future, io, sync::mpsc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::AbortHandle,
};

/// The threads that requests run on; the work is waiting, so there need not be many.
const WORKERS: usize = 2;

/// Started when the first request is made. It is never stopped: filesystems come and go.
static SHARED: Mutex<Option<Runtime>> = Mutex::new(None);

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
        let mut shared = SHARED.lock();
        if shared.is_none() {
            let built = Builder::new_multi_thread()
                .worker_threads(WORKERS)
                .thread_name("afmpeg-remote")
                .enable_all()
                .build()?;
            *shared = Some(built);
        }
        match &*shared {
            Some(runtime) => Ok(runtime.handle().clone()),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Starts `work`, to be waited for later; dropping what is returned stops it.
    pub(super) fn start<T: Send + 'static>(
        &self,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<Pending<T>> {
        let (sender, result) = mpsc::sync_channel(1);
        let task = self.handle()?.spawn(async move {
            // Whoever waited may have gone.
            let _ = sender.send(work.await);
        });
        Ok(Pending { result, task: task.abort_handle(), timeout: self.timeout })
    }

    /// Does `work`, which an error calls `what`.
    pub(super) fn run<T: Send + 'static>(
        &self,
        what: impl fmt::Display,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        self.start(work)?.wait(what)
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
