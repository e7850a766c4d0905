use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of an [`Error`](crate::Error), for code that handles errors.
///
/// ```
/// use afmpeg_engine::{ErrorKind, Fault};
///
/// let status = |kind: ErrorKind| match kind.fault() {
///     Fault::Input => 415,
///     Fault::Request => 422,
///     Fault::Resources if kind.may_be_retried() => 503,
///     Fault::Resources => 413,
///     _ => 500,
/// };
/// assert_eq!(status(ErrorKind::InvalidData), 415);
/// assert_eq!(status(ErrorKind::Busy), 503);
/// assert_eq!(ErrorKind::InvalidData.code(), "invalid_data");
/// assert!(ErrorKind::Busy.may_be_retried());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file in the command does not exist on the job's filesystem.
    NotFound,
    /// The request is wrong: an option, a value, a filter graph, a job setting, an output in the private `/tmp`, or a
    /// stream or time that the input does not have.
    InvalidArgument,
    /// The module lacks a codec, a muxer, a demuxer, a filter, a bitstream filter or a protocol: see
    /// [`ExitError::component`](crate::ExitError::component).
    Unsupported,
    /// An input is damaged, or in a format that the module does not read.
    InvalidData,
    /// An encoder failed.
    Encode,
    /// A muxer failed.
    Mux,
    /// The job's filesystem, or a reader or sink of the job, failed.
    Filesystem,
    /// The job exceeded its limit on wall-clock time, processor time, or time without progress.
    Timeout,
    /// The job was cancelled.
    Cancelled,
    /// The job exceeded its limit on the guest's memory.
    MemoryLimit,
    /// The job exceeded a limit on its output: bytes, files, `/tmp`, host memory, collected output, or the size of a
    /// decoded frame.
    OutputLimit,
    /// The job exceeded its limit on threads.
    ThreadLimit,
    /// The guest trapped.
    Trap,
    /// The guest ran out of stack.
    StackOverflow,
    /// The module or artifact cannot be found, downloaded, loaded, compiled or written.
    Module,
    /// The artifact cache cannot be used.
    Cache,
    /// The runtime, the job, or a thread that the job needed could not be started.
    Start,
    /// The job did not start because every slot was taken: it can be tried again later.
    Busy,
    /// FFmpeg exited with an error code, for none of the reasons above.
    Exit,
    /// The output of the tool could not be parsed.
    UnexpectedOutput,
}

/// The side that can fix an error: see [`ErrorKind::fault`].
///
/// ```
/// use afmpeg_engine::{ErrorKind, Fault};
///
/// assert_eq!(ErrorKind::InvalidData.fault(), Fault::Input);
/// assert_eq!(ErrorKind::Timeout.fault(), Fault::Resources);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The input media: send another file, or use a module with more decoders.
    Input,
    /// The request: a wrong option, time or file name, a component that the module lacks, or a cancellation by the
    /// caller.
    Request,
    /// The limits of the job or the load of the machine: larger limits may fix it, or a later attempt if it [may be
    /// retried](ErrorKind::may_be_retried).
    Resources,
    /// The service: the module, the runtime, the filesystem, or a failure that nothing above explains.
    Service,
}

impl ErrorKind {
    /// Returns the side that can fix an error of this kind. For [`ErrorKind::Unsupported`], that is the input:
    /// [`Error::fault`](crate::Error::fault) distinguishes a missing decoder from a missing encoder.
    pub fn fault(self) -> Fault {
        match self {
            ErrorKind::InvalidData | ErrorKind::Unsupported => Fault::Input,
            ErrorKind::Cancelled | ErrorKind::InvalidArgument | ErrorKind::NotFound => Fault::Request,
            ErrorKind::Busy
            | ErrorKind::MemoryLimit
            | ErrorKind::OutputLimit
            | ErrorKind::StackOverflow
            | ErrorKind::ThreadLimit
            | ErrorKind::Timeout => Fault::Resources,
            ErrorKind::Cache
            | ErrorKind::Encode
            | ErrorKind::Exit
            | ErrorKind::Filesystem
            | ErrorKind::Module
            | ErrorKind::Mux
            | ErrorKind::Start
            | ErrorKind::Trap
            | ErrorKind::UnexpectedOutput => Fault::Service,
        }
    }

    /// Whether the same job may succeed later, on this machine or another.
    pub fn may_be_retried(self) -> bool {
        matches!(
            self,
            ErrorKind::Busy
                | ErrorKind::Cache
                | ErrorKind::Filesystem
                | ErrorKind::Start
                | ErrorKind::Timeout
        )
    }

    /// Returns the code of the kind, such as `invalid_data`, which is also its form in JSON. Later versions keep it.
    pub fn code(self) -> &'static str {
        match self {
            ErrorKind::NotFound => "not_found",
            ErrorKind::InvalidArgument => "invalid_argument",
            ErrorKind::Unsupported => "unsupported",
            ErrorKind::InvalidData => "invalid_data",
            ErrorKind::Encode => "encode",
            ErrorKind::Mux => "mux",
            ErrorKind::Filesystem => "filesystem",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::MemoryLimit => "memory_limit",
            ErrorKind::OutputLimit => "output_limit",
            ErrorKind::ThreadLimit => "thread_limit",
            ErrorKind::Trap => "trap",
            ErrorKind::StackOverflow => "stack_overflow",
            ErrorKind::Module => "module",
            ErrorKind::Cache => "cache",
            ErrorKind::Start => "start",
            ErrorKind::Busy => "busy",
            ErrorKind::Exit => "exit",
            ErrorKind::UnexpectedOutput => "unexpected_output",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_the_form_in_json() {
        for kind in [ErrorKind::NotFound, ErrorKind::UnexpectedOutput, ErrorKind::Busy] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
        }
    }
}
