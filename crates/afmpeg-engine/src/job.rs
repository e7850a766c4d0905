use std::{fmt, io, num::NonZero, sync::Arc, time::Duration};

use afmpeg_vfs::Vfs;

use crate::{Error, IntoArgs, Result, Runtime};

/// Which of FFmpeg's tools a job runs. Both are in every module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Converts: `ffmpeg`.
    #[default]
    Ffmpeg,
    /// Inspects: `ffprobe`.
    Ffprobe,
}

impl Tool {
    /// The tool's name, which is its `argv[0]`.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Ffmpeg => "ffmpeg",
            Tool::Ffprobe => "ffprobe",
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a failed job leaves. In neither case is the filesystem committed: one that uploads has uploaded nothing.
///
/// ```no_run
/// use afmpeg_engine::{PartialOutputs, Runtime};
/// use afmpeg_vfs::HostDir;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let job = runtime.job(HostDir::open("media")?).args(["-i", "clip.mp4", "small.mp4"]);
/// job.partial_outputs(PartialOutputs::Remove).run()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum PartialOutputs {
    /// Files stay as far as they were written, as FFmpeg leaves them: to look at, or to play what there is.
    #[default]
    Keep,
    /// Every file that the job opened to write is removed. What such a file held before the job is not restored; to
    /// keep that, give the job an [`Overlay`](afmpeg_vfs::Overlay). Folders that the job made stay.
    Remove,
}

/// Receives what a tool writes to its standard output or error, in pieces, as they are written.
pub(crate) type Sink = Box<dyn FnMut(&[u8]) -> io::Result<()> + Send + Sync>;

/// Gives a tool its standard input.
pub(crate) type Source = Box<dyn io::Read + Send + Sync>;

/// The memory that a guest may use unless the job says otherwise: 512 MiB.
pub(crate) const DEFAULT_MEMORY_LIMIT: u64 = 512 << 20;

/// What a job may keep in its private `/tmp` unless it says otherwise: 512 MiB.
const DEFAULT_TMP_LIMIT: u64 = 512 << 20;

/// One run of one tool on one filesystem.
///
/// A job sees the filesystem it is given, at `/`, and nothing else of the host: no other file, no network, no
/// environment, no other process. `/dev` holds `null`, `zero`, `random` and `urandom`; `/tmp` is a private
/// folder in memory, unless the filesystem has a `/tmp` of its own.
///
/// ```no_run
/// use afmpeg_engine::{Runtime, Tool};
/// use afmpeg_vfs::MemFs;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let output = runtime
///     .job(MemFs::new())
///     .tool(Tool::Ffmpeg)
///     .args(["-version"])
///     .memory_limit(256 << 20)
///     .run()?;
/// println!("{}", String::from_utf8_lossy(output.stdout()));
/// # Ok(())
/// # }
/// ```
#[must_use = "a job does nothing until it is run"]
pub struct Job {
    pub(crate) runtime: Runtime,
    pub(crate) fs: Arc<dyn Vfs>,
    pub(crate) tool: Tool,
    pub(crate) args: Vec<String>,
    pub(crate) current_dir: String,
    pub(crate) processors: NonZero<usize>,
    pub(crate) memory_limit: u64,
    pub(crate) tmp_limit: u64,
    pub(crate) seed: Option<u64>,
    pub(crate) partial_outputs: PartialOutputs,
    pub(crate) stdin: Option<Source>,
    pub(crate) stdout: Option<Sink>,
    pub(crate) stderr: Option<Sink>,
}

impl Job {
    pub(crate) fn new(runtime: Runtime, fs: Arc<dyn Vfs>) -> Self {
        Self {
            runtime,
            fs,
            tool: Tool::default(),
            args: Vec::new(),
            current_dir: "/".to_owned(),
            processors: std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            memory_limit: DEFAULT_MEMORY_LIMIT,
            tmp_limit: DEFAULT_TMP_LIMIT,
            seed: None,
            partial_outputs: PartialOutputs::default(),
            stdin: None,
            stdout: None,
            stderr: None,
        }
    }

    /// The tool to run. Default: [`Tool::Ffmpeg`].
    pub fn tool(mut self, tool: Tool) -> Self {
        self.tool = tool;
        self
    }

