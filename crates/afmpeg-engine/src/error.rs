//! The errors of jobs and of the runtime that runs them.

use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};

use afmpeg_types::{Component, ComponentKind, MediaKind};

use crate::{
    code::Backend,
    diagnosis::{Diagnosis, TOO_LARGE},
    error_kind::{ErrorKind, Fault},
    exit::ExitStatus,
    limit_error::LimitError,
    partial_outputs::PartialOutputs,
    release_error::ReleaseError,
    statistics::Damage,
    tool::Tool,
};

/// The result of the operations of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The path of the device that opens URLs, which a guest uses in their place.
const URLS: &str = "/dev/urls";

/// Returns the subject of an error at a path in the guest.
pub(crate) fn subject(path: &str) -> &str {
    if path == URLS { "a URL" } else { path }
}

/// A failure of a job, or of loading the runtime that runs it.
///
/// `Display` prints one line, which names the file, option or value at fault. An underlying error from the operating
/// system, a filesystem or a parser is the [`source`](std::error::Error::source), and is not repeated in that line.
/// [`Error::hint`] returns the next step. `Debug`, which is printed for a `main` that returns the error, prints all
/// three.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The module's path does not exist.
    #[error("no module at {}", path.display())]
    #[non_exhaustive]
    ModuleNotFound {
        /// The module's path.
        path: PathBuf,
    },
    /// The module's file exists but cannot be read.
    #[error("cannot read the module {}", path.display())]
    #[non_exhaustive]
    ModuleUnreadable {
        /// The module's file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The module does not match its manifest, cannot be unpacked, or is not valid WebAssembly.
    #[error("the module {name} is damaged: {reason}")]
    #[non_exhaustive]
    ModuleDamaged {
        /// The module's path or URL, or `<bytes>`.
        name: String,
        /// The reason.
        reason: String,
    },
    /// The file is not WebAssembly: it is an artifact, or another kind of file.
    #[error("expected a WebAssembly module in {name}, found {found}")]
    #[non_exhaustive]
    NotAModule {
        /// The module's path or URL, or `<bytes>`.
        name: String,
        /// The kind of file: an artifact, another program, or unknown.
        found: &'static str,
    },
    /// The module imports a function, a memory or a tag that the sandbox does not provide.
    #[error("the module {name} imports {import}, which the sandbox does not provide")]
    #[non_exhaustive]
    ModuleImport {
        /// The module's path or URL, or `<bytes>`.
        name: String,
        /// The import, as `namespace.name`.
        import: String,
    },
    /// The module is intact but needs a WebAssembly feature that this engine does not support.
    #[error("the module {name} needs an unsupported WebAssembly feature: {reason}")]
    #[non_exhaustive]
    ModuleFeature {
        /// The module's path or URL, or `<bytes>`.
        name: String,
        /// The compiler's message about the feature.
        reason: String,
    },
    /// The module, packed or unpacked, is longer than the builder allows.
    #[error("the module {name} is longer than {limit} bytes")]
    #[non_exhaustive]
    ModuleTooLarge {
        /// The module's path or URL, or `<bytes>`.
        name: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A release cannot be used, or a module of one cannot be installed.
    #[error(transparent)]
    Release(Box<ReleaseError>),
    /// The downloaded file does not have the expected hash, or the expected text is not a hash.
    #[error("cannot use {name}: {}", match found {
        Some(found) => format!("expected the sha256 {expected}, found {found}"),
        None => format!("expected a sha256, found {expected}"),
    })]
    #[non_exhaustive]
    ModuleHash {
        /// The module's URL.
        name: String,
        /// The expected hash.
        expected: String,
        /// The hash of the downloaded bytes. None if nothing was downloaded because `expected` is not a hash.
        found: Option<String>,
    },
    /// The module, or a file of a release, could not be downloaded.
    #[error("cannot download {url}")]
    #[non_exhaustive]
    Download {
        /// The URL, without parts that may be secret.
        url: String,
        /// The cause. Its kind is `TimedOut` if the download took too long.
        source: io::Error,
    },
    /// The artifact is damaged, was compiled by another version or for another machine, or is writable by other users.
    #[error("cannot load the artifact {}: {reason}", path.display())]
    #[non_exhaustive]
    Artifact {
        /// The artifact's file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The artifact was compiled but could not be written.
    #[error("cannot write the artifact {}", path.display())]
    #[non_exhaustive]
    ArtifactUnwritable {
        /// The artifact's file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// Modules cannot be compiled for the target.
    #[error("cannot compile for {name}: {reason}")]
    #[non_exhaustive]
    Target {
        /// The requested target.
        name: String,
        /// The reason.
        reason: String,
    },
    /// The program was built without the requested compiler.
    #[error("this program cannot compile modules with the backend {backend}")]
    #[non_exhaustive]
    NoBackend {
        /// The requested backend.
        backend: Backend,
    },
    /// The builder has no module.
    #[error("no module was given")]
    NoModule,
    /// The cache of compiled artifacts cannot be read or written.
    #[error("cannot use the artifact cache {}", path.display())]
    #[non_exhaustive]
    Cache {
        /// The cache's folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The job did not start: the queue for a slot is full
    /// ([`RuntimeBuilder::max_waiting`](crate::RuntimeBuilder::max_waiting)), or the job waited for longer than
    /// [`Limits::slot_wait`](crate::Limits::slot_wait).
    #[error("{tool} did not start: {reason}")]
    #[non_exhaustive]
    Busy {
        /// The job's tool.
        tool: Tool,
        /// The bound that was reached.
        reason: String,
    },
    /// A value of the job or of the request is not valid.
    #[error("{subject} is not valid: {reason}")]
    #[non_exhaustive]
    InvalidJob {
        /// The value: an argument, the working directory, a list of times...
        subject: String,
        /// The reason.
        reason: String,
    },
    /// The runtime, the job, or a thread that the job needed could not be started.
    #[error("cannot start {tool}: {reason}")]
    #[non_exhaustive]
    Start {
        /// The job's tool.
        tool: Tool,
        /// The obstacle.
        reason: String,
    },
    /// The runtime has been [shut down](crate::Runtime::shutdown).
    #[error("cannot start {tool}: its runtime has been shut down")]
    #[non_exhaustive]
    ShutDown {
        /// The job's tool.
        tool: Tool,
    },
    /// The tool exited with an error.
    #[error(transparent)]
    Exit(Box<ExitError>),
    /// The filesystem, or a reader or sink of the job, failed during the job.
    #[error("cannot {operation} {}", subject(path))]
    #[non_exhaustive]
    Filesystem {
        /// The operation: `read`, `write`, `open`...
        operation: String,
        /// The path in the guest; `/dev/urls` for all URLs, where `source` names the URL.
        path: String,
        /// The backend's error.
        source: Arc<io::Error>,
        /// The tool's exit status, if it exited: a tool that ignored the error can have exited with success.
        status: Option<ExitStatus>,
        /// The last lines of the tool's log.
        log: Vec<String>,
    },
    /// The job ended, but 10 seconds later one of its threads was still blocked in a call to the filesystem, an input
    /// file or a sink. That thread is left running until the call returns.
    #[error("{tool} ended, but a call to its filesystem, an input file or a sink did not return")]
    #[non_exhaustive]
    Stuck {
        /// The job's tool.
        tool: Tool,
        /// The last lines of the tool's log.
        log: Vec<String>,
    },
    /// The job succeeded, but the filesystem could not commit its outputs.
    #[error("cannot commit the job's outputs")]
    Commit(#[source] io::Error),
    /// The job succeeded but left a file in its private `/tmp`, which is discarded with the job.
    #[error("cannot keep {path}: {tool}'s private /tmp is discarded when it ends")]
    #[non_exhaustive]
    LostFile {
        /// The job's tool.
        tool: Tool,
        /// The first such file's path in the guest.
        path: String,
        /// The last lines of the tool's log.
        log: Vec<String>,
    },
    /// The job exceeded one of its limits.
    #[error(transparent)]
    Limit(Box<LimitError>),
    /// The job was cancelled.
    #[error("{tool} was cancelled")]
    #[non_exhaustive]
    Cancelled {
        /// The job's tool.
        tool: Tool,
        /// Whether the written files were kept or removed. None if the job was cancelled before it started.
        partial_outputs: Option<PartialOutputs>,
        /// The last lines of the tool's log.
        log: Vec<String>,
    },
    /// An input is damaged, and the job was set to [fail on that](crate::Job::fail_on_damage).
    #[error("an input is damaged: {damage}")]
    #[non_exhaustive]
    Damaged {
        /// The job's tool.
        tool: Tool,
        /// The damage up to the job's end.
        damage: Damage,
        /// The last lines of the tool's log.
        log: Vec<String>,
    },
    /// The guest broke a rule of WebAssembly, or aborted.
    #[error(transparent)]
    Trap(Box<TrapError>),
    /// `ffprobe` succeeded, but its output is not the expected JSON.
    #[error("cannot parse ffprobe's output about {path}")]
    #[non_exhaustive]
    ProbeOutput {
        /// The probed path.
        path: String,
        /// The JSON parser's error.
        source: serde_json::Error,
    },
    /// The module's list of capabilities cannot be parsed: the module is for another version of afmpeg.
    #[error("cannot parse the module's list of capabilities")]
    #[non_exhaustive]
    CapabilitiesOutput {
        /// The JSON parser's error.
        source: serde_json::Error,
    },
    /// The file has no stream of the requested kind.
    #[error("{}", no_stream(path, kind, *index))]
    #[non_exhaustive]
    NoStream {
        /// The file's path.
        path: String,
        /// The kind: video or audio.
        kind: MediaKind,
        /// The requested stream. None for the first of its kind.
        index: Option<usize>,
    },
    /// The requested time is at or after the end of the video.
    #[error("no frame at {} s in {path}: the video is shorter", requested.as_secs_f64())]
    #[non_exhaustive]
    NoFrame {
        /// The video's path.
        path: String,
        /// The requested time, from the start of the file.
        requested: Duration,
        /// The video's duration, according to the container.
        duration: Option<Duration>,
    },
    /// A decoded frame is larger than the request allows.
    #[error("a frame of {path} takes {bytes} bytes, more than its limit of {limit}")]
    #[non_exhaustive]
    FrameTooLarge {
        /// The file's path.
        path: String,
        /// The frame's size in bytes.
        bytes: u64,
        /// The limit in bytes: [`FrameRequest::max_frame_bytes`](crate::FrameRequest::max_frame_bytes).
        limit: u64,
    },
    /// The decoded output cannot be split into frames with timestamps, or the stream has no size, rate or channels.
    #[error("cannot read the decoded output of {path}: {reason}")]
    #[non_exhaustive]
    FrameOutput {
        /// The file's path.
        path: String,
        /// The reason.
        reason: String,
    },
    /// The frames of the file claim a size that FFmpeg does not decode.
    #[error("cannot decode {path}: {reason}")]
    #[non_exhaustive]
    UndecodableSize {
        /// The file's path.
        path: String,
        /// FFmpeg's message, with the width and height in pixels.
        reason: String,
    },
    /// The measurements of filters are incomplete, or not in the format that filters print.
    #[error("cannot read the measurements: {reason}")]
    #[non_exhaustive]
    MeasurementOutput {
        /// The reason, with the device.
        reason: String,
    },
}

fn no_stream(path: &str, kind: &MediaKind, index: Option<usize>) -> String {
    match index {
        Some(index) => format!("stream {index} of {path} is not {kind}"),
        None => format!("{path} has no {kind} stream"),
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        match self.hint() {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<ReleaseError> for Error {
    fn from(error: ReleaseError) -> Self {
        Self::Release(Box::new(error))
    }
}

impl Error {
    /// The error if a thread of the runtime returns no result.
    pub(crate) fn no_thread(tool: Tool) -> Self {
        Self::Start { tool, reason: "its thread could not be started, or panicked".to_owned() }
    }

    /// Returns the kind of this failure.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::ModuleNotFound { .. }
            | Error::ModuleUnreadable { .. }
            | Error::ModuleDamaged { .. }
            | Error::NotAModule { .. }
            | Error::ModuleImport { .. }
            | Error::ModuleFeature { .. }
            | Error::ModuleTooLarge { .. }
            | Error::ModuleHash { .. }
            | Error::Download { .. }
            | Error::Release(_)
            | Error::Artifact { .. }
            | Error::ArtifactUnwritable { .. }
            | Error::Target { .. }
            | Error::NoBackend { .. }
            | Error::NoModule => ErrorKind::Module,
            Error::Cache { .. } => ErrorKind::Cache,
            Error::InvalidJob { .. }
            | Error::LostFile { .. }
            | Error::NoStream { .. }
            | Error::NoFrame { .. } => ErrorKind::InvalidArgument,
            Error::FrameTooLarge { .. } => ErrorKind::OutputLimit,
            Error::Start { .. } | Error::ShutDown { .. } => ErrorKind::Start,
            Error::Busy { .. } => ErrorKind::Busy,
            Error::Exit(exit) => exit.diagnosis.kind,
            Error::Filesystem { .. } | Error::Stuck { .. } | Error::Commit(_) => ErrorKind::Filesystem,
            Error::Limit(limit) => limit.limit.kind(),
            Error::Cancelled { .. } => ErrorKind::Cancelled,
            Error::Damaged { .. } | Error::UndecodableSize { .. } => ErrorKind::InvalidData,
            Error::Trap(trap) if trap.stack_overflow => ErrorKind::StackOverflow,
            Error::Trap(_) => ErrorKind::Trap,
            Error::ProbeOutput { .. }
            | Error::CapabilitiesOutput { .. }
            | Error::FrameOutput { .. }
            | Error::MeasurementOutput { .. } => ErrorKind::UnexpectedOutput,
        }
    }

    /// Returns the side that can fix this failure: that of its [kind](Error::kind), except that a component which the
    /// module lacks is [`Fault::Request`] unless it is a decoder or a demuxer.
    ///
    /// ```
    /// use afmpeg_engine::{Error, Fault};
    ///
    /// fn status(error: &Error) -> u16 {
    ///     match error.fault() {
    ///         Fault::Input => 415,
    ///         Fault::Request => 422,
    ///         Fault::Resources if error.kind().may_be_retried() => 503,
    ///         Fault::Resources => 413,
    ///         _ => 500,
    ///     }
    /// }
    /// ```
    pub fn fault(&self) -> Fault {
        let lacks = match self {
            Error::Exit(exit) => exit.component().map(Component::kind),
            _ => None,
        };
        match lacks {
            None | Some(ComponentKind::Decoder | ComponentKind::Demuxer) => self.kind().fault(),
            Some(_) => Fault::Request,
        }
    }

    /// Returns the last lines of the tool's log, oldest first; empty if the error has none.
    pub fn log(&self) -> &[String] {
        match self {
            Error::Exit(exit) => &exit.log,
            Error::Trap(trap) => &trap.log,
            Error::Limit(limit) => &limit.log,
            Error::LostFile { log, .. }
            | Error::Filesystem { log, .. }
            | Error::Stuck { log, .. }
            | Error::Cancelled { log, .. }
            | Error::Damaged { log, .. } => log,
            _ => &[],
        }
    }

    /// Returns the next step as a sentence in the imperative, if there is one.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Error::ModuleNotFound { .. } | Error::NoModule => {
                "build one with `cargo xtask build-wasm`, then pass its path".to_owned()
            }
            Error::ModuleUnreadable { .. } => {
                "check that it is a file and that its permissions allow reading".to_owned()
            }
            Error::ModuleDamaged { .. } => {
                "build or copy the module again, together with its .json manifest".to_owned()
            }
            Error::NotAModule { .. } => {
                "pass a module that `cargo xtask build-wasm` built, or an artifact with `RuntimeBuilder::artifact`".to_owned()
            }
            Error::ModuleImport { .. } => "use a module that `cargo xtask build-wasm` built".to_owned(),
            Error::ModuleFeature { .. } => {
                "build it with `cargo xtask build-wasm`, which uses only supported features".to_owned()
            }
            Error::ModuleTooLarge { .. } => {
                "raise `RuntimeBuilder::max_module_bytes` if the module is trusted".to_owned()
            }
            Error::ModuleHash { found: Some(_), .. } => {
                "compare the hash with the publisher's (`sha256sum` prints it), and do not use the file".to_owned()
            }
            Error::ModuleHash { found: None, .. } => {
                "pass the 64 hexadecimal digits that `sha256sum` prints for the module".to_owned()
            }
            Error::Release(release) => release.hint(),
            Error::Download { .. } => {
                "try again, which resumes the download, or download it yourself and pass its path".to_owned()
            }
            Error::Artifact { .. } => {
                "compile it again for this machine, with this version of `afmpeg module compile`, into a folder that \
                 only you can write to"
                    .to_owned()
            }
            Error::ArtifactUnwritable { .. } => {
                "write it to a folder that exists, is writable and has room".to_owned()
            }
            Error::Target { .. } => "choose a supported target, and CPU features that it has".to_owned(),
            Error::NoBackend { backend: Backend::Headless } => {
                "choose a backend that compiles, or load an artifact".to_owned()
            }
            Error::NoBackend { backend } => {
                format!("build it with the feature `{backend}` of afmpeg-engine, or load an artifact")
            }
            Error::Cache { .. } => "choose another folder, or run without a cache".to_owned(),
            Error::LostFile { .. } => "write it to another folder, give the job's filesystem a /tmp, or allow the loss \
                 with `Job::discard_tmp`"
                .to_owned(),
            Error::Filesystem { path, .. } if ["/dev/std", "/dev/fd/"].iter().any(|of| path.starts_with(of)) => {
                "check the job's reader or sink: it failed, not FFmpeg, and the outputs were not committed".to_owned()
            }
            Error::Filesystem { path, .. } if path == URLS => {
                "check the URL and its server, and run the job again: its outputs are incomplete".to_owned()
            }
            Error::Filesystem { .. } => {
                "check the job's filesystem: it failed, not FFmpeg, and the outputs were not committed".to_owned()
            }
            Error::Commit(_) => {
                "check the job's filesystem, then run the job again: its outputs may be incomplete".to_owned()
            }
            Error::Stuck { .. } => {
                "add a timeout to the filesystem, input file or sink: each call should return within seconds".to_owned()
            }
            Error::Exit(exit) => return exit.diagnosis.hint.clone(),
            Error::Limit(limit) => limit.limit.hint(),
            Error::Cancelled { partial_outputs, .. } => match partial_outputs {
                None => "run it again if needed: it had not begun, and wrote nothing",
                Some(PartialOutputs::Keep) => {
                    "remove its outputs or run it again: its files stay on its filesystem, uncommitted"
                }
                Some(PartialOutputs::Remove) => {
                    "run it again if needed: the files that it wrote were removed, and nothing was committed"
                }
            }
            .to_owned(),
            Error::Damaged { .. } => {
                "see the log for the streams; leave out `Job::fail_on_damage` to ignore the damage".to_owned()
            }
            Error::Trap(trap) if trap.stack_overflow => {
                "check the input, which is likely damaged and makes FFmpeg recurse too deeply, or raise `Limits::stack`"
                    .to_owned()
            }
            Error::Trap(_) => {
                "report it with the input: it is a defect in FFmpeg or in afmpeg, and the host is unharmed".to_owned()
            }
            Error::InvalidJob { .. } => "correct it and run the job again".to_owned(),
            Error::Start { .. } => {
                "run fewer jobs at once: the host may be short of memory or threads".to_owned()
            }
            Error::ShutDown { .. } => "build another runtime".to_owned(),
            Error::Busy { .. } => "try again later, or give the runtime more slots".to_owned(),
            Error::CapabilitiesOutput { .. } => {
                "build the module with the `cargo xtask build-wasm` of this version of afmpeg".to_owned()
            }
            Error::NoStream { .. } => "list the streams of the file with `Runtime::probe`".to_owned(),
            Error::NoFrame { duration, .. } => match duration {
                Some(duration) => format!("request a time before {} s, the duration", duration.as_secs_f64()),
                None => "request an earlier time".to_owned(),
            },
            Error::FrameTooLarge { .. } => {
                "request a smaller size, or raise `FrameRequest::max_frame_bytes` if the file is trusted".to_owned()
            }
            Error::UndecodableSize { .. } => TOO_LARGE.to_owned(),
            Error::FrameOutput { .. } => {
                "convert the file with `Runtime::job`, then repeat the request on the result".to_owned()
            }
            Error::MeasurementOutput { .. } => {
                "put `metadata=delete` before the measuring filter, and `metadata=print:file=/dev/measurements0` \
                 right after it"
                    .to_owned()
            }
            Error::ProbeOutput { .. } => {
                "read ffprobe's standard output with `Runtime::job` instead".to_owned()
            }
        })
    }
}

