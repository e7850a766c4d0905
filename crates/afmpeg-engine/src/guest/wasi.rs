//! What wasmer-wasix asks of its host, for one job: deny everything but threads and time.

use std::{
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use afmpeg_vfs::adapter::wasi::Descriptors;
use wasmer::{Engine, Imports, Module, RuntimeError, Store, StoreMut};
use wasmer_wasix::{
    Runtime, UnsupportedVirtualNetworking, VirtualTaskManager,
    os::task::process::WasiProcess,
    runtime::{
        InstantiationHook as _, InstantiationState, TaintReason,
        resolver::{MultiSource, Source},
    },
    virtual_net::DynVirtualNetworking,
    wasmer_wasix_types::wasi::{ExitCode, Signal},
};

use super::{files, sjlj::SetjmpImports, threads::GuestThreads};

/// The host side of one job.
pub(super) struct JobRuntime {
    engine: Engine,
    threads: Arc<dyn VirtualTaskManager>,
    networking: DynVirtualNetworking,
    files: Arc<Descriptors>,
    stop: Arc<Stop>,
    trap: Mutex<Option<RuntimeError>>,
}

/// Whether a job is over, for those of its threads that do not know yet.
#[derive(Default)]
pub(super) struct Stop {
    killed: AtomicBool,
    process: OnceLock<WasiProcess>,
}

impl Stop {
    /// What a thread must exit with instead of going on.
    pub(super) fn exit(&self) -> Option<ExitCode> {
        if self.killed.load(Ordering::Relaxed) {
            return Some(ExitCode::from(i32::from(Signal::Sigkill as u8) + 128));
        }
        // Another thread may have called `exit`.
        let ended = self.process.get()?.try_join()?;
        Some(ended.unwrap_or_else(|_| ExitCode::from(1)))
    }
}

impl JobRuntime {
    pub(super) fn new(engine: Engine, threads: GuestThreads, files: Arc<Descriptors>) -> Self {
        Self {
            engine,
            threads: Arc::new(threads),
            networking: Arc::new(UnsupportedVirtualNetworking::default()),
            files,
            stop: Arc::default(),
            trap: Mutex::new(None),
        }
    }

    /// From here on, a trap in any thread ends `process`.
    pub(super) fn watch(&self, process: WasiProcess) {
        let _ = self.stop.process.set(process);
    }

    /// Ends every thread at its next system call or wait.
    pub(super) fn kill(&self) {
        self.stop.killed.store(true, Ordering::Relaxed);
        if let Some(process) = self.stop.process.get() {
            process.signal_process(Signal::Sigkill);
        }
    }

    /// The trap that ended one of the threads, if one did.
    pub(super) fn take_trap(&self) -> Option<RuntimeError> {
        self.trap.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Runtime for JobRuntime {
    fn networking(&self) -> &DynVirtualNetworking {
        &self.networking
    }

    fn task_manager(&self) -> &Arc<dyn VirtualTaskManager> {
        &self.threads
    }

    fn source(&self) -> Arc<dyn Source + Send + Sync> {
        Arc::new(MultiSource::default())
    }

    fn engine(&self) -> Engine {
        self.engine.clone()
    }

    fn new_store(&self) -> Store {
        Store::new(self.engine.clone())
    }

    fn prepare_imports(
        &self,
        module: &Module,
        store: &mut StoreMut<'_>,
        imports: &mut Imports,
    ) -> anyhow::Result<InstantiationState> {
        files::define(module, store, imports, &self.files, &self.stop)?;
        SetjmpImports.prepare_imports(module, store, imports)
    }

    fn on_taint(&self, reason: TaintReason) {
        if let TaintReason::RuntimeError(error) = reason {
            // The first trap is the cause; the others are threads that this one makes us end.
            self.trap.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            // Whoever waits for the trapped thread, main perhaps, would wait for ever.
            self.kill();
        }
    }
}

impl fmt::Debug for JobRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobRuntime").field("threads", &self.threads).finish_non_exhaustive()
    }
}
