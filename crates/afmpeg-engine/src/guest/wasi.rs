//! The host side of wasmer-wasix for one job: threads and time, and nothing else.

use std::{fmt, sync::Arc, time::SystemTime};

use afmpeg_vfs::adapter::wasi::Descriptors;
use parking_lot::Mutex;
use wasmer::{Engine, Imports, Module, RuntimeError, Store, StoreMut};
use wasmer_wasix::{
    Runtime, UnsupportedVirtualNetworking, VirtualTaskManager,
    os::tty::TtyBridge,
    runtime::{
        InstantiationHook as _, InstantiationState, TaintReason,
        resolver::{MultiSource, Source},
    },
    virtual_net::DynVirtualNetworking,
};

use super::{
    arguments::{self, Arguments},
    clock, exit, files,
    stop::Stop,
    terminal::Terminal,
    threads::GuestThreads,
    throws::ThrowImports,
};

/// The host side of one job.
pub(super) struct JobRuntime {
    engine: Engine,
    threads: Arc<dyn VirtualTaskManager>,
    networking: DynVirtualNetworking,
    files: Arc<Descriptors>,
    stop: Arc<Stop>,
    /// The fixed time of day, if the guest's clock is stopped.
    time: Option<SystemTime>,
    arguments: Arguments,
    terminal: Option<Terminal>,
    trap: Mutex<Option<RuntimeError>>,
}

impl JobRuntime {
    pub(super) fn new(
        engine: Engine,
        threads: GuestThreads,
        files: Arc<Descriptors>,
        stop: Arc<Stop>,
        time: Option<SystemTime>,
        arguments: Arguments,
        terminal: Option<Terminal>,
    ) -> Self {
        Self {
            engine,
            threads: Arc::new(threads),
            networking: Arc::new(UnsupportedVirtualNetworking::default()),
            files,
            stop,
            time,
            arguments,
            terminal,
            trap: Mutex::new(None),
        }
    }

    /// The trap that ended one of the threads, if one did.
    pub(super) fn take_trap(&self) -> Option<RuntimeError> {
        self.trap.lock().take()
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

    fn tty(&self) -> Option<&(dyn TtyBridge + Send + Sync)> {
        self.terminal.as_ref().map(|terminal| terminal as &(dyn TtyBridge + Send + Sync))
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
        exit::define(module, store, imports, &self.stop)?;
        arguments::define(module, store, imports, &self.arguments);
        if let Some(time) = self.time {
            clock::stop_at(time, module, store, imports)?;
        }
        ThrowImports.prepare_imports(module, store, imports)
    }

    fn on_taint(&self, reason: TaintReason) {
        // Threads that the host ends report errors, too.
        if let TaintReason::RuntimeError(error) = reason
            && !self.stop.is_killed()
        {
            // The first trap is the cause; the others come from threads that are ended because of it.
            self.trap.lock().get_or_insert(error);
            // A thread that waits for the trapped one, such as main, would wait for ever.
            self.stop.kill();
        }
    }
}

impl fmt::Debug for JobRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobRuntime").field("threads", &self.threads).finish_non_exhaustive()
    }
}
