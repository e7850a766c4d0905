//! Every way in which a job, or the preparation of one, can fail.

use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};

use crate::{
    Backend, Component, ExitStatus, LimitError, PartialOutputs, Tool,
    diagnosis::{Diagnosis, TOO_LARGE},
    statistics::Damage,
};

/// The result of the operations of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, with the thing it went wrong with.
///
/// `Display` is one line that names the thing; [`Error::hint`] says what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no file at the module's path.
    #[error("no module at {}", path.display())]
    ModuleNotFound {
        /// Where the module was looked for.
        path: PathBuf,
    },
    /// The module's file is there but cannot be read.
    #[error("cannot read the module {}: {source}", path.display())]
    ModuleUnreadable {
        /// The module's file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The module is not what its manifest says, or not WebAssembly that can run here.
    #[error("the module {name} is damaged: {reason}")]
    ModuleDamaged {
        /// The module's path, or `<bytes>`.
        name: String,
        /// What does not fit.
        reason: String,
    },
    /// The module wants something of its host that the sandbox does not have.
    #[error("the module {name} imports {import}, which the sandbox does not have")]
    ModuleImport {
        /// The module's path, or `<bytes>`.
        name: String,
        /// The import, as `namespace.name`.
        import: String,
    },
    /// The module needs WebAssembly that this engine does not run. It is not damaged.
    #[error("the module {name} needs WebAssembly that does not run here: {reason}")]
    ModuleFeature {
        /// The module's path or URL, or `<bytes>`.
        name: String,
        /// What the compiler said of the feature.
        reason: String,
    },
    /// The module, packed or unpacked, is longer than the builder allows.
    #[error("the module {name} is longer than {limit} bytes")]
    ModuleTooLarge {
        /// The module's path or URL, or `<bytes>`.
        name: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// What was downloaded is not what was asked for.
    #[error("the module {name} is not the one with the sha256 {expected}{}", match found {
        Some(found) => format!(": it has {found}"),
        None => ": that is no sha256".to_owned(),
    })]
    ModuleHash {
        /// The module's URL.
        name: String,
        /// The hash that it should have.
        expected: String,
        /// The hash that it has. None if it was not downloaded, because `expected` is no hash.
        found: Option<String>,
    },
    /// The module could not be downloaded.
    #[error("cannot download the module {url}: {source}")]
    Download {
        /// The URL, without what may be secret in it.
        url: String,
        /// What happened. Its kind is `TimedOut` if it took too long.
        source: io::Error,
    },
    /// The artifact is damaged, of another version, for another machine, or where others can write.
    #[error("cannot load the artifact {}: {reason}", path.display())]
    Artifact {
        /// The artifact's file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The artifact was compiled and could not be written.
    #[error("cannot write the artifact {}: {source}", path.display())]
    ArtifactUnwritable {
        /// The artifact's file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Modules cannot be compiled for this machine.
    #[error("cannot compile for {name}: {reason}")]
    Target {
        /// The target that was asked for.
        name: String,
        /// Why not.
        reason: String,
    },
    /// The program was built without what was to compile the module.
    #[error("this program cannot compile modules with the backend {backend}")]
    NoBackend {
        /// What was asked for.
        backend: Backend,
    },
    /// No module was given to the builder.
    #[error("no module was given")]
    NoModule,
    /// The compiled artifact could not be kept or read.
    #[error("cannot use the artifact cache {}: {source}", path.display())]
    Cache {
        /// The cache's folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Too many jobs wait for a slot already ([`RuntimeBuilder::max_waiting`](crate::RuntimeBuilder::max_waiting)), or this
    /// one has waited for as long as it may ([`Limits::slot_wait`](crate::Limits::slot_wait)). It has not begun.
    #[error("{tool} did not start: {reason}")]
    Busy {
        /// The tool that was to run.
        tool: Tool,
        /// Which bound it is.
        reason: String,
    },
    /// A job's value cannot be passed to the guest.
    #[error("{what} is not valid: {reason}")]
    InvalidJob {
        /// The value: an argument, the working directory...
        what: String,
        /// Why not.
        reason: String,
    },
    /// The job could not be started.
    #[error("cannot start {tool}: {reason}")]
    Start {
        /// The tool that was to run.
        tool: Tool,
        /// What stood in the way.
        reason: String,
    },
    /// The tool ended with a failure of its own.
    #[error("{0}")]
    Exit(Box<ExitError>),
    /// The filesystem failed in the middle of the job.
    #[error("{operation} {path}: {source}")]
    Filesystem {
        /// The operation: `read`, `write`, `open`...
        operation: String,
        /// The path in the guest.
        path: String,
        /// The backend's own error.
        source: Arc<io::Error>,
        /// The last lines of the tool's log.
        log: Vec<String>,
    },
    /// The job was over, but a call to its filesystem did not return: the thread that made it stays until it does.
    #[error("{tool} has ended, but a call to its filesystem has not")]
    Stuck {
        /// The tool that ran.
        tool: Tool,
        /// The last lines of the tool's log.
        log: Vec<String>,
    },
    /// The job succeeded, but the filesystem could not commit its outputs.
    #[error("cannot commit the job's outputs: {0}")]
    Commit(#[source] io::Error),
    /// The job succeeded and has left a file in its private `/tmp`, which ends with it.
    #[error("cannot keep {path}: /tmp is {tool}'s own and ends with it")]
    LostFile {
        /// The tool that ran.
        tool: Tool,
        /// The first such file's path in the guest.
        path: String,
        /// The last lines of the tool's log.
        log: Vec<String>,
    },
    /// The job went over one of its limits.
    #[error("{0}")]
    Limit(Box<LimitError>),
    /// The job was cancelled.
    #[error("{tool} was cancelled")]
    Cancelled {
        /// The tool that ran, or was to run.
        tool: Tool,
        /// What became of the files that it had written. None if it was cancelled before it began.
        partial_outputs: Option<PartialOutputs>,
        /// The last lines of the tool's log.
        log: Vec<String>,
    },
    /// An input is damaged, and the job was to [fail on that](crate::Job::fail_on_damage).
    #[error("an input is damaged: {damage}")]
    Damaged {
        /// The tool that ran.
        tool: Tool,
        /// The damage up to the job's end.
        damage: Damage,
        /// The last lines of the tool's log.
        log: Vec<String>,
    },
    /// The guest broke a rule of WebAssembly, or aborted.
    #[error("{0}")]
    Trap(Box<TrapError>),
    /// `ffprobe` succeeded but what it printed is not its JSON.
    #[error("ffprobe's answer about {path} is not the JSON it promises: {source}")]
    ProbeOutput {
        /// The probed path.
        path: String,
        /// What the JSON parser said.
        source: serde_json::Error,
    },
    /// The module's list of what it has cannot be read: it is of another version of afmpeg.
    #[error("the module's list of what it has cannot be read: {source}")]
    CapabilitiesOutput {
        /// What the JSON parser said.
        source: serde_json::Error,
    },
    /// The file has no stream of the kind that is to be decoded.
    #[error("{}", no_stream(path, kind, *index))]
    NoStream {
        /// The file's path.
        path: String,
        /// `video` or `audio`.
        kind: &'static str,
        /// The stream that was asked for; nothing for the first of its kind.
        index: Option<usize>,
    },
    /// The video shows nothing at a time: it has ended before.
    #[error("{path} shows no picture at {} s: it has ended before", asked.as_secs_f64())]
    NoFrame {
        /// The video's path.
        path: String,
        /// The time that was asked for, from where the file starts.
        asked: Duration,
        /// How long the container says that the video is.
        duration: Option<Duration>,
    },
    /// A decoded picture, or a block of samples, is larger than it may be.
    #[error("a picture of {path} takes {bytes} bytes, more than the {limit} that it may")]
    PictureTooLarge {
        /// The file's path.
        path: String,
        /// How many bytes it takes.
        bytes: u64,
        /// How many it may: [`FrameRequest::picture_limit`](crate::FrameRequest::picture_limit).
        limit: u64,
    },
    /// What was decoded cannot be told apart or timed.
    #[error("cannot tell the frames of {path}: {reason}")]
    FrameOutput {
        /// The file's path.
        path: String,
        /// What is wrong with them.
        reason: String,
    },
    /// The pictures of the file claim a size that FFmpeg does not decode.
    #[error("cannot decode {path}: {reason}")]
    UndecodableSize {
        /// The file's path.
        path: String,
        /// FFmpeg's own words, with the width and height in pixels.
        reason: String,
    },
    /// What filters have measured did not arrive as they print it, or not all of it.
    #[error("cannot read the measurements: {reason}")]
    MeasurementOutput {
        /// What does not fit, and in which device.
        reason: String,
    },
}

fn no_stream(path: &str, kind: &str, index: Option<usize>) -> String {
    match index {
        Some(index) => format!("stream {index} of {path} is no {kind}"),
        None => format!("{path} has no {kind}"),
    }
}

/// The kinds of [`Error`], for code that decides by them.
///
/// What an upload's sender can cure (`NotFound`, `InvalidArgument`, `InvalidData`, `Unsupported`), what more resources
/// can (`Timeout`, `MemoryLimit`, `OutputLimit`, `ThreadLimit`), and what only whoever runs the service can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file that the command names is not on the job's filesystem.
    NotFound,
    /// An option, a value, a filter graph or a job's setting is wrong.
    InvalidArgument,
    /// The module lacks a codec, a muxer, a demuxer, a filter, a bitstream filter or a protocol:
    /// [`ExitError::component`] says which.
    Unsupported,
    /// An input is damaged, or in no format that the module reads.
    InvalidData,
    /// An encoder failed.
    Encode,
    /// A muxer failed.
    Mux,
    /// The job's filesystem failed.
    Filesystem,
    /// The job took longer than it may, of the world's time or of processors'.
    Timeout,
    /// The job was cancelled.
    Cancelled,
    /// The job wanted more memory than it may have.
    MemoryLimit,
    /// The job wrote more, or more files, than it may.
    OutputLimit,
    /// The job wanted more threads than it may have.
    ThreadLimit,
    /// The guest trapped.
    Trap,
    /// The guest ran out of stack.
    StackOverflow,
    /// The module is missing, damaged, or wants what the sandbox does not have.
    Module,
    /// The artifact cache cannot be used.
    Cache,
    /// The job could not be started.
    Start,
    /// The job did not begin because others have every slot: it may be tried again later.
    Busy,
    /// FFmpeg ended with an error code, for none of the reasons above.
    Exit,
    /// The answer of the tool could not be read.
    Output,
}

impl Error {
    /// Which kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::ModuleNotFound { .. }
            | Error::ModuleUnreadable { .. }
            | Error::ModuleDamaged { .. }
            | Error::ModuleImport { .. }
            | Error::ModuleFeature { .. }
            | Error::ModuleTooLarge { .. }
            | Error::ModuleHash { .. }
            | Error::Download { .. }
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
            Error::PictureTooLarge { .. } => ErrorKind::OutputLimit,
            Error::Start { .. } => ErrorKind::Start,
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
            | Error::MeasurementOutput { .. } => ErrorKind::Output,
        }
    }

    /// The last lines of the tool's log, oldest first, where a tool had run.
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

    /// What to do next, in a sentence, where that can be said.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Error::ModuleNotFound { .. } | Error::NoModule => {
                "build one with `cargo xtask build-wasm`, then pass its path".to_owned()
            }
            Error::ModuleUnreadable { .. } => "check the file's permissions".to_owned(),
            Error::ModuleDamaged { .. } => {
                "build or copy the module again, together with its .json manifest".to_owned()
            }
            Error::ModuleImport { .. } => {
                "only modules that `cargo xtask build-wasm` made can run here".to_owned()
            }
            Error::ModuleFeature { .. } => {
                "build it with `cargo xtask build-wasm`, which knows what runs here".to_owned()
            }
            Error::ModuleTooLarge { .. } => {
                "if it is right, allow it with `RuntimeBuilder::module_limit`".to_owned()
            }
            Error::ModuleHash { .. } => {
                "compare the hash with the one its publisher gives (`sha256sum` prints it); do not use the file"
                    .to_owned()
            }
            Error::Download { .. } => {
                "try again, which goes on where it broke off, or download it yourself and pass its path".to_owned()
            }
            Error::Artifact { .. } => {
                "compile it again with `afmpeg module compile`, by this version and for this machine".to_owned()
            }
            Error::ArtifactUnwritable { .. } => "write it to a folder that exists and has room".to_owned(),
            Error::Target { .. } => "name a target and CPU features that go together".to_owned(),
            Error::NoBackend { backend: Backend::Headless } => {
                "choose a backend that compiles, or load an artifact".to_owned()
            }
            Error::NoBackend { backend } => {
                format!("build it with the feature `{backend}` of afmpeg-engine, or load an artifact")
            }
            Error::Cache { .. } => "choose another folder, or run without a cache".to_owned(),
            Error::LostFile { .. } => "write it to another folder, or give the job's filesystem a /tmp; if it may go, \
                 allow that with `Job::discard_tmp`"
                .to_owned(),
            Error::Filesystem { path, .. } if ["/dev/std", "/dev/fd/"].iter().any(|of| path.starts_with(of)) => {
                "the reader or the sink that the job was given failed, not FFmpeg; what it had written was not committed"
                    .to_owned()
            }
            Error::Filesystem { .. } | Error::Commit(_) => {
                "the job's filesystem failed, not FFmpeg; what it had written was not committed".to_owned()
            }
            Error::Stuck { .. } => {
                "let the filesystem give up by itself: a call of it should end within seconds, with an error".to_owned()
            }
            Error::Exit(exit) => return exit.diagnosis.hint.clone(),
            Error::Limit(limit) => limit.limit.hint(),
            Error::Cancelled { partial_outputs, .. } => match partial_outputs {
                None => "it had not begun, and wrote nothing",
                Some(PartialOutputs::Keep) => "what it had written stays on its filesystem, and was not committed",
                Some(PartialOutputs::Remove) => "the files that it had written were removed, and nothing was committed",
            }
            .to_owned(),
            Error::Damaged { .. } => {
                "the log names the streams; without Job::fail_on_damage, ffmpeg reads what it can".to_owned()
            }
            Error::Trap(trap) if trap.stack_overflow => {
                "the input makes FFmpeg recurse too deeply; it is likely damaged".to_owned()
            }
            Error::Trap(_) => {
                "this is a defect in FFmpeg or in afmpeg; the host is unharmed. Please report it with the input"
                    .to_owned()
            }
            Error::InvalidJob { .. } => "correct it and run the job again".to_owned(),
            Error::Start { .. } => "the host may be short of memory or threads; run fewer jobs at once".to_owned(),
            Error::Busy { .. } => "try again later, or give the runtime more slots".to_owned(),
            Error::CapabilitiesOutput { .. } => {
                "build the module with the `cargo xtask build-wasm` of this version of afmpeg".to_owned()
            }
            Error::NoStream { .. } => "`Runtime::probe` lists the streams that it has".to_owned(),
            Error::NoFrame { duration, .. } => match duration {
                Some(duration) => format!("ask for a time before {} s, its duration", duration.as_secs_f64()),
                None => "ask for an earlier time".to_owned(),
            },
            Error::PictureTooLarge { .. } => {
                "ask for a smaller size, or raise FrameRequest::picture_limit if the file is to be trusted".to_owned()
            }
            Error::UndecodableSize { .. } => TOO_LARGE.to_owned(),
            Error::FrameOutput { .. } => "convert it with `Runtime::job`, then take the frames of that".to_owned(),
            Error::MeasurementOutput { .. } => {
                "put `metadata=delete` before the filter that measures, and `metadata=print:file=/dev/measurements0` \
                 right behind it"
                    .to_owned()
            }
            Error::ProbeOutput { .. } => "read its standard output with `Runtime::job` instead".to_owned(),
        })
    }
}

