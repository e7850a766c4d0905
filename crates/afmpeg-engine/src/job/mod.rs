mod byte_streams;
mod run;
mod streams;

use std::{
    ffi::OsStr,
    fmt,
    num::NonZero,
    sync::Arc,
    time::{Duration, SystemTime},
};

use afmpeg_vfs::{VPath, Vfs};

use crate::{
    cancel::CancelToken,
    error::Result,
    lease::Lease,
    limits::Limits,
    output::Output,
    partial_outputs::PartialOutputs,
    progress::{ProgressSender, ProgressWatch},
    runtime::Runtime,
    sinks::Sinks,
    spec::JobSpec,
    tool::Tool,
};

/// One run of one tool on one filesystem.
///
/// A job can access its filesystem, at `/`, and nothing else: no other file of the host, no network (except
/// [URLs](Job::urls) that the caller opens for it), no environment (except [variables](Job::env) that the caller sets),
/// no other process. `/dev` holds `null`, `zero`, `random`, `urandom`, `stdin`, `stdout`, `stderr`, streams of the job
/// such as `fd/3`, and the devices on which the engine receives the log, the progress, measurements and decoded data.
/// `/tmp` is a private folder in memory, unless the filesystem has a `/tmp`.
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
    pub(crate) spec: JobSpec,
    pub(crate) sinks: Sinks,
    pub(crate) cancel: CancelToken,
    pub(crate) progress: ProgressSender,
    /// The slot that it runs in.
    pub(crate) lease: Lease,
}

impl Runtime {
    /// Returns a builder of a job on `fs`.
    pub fn job(&self, fs: impl Vfs) -> Job {
        Job {
            runtime: self.clone(),
            fs: Arc::new(fs),
            spec: JobSpec::default(),
            sinks: Sinks::default(),
            cancel: CancelToken::new(),
            progress: ProgressSender::new(),
            lease: Lease::default(),
        }
    }

    /// Runs `ffmpeg` with its [unattended arguments](Tool::unattended_args) and `args` on `fs`, where relative paths
    /// start at `/`.
    ///
    /// ```no_run
    /// # fn f(runtime: afmpeg_engine::Runtime) -> Result<(), Box<dyn std::error::Error>> {
    /// let fs = afmpeg_vfs::HostDir::open("media")?;
    /// let output = runtime.run(fs, ["-i", "clip.mp4", "-t", "10", "-c", "copy", "start.mp4"])?;
    /// println!("copied in {:?}", output.elapsed());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Job::run`].
    pub fn run(&self, fs: impl Vfs, args: impl IntoIterator<Item: Into<String>>) -> Result<Output> {
        self.job(fs).args(Tool::Ffmpeg.unattended_args().iter().copied()).args(args).run()
    }
}

