use std::{
    ffi::OsStr,
    fmt, io,
    num::NonZero,
    sync::Arc,
    time::{Duration, SystemTime},
};

use afmpeg_vfs::{FileStats, VFile, VPath, Vfs};
use tokio::{runtime::Handle, sync::oneshot};

use crate::{
    CancelToken, Error, IntoArgs, JobHandle, Limits, LogRecord, ProgressWatch, Result, Runtime,
    given::{self, Given},
    lease::Lease,
    log::LogLine,
    near_match::with_near_match,
    nested::{Awaited, OuterJobs},
    progress::ProgressSender,
    scheduler::{NoSlot, Slot},
    sinks::{DeviceSink, LogSink, Sink, Stdin},
    statistics::Statistics,
};

/// Which tool a job runs. All are in every module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Converts: `ffmpeg`.
    #[default]
    Ffmpeg,
    /// Inspects: `ffprobe`.
    Ffprobe,
    /// Prints what is in the module, as JSON: [`Runtime::capabilities`] reads it. It takes no arguments, and is
    /// ours, where the other two are FFmpeg's.
    Capabilities,
}

impl Tool {
    /// The tool's name, which is its `argv[0]`.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Ffmpeg => "ffmpeg",
            Tool::Ffprobe => "ffprobe",
            Tool::Capabilities => "capabilities",
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

/// One run of one tool on one filesystem.
///
/// A job sees the filesystem it is given, at `/`, and nothing else of the host: no other file, no network, no
/// environment, no other process. `/dev` holds `null`, `zero`, `random`, `urandom`, `stdin`, `stdout` and
/// `stderr`; `/tmp` is a private folder in memory, unless the filesystem has a `/tmp` of its own.
///
/// ```no_run
/// use afmpeg_engine::{Limits, Runtime, Tool};
/// use afmpeg_vfs::MemFs;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let output = runtime
///     .job(MemFs::new())
///     .tool(Tool::Ffmpeg)
///     .args(["-version"])
///     .limits(Limits::default().memory(256 << 20))
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
    pub(crate) limits: Limits,
    pub(crate) cancel: CancelToken,
    pub(crate) progress: ProgressSender,
    pub(crate) expected_duration: Option<Duration>,
    pub(crate) seed: Option<u64>,
    pub(crate) time: Option<SystemTime>,
    pub(crate) partial_outputs: PartialOutputs,
    pub(crate) fails_on_damage: bool,
    pub(crate) discards_tmp: bool,
    pub(crate) devices: Vec<(String, DeviceSink)>,
    pub(crate) given: Vec<Given>,
    pub(crate) stdin: Option<Stdin>,
    pub(crate) stdout: Option<Sink>,
    pub(crate) stderr: Option<Sink>,
    pub(crate) log: Option<LogSink>,
    /// The slot that it runs in.
    pub(crate) lease: Lease,
}

/// The most processors that a guest has by default: threads beyond them cost memory, and bring an encoder little.
const MAX_DEFAULT_PROCESSORS: NonZero<usize> = NonZero::new(8).unwrap();

fn default_processors() -> NonZero<usize> {
    let available = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    available.min(MAX_DEFAULT_PROCESSORS)
}

impl Job {
    pub(crate) fn new(runtime: Runtime, fs: Arc<dyn Vfs>) -> Self {
        Self {
            fs,
            tool: Tool::default(),
            args: Vec::new(),
            current_dir: "/".to_owned(),
            processors: default_processors(),
            limits: runtime.limits().clone(),
            runtime,
            cancel: CancelToken::new(),
            progress: ProgressSender::new(),
            expected_duration: None,
            seed: None,
            time: None,
            partial_outputs: PartialOutputs::default(),
            fails_on_damage: false,
            discards_tmp: false,
            devices: Vec::new(),
            given: Vec::new(),
            stdin: None,
            stdout: None,
            stderr: None,
            log: None,
            lease: Lease::default(),
        }
    }

    /// The tool to run. Default: [`Tool::Ffmpeg`].
    pub fn tool(mut self, tool: Tool) -> Self {
        self.tool = tool;
        self
    }

    /// Adds arguments, without the program's name. Names of files are as a [`VPath`] has them.
    pub fn args(mut self, args: impl IntoArgs) -> Self {
        self.args.extend(args.into_args());
        self
    }

