//! The end of a job that has not ended by itself.

use std::{
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use wasmer::{Engine, SharedMemory, Store};
use wasmer_wasix::{
    os::task::process::WasiProcess,
    wasmer_wasix_types::wasi::{ExitCode, Signal},
};

/// Why a job is ended before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopCause {
    Cancelled,
    WallTime(Duration),
    CpuTime(Duration),
    Stalled(Duration),
    /// A limit refused it something, so that it fails in any case, and it has not ended by itself since then.
    Refused,
}

/// Whether a job is over, for those of its threads that do not know yet; and what makes them know.
#[derive(Default)]
pub(super) struct Stop {
    killed: AtomicBool,
    finishing: AtomicBool,
    cause: OnceLock<StopCause>,
    /// What a thread that is not main has ended the program with.
    exited: OnceLock<ExitCode>,
    process: OnceLock<WasiProcess>,
    words: Mutex<Option<Words>>,
}

/// The words of the guest's memory that are used while it runs.
pub(super) struct Words {
    pub(super) engine: Engine,
    pub(super) memory: SharedMemory,
    /// Every loop looks at it.
    pub(super) stop_flag: u32,
    /// The size of memory that was refused.
    pub(super) memory_refused: Option<u32>,
    /// The number of the last signal and how many came, for a guest that ends its work in good order at one.
    pub(super) signal: Option<(u32, u32)>,
}

/// `SIGINT`, at which a program that a person runs ends its work.
const INTERRUPT: u32 = 2;

impl Words {
    fn write(&self, address: u32, value: u32) {
        // Attached to a store of its own, since the guest's are in use: the memory is the same.
        let mut store = Store::new(self.engine.clone());
        let memory = self.memory.clone().attach(&mut store);
        if memory.view(&store).write(u64::from(address), &value.to_le_bytes()).is_err() {
            tracing::error!(address, "a word of the guest's is outside of its memory");
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
    /// From here on, the guest can be stopped.
    pub(super) fn attach(&self, process: WasiProcess, words: Words) {
        let _ = self.process.set(process);
        *self.words() = Some(words);
        if self.is_killed() {
            self.kill();
        } else if self.is_finishing() {
            self.finish();
        }
    }

    /// Lets go of the guest's memory and code, when there is nothing left to be stopped.
    pub(super) fn detach(&self) {
        *self.words() = None;
    }

    fn words(&self) -> MutexGuard<'_, Option<Words>> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the guest, which runs, was refused memory.
    pub(super) fn is_memory_refused(&self) -> bool {
        self.words().as_ref().is_some_and(Words::is_memory_refused)
    }

    /// Lets the guest end its work in good order, as ffmpeg does at an interrupt. A guest that cannot is cancelled.
    pub(super) fn finish(&self) {
        self.finishing.store(true, Ordering::SeqCst);
        let can_finish = match &*self.words() {
            // It has not started, or has ended.
            None => return,
            Some(words) => words.signal.map(|(signal, count)| {
                words.write(signal, INTERRUPT);
                words.write(count, 1);
            }),
        };
        if can_finish.is_none() {
            self.request(StopCause::Cancelled);
        }
    }

    /// Whether the job is to end in good order.
    pub(super) fn is_finishing(&self) -> bool {
        self.finishing.load(Ordering::SeqCst)
    }

    /// Ends the job for a reason. The first reason stays.
    pub(super) fn request(&self, cause: StopCause) {
        let _ = self.cause.set(cause);
        self.kill();
    }

    /// Why the job was ended, if it was.
    pub(super) fn cause(&self) -> Option<StopCause> {
        self.cause.get().copied()
    }

    /// Ends every thread of the guest, wherever it is: one that waits is woken, one that computes comes by a check
    /// of the flag, one that calls the host is told by the call.
    pub(super) fn kill(&self) {
        self.killed.store(true, Ordering::SeqCst);
        // Before the signal: who is woken by it must not find the flag down and compute on.
        if let Some(words) = &*self.words() {
            words.write(words.stop_flag, 1);
        }
        if let Some(process) = self.process.get() {
            process.signal_process(Signal::Sigkill);
        }
    }

    /// To be called when a thread that is not main has ended: where it has called `exit`, all others end too.
    pub(super) fn thread_ended(&self) {
        if self.is_killed() {
            return;
        }
        if let Some(Ok(code)) = self.process.get().and_then(WasiProcess::try_join) {
            let _ = self.exited.set(code);
            // Whoever waits for a thread, main perhaps, would wait for ever.
            self.kill();
        }
    }

    /// What the program has ended with, if it was not main that ended it.
    pub(super) fn exited(&self) -> Option<ExitCode> {
        self.exited.get().copied()
    }

    /// Whether the job's threads were told to end.
    pub(super) fn is_killed(&self) -> bool {
        self.killed.load(Ordering::SeqCst)
    }

    /// What a thread that calls the host must exit with instead of going on.
    pub(super) fn exit(&self) -> Option<ExitCode> {
        if self.killed.load(Ordering::Relaxed) {
            return Some(ExitCode::from(i32::from(Signal::Sigkill as u8) + 128));
        }
        // Another thread may have called `exit`.
        let ended = self.process.get()?.try_join()?;
        Some(ended.unwrap_or_else(|_| ExitCode::from(1)))
    }
}
