//! What wasmer-wasix asks of its host, for one job: deny everything but threads and time.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use wasmer::{Engine, Imports, Module, RuntimeError, Store, StoreMut};
use wasmer_wasix::{
    Runtime, UnsupportedVirtualNetworking, VirtualTaskManager,
    os::task::process::WasiProcess,
    runtime::{
        InstantiationHook as _, InstantiationState, TaintReason,
        resolver::{MultiSource, Source},
    },
    virtual_net::DynVirtualNetworking,
    wasmer_wasix_types::wasi::Signal,
};

use super::{sjlj::SetjmpImports, threads::GuestThreads};

/// The host side of one job.
pub(super) struct JobRuntime {
    engine: Engine,
    threads: Arc<dyn VirtualTaskManager>,
    networking: DynVirtualNetworking,
    process: OnceLock<WasiProcess>,
    trap: Mutex<Option<RuntimeError>>,
}

impl JobRuntime {
    pub(super) fn new(engine: Engine, threads: GuestThreads) -> Self {
        Self {
            engine,
            threads: Arc::new(threads),
            networking: Arc::new(UnsupportedVirtualNetworking::default()),
            process: OnceLock::new(),
            trap: Mutex::new(None),
        }
    }

    /// From here on, a trap in any thread ends `process`.
    pub(super) fn watch(&self, process: WasiProcess) {
        let _ = self.process.set(process);
    }

    /// Ends every thread at its next system call or wait.
    pub(super) fn kill(&self) {
        if let Some(process) = self.process.get() {
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