    /// Adds arguments of an operating system's command line, which need not be UTF-8: a file name of another encoding
    /// reaches the tool as the bytes that it is.
    ///
    /// ```no_run
    /// # fn f(job: afmpeg_engine::Job) -> afmpeg_engine::Result<()> {
    /// let output = job.args_os(std::env::args_os().skip(1)).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn args_os(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let text = |arg: &OsStr| VPath::text_of(arg.as_encoded_bytes()).into_owned();
        self.args.extend(args.into_iter().map(|arg| text(arg.as_ref())));
        self
    }

    /// Says how long the output becomes, so that [`Progress::fraction`](crate::Progress::fraction) is known. It is
    /// taken at its word: an output that becomes longer stays at almost done until it is. Default: `None`, unknown.
    ///
    /// A command of afmpeg-cmd knows it, given the durations of its inputs: `expected_duration` of its `Job`.
    ///
    /// ```no_run
    /// # use afmpeg_engine::Runtime;
    /// # use afmpeg_vfs::HostDir;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let fs = HostDir::open("media")?;
    /// // The whole input becomes the output.
    /// let duration = runtime.probe(fs.clone(), "clip.mp4")?.duration();
    /// let job = runtime.job(fs).args(["-i", "clip.mp4", "small.mp4"]).expected_duration(duration);
    /// # Ok(())
    /// # }
    /// ```
    pub fn expected_duration(mut self, duration: impl Into<Option<Duration>>) -> Self {
        self.expected_duration = duration.into();
        self
    }

    /// The folder that relative paths start from, absolute, on the job's filesystem. Default: `/`.
    pub fn current_dir(mut self, path: impl Into<String>) -> Self {
        self.current_dir = path.into();
        self
    }

    /// How many processors the guest believes it has: FFmpeg's "auto" starts that many threads per codec.
    /// Default: as many as this process may use, but no more than 8. [`Limits::memory`] and [`Limits::threads`] follow
    /// from it where they are not set.
    /// More than 12 count as 12: the frames of more threads do not fit into the 4 GiB that a guest can address.
    pub fn processors(mut self, count: NonZero<usize>) -> Self {
        self.processors = count;
        self
    }

    /// What the job may use of the host. Default: the [runtime's](crate::RuntimeBuilder::limits).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Lets `token` end the job. Default: a token of its own, which [`JobHandle::cancel`] uses.
    pub fn cancel_token(mut self, token: &CancelToken) -> Self {
        self.cancel = token.clone();
        self
    }

    /// Follows how far the job has come, from any thread.
    pub fn progress(&self) -> ProgressWatch {
        self.progress.watch()
    }

    /// Makes everything that the guest takes from chance (`/dev/urandom`, identifiers in Matroska files) come from
    /// `seed`, so that it is the same in every run. Default: from the operating system.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Lets the time of day stand still at `time` for the guest: what it writes of dates is the same in every run. How
    /// long something takes is measured as ever. Default: the host's time of day.
    pub fn time_of_day(mut self, time: SystemTime) -> Self {
        self.time = Some(time);
        self
    }

    /// Makes the same arguments on the same files give the same bytes, on every machine and with every compiler: chance
    /// from the seed 0, the time of day standing at the start of 1970, and one processor, as if by [`Job::seed`],
    /// [`Job::time_of_day`] and [`Job::processors`]. Default: none of it.
    ///
    /// FFmpeg still writes its own version into outputs, unless it is told not to (`-bitexact`).
    pub fn deterministic(self) -> Self {
        self.seed(0).time_of_day(SystemTime::UNIX_EPOCH).processors(NonZero::<usize>::MIN)
    }

    /// What becomes of the files that the job has written when it fails. Default: [`PartialOutputs::Keep`].
    pub fn partial_outputs(mut self, choice: PartialOutputs) -> Self {
        self.partial_outputs = choice;
        self
    }

    /// Makes the job fail at the first damage in an input: a packet that cannot be decoded, or one that its demuxer or
    /// its decoder marks as corrupt (ffmpeg's `-xerror`). Default: false. ffmpeg then goes on, and
    /// [`Output::statistics`] counts the damage. ffprobe counts inputs that break off, where it reads all packets, and no other
    /// damage.
    pub fn fail_on_damage(mut self, fails: bool) -> Self {
        self.fails_on_damage = fails;
        self
    }

    /// Lets files that the job leaves in its private `/tmp` go with it. Default: a job that leaves one, and else succeeds,
    /// is an [`Error::LostFile`](crate::Error::LostFile): an output there is never seen. Files that the tool removes
    /// again do not count, nor does a `/tmp` of the job's own filesystem.
    pub fn discard_tmp(mut self) -> Self {
        self.discards_tmp = true;
        self
    }

    /// Gives the tool a standard input (`-i -`). Default: empty. A read that fails fails the job, whatever the tool
    /// makes of it: [`Error::Filesystem`](crate::Error::Filesystem), of `/dev/stdin`.
    ///
    /// The reader may wait as long as it likes: it is read on a thread of its own, and a job that is cancelled or over
    /// its time ends all the same. The thread then stays until the reader's `read` returns, and drops the reader.
    ///
    /// A tool cannot move about in a stream. Some files, such as an MP4 with its index at the end, can only be read from
    /// [`Job::stdin_file`].
    pub fn stdin(mut self, reader: impl io::Read + Send + Sync + 'static) -> Self {
        self.stdin = Some(Stdin::Stream(Box::new(reader)));
        self
    }

    /// Gives the tool a file as its standard input (`-i -`), which it reads from the start and at any place. Default: an
    /// empty stream. Errors of the file fail the job as those of [`Job::stdin`] do.
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    /// use afmpeg_vfs::{HostFile, MemFs};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let upload = HostFile::reader(std::fs::File::open("upload.mp4")?);
    /// runtime.job(MemFs::new()).args(["-i", "-", "-f", "null", "-"]).stdin_file(upload).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn stdin_file(mut self, file: impl VFile + 'static) -> Self {
        self.stdin = Some(Stdin::File(Arc::new(file)));
        self
    }

    /// Sends what the tool writes to its standard output to `sink` as it comes, instead of collecting it in
    /// [`Output::stdout`]. An error that `sink` returns fails the job, and so does a panic:
    /// [`Error::Filesystem`](crate::Error::Filesystem), of `/dev/stdout`. The tool sees a failed write.
    pub fn stdout(mut self, sink: impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.stdout = Some(Box::new(sink));
        self
    }

    /// Also sends the tool's log to `sink` as it comes. It is collected in [`Output::log`] all the same. An error that
    /// `sink` returns fails the job when the tool has ended, and so does a panic:
    /// [`Error::Filesystem`](crate::Error::Filesystem), of `/dev/stderr`. After it, `sink` is called no more.
    pub fn stderr(mut self, sink: impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.stderr = Some(Box::new(sink));
        self
    }

    /// Sends the tool's log to `sink`, record by record, as it comes. The records are events of `tracing` all the same,
    /// with the target `afmpeg_engine::log`. A sink that takes long holds up the job. A panic of `sink` fails the job as an
    /// error of [`Job::stderr`]'s does.
    pub fn log(mut self, sink: impl FnMut(&LogRecord) + Send + Sync + 'static) -> Self {
        self.log = Some(Box::new(sink));
        self
    }

    /// Runs the job on this thread, when one of the runtime's [slots](crate::RuntimeBuilder::slots) is free, until the tool has ended and all its threads are gone.
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
        let tool = self.tool;
        let gone = || Error::Start { tool, reason: "the runtime is gone".to_owned() };
        let clock = self.runtime.inner().host.spawner().ok_or_else(gone)?.handle().clone();
        let awaited = self.awaited();
        awaited.by_this_thread();
        let slot = pollster::block_on(self.slot(&clock, &awaited));
        self.run_in(slot)
    }

    /// Runs the job on threads of the runtime's, when a slot is free, and returns at once.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidJob`](crate::Error::InvalidJob); all others are those of [`JobHandle::wait`].
    pub fn spawn(self) -> Result<JobHandle> {
        self.check()?;
        let tool = self.tool;
        let spawner = self.runtime.inner().host.spawner();
        let spawner =
            spawner.ok_or_else(|| Error::Start { tool, reason: "the runtime is gone".to_owned() })?;
        let (end, result) = oneshot::channel();
        let awaited = self.awaited();
        let handle =
            JobHandle::new(tool, result, self.cancel.clone(), self.progress.watch(), awaited.clone());
        let threads = spawner.clone();
        // A job that waits has no thread of its own.
        spawner.handle().spawn(async move {
            let slot = self.slot(threads.handle(), &awaited).await;
            // Nobody may be waiting for the result. Where no thread is left, the handle hears that nobody will send one.
            threads.spawn(move || drop(end.send(self.run_in(slot))));
        });
        Ok(handle)
    }

    /// Runs the job without blocking the executor's thread: it is a future like any other, and any executor will do.
    /// Dropping the future cancels the job.
    ///
    /// # Errors
    ///
    /// As [`Job::run`].
    #[cfg(feature = "tokio")]
    pub async fn run_async(self) -> Result<Output> {
        struct CancelOnDrop(CancelToken);
        impl Drop for CancelOnDrop {
            fn drop(&mut self) {
                self.0.cancel();
            }
        }
        // A token of this job alone: the caller's must not be cancelled when this job has ended.
        let alone = self.cancel.child();
        let job = self.cancel_token(&alone).spawn()?;
        let _guard = CancelOnDrop(alone);
        job.finished().await
    }

    fn awaited(&self) -> Awaited {
        Awaited::new(self.runtime.scheduler().id())
    }

    async fn slot(&self, clock: &Handle, awaited: &Awaited) -> std::result::Result<Slot, NoSlot> {
        self.runtime.scheduler().wait(&self.cancel, self.limits.slot_wait, clock, awaited).await
    }

    fn run_in(self, slot: std::result::Result<Slot, NoSlot>) -> Result<Output> {
        let tool = self.tool;
        let slot = slot.map_err(|reason| {
            self.progress.end(false);
            match reason {
                NoSlot::Cancelled => Error::Cancelled { tool, partial_outputs: None, log: Vec::new() },
                NoSlot::Full(jobs) => {
                    Error::Busy { tool, reason: format!("as many jobs wait already as may: {jobs}") }
                }
                NoSlot::TooLate(time) => {
                    Error::Busy { tool, reason: format!("it has waited for a slot for {time:?}") }
                }
            }
        })?;
        let (runtime, lease) = (self.runtime.clone(), self.lease.clone());
        lease.begin(slot, runtime.scheduler(), &self.cancel);
        let _inside = OuterJobs::of_this_thread().and(runtime.scheduler().id()).enter();
        let result = crate::guest::run(self);
        lease.end();
        result.map_err(|error| with_near_match(error, &runtime, tool))
    }

    fn check(&self) -> Result<()> {
        check_args(&self.args, &self.current_dir)?;
        given::check(&self.given)
    }
}

