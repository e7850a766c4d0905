use std::{sync::Arc, time::Duration};

use afmpeg_cmd::{Command, check, model};
use afmpeg_engine::{Capabilities, Error, Job, Output, Probe, ProbeRequest, Result, Runtime, Tool};
use afmpeg_vfs::{VPath, Vfs};

/// Typed commands for a [`Runtime`].
pub trait RuntimeExt: sealed::Sealed {
    /// Returns the command, prepared to run on this runtime and on `fs`, where relative paths start at `/`. Nothing is
    /// read or run yet. [`PreparedCommand`] has an example with checks and progress.
    ///
    /// ```no_run
    /// use afmpeg::{MemFs, Runtime, RuntimeExt as _, VfsExt as _, cmd::{Command, Input, Output}};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().find_module().build()?;
    /// let fs = MemFs::new();
    /// fs.write("/film.mkv", std::fs::read("film.mkv")?)?;
    /// let command = Command::new([Output::new("sound.m4a").audio(Input::new("film.mkv").audio(), "aac")]);
    /// runtime.prepare(fs.clone(), &command).run()?;
    /// let sound = fs.read("/sound.m4a")?;
    /// # Ok(())
    /// # }
    /// ```
    fn prepare(&self, fs: impl Vfs, command: &Command) -> PreparedCommand;
}

impl RuntimeExt for Runtime {
    fn prepare(&self, fs: impl Vfs, command: &Command) -> PreparedCommand {
        PreparedCommand {
            runtime: self.clone(),
            fs: Arc::new(fs),
            command: command.clone(),
            probes: Vec::new(),
        }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for afmpeg_engine::Runtime {}
}

/// A typed command on a runtime and a filesystem, from [`RuntimeExt::prepare`]: it can probe its inputs, check the
/// command against them and against the module, and run it as a [`Job`] whose progress has a fraction.
///
/// ```no_run
/// use afmpeg::{HostDir, Runtime, RuntimeExt as _, cmd::{Command, Input, Output}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().find_module().build()?;
/// let command = Command::new([Output::new("sound.m4a").audio(Input::new("film.mkv").audio(), "aac")]);
/// let prepared = runtime.prepare(HostDir::open("media")?, &command).probe()?;
/// prepared.check()?;
/// let running = prepared.job().spawn()?;
/// for progress in running.progress() {
///     println!("{:.0} %", 100.0 * progress.fraction.unwrap_or_default());
/// }
/// running.wait()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a prepared command does nothing until it is run"]
pub struct PreparedCommand {
    runtime: Runtime,
    fs: Arc<dyn Vfs>,
    command: Command,
    probes: Vec<Option<Probe>>,
}

/// An error of [`PreparedCommand::check`].
///
/// ```
/// use afmpeg::{CheckError, PreparedCommand};
///
/// fn messages(prepared: &PreparedCommand) -> Vec<String> {
///     match prepared.check() {
///         Ok(()) => Vec::new(),
///         Err(CheckError::Problems(problems)) => {
///             problems.iter().map(|problem| format!("{problem}; {}", problem.hint())).collect()
///         }
///         Err(error) => vec![error.to_string()],
///     }
/// }
/// ```
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

impl PreparedCommand {
    /// Sets ffprobe's output for each input, in the command's order; `None` for an input that was not probed.
    ///
    /// The checks and the expected duration read these probes. They do not read those that
    /// [`Input::probe`](afmpeg_cmd::Input::probe) has set for building the command, since a [`Command`] has no probes. A
    /// file that was probed for one is passed to both, and [`probe`](PreparedCommand::probe) then skips it:
    ///
    /// ```no_run
    /// # use afmpeg::{MemFs, Runtime, RuntimeExt as _, cmd::{Command, Input, Output, recipes::{Fit, fit}}};
    /// # fn f(runtime: Runtime, fs: MemFs) -> Result<(), Box<dyn std::error::Error>> {
    /// let probe = runtime.probe(fs.clone(), "photo.heic")?;
    /// let (photo, sound) = (Input::new("photo.heic").probe(&probe), Input::new("sound.m4a"));
    /// let square = fit(&photo.video(), 720, 720, Fit::Cover)?;
    /// let command = Command::new([Output::new("square.mp4").video(&square, "libx264").copy(sound.audio())]);
    /// // Inputs are in the order of their creation. Only the sound is probed here.
    /// let prepared = runtime.prepare(fs, &command).probes([Some(probe), None]).probe()?;
    /// prepared.check()?;
    /// prepared.run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn probes(self, probes: impl IntoIterator<Item = Option<Probe>>) -> Self {
        Self { probes: probes.into_iter().collect(), ..self }
    }

    /// Probes the inputs that have no [probe](PreparedCommand::probes) yet, by their paths or URLs as FFmpeg reads
    /// them. It skips sources (`lavfi`), standard input and other pipes and devices, and inputs with demuxer or decoder
    /// options, since these may change the streams.
    ///
    /// # Errors
    ///
    /// An input does not exist, or FFmpeg cannot read it.
    pub fn probe(mut self) -> Result<Self> {
        for (number, request) in self.missing_probes() {
            self.probes[number] = Some(request.run()?);
        }
        Ok(self)
    }

