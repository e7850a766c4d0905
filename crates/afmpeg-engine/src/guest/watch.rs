//! Watches a running job for its cancellation and its limits of time.

use std::{future::pending, sync::Arc, time::Duration};

use futures_util::future::Either;
use tokio::{
    runtime::Handle,
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};

use super::{
    cpu_time::CpuTime,
    stop::{Stop, StopCause},
};
use crate::{CancelToken, Limits, scheduler::first_of};

/// The shortest and the longest interval of checks of the processor time.
const CPU_TIME_TICK: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// The interval of checks whether a limit refused the job a resource.
const REFUSAL_TICK: Duration = Duration::from_millis(250);

/// The time for a job that was refused a resource to exit with an error. A thread that was refused memory may never wake
/// its waiters.
const REFUSAL_GRACE: Duration = Duration::from_secs(3);

/// The shortest and the longest interval of checks for progress.
const STALL_TICK: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// The divisor for the minimum processor time in an interval with progress: waiting threads wake occasionally.
const BUSY_PART: u32 = 100;

/// The interval at which a job that does not end is stopped again.
pub(super) const AGAIN: Duration = Duration::from_millis(50);

/// A watch, which ends on drop.
pub(super) struct Watch(JoinHandle<()>);

impl Watch {
    pub(super) fn start(
        clock: &Handle,
        stop: &Arc<Stop>,
        cancel: CancelToken,
        limits: &Limits,
        cpu: CpuTime,
    ) -> Self {
        let stop = Arc::clone(stop);
        let wall = limits.wall_time.map(|time| (Instant::now().checked_add(time), time));
        let cpu_limit = limits.cpu_time;
        Self(clock.spawn(async move {
            let times = first_of(wall_time(wall), cpu_time(cpu_limit, cpu));
            let times = beside(times, finish(&cancel, &stop));
            let cause = match first_of(cancel.cancelled(), times).await {
                Either::Left(()) => StopCause::Cancelled,
                Either::Right(Either::Left(cause) | Either::Right(cause)) => cause,
            };
            end(&stop, cause).await;
        }))
    }

    /// Stops a job without progress for `allowed`: it neither computes nor changes the count of `moved` bytes.
    pub(super) fn stalls(
        clock: &Handle,
        stop: &Arc<Stop>,
        allowed: Option<Duration>,
        cpu: CpuTime,
        moved: impl Fn() -> u64 + Send + 'static,
    ) -> Self {
        let stop = Arc::clone(stop);
        Self(clock.spawn(async move {
            let Some(allowed) = allowed else { return };
            let tick = (allowed / 4).clamp(STALL_TICK.0, STALL_TICK.1);
            let (mut since, mut checked) = (Instant::now(), Instant::now());
            let mut before = (cpu.used().0, moved());
            while since.elapsed() < allowed {
                sleep(tick).await;
                let now = (cpu.used().0, moved());
                let computed = now.0.saturating_sub(before.0);
                if now.1 != before.1 || computed > checked.elapsed() / BUSY_PART {
                    since = Instant::now();
                }
                (before, checked) = (now, Instant::now());
            }
            end(&stop, StopCause::Stalled(allowed)).await;
        }))
    }

    /// Stops a job that a limit has `refused` a resource, if it does not exit within the grace period.
    pub(super) fn refusals(
        clock: &Handle,
        stop: &Arc<Stop>,
        refused: impl Fn() -> bool + Send + 'static,
    ) -> Self {
        let stop = Arc::clone(stop);
        Self(clock.spawn(async move {
            while !refused() {
                sleep(REFUSAL_TICK).await;
            }
            sleep(REFUSAL_GRACE).await;
            end(&stop, StopCause::Refused).await;
        }))
    }
}

async fn end(stop: &Stop, cause: StopCause) {
    stop.request(cause);
    // Until the job has ended: a thread may start after the first stop, and a buggy guest may overwrite the flag.
    loop {
        sleep(AGAIN).await;
        stop.kill();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Makes the guest finish its outputs on request.
async fn finish(cancel: &CancelToken, stop: &Stop) {
    cancel.finish_requested().await;
    stop.finish();
}

/// Runs `main`, with `other` concurrently.
async fn beside<T>(main: impl Future<Output = T>, other: impl Future<Output = ()>) -> T {
    let never = async {
        other.await;
        pending().await
    };
    match first_of(main, never).await {
        Either::Left(output) | Either::Right(output) => output,
    }
}

async fn wall_time(limit: Option<(Option<Instant>, Duration)>) -> StopCause {
    match limit {
        Some((Some(deadline), allowed)) => {
            sleep_until(deadline).await;
            StopCause::WallTime(allowed)
        }
        // No limit, or one beyond the range of `Instant`.
        _ => pending().await,
    }
}

async fn cpu_time(limit: Option<Duration>, cpu: CpuTime) -> StopCause {
    let Some(allowed) = limit else { return pending().await };
    loop {
        let (used, threads) = cpu.used();
        let Some(left) = allowed.checked_sub(used).filter(|left| !left.is_zero()) else {
            return StopCause::CpuTime(allowed);
        };
        // The earliest time at which all threads together can use up the rest.
        let soonest = left / u32::try_from(threads.max(1)).unwrap_or(u32::MAX);
        sleep(soonest.clamp(CPU_TIME_TICK.0, CPU_TIME_TICK.1)).await;
    }
}
