//! Timers that any thread may poll.

use std::time::Duration;

use tokio::{runtime::Handle, task::JoinHandle};

/// A timer that is aborted with its waiter, so that interrupted long sleeps do not accumulate.
struct Timer(JoinHandle<()>);

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Resolves after `time`. tokio polls the timer on a thread of `clock`; any thread may poll this future.
pub(crate) async fn sleep(time: Duration, clock: &Handle) {
    let mut timer = Timer(clock.spawn(async move { tokio::time::sleep(time).await }));
    // It fails only when the clock's runtime ends, which has no waiters any more.
    let _ = (&mut timer.0).await;
}
