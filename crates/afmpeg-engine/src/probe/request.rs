use std::{fmt, io, iter, ops::ControlFlow, sync::Arc};

use afmpeg_vfs::Vfs;
use parking_lot::Mutex;

use super::{PacketOrFrame, Probe, listing};
use crate::{
    AvError, Error, ErrorKind, ExitStatus, Job, Limit, LimitError, Result, Runtime, Tool,
    asynchronous::{self, JobTokens},
    blocking::block_on,
    diagnosis,
    input_path::InputPath,
    items::queue,
    log::LogLine,
    nested::OuterJobs,
};

/// The default limit of ffprobe's output, in bytes: some 600,000 packets.
const DEFAULT_MAX_OUTPUT_BYTES: u64 = 256 << 20;

/// The most pieces of output that wait for [`ProbeRequest::for_each`].
const WAITING_PIECES: usize = 16;

/// A builder for an ffprobe request.
///
/// By default it requests the format, streams, chapters, programs and stream groups. Costlier parts have methods.
///
/// ```no_run
/// use afmpeg_engine::Runtime;
/// use afmpeg_vfs::HostDir;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let probe = runtime
///     .probe_request(HostDir::open("media")?, "broadcast.ts")
///     .packets()
///     .streams("v:0")
///     .intervals("10%+2")
///     .input_options(["-probesize", "20M"])
///     .run()?;
/// let keys = probe.packets.iter().filter(|packet| packet.is_key()).count();
/// println!("{keys} key frames between 10 s and 12 s");
/// # Ok(())
/// # }
/// ```
#[must_use = "a request does nothing until it is run"]
pub struct ProbeRequest {
    job: Job,
    path: InputPath,
    options: Vec<String>,
    input_options: Vec<String>,
    max_output_bytes: u64,
}

impl Runtime {
    /// Runs `ffprobe` on the file at `path`, and returns its format, streams, chapters, programs and stream groups.
    ///
    /// ```no_run
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// let probe = runtime.probe(fs, "clip.mp4")?;
    /// if let Some(video) = probe.video() {
    ///     println!("{:?} pixels, {:?} frames per second", video.size(), video.frame_rate());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ProbeRequest::run`].
    pub fn probe(&self, fs: impl Vfs, path: &str) -> Result<Probe> {
        self.probe_request(fs, path).run()
    }

    /// Returns a builder for an ffprobe request, with options for packets, frames and reading.
    pub fn probe_request(&self, fs: impl Vfs, path: &str) -> ProbeRequest {
        ProbeRequest::new(self.job(fs), path)
    }
}

impl ProbeRequest {
    pub(crate) fn new(job: Job, path: &str) -> Self {
        Self {
            job: job.tool(Tool::Ffprobe),
            path: InputPath::new(path),
            options: Vec::new(),
            input_options: Vec::new(),
            max_output_bytes: DEFAULT_MAX_OUTPUT_BYTES,
        }
    }

    fn option(mut self, words: &[&str]) -> Self {
        self.options.extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    /// Adds the packets ([`Probe::packets`]). This reads the whole file unless [`intervals`] limits it. Together with
    /// [`frames`], both are in [`Probe::packets_and_frames`].
    ///
    /// [`intervals`]: ProbeRequest::intervals
    /// [`frames`]: ProbeRequest::frames
    pub fn packets(self) -> Self {
        self.option(&["-show_packets"])
    }

    /// Adds the decoded frames ([`Probe::frames`]). This decodes the whole file unless
    /// [`intervals`](ProbeRequest::intervals) limits it.
    pub fn frames(self) -> Self {
        self.option(&["-show_frames"])
    }

    /// Counts the packets of each stream ([`Stream::nb_read_packets`](super::Stream::nb_read_packets)), by reading
    /// the whole file.
    pub fn count_packets(self) -> Self {
        self.option(&["-count_packets"])
    }

    /// Counts the frames of each stream ([`Stream::nb_read_frames`](super::Stream::nb_read_frames)), by decoding the
    /// whole file.
    pub fn count_frames(self) -> Self {
        self.option(&["-count_frames"])
    }

    /// Adds the versions of ffprobe and FFmpeg's libraries.
    pub fn versions(self) -> Self {
        self.option(&["-show_program_version", "-show_library_versions"])
    }

    /// Limits the request to the streams of an FFmpeg stream specifier: `v:0`, `a`, `2`.
    pub fn streams(self, specifier: &str) -> Self {
        self.option(&["-select_streams", specifier])
    }

    /// Limits reading to parts of the file, in the syntax of ffprobe's `-read_intervals`: `10%+2` is two seconds that
    /// start at 10 s, `%+#5` the first five packets.
    pub fn intervals(self, intervals: &str) -> Self {
        self.option(&["-read_intervals", intervals])
    }

    /// Adds options for reading the file: `-f`, `-probesize`, `-analyzeduration`, options of a demuxer.
    pub fn input_options(mut self, options: impl IntoIterator<Item: Into<String>>) -> Self {
        self.input_options.extend(options.into_iter().map(Into::into));
        self
    }

    /// Adds other ffprobe options: `-show_data`, `-analyze_frames`... Fields that they add, and that the types do not
    /// declare, are in the `extra` of each object. Do not pass `-of` or `-show_entries`: the output must be JSON with
    /// all fields.
    pub fn options(mut self, options: impl IntoIterator<Item: Into<String>>) -> Self {
        self.options.extend(options.into_iter().map(Into::into));
        self
    }

    /// Limits the bytes of ffprobe's output that [`run`](ProbeRequest::run) collects; the request fails beyond it.
    /// Default: 256 MiB. [`for_each`](ProbeRequest::for_each) collects nothing.
    pub fn max_output_bytes(mut self, bytes: u64) -> Self {
        self.max_output_bytes = bytes;
        self
    }

    /// Configures the request's job: its limits or working directory.
    ///
    /// ```no_run
    /// # use afmpeg_engine::Limits;
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// runtime.probe_request(fs, "upload").configure_job(|job| job.limits(Limits::default().memory(64 << 20))).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn configure_job(self, change: impl Fn(Job) -> Job + Send + Sync + 'static) -> Self {
        self.with_changed_job(change)
    }

