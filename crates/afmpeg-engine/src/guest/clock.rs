//! The timers that sleeping guests wait on.

use std::io;

use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};

/// One thread that serves the timers of every job of a runtime.
///
/// wasmer-wasix waits on tokio timers; nothing else of a job is asynchronous.
pub(crate) struct Clock {
    // Taken in `drop`: a tokio runtime must not be dropped where another one runs.
    runtime: Option<Runtime>,
}

impl Clock {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("afmpeg-clock")
            .enable_time()
            .build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    pub(super) fn handle(&self) -> Option<Handle> {
        self.runtime.as_ref().map(|runtime| runtime.handle().clone())
    }

    pub(super) fn enter(&self) -> Option<EnterGuard<'_>> {
        self.runtime.as_ref().map(Runtime::enter)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
