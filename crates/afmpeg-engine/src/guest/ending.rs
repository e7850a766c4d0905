//! What the end of a guest amounts to.

use std::sync::Arc;

use afmpeg_vfs::{Allowance, FaultLog};
use wasmer::RuntimeError;
use wasmer_types::TrapCode;
use wasmer_wasix::wasmer_wasix_types::wasi::ExitCode;

use super::StopCause;
use crate::{
    AvError, Error, ErrorKind, ExitError, ExitStatus, Limit, LimitError, Limits, PartialOutputs, Tool,
    TrapError,
    diagnosis::{Needed, diagnose},
    log::LogLine,
    statistics::Damage,
};

/// What FFmpeg says when `malloc` has failed, whatever it ends with then: the libc's words, and its own.
const OUT_OF_MEMORY: &[&str] = &["Out of memory", "Cannot allocate memory"];

/// How the guest's main function ended.
pub(super) enum Ending {
    Exit(ExitStatus),
    Trap(RuntimeError),
}

impl Ending {
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Ending::Exit(status) => i32::from(status.low_byte()).into(),
            Ending::Trap(_) => 129.into(),
        }
    }

    /// The end of a guest that was told to finish early: ffmpeg says so in its status, even where all went well.
    pub(super) fn finished(self) -> Self {
        match self {
            Ending::Exit(ExitStatus::INTERRUPTED) => Ending::Exit(ExitStatus::from_code(0)),
            other => other,
        }
    }

    fn is_success(&self) -> bool {
        matches!(self, Ending::Exit(status) if status.is_success())
    }
}

/// All that is known of a job when its guest has ended.
pub(super) struct Evidence<'a> {
    pub(super) tool: Tool,
    pub(super) stop: Option<StopCause>,
    pub(super) refused: Option<Allowance>,
    /// What the standard output may hold, if it was to hold more.
    pub(super) stdout_limit: Option<u64>,
    pub(super) memory_refused: Option<u64>,
    /// How many outputs ffmpeg refused to write over.
    pub(super) outputs_refused: u32,
    /// The damage in the inputs, where the job fails on it.
    pub(super) damage: Option<Damage>,
    pub(super) c_stack_exhausted: bool,
    pub(super) threads_refused: bool,
    pub(super) faults: &'a FaultLog,
    pub(super) limits: &'a Limits,
    /// The last lines of the log, to show.
    pub(super) log: &'a [String],
    /// The records of the log that tell the cause.
    pub(super) errors: &'a [LogLine],
    /// What the module must have to read an input, where it lacks it.
    pub(super) needed: Needed<'a>,
    pub(super) partial_outputs: PartialOutputs,
}

impl Evidence<'_> {
    /// The error that the end amounts to, the deepest cause first; none if the job has succeeded.
    pub(super) fn failure(&self, ending: Ending) -> Option<Error> {
        // ffmpeg exits with 0 then, as if it had done its work.
        let ending = if ending.is_success() && self.outputs_refused > 0 {
            Ending::Exit(ExitStatus::EXIT_REQUESTED)
        } else {
            ending
        };
        let has_succeeded = ending.is_success();
        if let Some(cause) = self.stop.filter(|_| !has_succeeded) {
            return Some(self.stopped(cause));
        }
        if let Some(limit) = self.output_limit() {
            return Some(self.limit(limit));
        }
        // A read that failed can look like the end of a file to FFmpeg: a fault fails even a "successful" job.
        if let Some(fault) = first_fault(self.faults, self.log) {
            return Some(fault);
        }
        if let Some(damage) = self.damage {
            return Some(Error::Damaged { tool: self.tool, damage, log: self.log.to_vec() });
        }
        if has_succeeded {
            return None;
        }
        if let Some(asked) = self.memory_refused.filter(|_| self.is_out_of_memory(&ending)) {
            return Some(memory_limit(self.tool, self.limits.memory, asked, self.log));
        }
        if self.threads_refused {
            return Some(self.limit(Limit::Threads(self.limits.threads)));
        }
        Some(match ending {
            Ending::Exit(status) => self.exit(status),
            Ending::Trap(trap) => self.trap(&trap),
        })
    }

    fn stopped(&self, cause: StopCause) -> Error {
        match cause {
            StopCause::Cancelled => Error::Cancelled {
                tool: self.tool,
                partial_outputs: Some(self.partial_outputs),
                log: self.log.to_vec(),
            },
            StopCause::WallTime(allowed) => self.limit(Limit::WallTime(allowed)),
            StopCause::CpuTime(allowed) => self.limit(Limit::CpuTime(allowed)),
        }
    }

    fn output_limit(&self) -> Option<Limit> {
        if let Some(limit) = self.stdout_limit {
            return Some(Limit::Stdout(limit));
        }
        Some(match self.refused? {
            Allowance::Names => Limit::Files(self.limits.files),
            _ => Limit::Output(self.limits.output),
        })
    }

    /// A failure after a refused `malloc` need not be because of it; one that says so is.
    fn is_out_of_memory(&self, ending: &Ending) -> bool {
        match ending {
            Ending::Exit(status) => {
                status.av_error().map(AvError::name) == Some("ENOMEM")
                    || self.log.iter().any(|line| OUT_OF_MEMORY.iter().any(|words| line.contains(words)))
            }
            // Few libraries look at what malloc gives them.
            Ending::Trap(_) => !self.c_stack_exhausted,
        }
    }

    fn limit(&self, limit: Limit) -> Error {
        Error::Limit(Box::new(LimitError { tool: self.tool, limit, log: self.log.to_vec() }))
    }

    fn exit(&self, status: ExitStatus) -> Error {
        let mut diagnosis = diagnose(self.tool, status, self.errors, self.needed);
        // FFmpeg only knows that it may not; the filesystem may have said why.
        if let Some(denial) = self.faults.denials().first() {
            diagnosis.kind = ErrorKind::Filesystem;
            diagnosis.hint = Some(format!("the filesystem refused: {denial}"));
        }
        Error::Exit(Box::new(ExitError { tool: self.tool, status, diagnosis, log: self.log.to_vec() }))
    }

    fn trap(&self, trap: &RuntimeError) -> Error {
        let backtrace = trap
            .trace()
            .iter()
            .map(|frame| {
                let name = frame.function_name();
                name.map_or_else(|| format!("function {}", frame.func_index()), str::to_owned)
            })
            .collect();
        let native_stack_exhausted = trap.clone().to_trap() == Some(TrapCode::StackOverflow);
        Error::Trap(Box::new(TrapError {
            tool: self.tool,
            message: trap.message(),
            backtrace,
            stack_overflow: native_stack_exhausted || self.c_stack_exhausted,
            log: self.log.to_vec(),
        }))
    }
}

pub(super) fn memory_limit(tool: Tool, allowed: u64, asked: u64, log: &[String]) -> Error {
    let limit = Limit::Memory { allowed, asked };
    Error::Limit(Box::new(LimitError { tool, limit, log: log.to_vec() }))
}

/// The failure of the filesystem that came before all others.
pub(super) fn first_fault(faults: &FaultLog, log: &[String]) -> Option<Error> {
    faults.faults().first().map(|fault| Error::Filesystem {
        operation: fault.operation().to_string(),
        path: fault.path().to_string(),
        source: Arc::clone(fault.error()),
        log: log.to_vec(),
    })
}