impl Job {
    /// Replaces the job's description: its tool, arguments, limits and other settings, as in [`JobSpec`].
    ///
    /// ```no_run
    /// # use afmpeg_engine::Runtime;
    /// # fn f(runtime: Runtime, fs: afmpeg_vfs::MemFs, json: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let output = runtime.job(fs).with_spec(serde_json::from_str(json)?).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_spec(mut self, spec: JobSpec) -> Self {
        self.spec = spec;
        self
    }

    /// Returns the description of the job.
    pub fn spec(&self) -> &JobSpec {
        &self.spec
    }

    /// Sets the tool to run. Default: [`Tool::Ffmpeg`].
    pub fn tool(mut self, tool: Tool) -> Self {
        self.spec.tool = tool;
        self
    }

    /// Adds an argument.
    ///
    /// ```no_run
    /// # fn f(job: afmpeg_engine::Job, width: u32) -> afmpeg_engine::Result<()> {
    /// job.args(["-i", "in.mp4", "-vf"]).arg(format!("scale={width}:-2")).arg("out.mp4").run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.spec.args.push(arg.into());
        self
    }

    /// Adds arguments, without the name of the program. A file name that is not UTF-8 must be encoded as in a
    /// [`VPath`]; [`args_os`](Self::args_os) does that.
    pub fn args(mut self, args: impl IntoIterator<Item: Into<String>>) -> Self {
        self.spec.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds arguments of an operating system's command line, which need not be UTF-8: a file name in another encoding
    /// reaches the tool with the same bytes.
    ///
    /// ```no_run
    /// # fn f(job: afmpeg_engine::Job) -> afmpeg_engine::Result<()> {
    /// let output = job.args_os(std::env::args_os().skip(1)).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn args_os(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let text = |arg: &OsStr| VPath::text_of(arg.as_encoded_bytes()).into_owned();
        self.spec.args.extend(args.into_iter().map(|arg| text(arg.as_ref())));
        self
    }

    /// Sets the expected duration of the output, from which [`Progress::fraction`](crate::Progress::fraction) is
    /// computed. If the output becomes longer, the fraction stays just below 1 until the job succeeds. Default: `None`,
    /// unknown.
    ///
    /// For a typed command, `Command::expected_duration` of afmpeg-cmd computes it from the durations of the inputs.
    ///
    /// ```no_run
    /// # use afmpeg_engine::Runtime;
    /// # use afmpeg_vfs::HostDir;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let fs = HostDir::open("media")?;
    /// // The output is as long as the input.
    /// let duration = runtime.probe(fs.clone(), "clip.mp4")?.duration();
    /// let job = runtime.job(fs).args(["-i", "clip.mp4", "small.mp4"]).expected_duration(duration);
    /// # Ok(())
    /// # }
    /// ```
    pub fn expected_duration(mut self, duration: impl Into<Option<Duration>>) -> Self {
        self.spec.expected_duration = duration.into();
        self
    }

    /// Sets the working directory, an absolute path on the job's filesystem. Default: `/`.
    pub fn current_dir(mut self, path: impl Into<String>) -> Self {
        self.spec.current_dir = path.into();
        self
    }

    /// Adds folders of the job's filesystem with fonts, for text without a font file: `subtitles`, `ass` and `drawtext`
    /// find the fonts in these folders, and below, by their families. If none has the family, or none is named, they use
    /// a common text face among them. The extensions of font files are `ttf`, `otf`, `ttc` and `otc`. The folders are
    /// searched when a filter needs a font. Default: none; then `drawtext` needs its option `fontfile`, and `subtitles`
    /// and `ass` need `fontsdir`, or fonts embedded in the file.
    ///
    /// ```no_run
    /// # use afmpeg_engine::Runtime;
    /// # use afmpeg_vfs::{HostDir, MemFs, Mount, ReadOnly, VPath};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let fonts = ReadOnly::new(HostDir::open("/usr/share/fonts")?);
    /// let fs = Mount::new(MemFs::new()).mount(VPath::new("/fonts")?, fonts);
    /// let titled = ["-f", "lavfi", "-i", "color,drawtext=text=Hello", "-frames:v", "1", "hello.png"];
    /// runtime.job(fs).args(titled).font_folders(["/fonts"]).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn font_folders(mut self, folders: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.spec.font_folders.extend(folders.into_iter().map(Into::into));
        self
    }

    /// Sets the number of processors that the guest detects: by default, FFmpeg starts about that many threads per
    /// codec. Values above 12 count as 12, since the frames of more threads do not fit into the 4 GiB that a guest can
    /// address. Default: the number that this process may use, at most 8. The defaults of [`Limits::memory`] and
    /// [`Limits::threads`] depend on it.
    pub fn processors(mut self, count: NonZero<usize>) -> Self {
        self.spec.processors = Some(count);
        self
    }

    /// Sets the limits of the job. Default: the [runtime's](crate::RuntimeBuilder::limits).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.spec.limits = Some(limits);
        self
    }

    /// Ends the job when `token` is cancelled. Default: none. [`JobHandle::cancel`](crate::JobHandle::cancel) cancels
    /// only this job in either case.
    pub fn cancel_token(mut self, token: &CancelToken) -> Self {
        self.cancel = token.clone();
        self
    }

    /// Returns a watch on the progress of the job, for any thread.
    pub fn progress(&self) -> ProgressWatch {
        self.progress.watch()
    }

    /// Seeds the random numbers of the guest (`/dev/urandom`, identifiers in Matroska files), so that they are the same
    /// in every run. Default: random numbers of the operating system.
    pub fn seed(mut self, seed: u64) -> Self {
        self.spec.seed = Some(seed);
        self
    }

    /// Fixes the wall clock of the guest at `time`, so that the dates that it writes are the same in every run. The
    /// monotonic clock still runs. Default: the clock of the host.
    pub fn time_of_day(mut self, time: SystemTime) -> Self {
        self.spec.time_of_day = Some(time);
        self
    }

    /// Makes the same arguments on the same files produce the same bytes, on every machine and with every compiler:
    /// sets [`Job::seed`] to 0, [`Job::time_of_day`] to the start of 1970, and [`Job::processors`] to 1. By default,
    /// runs may differ.
    ///
    /// FFmpeg still writes its own version into outputs, unless the arguments have `-bitexact`.
    pub fn deterministic(self) -> Self {
        self.seed(0).time_of_day(SystemTime::UNIX_EPOCH).processors(NonZero::<usize>::MIN)
    }

    /// Sets whether output files are kept or removed when the job fails. Default: [`PartialOutputs::Keep`].
    pub fn partial_outputs(mut self, choice: PartialOutputs) -> Self {
        self.spec.partial_outputs = choice;
        self
    }

    /// Fails the job at the first damage in an input (ffmpeg's `-xerror`): an input that ends early, a packet that
    /// cannot be decoded, or data that a demuxer or decoder marks as corrupt. Default: false: ffmpeg continues, and
    /// [`Output::statistics`] counts the damage. In ffprobe jobs, only an input that ends early is detected, and only
    /// if ffprobe reads all packets.
    pub fn fail_on_damage(mut self, fails: bool) -> Self {
        self.spec.fail_on_damage = fails;
        self
    }

    /// Sets an environment variable of the tool, such as `FFREPORT`, which writes a log to a file. The tool has none of
    /// the host's. Variables that start with `AFMPEG_` are refused.
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    /// use afmpeg_vfs::{MemFs, VfsExt as _};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let fs = MemFs::new();
    /// let job = runtime.job(fs.clone()).args(["-f", "lavfi", "-i", "testsrc2=d=1", "/clip.mp4"]);
    /// job.env("FFREPORT", "file=/report.log:level=48").run()?;
    /// println!("{} bytes", fs.read("/report.log")?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.spec.env.insert(name.into(), value.into());
        self
    }

    /// Sets whether files that the job leaves in its private `/tmp` are discarded. Default: false: a job that succeeds
    /// but leaves a file there fails with [`Error::LostFile`](crate::Error::LostFile), since that output would be lost.
    /// A `/tmp` on the job's filesystem does not count.
    pub fn discard_tmp(mut self, discards: bool) -> Self {
        self.spec.discard_tmp = discards;
        self
    }

    /// The bounds of the job, its own or those of its runtime.
    pub(crate) fn resolved_limits(&self) -> &Limits {
        self.spec.limits.as_ref().unwrap_or_else(|| self.runtime.limits())
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("spec", &self.spec).field("fs", &self.fs).finish_non_exhaustive()
    }
}