/// FFmpeg's own failure: its exit status and what its log says about it.
#[derive(Debug)]
pub struct ExitError {
    pub(crate) tool: Tool,
    pub(crate) status: ExitStatus,
    pub(crate) diagnosis: Diagnosis,
    /// Whether the filesystem refused something, which the hint tells.
    pub(crate) is_refused: bool,
    pub(crate) log: Vec<String>,
}

impl ExitError {
    /// How the tool ended.
    pub fn status(&self) -> ExitStatus {
        self.status
    }

    /// The input, output, option, filter, codec or file at fault, if FFmpeg named one.
    pub fn subject(&self) -> Option<&str> {
        self.diagnosis.subject.as_deref()
    }

    /// What the module lacks, where that is why it failed: a codec, a filter...
    pub fn component(&self) -> Option<&Component> {
        self.diagnosis.component.as_ref()
    }

    /// The last lines of the tool's log, oldest first.
    pub fn log(&self) -> &[String] {
        &self.log
    }
}

impl fmt::Display for ExitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.tool, self.diagnosis.summary)
    }
}

/// A trap in the guest.
#[derive(Debug)]
pub struct TrapError {
    pub(crate) tool: Tool,
    pub(crate) message: String,
    pub(crate) backtrace: Vec<String>,
    pub(crate) stack_overflow: bool,
    pub(crate) log: Vec<String>,
}

impl TrapError {
    /// The guest's functions at the time, innermost first, by name where the module has names.
    pub fn backtrace(&self) -> &[String] {
        &self.backtrace
    }

    /// Whether the guest ran out of stack.
    pub fn is_stack_overflow(&self) -> bool {
        self.stack_overflow
    }

    /// The last lines of the tool's log, oldest first.
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
