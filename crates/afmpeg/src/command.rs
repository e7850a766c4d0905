use std::{sync::Arc, time::Duration};

use afmpeg_cmd::{check, model};
use afmpeg_engine::{Error, Job, Output, Probe, Result, Runtime, Tool};
use afmpeg_vfs::Vfs;

/// Typed commands for a [`Runtime`].
pub trait RuntimeExt: sealed::Sealed {
    /// Combines a command with the filesystem that it reads and writes, where relative paths start at `/`. [`Command`] has
    /// an example.
    fn command(&self, fs: impl Vfs, job: &afmpeg_cmd::Job) -> Command;
}

impl RuntimeExt for Runtime {
    fn command(&self, fs: impl Vfs, job: &afmpeg_cmd::Job) -> Command {
        Command { runtime: self.clone(), fs: Arc::new(fs), job: job.clone(), media: Vec::new() }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for afmpeg_engine::Runtime {}
}

/// A typed command on a filesystem: it can probe its inputs, check the command against them and against the module, and
/// run it as a [`Job`] whose progress has a fraction.
///
/// ```no_run
/// use afmpeg::{MemFs, Runtime, RuntimeExt as _, cmd::{Input, Job, Output}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().find_module().build()?;
/// let job = Job::new([Output::new("sound.m4a").audio(Input::new("film.mkv").audio(), "aac")]);
/// let command = runtime.command(MemFs::new(), &job).probe()?;
/// command.check()?;
/// let running = command.job().spawn()?;
/// for progress in running.progress() {
///     println!("{:.0} %", 100.0 * progress.fraction.unwrap_or_default());
/// }
/// running.wait()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a command does nothing until it is run"]
pub struct Command {
    runtime: Runtime,
    fs: Arc<dyn Vfs>,
    job: afmpeg_cmd::Job,
    media: Vec<Option<Probe>>,
}

/// An error of [`Command::check`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The command cannot work.
    #[error(transparent)]
    Problems(#[from] check::Problems),
    /// The capabilities of the module could not be read.
    #[error(transparent)]
    Module(#[from] Error),
}

impl Command {
    /// Sets the probed inputs, in the command's order; `None` for an input that was not probed.
    pub fn media(self, media: impl IntoIterator<Item = Option<Probe>>) -> Self {
        Self { media: media.into_iter().collect(), ..self }
    }

    /// Probes the inputs that have no [media](Command::media), by their paths or URLs as FFmpeg reads them. Left out are
    /// sources (`lavfi`), standard input and other pipes and devices, and inputs with options of demuxers or decoders,
    /// which may change their streams.
    ///
    /// # Errors
    ///
    /// An input does not exist, or FFmpeg cannot read it.
    pub fn probe(mut self) -> Result<Self> {
        self.media.resize(self.job.inputs.len(), None);
        for (input, media) in self.job.inputs.iter().zip(&mut self.media) {
            if media.is_none() && can_be_probed(input) {
                let request = self.runtime.probe_request(Arc::clone(&self.fs), &input.path);
                let format = input.format.iter().flat_map(|format| ["-f", format.as_str()]);
                *media = Some(request.as_url().input_options(format).run()?);
            }
        }
        Ok(self)
    }

    /// Checks the command against the module and the probed inputs.
    ///
    /// # Errors
    ///
    /// Every [problem](afmpeg_cmd::Job::problems_with_capabilities_and_media) that makes FFmpeg fail; warnings pass.
    pub fn check(&self) -> std::result::Result<(), CheckError> {
        let capabilities = self.runtime.capabilities()?;
        let problems = self.job.problems_with_capabilities_and_media(capabilities, &self.media);
        Ok(check::Problems::of(problems)?)
    }

    /// Returns the duration of the longest output, if it follows from the command and the probed inputs.
    pub fn expected_duration(&self) -> Option<Duration> {
        let durations: Vec<_> = self.media.iter().map(|media| media.as_ref()?.duration()).collect();
        self.job.expected_duration(&durations)
    }

    /// Returns the job with the arguments of the command and its [expected duration](Command::expected_duration), for
    /// limits, progress and everything else that a job has. Like [`Runtime::run`], it has the options for a run without a
    /// terminal.
    ///
    /// ```no_run
    /// # use afmpeg::{Limits, MemFs, Runtime, RuntimeExt as _, cmd::Job};
    /// # fn f(runtime: Runtime, job: Job) -> afmpeg::Result<()> {
    /// let command = runtime.command(MemFs::new(), &job).probe()?;
    /// command.job().limits(Limits::default()).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn job(&self) -> Job {
        let job = self.runtime.job(Arc::clone(&self.fs)).args(Tool::Ffmpeg.unattended_args().iter().copied());
        job.args(&self.job).expected_duration(self.expected_duration())
    }

    /// Runs the [job](Command::job) to its end.
    ///
    /// # Errors
    ///
    /// As [`Job::run`].
    pub fn run(&self) -> Result<Output> {
        self.job().run()
    }
}

/// Whether ffprobe reads an input as `ffmpeg` does, and the command can read it again.
fn can_be_probed(input: &model::Input) -> bool {
    let starts = ["pipe:", "fd:", "/dev/", "file:/dev/"];
    let is_stream = input.path == "-" || starts.iter().any(|start| input.path.starts_with(start));
    input.format.as_deref() != Some("lavfi") && !is_stream && input.args.is_empty()
}
