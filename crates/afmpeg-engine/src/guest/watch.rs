//! Watches over a running job: its cancelling and its times.

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

/// How often the processor time is looked at when it is nearly used up, and when it cannot be.
const CPU_TIME_TICK: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// The interval at which a running job is checked for a limit that refused it something.
const REFUSAL_TICK: Duration = Duration::from_millis(250);

/// How long a job that was refused something may take to end in its own way, with its own explanation. A thread that was
/// refused memory may never wake those that wait for it.
const REFUSAL_GRACE: Duration = Duration::from_secs(3);

/// How often progress is looked for: at the shortest and at the longest.
const STALL_TICK: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// The least part of a time that a job computes in it, if it makes progress: threads that wait wake now and then.
const BUSY_PART: u32 = 100;

/// How often a job that does not end is told again.
pub(super) const AGAIN: Duration = Duration::from_millis(50);

/// Watches until it is dropped.
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

    /// Ends a job that makes no progress for `allowed`: neither computes nor has `moved` other bytes than before.
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
            let (mut since, mut looked) = (Instant::now(), Instant::now());
            let mut before = (cpu.used().0, moved());
            while since.elapsed() < allowed {
                sleep(tick).await;
                let now = (cpu.used().0, moved());
                let computed = now.0.saturating_sub(before.0);
                if now.1 != before.1 || computed > looked.elapsed() / BUSY_PART {
                    since = Instant::now();
                }
                (before, looked) = (now, Instant::now());
            }
            end(&stop, StopCause::Stalled(allowed)).await;
        }))
    }

    /// Ends a job that a limit has `refused` something, if it does not end by itself soon.
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
    // Until the job has ended: a thread may have been on its way into the world, and what has gone wrong in the guest's
    // memory may have put the flag down.
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

/// Lets the guest end its work on request.
async fn finish(cancel: &CancelToken, stop: &Stop) {
    cancel.finish_requested().await;
    stop.finish();
}

/// `main`, while `other` runs beside it.
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
        // No limit, or one beyond the end of time.
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
        // All threads together cannot use it up sooner.
        let soonest = left / u32::try_from(threads.max(1)).unwrap_or(u32::MAX);
        sleep(soonest.clamp(CPU_TIME_TICK.0, CPU_TIME_TICK.1)).await;
    }
}
