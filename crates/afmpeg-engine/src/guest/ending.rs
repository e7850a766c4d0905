//! The cause of a job's failure, from the evidence that its guest left.

use std::sync::Arc;

use afmpeg_vfs::FaultLog;
use wasmer::{FrameInfo, RuntimeError};
use wasmer_types::TrapCode;
use wasmer_wasix::wasmer_wasix_types::wasi::ExitCode;

use super::stop::StopCause;
use crate::{
    diagnosis::{About, diagnose, is_without_output},
    error::{Error, ExitError, TrapError, subject},
    error_kind::ErrorKind,
    exit::ExitStatus,
    function_names::FunctionNames,
    limit_error::{Limit, LimitError},
    log::LogLine,
    partial_outputs::PartialOutputs,
    statistics::Damage,
    tool::Tool,
};

/// The end of the guest's main function.
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
}

/// The facts about a job whose guest has ended.
pub(super) struct Evidence<'a> {
    pub(super) tool: Tool,
    pub(super) stop: Option<StopCause>,
    /// Whether the job was to finish early.
    pub(super) is_finishing: bool,
    /// The limit that the files have met.
    pub(super) files_limit: Option<Limit>,
    /// The limit that the standard output has met, or another output stream.
    pub(super) stdout_limit: Option<Limit>,
    pub(super) memory_refused: Option<u64>,
    /// The number of outputs that ffmpeg refused to overwrite.
    pub(super) outputs_refused: u32,
    /// The damage in the inputs, where the job fails on it.
    pub(super) damage: Option<Damage>,
    pub(super) c_stack_exhausted: bool,
    pub(super) threads_refused: bool,
    /// Why the host could not start a thread, if that happened.
    pub(super) thread_failure: Option<String>,
    pub(super) faults: &'a FaultLog,
    /// The names of the module's functions.
    pub(super) names: &'a FunctionNames,
    /// The bounds of the guest's memory, in bytes, and of its threads.
    pub(super) memory: u64,
    pub(super) threads: usize,
    /// The last lines of the log, to show.
    pub(super) log: &'a [String],
    /// The error records of the log.
    pub(super) errors: &'a [LogLine],
    /// The facts about the job beside its log.
    pub(super) about: About<'a>,
    pub(super) partial_outputs: PartialOutputs,
}

impl Evidence<'_> {
    /// The error of the job, the deepest cause first; `None` if it has succeeded.
    pub(super) fn failure(&self, ending: &Ending) -> Option<Error> {
        let status = self.status(ending);
        let has_succeeded = status.is_some_and(ExitStatus::is_success);
        let stop = self.stop.filter(|_| !has_succeeded);
        // ffmpeg also exits as if it had finished if the signal comes before it has opened its files.
        let is_without_output = self.is_finishing && has_succeeded && is_without_output(self.errors);
        if stop == Some(StopCause::Cancelled) || is_without_output {
            return Some(self.cancelled());
        }
        // A tool that continued after a refusal may have left frames out, whatever its exit status.
        if let Some(limit) = self.met_limit(ending).or_else(|| time_limit(stop?)) {
            return Some(self.limit(limit));
        }
        if let Some(error) = &self.thread_failure {
            let reason = format!("the host could not start another of its threads: {error}");
            return Some(Error::Start { tool: self.tool, reason });
        }
        // A failed read can look like the end of a file to FFmpeg: a fault fails even a "successful" job.
        if let Some(fault) = first_fault(self.faults, status, self.log) {
            return Some(fault);
        }
        if let Some(damage) = self.damage {
            return Some(Error::Damaged { tool: self.tool, damage, log: self.log.to_vec() });
        }
        if has_succeeded {
            return None;
        }
        Some(match ending {
            Ending::Trap(trap) => self.trap(trap),
            Ending::Exit(own) => self.exit(status.unwrap_or(*own)),
        })
    }

    /// The exit status that the job counts by; `None` after a trap.
    fn status(&self, ending: &Ending) -> Option<ExitStatus> {
        match ending {
            // ffmpeg reports an interrupt in its status, even where all went well.
            Ending::Exit(ExitStatus::INTERRUPTED) if self.is_finishing => Some(ExitStatus::from_code(0)),
            // ffmpeg exits with 0 although it has not done its work.
            Ending::Exit(status) if status.is_success() && self.outputs_refused > 0 => {
                Some(ExitStatus::EXIT_REQUESTED)
            }
            Ending::Exit(status) => Some(*status),
            Ending::Trap(_) => None,
        }
    }

    fn cancelled(&self) -> Error {
        Error::Cancelled {
            tool: self.tool,
            partial_outputs: Some(self.partial_outputs),
            log: self.log.to_vec(),
        }
    }

    /// The limit that refused the guest something.
    fn met_limit(&self, ending: &Ending) -> Option<Limit> {
        if let Some(limit) = self.stdout_limit.or(self.files_limit) {
            return Some(limit);
        }
        // An overflow of the stack is a separate cause.
        let has_overflowed = self.c_stack_exhausted && matches!(ending, Ending::Trap(_));
        if let Some(requested) = self.memory_refused.filter(|_| !has_overflowed) {
            return Some(Limit::Memory { allowed: self.memory, requested });
        }
        self.threads_refused.then_some(Limit::Threads(self.threads))
    }

    fn limit(&self, limit: Limit) -> Error {
        Error::Limit(Box::new(LimitError { tool: self.tool, limit, log: self.log.to_vec() }))
    }

    fn exit(&self, status: ExitStatus) -> Error {
        let mut diagnosis = diagnose(self.tool, status, self.errors, &self.about);
        // FFmpeg reports only that access was denied; the filesystem may have a reason.
        let denials = self.faults.denials();
        if let Some(denial) = denials.first() {
            diagnosis.kind = ErrorKind::Filesystem;
            let (operation, subject) = (denial.operation(), subject(denial.path().as_str()));
            diagnosis.hint =
                Some(format!("the filesystem refused: cannot {operation} {subject}: {}", denial.error()));
        }
        let (tool, log, is_refused) = (self.tool, self.log.to_vec(), !denials.is_empty());
        Error::Exit(Box::new(ExitError { tool, status, diagnosis, is_refused, log }))
    }

    fn trap(&self, trap: &RuntimeError) -> Error {
        let backtrace = self.names.of(trap.trace().iter().map(FrameInfo::func_index));
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

/// The time limit that ended a job.
fn time_limit(stop: StopCause) -> Option<Limit> {
    match stop {
        StopCause::WallTime(allowed) => Some(Limit::WallTime(allowed)),
        StopCause::CpuTime(allowed) => Some(Limit::CpuTime(allowed)),
        StopCause::Stalled(allowed) => Some(Limit::Stall(allowed)),
        StopCause::Cancelled | StopCause::Refused => None,
    }
}

pub(super) fn memory_limit(tool: Tool, allowed: u64, requested: u64, log: &[String]) -> Error {
    let limit = Limit::Memory { allowed, requested };
    Error::Limit(Box::new(LimitError { tool, limit, log: log.to_vec() }))
}

/// The first failure of the filesystem in a job whose tool exited with `status`, if it did.
pub(super) fn first_fault(faults: &FaultLog, status: Option<ExitStatus>, log: &[String]) -> Option<Error> {
    faults.faults().first().map(|fault| Error::Filesystem {
        operation: fault.operation().to_string(),
        path: fault.path().to_string(),
        source: Arc::clone(fault.error()),
        status,
        log: log.to_vec(),
    })
}
