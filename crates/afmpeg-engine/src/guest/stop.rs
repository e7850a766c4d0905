//! Stops a job from outside.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use wasmer::{Engine, SharedMemory, Store};
use wasmer_wasix::{
    os::task::process::WasiProcess,
    wasmer_wasix_types::wasi::{ExitCode, Signal},
};

use super::shared_variables;

/// The reason that a job is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopCause {
    Cancelled,
    WallTime(Duration),
    CpuTime(Duration),
    Stalled(Duration),
    /// A limit refused the job a resource, so that it fails in any case, and it did not exit within the grace period.
    Refused,
}

/// The stop state of a job, and the means to stop its threads.
#[derive(Default)]
pub(super) struct Stop {
    killed: AtomicBool,
    finishing: AtomicBool,
    cause: OnceLock<StopCause>,
    /// The exit code of a program that a thread other than main ended.
    exited: OnceLock<ExitCode>,
    process: OnceLock<WasiProcess>,
    variables: Mutex<Option<SharedVariables>>,
}

/// The addresses of the shared variables that are used while the guest runs.
pub(super) struct SharedVariables {
    pub(super) engine: Engine,
    pub(super) memory: SharedMemory,
    /// Checked at every loop head and function entry.
    pub(super) stop_flag: u32,
    /// The size of the refused memory.
    pub(super) memory_refused: Option<u32>,
    /// The last signal and the number of signals, in a guest that finishes its outputs on a signal.
    pub(super) signal: Option<(u32, u32)>,
}

/// `SIGINT`, on which ffmpeg finishes its outputs.
const INTERRUPT: u32 = 2;

impl SharedVariables {
    fn write(&self, address: u32, value: u32) {
        // A separate store, since the guest's are in use, on the same memory.
        let mut store = Store::new(self.engine.clone());
        let memory = self.memory.clone().attach(&mut store);
        if memory.view(&store).write(u64::from(address), &value.to_le_bytes()).is_err() {
            tracing::error!(address, "a shared variable is outside of the guest's memory");
        }
    }

    fn is_memory_refused(&self) -> bool {
        let Some(address) = self.memory_refused else { return false };
        let mut store = Store::new(self.engine.clone());
        let memory = self.memory.clone().attach(&mut store);
        let mut word = [0; 4];
        memory.view(&store).read(u64::from(address), &mut word).is_ok() && word != [0; 4]
    }
}

impl Stop {
    /// Attaches the running guest, which can be stopped from now on.
    pub(super) fn attach(&self, process: WasiProcess, variables: SharedVariables) {
        let _ = self.process.set(process);
        *self.variables.lock() = Some(variables);
        if self.is_killed() {
            self.kill();
        } else if self.is_finishing() {
            self.finish();
        }
    }

    /// Releases the guest's memory and code once all of its threads have ended.
    pub(super) fn detach(&self) {
        *self.variables.lock() = None;
    }

    /// Whether the running guest was refused memory.
    pub(super) fn is_memory_refused(&self) -> bool {
        self.variables.lock().as_ref().is_some_and(SharedVariables::is_memory_refused)
    }

    /// Makes the guest finish its outputs, as ffmpeg does on an interrupt. A guest that cannot is cancelled.
    pub(super) fn finish(&self) {
        self.finishing.store(true, Ordering::SeqCst);
        let can_finish = match &*self.variables.lock() {
            // Not started yet, or already ended.
            None => return,
            Some(variables) => variables.signal.map(|(signal, count)| {
                variables.write(signal, INTERRUPT);
                variables.write(count, 1);
            }),
        };
        if can_finish.is_none() {
            self.request(StopCause::Cancelled);
        }
    }

    /// Whether the job was requested to finish its outputs.
    pub(super) fn is_finishing(&self) -> bool {
        self.finishing.load(Ordering::SeqCst)
    }

    /// Stops the job. The first reason is kept.
    pub(super) fn request(&self, cause: StopCause) {
        let _ = self.cause.set(cause);
        self.kill();
    }

    /// The reason that the job was stopped, if it was.
    pub(super) fn cause(&self) -> Option<StopCause> {
        self.cause.get().copied()
    }

    /// Ends every thread of the guest: a waiting one is woken, a computing one reaches a check of the flag, and one in a
    /// call to the host is ended by that call.
    pub(super) fn kill(&self) {
        self.killed.store(true, Ordering::SeqCst);
        // Before the signal, so that a woken thread finds the flag set.
        if let Some(variables) = &*self.variables.lock() {
            variables.write(variables.stop_flag, shared_variables::STOP);
        }
        if let Some(process) = self.process.get() {
            process.signal_process(Signal::Sigkill);
        }
    }

    /// Called when a thread other than main has ended. If it called `exit`, all others are ended too.
    pub(super) fn thread_ended(&self) {
        if self.is_killed() {
            return;
        }
        if let Some(Ok(code)) = self.process.get().and_then(WasiProcess::try_join) {
            let _ = self.exited.set(code);
            // A thread that waits for another, such as main, would wait for ever.
            self.kill();
        }
    }

    /// The exit code, if a thread other than main ended the program.
    pub(super) fn exited(&self) -> Option<ExitCode> {
        self.exited.get().copied()
    }

    /// Whether the job's threads are being ended.
    pub(super) fn is_killed(&self) -> bool {
        self.killed.load(Ordering::SeqCst)
    }

    /// The code with which a thread in a call to the host must exit, if it must.
    pub(super) fn exit(&self) -> Option<ExitCode> {
        if self.killed.load(Ordering::Relaxed) {
            return Some(ExitCode::from(i32::from(Signal::Sigkill as u8) + 128));
        }
        // Another thread may have called `exit`.
        let ended = self.process.get()?.try_join()?;
        Some(ended.unwrap_or_else(|_| ExitCode::from(1)))
    }
}
