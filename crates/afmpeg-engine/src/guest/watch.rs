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
            stop.request(cause);
            // Until the job has ended: a thread may have been on its way into the world, and what has gone wrong in the
            // guest's memory may have put the flag down.
            loop {
                sleep(AGAIN).await;
                stop.kill();
            }
        }))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Lets the guest end its work when that is asked for.
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
