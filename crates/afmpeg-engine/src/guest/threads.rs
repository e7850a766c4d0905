//! The guest's threads: each is a separate instance on a separate host thread.

use std::{
    fmt,
    future::Future,
    num::NonZero,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use wasmer_wasix::{
    WasiFunctionEnv, WasiThreadError,
    runtime::task_manager::{
        SpawnMemoryTypeOrStore, SpawnType, TaskWasm, TaskWasmRunProperties, VirtualTaskManager,
    },
};

use super::{cpu_time::CpuTime, stop::Stop};
use crate::host_threads::Spawner;
use crate::timer;

/// The most processors that a guest sees. x264 starts three threads for two processors, and each buffers frames: with more,
/// frames of 3840x2160 do not fit into the 4 GiB that a guest can address.
const MAX_PROCESSORS: usize = 12;

/// The threads of one job.
///
/// wasmer's task manager keeps 200 host threads for ever; this one returns threads to the runtime's pool.
#[derive(Clone)]
pub(super) struct GuestThreads {
    spawner: Spawner,
    processors: NonZero<usize>,
    limit: usize,
    cpu: CpuTime,
    stop: Arc<Stop>,
    refused: Arc<AtomicBool>,
    /// The reason that the host could not start a permitted thread.
    failure: Arc<OnceLock<String>>,
    alive: Arc<Alive>,
}

#[derive(Default)]
struct Alive {
    count: Mutex<usize>,
    changed: Condvar,
}

impl Alive {
    /// Counts a thread, unless `limit` is reached.
    fn enter(self: &Arc<Self>, limit: usize) -> Option<AliveGuard> {
        let mut count = self.count.lock();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(AliveGuard(Arc::clone(self)))
    }
}

/// Reports the end of a thread to the job's stop state.
struct Ended(Arc<Stop>);

impl Drop for Ended {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A thread that waits for it would wait for ever.
            self.0.kill();
        } else {
            self.0.thread_ended();
        }
    }
}

struct AliveGuard(Arc<Alive>);

impl Drop for AliveGuard {
    fn drop(&mut self) {
        *self.0.count.lock() -= 1;
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

    /// Waits for every thread to end; returns false if one has not within `patience`.
    pub(super) fn wait_until_gone(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut count = self.alive.count.lock();
        while *count > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            self.alive.changed.wait_for(&mut count, left);
        }
        true
    }

    /// Whether the guest was refused a thread.
    pub(super) fn refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// The reason that the host could not start a permitted thread, if that happened.
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
                    // The guest gets EAGAIN, and may continue without the thread.
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
        f.debug_struct("GuestThreads").field("alive", &*self.alive.count.lock()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, future::poll_fn};

    use super::*;
    use crate::host_threads::HostThreads;

    #[test]
    fn timer_ends_with_its_waiter() {
        let host = HostThreads::start().unwrap();
        let spawner = host.spawner().unwrap();
        let threads =
            GuestThreads::new(spawner.clone(), NonZero::<usize>::MIN, 1, CpuTime::default(), Arc::default());
        let metrics = spawner.handle().metrics();
        pollster::block_on(async {
            let mut sleep = threads.sleep_now(Duration::from_secs(3600));
            // Starts to wait, and is then dropped.
            poll_fn(|context| std::task::Poll::Ready(sleep.poll_unpin(context).is_pending())).await;
            assert_eq!(metrics.num_alive_tasks(), 1);
        });
        let deadline = Instant::now() + Duration::from_secs(10);
        while metrics.num_alive_tasks() > 0 {
            assert!(Instant::now() < deadline, "the timer runs for an hour");
            std::thread::yield_now();
        }
    }
}