/// An exit of FFmpeg with an error: its status and the cause that its log names.
#[derive(Debug, thiserror::Error)]
#[error("{tool}: {}", diagnosis.summary)]
pub struct ExitError {
    pub(crate) tool: Tool,
    pub(crate) status: ExitStatus,
    pub(crate) diagnosis: Diagnosis,
    /// Whether the filesystem refused an operation. The hint then names the refusal.
    pub(crate) is_refused: bool,
    pub(crate) log: Vec<String>,
}

impl ExitError {
    /// Returns the tool's exit status.
    pub fn status(&self) -> ExitStatus {
        self.status
    }

    /// Returns the input, output, option, filter, codec or file at fault, if FFmpeg named one.
    pub fn subject(&self) -> Option<&str> {
        self.diagnosis.subject.as_deref()
    }

    /// Returns the codec, filter or other component that the module lacks, if that is the cause.
    pub fn component(&self) -> Option<&Component> {
        self.diagnosis.component.as_ref()
    }

    /// Returns the last lines of the tool's log, oldest first.
    pub fn log(&self) -> &[String] {
        &self.log
    }
}

/// A trap in the guest.
#[derive(Debug, thiserror::Error)]
pub struct TrapError {
    pub(crate) tool: Tool,
    pub(crate) message: String,
    pub(crate) backtrace: Vec<String>,
    pub(crate) stack_overflow: bool,
    pub(crate) log: Vec<String>,
}

impl TrapError {
    /// Returns the guest's call stack, innermost first: function names where the module has them.
    pub fn backtrace(&self) -> &[String] {
        &self.backtrace
    }

    /// Whether the guest ran out of stack.
    pub fn is_stack_overflow(&self) -> bool {
        self.stack_overflow
    }

    /// Returns the last lines of the tool's log, oldest first.
    pub fn log(&self) -> &[String] {
        &self.log
    }
}

impl fmt::Display for TrapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} trapped: {}", self.tool, self.message)?;
        match self.backtrace.first() {
            Some(function) => write!(f, ", in {function}"),
            None => Ok(()),
        }
    }
}