    /// Adds arguments, without the program's name.
    pub fn args(mut self, args: impl IntoArgs) -> Self {
        self.args.extend(args.into_args());
        self
    }

    /// The folder that relative paths start from, absolute, on the job's filesystem. Default: `/`.
    pub fn current_dir(mut self, path: impl Into<String>) -> Self {
        self.current_dir = path.into();
        self
    }

    /// How many processors the guest believes it has: FFmpeg's "auto" starts that many threads per codec.
    /// Default: as many as this process may use.
    pub fn processors(mut self, count: NonZero<usize>) -> Self {
        self.processors = count;
        self
    }

    /// The most memory, in bytes, that the guest may have; over it, FFmpeg fails with `ENOMEM`.
    /// Default: 512 MiB. The most is 4 GiB, all that 32-bit WebAssembly can address. Files on the job's
    /// filesystem do not count.
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = bytes;
        self
    }

    /// The most, in bytes, that the job may keep in its private `/tmp`; over it, writes there fail with `ENOSPC`.
    /// Default: 512 MiB. It counts for nothing where the filesystem has a `/tmp` of its own.
    pub fn tmp_limit(mut self, bytes: u64) -> Self {
        self.tmp_limit = bytes;
        self
    }

    /// Makes everything that the guest takes from chance (`/dev/urandom`, identifiers in Matroska files) come from
    /// `seed`, so that it is the same in every run. Default: from the operating system.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// What becomes of the files that the job has written when it fails. Default: [`PartialOutputs::Keep`].
    pub fn partial_outputs(mut self, choice: PartialOutputs) -> Self {
        self.partial_outputs = choice;
        self
    }

    /// Gives the tool a standard input (`-i -`). Default: empty.
    pub fn stdin(mut self, reader: impl io::Read + Send + Sync + 'static) -> Self {
        self.stdin = Some(Box::new(reader));
        self
    }

    /// Sends what the tool writes to its standard output to `sink` as it comes, instead of collecting it in
    /// [`Output::stdout`]. An error that `sink` returns reaches the tool as a failed write.
    pub fn stdout(mut self, sink: impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.stdout = Some(Box::new(sink));
        self
    }

    /// Also sends the tool's log to `sink` as it comes. It is collected in [`Output::log`] all the same.
    pub fn stderr(mut self, sink: impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.stderr = Some(Box::new(sink));
        self
    }

    /// Runs the job on this thread until the tool has ended and all its threads are gone.
    ///
    /// On success the filesystem's `commit` is called, once.
    ///
    /// # Errors
    ///
    /// [`Error::Exit`](crate::Error::Exit) when the tool fails by itself,
    /// [`Error::Filesystem`](crate::Error::Filesystem) when the filesystem failed under it, and the others as
    /// they say.
    pub fn run(self) -> Result<Output> {
        self.check()?;
        crate::guest::run(self)
    }

    /// Refuses what cannot be passed to a C program.
    fn check(&self) -> Result<()> {
        let invalid = |what: String, reason: &str| Err(Error::InvalidJob { what, reason: reason.to_owned() });
        if let Some(arg) = self.args.iter().find(|arg| arg.contains('\0')) {
            return invalid(format!("the argument {arg:?}"), "it has a NUL byte");
        }
        if !self.current_dir.starts_with('/') {
            return invalid(format!("the working directory {}", self.current_dir), "it is not absolute");
        }
        Ok(())
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("tool", &self.tool)
            .field("args", &self.args)
            .field("fs", &self.fs)
            .field("current_dir", &self.current_dir)
            .finish_non_exhaustive()
    }
}

/// What a successful job leaves, beside the files on its filesystem.
#[derive(Debug, Clone)]
pub struct Output {
    pub(crate) stdout: Vec<u8>,
    pub(crate) log: String,
    pub(crate) elapsed: Duration,
}

impl Output {
    /// What the tool wrote to its standard output, unless the job sent it elsewhere.
    pub fn stdout(&self) -> &[u8] {
        &self.stdout
    }

    /// [`Output::stdout`] by value.
    pub fn into_stdout(self) -> Vec<u8> {
        self.stdout
    }

    /// The tool's log, its last 256 KiB if it is longer.
    pub fn log(&self) -> &str {
        &self.log
    }

    /// From the job's start to the end of its last thread.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}