    /// The async version of [`probe`](PreparedCommand::probe), for any executor. Dropping the future cancels the probe.
    ///
    /// ```no_run
    /// # use afmpeg::{MemFs, Runtime, RuntimeExt as _, cmd::Command};
    /// # async fn f(runtime: Runtime, fs: MemFs, command: Command) -> Result<(), Box<dyn std::error::Error>> {
    /// let prepared = runtime.prepare(fs, &command).probe_async().await?;
    /// prepared.check_async().await?;
    /// prepared.job().run_async().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`probe`](PreparedCommand::probe).
    pub async fn probe_async(mut self) -> Result<Self> {
        for (number, request) in self.missing_probes() {
            self.probes[number] = Some(request.run_async().await?);
        }
        Ok(self)
    }

    /// Returns the request for each input without a probe, and the number of the input.
    fn missing_probes(&mut self) -> Vec<(usize, ProbeRequest)> {
        self.probes.resize(self.command.inputs.len(), None);
        let inputs = self.command.inputs.iter().zip(&self.probes).enumerate();
        let missing = inputs.filter(|(_, (input, probe))| probe.is_none() && can_be_probed(input));
        missing
            .map(|(number, (input, _))| {
                let request = self.runtime.probe_request(Arc::clone(&self.fs), &input.path);
                let format = input.format.iter().flat_map(|format| ["-f", format.as_str()]);
                (number, request.as_url().input_options(format))
            })
            .collect()
    }

    /// Checks the command against the module and the probed inputs. If neither the runtime nor the cache has the
    /// module's capabilities yet, the check runs the module to read them.
    ///
    /// # Errors
    ///
    /// [`CheckError::Problems`] with every [problem](Command::problems_with_capabilities_and_probes) that makes FFmpeg
    /// fail, but no warnings; [`CheckError::Module`] if the module's capabilities cannot be read.
    pub fn check(&self) -> std::result::Result<(), CheckError> {
        self.check_with(self.runtime.capabilities()?)
    }

    /// The async version of [`check`](PreparedCommand::check), for any executor.
    ///
    /// # Errors
    ///
    /// As [`check`](PreparedCommand::check).
    pub async fn check_async(&self) -> std::result::Result<(), CheckError> {
        self.check_with(self.runtime.capabilities_async().await?)
    }

    fn check_with(&self, capabilities: &Capabilities) -> std::result::Result<(), CheckError> {
        let problems = self.command.problems_with_capabilities_and_probes(capabilities, &self.probes);
        Ok(check::Problems::of(problems)?)
    }

    /// Returns the duration of the longest output, if it follows from the command and the probed inputs.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use afmpeg::{MemFs, Runtime, RuntimeExt as _, cmd::{Command, Input, Output}};
    /// # fn f(runtime: Runtime, fs: MemFs) -> afmpeg::Result<()> {
    /// let rest = Input::new("film.mkv").seek(Duration::from_secs(60));
    /// let command = Command::new([Output::new("rest.mkv").copy(rest.video())]);
    /// // Of a film of ten minutes: nine minutes.
    /// let duration = runtime.prepare(fs, &command).probe()?.expected_duration();
    /// assert_eq!(duration, Some(Duration::from_secs(540)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn expected_duration(&self) -> Option<Duration> {
        let durations: Vec<_> = self.probes.iter().map(|probe| probe.as_ref()?.duration()).collect();
        self.command.expected_duration(&durations)
    }

    /// Returns the job with the arguments of the command and its
    /// [expected duration](PreparedCommand::expected_duration), for limits, progress and everything else that a job
    /// has. Like [`Runtime::run`], it has the options for a run without a terminal.
    ///
    /// ```no_run
    /// # use afmpeg::{HostDir, Limits, Runtime, RuntimeExt as _, cmd::Command};
    /// # fn f(runtime: Runtime, command: Command) -> Result<(), Box<dyn std::error::Error>> {
    /// let prepared = runtime.prepare(HostDir::open("media")?, &command).probe()?;
    /// prepared.job().limits(Limits::default()).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn job(&self) -> Job {
        let job = self.runtime.job(Arc::clone(&self.fs)).args(Tool::Ffmpeg.unattended_args().iter().copied());
        job.args(&self.command).expected_duration(self.expected_duration())
    }

    /// Runs the [job](PreparedCommand::job) to its end.
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
    input.format.as_deref() != Some("lavfi") && !is_stream(&input.path) && input.args.is_empty()
}

/// Whether a path or URL is standard input, another pipe or a device, also inside other protocols (`concat:`, `async:`).
fn is_stream(url: &str) -> bool {
    let mut protocols: Vec<&str> = url.split([':', '|', ',']).collect();
    let path = protocols.pop().unwrap_or_default();
    let is_device = |path: &str| VPath::new(path).is_ok_and(|path| path.as_str().starts_with("/dev/"));
    url == "-"
        || is_device(path)
        || protocols.iter().any(|part| ["pipe", "fd"].contains(part) || is_device(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_told_from_files_however_they_are_spelled() {
        for stream in [
            "-",
            "pipe:",
            "pipe:0",
            "fd:3",
            "/dev/stdin",
            "dev/stdin",
            "./dev/stdin",
            "//dev/stdin",
            "file:/dev/stdin",
            "file:dev/fd/3",
            "async:pipe:0",
            "concat:a.ts|dev/stdin|b.ts",
        ] {
            assert!(is_stream(stream), "{stream}");
        }
        for file in
            ["film.mkv", "pipe", "/dev", "developer/a.mkv", "in/dev/a.mkv", "file:a:b.mp4", "concat:a|b"]
        {
            assert!(!is_stream(file), "{file}");
        }
    }
}
