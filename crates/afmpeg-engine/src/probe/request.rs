use std::{
    fmt, io,
    ops::ControlFlow,
    sync::{Arc, mpsc},
};

use parking_lot::Mutex;

use super::{PacketOrFrame, Probe, listing};
use crate::{
    AvError, Error, ErrorKind, ExitStatus, IntoArgs, Job, Limit, LimitError, Result, Tool, diagnosis,
    input_path::InputPath, log::LogLine, nested::OuterJobs,
};

/// The most that ffprobe may answer unless the request says otherwise, in bytes: some 600,000 packets.
const DEFAULT_ANSWER_LIMIT: u64 = 256 << 20;

/// How many pieces of an answer may wait for [`ProbeRequest::for_each`] to take them.
const WAITING_PIECES: usize = 16;

/// A question to ffprobe, to be refined and run.
///
/// It asks for the format, the streams, the chapters, the programs and the stream groups; what costs more is asked
/// for by name.
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
    answer_limit: u64,
}

impl ProbeRequest {
    pub(crate) fn new(job: Job, path: &str) -> Self {
        Self {
            job: job.tool(Tool::Ffprobe),
            path: InputPath::new(path),
            options: Vec::new(),
            input_options: Vec::new(),
            answer_limit: DEFAULT_ANSWER_LIMIT,
        }
    }

    fn option(mut self, words: &[&str]) -> Self {
        self.options.extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    /// Asks for the packets as well ([`Probe::packets`]): the whole file is read, unless [`intervals`] says less.
    /// With [`frames`] too, both are in [`Probe::packets_and_frames`].
    ///
    /// [`intervals`]: ProbeRequest::intervals
    /// [`frames`]: ProbeRequest::frames
    pub fn packets(self) -> Self {
        self.option(&["-show_packets"])
    }

    /// Asks for the decoded frames as well ([`Probe::frames`]): the whole file is read and decoded, unless
    /// [`intervals`](ProbeRequest::intervals) says less.
    pub fn frames(self) -> Self {
        self.option(&["-show_frames"])
    }

    /// Counts the packets of each stream ([`Stream::nb_read_packets`](crate::Stream::nb_read_packets)), by reading
    /// the whole file.
    pub fn count_packets(self) -> Self {
        self.option(&["-count_packets"])
    }

    /// Counts the frames of each stream ([`Stream::nb_read_frames`](crate::Stream::nb_read_frames)), by decoding the
    /// whole file.
    pub fn count_frames(self) -> Self {
        self.option(&["-count_frames"])
    }

    /// Asks for the versions of ffprobe and FFmpeg's libraries.
    pub fn versions(self) -> Self {
        self.option(&["-show_program_version", "-show_library_versions"])
    }

    /// Asks for these streams only, as FFmpeg's stream specifiers name them: `v:0`, `a`, `2`.
    pub fn streams(self, specifier: &str) -> Self {
        self.option(&["-select_streams", specifier])
    }

    /// Reads these parts of the file only, as ffprobe's `-read_intervals` writes them: `10%+2` is two seconds from
    /// the tenth on, `%+#5` the first five packets.
    pub fn intervals(self, intervals: &str) -> Self {
        self.option(&["-read_intervals", intervals])
    }

    /// Adds options that say how to read the file: `-f`, `-probesize`, `-analyzeduration`, a demuxer's own.
    pub fn input_options(mut self, options: impl IntoArgs) -> Self {
        self.input_options.extend(options.into_args());
        self
    }

    /// Adds other options of ffprobe's: `-show_data`, `-analyze_frames`... What they add to the answer is in the
    /// `extra` of its object. Not `-of` and not `-show_entries`: the answer must be JSON with all its fields.
    pub fn options(mut self, options: impl IntoArgs) -> Self {
        self.options.extend(options.into_args());
        self
    }

    /// The most that [`run`](ProbeRequest::run) may collect of ffprobe's answer, in bytes; over it, the request
    /// fails. Default: 256 MiB. [`for_each`](ProbeRequest::for_each) collects nothing.
    pub fn answer_limit(mut self, bytes: u64) -> Self {
        self.answer_limit = bytes;
        self
    }

    /// Changes the job that will ask: its limits, its working directory.
    ///
    /// ```no_run
    /// # use afmpeg_engine::Limits;
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// runtime.probe_request(fs, "upload").with_job(|job| job.limits(Limits::default().memory(64 << 20))).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_job(mut self, change: impl FnOnce(Job) -> Job) -> Self {
        self.job = change(self.job);
        self
    }

    /// Takes the path as FFmpeg's command line does: it may name a protocol (`concat:a.ts|b.ts`), a sequence of images
    /// (`frame-%03d.png`), or the job's standard input (`-`). Not for names that somebody else has chosen. Default: it is
    /// the name of a file, whatever it looks like.
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