/// Refuses what cannot be passed to a C program.
pub(crate) fn check_args(args: &[String], current_dir: &str) -> Result<()> {
    let invalid = |what: String, reason: &str| Err(Error::InvalidJob { what, reason: reason.to_owned() });
    if let Some(arg) = args.iter().find(|arg| arg.contains('\0')) {
        return invalid(format!("the argument {arg:?}"), "it has a NUL byte");
    }
    if !current_dir.starts_with('/') {
        return invalid(format!("the working directory {current_dir}"), "it is not absolute");
    }
    Ok(())
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
    pub(crate) cpu_time: Duration,
    pub(crate) files: Vec<(VPath, FileStats)>,
    pub(crate) statistics: Statistics,
    /// The records of errors in the log, oldest first.
    pub(crate) errors: Vec<LogLine>,
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

    /// The time that processors spent on the job, all of its threads together; zero where the system cannot tell.
    pub fn cpu_time(&self) -> Duration {
        self.cpu_time
    }

    /// Counts of the damage in the inputs, and of the frames that were left out or repeated. Of ffprobe, inputs that
    /// break off alone.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// What was read from and written to each file, in bytes, by the path it was opened under. `/dev` and a private
    /// `/tmp` are not counted. A file that the tool only looked at, such as an output that `-n` keeps, is not listed.
    pub fn files(&self) -> &[(VPath, FileStats)] {
        &self.files
    }
}
