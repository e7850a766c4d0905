//! The guest's threads, each an instance of its own on a host thread of its own.

use std::{
    fmt,
    future::Future,
    num::NonZero,
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use wasmer_wasix::{
    WasiFunctionEnv, WasiThreadError,
    runtime::task_manager::{
        SpawnMemoryTypeOrStore, SpawnType, TaskWasm, TaskWasmRunProperties, VirtualTaskManager,
    },
};

use super::{cpu_time::CpuTime, host::Spawner, stop::Stop};
use crate::timer;

/// The most processors that a guest sees. x264 starts three threads for two processors, and each keeps frames of its
/// own: for more of them than this has, frames of 3840x2160 do not fit into the 4 GiB that a guest can address.
const MAX_PROCESSORS: usize = 12;

/// Starts the threads of one job, and knows when the last has gone.
///
/// wasmer's own task manager keeps 200 host threads for ever; here a thread goes back to the runtime's pool.
#[derive(Clone)]
pub(super) struct GuestThreads {
    spawner: Spawner,
    processors: NonZero<usize>,
    limit: usize,
    cpu: CpuTime,
    stop: Arc<Stop>,
    refused: Arc<AtomicBool>,
    /// Why the host could not start a thread that the guest may have.
    failure: Arc<OnceLock<String>>,
    alive: Arc<Alive>,
}

#[derive(Default)]
struct Alive {
    count: Mutex<usize>,
    changed: Condvar,
}

impl Alive {
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a thread, unless there are `limit` already.
    fn enter(self: &Arc<Self>, limit: usize) -> Option<AliveGuard> {
        let mut count = self.lock();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(AliveGuard(Arc::clone(self)))
    }
}

/// Tells the job that one of its threads has ended.
struct Ended(Arc<Stop>);

impl Drop for Ended {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Whoever waits for it would wait for ever.
            self.0.kill();
        } else {
            self.0.thread_ended();
        }
    }
}

struct AliveGuard(Arc<Alive>);

impl Drop for AliveGuard {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
        self.0.changed.notify_all();
    }
}

impl GuestThreads {
    pub(super) fn new(
        spawner: Spawner,
        processors: NonZero<usize>,
        limit: usize,
        cpu: CpuTime,
        stop: Arc<Stop>,
    ) -> Self {
        let (refused, failure, alive) = Default::default();
        Self { spawner, processors, limit, cpu, stop, refused, failure, alive }
    }

    /// Waits for every thread to end; false if one has not after `patience`.
    pub(super) fn wait_until_gone(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut count = self.alive.lock();
        while *count > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            (count, _) = self.alive.changed.wait_timeout(count, left).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    /// Whether the guest wanted more threads than it may have.
    pub(super) fn refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// Why the host could not start a thread that the guest may have, if that happened.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.get().cloned()
    }

    fn spawn(&self, run: impl FnOnce() + Send + 'static) -> Result<(), WasiThreadError> {
        let started = self.alive.enter(self.limit).is_some_and(|guard| {
            let cpu = self.cpu.clone();
            self.spawner.spawn(move || {
                let _guard = guard;
                let _time = cpu.enter();
                run();
            })
        });
        if started {
            return Ok(());
        }
        self.refused.store(true, Ordering::Relaxed);
        Err(WasiThreadError::InvalidWasmContext)
    }
}

impl VirtualTaskManager for GuestThreads {
    fn sleep_now(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        let clock = self.spawner.handle().clone();
        Box::pin(async move { timer::sleep(time, &clock).await })
    }

    fn task_shared(
        &self,
        task: Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>,
    ) -> Result<(), WasiThreadError> {
        self.spawner.handle().spawn(async move { task().await });
        Ok(())
    }

    fn task_dedicated(&self, task: Box<dyn FnOnce() + Send>) -> Result<(), WasiThreadError> {
        self.spawn(task)
    }

    fn task_wasm(&self, task: TaskWasm) -> Result<(), WasiThreadError> {
        let (started, has_started) = mpsc::channel();
        let (stop, failure) = (Arc::clone(&self.stop), Arc::clone(&self.failure));
        self.spawn(move || {
            let TaskWasm { callbacks, env, module, globals, spawn_type, update_layout, call_initialize } =
                task;
            let memory = match spawn_type {
                SpawnType::AttachMemory(shared) => {
                    let mut store = env.runtime().new_store();
                    let memory = shared.attach(&mut store);
                    SpawnMemoryTypeOrStore::StoreAndMemory(store, memory)
                }
                SpawnType::CreateMemoryOfType(ty) => SpawnMemoryTypeOrStore::Type(ty),
                _ => SpawnMemoryTypeOrStore::New,
            };
            match WasiFunctionEnv::new_with_store(
                module,
                env,
                globals,
                memory,
                update_layout,
                call_initialize,
                None,
            ) {
                Ok((ctx, store)) => {
                    let _ended = Ended(stop);
                    let _ = started.send(Ok(()));
                    (callbacks.run)(TaskWasmRunProperties {
                        ctx,
                        store,
                        trigger_result: None,
                        recycle: callbacks.recycle,
                    });
                }
                Err(error) => {
                    // The guest takes it for a host that is busy, and may go on without the thread.
                    if !stop.is_killed() {
                        let _ = failure.set(error.to_string());
                    }
                    let _ = started.send(Err(error));
                }
            }
        })?;
        has_started.recv().unwrap_or(Err(WasiThreadError::InvalidWasmContext))
    }

    fn thread_parallelism(&self) -> Result<usize, WasiThreadError> {
        Ok(self.processors.get().min(MAX_PROCESSORS))
    }
}

impl fmt::Debug for GuestThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuestThreads").field("alive", &*self.alive.lock()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, future::poll_fn};

    use super::*;
    use crate::guest::HostThreads;

    #[test]
    fn timer_ends_with_who_waited_for_it() {
        let host = HostThreads::start().unwrap();
        let spawner = host.spawner().unwrap();
        let threads =
            GuestThreads::new(spawner.clone(), NonZero::<usize>::MIN, 1, CpuTime::default(), Arc::default());
        let metrics = spawner.handle().metrics();
        pollster::block_on(async {
            let mut sleep = threads.sleep_now(Duration::from_secs(3600));
            // Begins to wait, and is woken by something else.
            poll_fn(|context| std::task::Poll::Ready(sleep.poll_unpin(context).is_pending())).await;
            assert_eq!(metrics.num_alive_tasks(), 1);
        });
        let deadline = Instant::now() + Duration::from_secs(10);
        while metrics.num_alive_tasks() > 0 {
            assert!(Instant::now() < deadline, "the timer goes on for an hour");
            std::thread::yield_now();
        }
    }
}