    /// The job, with its arguments and without its path and limit.
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
        let input = ["-i".to_owned(), self.path.argument(&self.job.current_dir)];
        self.job.args(sections).args(self.options).args(self.input_options).args(input)
    }

    /// Asks, and collects the whole answer.
    ///
    /// # Errors
    ///
    /// As [`Job::run`]; an [`Error::Exit`] has the status that ffprobe's answer gives, not the 1 that it always ends
    /// with. [`Error::ProbeOutput`] when the answer is not ffprobe's JSON; [`Error::Limit`] when it is longer than the
    /// [limit](ProbeRequest::answer_limit).
    pub fn run(self) -> Result<Probe> {
        Ok(self.run_with_errors()?.0)
    }

    /// As [`run`](ProbeRequest::run), with the records of errors in ffprobe's log.
    pub(crate) fn run_with_errors(self) -> Result<(Probe, Vec<LogLine>)> {
        let (path, limit) = (self.path.text.clone(), self.answer_limit);
        let answer = Answer::default();
        let ending = self.into_job().stdout(answer.collector(limit)).run();
        let collected = answer.take();
        // Whatever ffprobe made of it.
        if collected.is_cut {
            let log = ending.err().map_or_else(Vec::new, |error| error.log().to_vec());
            let limit = Limit::Answer(limit);
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

    /// Asks, and hands over every packet and frame as ffprobe prints it, in memory that does not grow with the file.
    /// The rest of the answer is returned, without them.
    ///
    /// After `Break` nothing more is handed over, ffprobe is ended, and what came before is returned.
    ///
    /// ```no_run
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// use std::ops::ControlFlow;
    /// use afmpeg_engine::PacketOrFrame;
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
        let (sender, receiver) = mpsc::sync_channel::<Vec<u8>>(WAITING_PIECES);
        let job = self.into_job();
        // Of this request alone: a Break does not cancel what else the caller's token is for.
        let cancelled = job.cancel.clone();
        let enough = cancelled.child();
        let lease = job.lease.clone();
        let job = job.cancel_token(&enough).stdout(move |bytes| lease.send(&sender, bytes.to_vec()));
        let (answer, ending) = std::thread::scope(|scope| {
            let outer = OuterJobs::of_this_thread();
            let job = scope.spawn(move || {
                let _outer = outer.enter();
                job.run()
            });
            // The receiver goes with the reading, so that a job whose answer cannot be read does not wait for ever.
            let answer = listing::read(receiver, &mut each);
            if !matches!(answer, Ok(ControlFlow::Continue(_))) {
                enough.cancel();
            }
            (answer, job.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        match (answer, ending) {
            // It was ended after a Break, whatever it makes of that.
            (Ok(ControlFlow::Break(probe)), _) | (Ok(ControlFlow::Continue(probe)), Ok(_)) => {
                Ok(named(probe, path))
            }
            (Ok(ControlFlow::Continue(probe)), Err(error)) => {
                Err(explained(error, &path, probe.error.and_then(|reason| reason.code)))
            }
            // Ended because its answer cannot be read, it was not cancelled for its caller.
            (Err(_), Err(error)) if error.kind() != ErrorKind::Cancelled || cancelled.is_cancelled() => {
                Err(error)
            }
            (Err(source), _) => Err(Error::ProbeOutput { path, source }),
        }
    }
}

/// The answer about a file under the name that it was asked by.
fn named(mut probe: Probe, path: String) -> Probe {
    if let Some(format) = &mut probe.format
        && format.filename.is_some()
    {
        format.filename = Some(path);
    }
    probe
}

/// A failure of ffprobe's with the code that its answer gives: its log may end with something else.
fn explained(error: Error, path: &str, code: Option<i64>) -> Error {
    let Some(code) = code.and_then(|code| i32::try_from(code).ok()) else { return error };
    let Error::Exit(mut exit) = error else { return error };
    exit.status = ExitStatus::from_code(code);
    // The log may say more of it.
    let is_told =
        exit.subject().is_some_and(|subject| subject.strip_prefix("file:").unwrap_or(subject) == path);
    if let Some(error) = AvError::from_code(code).filter(|_| !is_told) {
        let (lacks, told) = (exit.diagnosis.component.take(), exit.diagnosis.hint.take());
        exit.diagnosis = diagnosis::of_input(path, Some(error), &|_| lacks.clone());
        if exit.is_refused {
            exit.diagnosis.kind = ErrorKind::Filesystem;
            exit.diagnosis.hint = told;
        }
    }
    Error::Exit(exit)
}

/// What ffprobe prints, as far as it may.
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