    pub(crate) fn with_changed_job(mut self, change: impl FnOnce(Job) -> Job) -> Self {
        self.job = change(self.job);
        self
    }

    /// Interprets the path as FFmpeg's command line does: as a protocol's URL (`concat:a.ts|b.ts`), a sequence of
    /// images (`frame-%03d.png`), or `-` for the job's standard input. Not safe for untrusted names. Default: the path
    /// is always a file name.
    ///
    /// ```no_run
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// let sequence = runtime.probe_request(fs, "frame-%03d.png").as_url().run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn as_url(mut self) -> Self {
        self.path.is_url = true;
        self
    }

    /// Returns the job with its arguments.
    fn into_job(self) -> Job {
        let sections = [
            "-hide_banner",
            "-v",
            "error",
            "-of",
            "json",
            "-show_error",
            "-show_format",
            "-show_streams",
            "-show_chapters",
            "-show_programs",
            "-show_stream_groups",
        ];
        // `-i`, since a path may begin with a dash.
        let input = ["-i".to_owned(), self.path.argument(&self.job.spec.current_dir)];
        self.job.args(sections).args(self.options).args(self.input_options).args(input)
    }

    /// Runs ffprobe, and collects its whole output.
    ///
    /// # Errors
    ///
    /// As [`Job::run`]. The status of an [`Error::Exit`] is the error code in ffprobe's output, since its exit status
    /// is always 1. [`Error::ProbeOutput`] if the output is not ffprobe's JSON; [`Error::Limit`] if it exceeds the
    /// [limit](ProbeRequest::max_output_bytes).
    pub fn run(self) -> Result<Probe> {
        Ok(self.run_with_errors()?.0)
    }

    /// The async version of [`run`](ProbeRequest::run), for any executor. Dropping the future cancels the request.
    ///
    /// ```no_run
    /// # async fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// let probe = runtime.probe_request(fs, "upload.mp4").run_async().await?;
    /// println!("{:?}", probe.duration());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`run`](ProbeRequest::run).
    pub async fn run_async(mut self) -> Result<Probe> {
        let (runtime, tokens) = (self.job.runtime.clone(), JobTokens::default());
        self.job = tokens.add(self.job);
        asynchronous::run(&runtime, Tool::Ffprobe, tokens, move || self.run()).await
    }

    /// As [`run`](ProbeRequest::run), with the error records of ffprobe's log.
    pub(crate) fn run_with_errors(self) -> Result<(Probe, Vec<LogLine>)> {
        let (path, limit) = (self.path.text.clone(), self.max_output_bytes);
        let answer = Answer::default();
        let ending = self.into_job().stdout(answer.collector(limit)).run();
        let collected = answer.take();
        // The truncated output is the cause of any failure of ffprobe.
        if collected.is_cut {
            let log = ending.err().map_or_else(Vec::new, |error| error.log().to_vec());
            let limit = Limit::ProbeOutput(limit);
            return Err(Error::Limit(Box::new(LimitError { tool: Tool::Ffprobe, limit, log })));
        }
        let output = ending.map_err(|error| {
            let reason = Probe::from_json(&collected.bytes).ok().and_then(|probe| probe.error);
            explained(error, &path, reason.and_then(|reason| reason.code))
        })?;
        match Probe::from_json(&collected.bytes) {
            Ok(probe) => Ok((named(probe, path), output.errors)),
            Err(source) => Err(Error::ProbeOutput { path, source }),
        }
    }

    /// Runs ffprobe, and calls `each` for every packet and frame while ffprobe prints them, in constant memory. Returns the
    /// rest of the output.
    ///
    /// On `Break`, it cancels ffprobe and returns the output so far.
    ///
    /// ```no_run
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// use std::ops::ControlFlow;
    /// use afmpeg_engine::probe::PacketOrFrame;
    ///
    /// let mut bytes = 0;
    /// runtime.probe_request(fs, "film.mkv").packets().streams("v:0").for_each(|entry| {
    ///     if let PacketOrFrame::Packet(packet) = entry {
    ///         bytes += packet.size().unwrap_or_default();
    ///     }
    ///     ControlFlow::Continue(())
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`run`](ProbeRequest::run), without the limit.
    pub fn for_each(self, mut each: impl FnMut(PacketOrFrame) -> ControlFlow<()>) -> Result<Probe> {
        let path = self.path.text.clone();
        let (sender, mut receiver) = queue::<Vec<u8>>(WAITING_PIECES);
        let job = self.into_job();
        // A child token, so that a Break does not cancel other users of the caller's token.
        let cancelled = job.cancel.clone();
        let enough = cancelled.child();
        let lease = job.lease.clone();
        let job = job.cancel_token(&enough).stdout(move |bytes| lease.send(&sender, bytes.to_vec()));
        let (output, ending) = std::thread::scope(|scope| {
            let outer = OuterJobs::of_this_thread();
            let job = scope.spawn(move || {
                let _outer = outer.enter();
                job.run()
            });
            // Reading drops the receiver, so that a job with unreadable output does not wait for ever.
            let pieces = iter::from_fn(move || block_on(receiver.recv()));
            let output = listing::read(pieces, &mut each);
            if !matches!(output, Ok(ControlFlow::Continue(_))) {
                enough.cancel();
            }
            (output, job.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        match (output, ending) {
            // After a Break, the job's result is irrelevant.
            (Ok(ControlFlow::Break(probe)), _) | (Ok(ControlFlow::Continue(probe)), Ok(_)) => {
                Ok(named(probe, path))
            }
            (Ok(ControlFlow::Continue(probe)), Err(error)) => {
                Err(explained(error, &path, probe.error.and_then(|reason| reason.code)))
            }
            // A job that was cancelled for its unreadable output was not cancelled by the caller.
            (Err(_), Err(error)) if error.kind() != ErrorKind::Cancelled || cancelled.is_cancelled() => {
                Err(error)
            }
            (Err(source), _) => Err(Error::ProbeOutput { path, source }),
        }
    }
}

/// Sets the file's name to the requested path.
fn named(mut probe: Probe, path: String) -> Probe {
    if let Some(format) = &mut probe.format
        && format.filename.is_some()
    {
        format.filename = Some(path);
    }
    probe
}

/// Replaces an error's status with the code in ffprobe's output, since its log may end with another error.
fn explained(error: Error, path: &str, code: Option<i64>) -> Error {
    let Some(code) = code.and_then(|code| i32::try_from(code).ok()) else { return error };
    let Error::Exit(mut exit) = error else { return error };
    exit.status = ExitStatus::from_code(code);
    // The log may have a better diagnosis of the same input.
    let is_diagnosed =
        exit.subject().is_some_and(|subject| subject.strip_prefix("file:").unwrap_or(subject) == path);
    if let Some(error) = AvError::from_code(code).filter(|_| !is_diagnosed) {
        let (lacks, hint) = (exit.diagnosis.component.take(), exit.diagnosis.hint.take());
        exit.diagnosis = diagnosis::of_input(path, Some(error), &|_| lacks.clone());
        if exit.is_refused {
            exit.diagnosis.kind = ErrorKind::Filesystem;
            exit.diagnosis.hint = hint;
        }
    }
    Error::Exit(exit)
}

/// ffprobe's output up to the limit.
#[derive(Default, Clone)]
struct Answer(Arc<Mutex<Collected>>);

#[derive(Default)]
struct Collected {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Answer {
    fn collector(&self, limit: u64) -> impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static {
        let answer = self.0.clone();
        move |bytes| {
            let mut answer = answer.lock();
            if (answer.bytes.len() as u64).saturating_add(bytes.len() as u64) > limit {
                answer.is_cut = true;
                return Err(io::ErrorKind::StorageFull.into());
            }
            answer.bytes.extend_from_slice(bytes);
            Ok(())
        }
    }

    fn take(&self) -> Collected {
        std::mem::take(&mut *self.0.lock())
    }
}

impl fmt::Debug for ProbeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProbeRequest")
            .field("path", &self.path)
            .field("options", &self.options)
            .field("input_options", &self.input_options)
            .finish_non_exhaustive()
    }
}
