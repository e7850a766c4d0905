//! Waits that any thread may poll.

use std::time::Duration;

use tokio::{runtime::Handle, task::JoinHandle};

/// A timer of the clock's. It ends with its waiter: a guest may be woken a million times from a sleep of a century.
struct Timer(JoinHandle<()>);

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Ready after `time`. tokio polls the timer on a thread of `clock`'s; any thread may poll this future.
pub(crate) async fn sleep(time: Duration, clock: &Handle) {
    let mut timer = Timer(clock.spawn(async move { tokio::time::sleep(time).await }));
    // It fails only when the clock's runtime ends, and then nothing waits any more.
    let _ = (&mut timer.0).await;
}
