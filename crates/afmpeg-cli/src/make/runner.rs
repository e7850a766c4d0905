//! Runs the jobs of a recipe.

use afmpeg::{CheckError, RuntimeExt as _, cmd::Command, cmd::measure::Record};
use afmpeg_engine::{CancelToken, Capabilities, ComponentKind, Error, Job, Limits, Output, Probe, Runtime};
use afmpeg_vfs::{MemFs, Mount, Prefix, VfsExt as _};

use super::{
    media::Media,
    plan::{Measured, Measurement, Plan, ResultAt},
    source::Source,
    target::Stage,
};
use crate::{
    bar::Bar,
    failure::Failure,
    folders::{self, Folder},
    interrupt::Interrupts,
    system_fonts,
};

/// A folder in memory for files that are not outputs.
pub(crate) struct Scratch(MemFs);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(MemFs::new())
    }

    /// Returns its path in the guest, with a slash at the end.
    pub(crate) fn guest(&self) -> String {
        format!("{SCRATCH}/")
    }
}

/// The path of the folder in memory. The guest sees no other folder of this name.
const SCRATCH: &str = "/.afmpeg";

/// A runtime, with the folders of the inputs.
pub(crate) struct Runner {
    runtime: Runtime,
    inputs: Vec<Folder>,
    cancel: CancelToken,
    interrupts: Interrupts,
    is_quiet: bool,
}

impl Runner {
    /// From now on, an interrupt ends the jobs.
    pub(crate) fn new(runtime: Runtime, inputs: Vec<Folder>, is_quiet: bool) -> Self {
        let cancel = CancelToken::new();
        let interrupts = Interrupts::cancelling(&cancel);
        Self { runtime, inputs, cancel, interrupts, is_quiet }
    }

    pub(crate) fn capabilities(&self) -> Result<&Capabilities, Failure> {
        Ok(self.runtime.capabilities()?)
    }

    pub(crate) fn probe(&self, source: &Source) -> Result<Probe, Failure> {
        self.probe_on(std::slice::from_ref(&source.folder), &source.guest)
    }

    /// Probes an output before it is in its place.
    pub(crate) fn probe_staged(&self, stage: &Stage, guest: &str) -> Result<Probe, Failure> {
        self.probe_on(std::slice::from_ref(stage.folder()), guest)
    }

    fn probe_on(&self, folders: &[Folder], guest: &str) -> Result<Probe, Failure> {
        let request = self.runtime.probe_request(folders::filesystem(folders)?, guest);
        let cancel = self.cancel.clone();
        let probed = request.configure_job(move |job| job.cancel_token(&cancel)).run();
        self.unless_interrupted(probed)
    }

    /// Runs a command that measures the inputs.
    pub(crate) fn measure(
        &self,
        measurement: &Measurement,
        media: &Media<'_>,
        scratch: &Scratch,
    ) -> Result<Measured, Failure> {
        let fs = self.filesystem(&[], scratch)?;
        let probes = media.files().map(|file| Some(file.probe.clone()));
        let job = self.job(&fs, &measurement.command, probes)?;
        match &measurement.result {
            ResultAt::File(path) => {
                self.run(job, "measuring")?;
                let unreadable = |error| {
                    Failure::filesystem(format!("cannot read the measurement: {error}"), "please report it")
                };
                Ok(Measured::File(fs.read(path).map_err(unreadable)?.to_vec()))
            }
            ResultAt::Devices(count) => {
                let bar = Bar::new("measuring", self.is_quiet);
                let records: afmpeg_engine::Result<Vec<Record>> =
                    bar.during(job, |job| job.measurements(*count)?.map(|it| it.map(record)).collect());
                Ok(Measured::Records(self.unless_interrupted(records)?))
            }
        }
    }

    /// Runs the command of a plan.
    pub(crate) fn write(&self, plan: &Plan, stage: &Stage, scratch: &Scratch) -> Result<Output, Failure> {
        let folders = [stage.folder().clone()];
        let (fonts, font_folders) = system_fonts::beside(&[self.inputs.as_slice(), &folders].concat());
        let fs = self.filesystem(&[fonts.as_slice(), &folders].concat(), scratch)?;
        for (path, text) in &plan.texts {
            fs.write(path, text.clone()).map_err(|error| {
                Failure::filesystem(
                    format!("cannot write {path}: {error}"),
                    "check that the disk is not full",
                )
            })?;
        }
        let job = self.job(&fs, &plan.command, plan.probes.iter().cloned())?.font_folders(font_folders);
        let job = match plan.duration {
            Some(duration) => job.expected_duration(duration),
            None => job,
        };
        self.run(job, "writing")
    }

    /// Returns a filesystem with the folders of the inputs, `more` and the folder in memory.
    fn filesystem(&self, more: &[Folder], scratch: &Scratch) -> Result<Prefix<Mount>, Failure> {
        let folders = [self.inputs.as_slice(), more].concat();
        folders::filesystem_with(&folders, SCRATCH, &scratch.0)
    }

    /// Checks a command, and returns its job. There are no limits: a user runs the command on trusted files.
    fn job(
        &self,
        fs: &Prefix<Mount>,
        command: &Command,
        probes: impl IntoIterator<Item = Option<Probe>>,
    ) -> Result<Job, Failure> {
        let prepared = self.runtime.prepare(fs.clone(), command).probes(probes);
        prepared.check().map_err(refused)?;
        Ok(prepared.job().limits(Limits::none()).cancel_token(&self.cancel))
    }

    fn run(&self, job: Job, step: &'static str) -> Result<Output, Failure> {
        let bar = Bar::new(step, self.is_quiet);
        let result = bar.during(job, Job::run);
        let hint = result.as_ref().err().and_then(hint);
        self.unless_interrupted(result).map_err(|failure| match hint {
            Some(hint) if !self.interrupts.received() => failure.with_hint(hint.to_owned()),
            _ => failure,
        })
    }

    /// Returns the error of an interrupt if one was received, else the result.
    fn unless_interrupted<T>(&self, result: afmpeg_engine::Result<T>) -> Result<T, Failure> {
        if self.interrupts.received() {
            return Err(Failure::interrupted().with_hint("run it again: nothing was written".to_owned()));
        }
        Ok(result?)
    }
}

fn record(it: afmpeg_engine::measurements::Measurement) -> Record {
    Record::new(it.stream, it.frame, it.time.map(|time| time.as_micros()), it.key, it.value)
}

/// Returns a hint where the library's does not fit: it names options of FFmpeg, which `afmpeg make` does not have, and a
/// log, which it does not show.
fn hint(error: &Error) -> Option<&'static str> {
    let Error::Exit(exit) = error else { return None };
    Some(match exit.component().map(|component| component.kind()) {
        Some(ComponentKind::Encoder | ComponentKind::Muxer) => {
            "name an output with another extension with -o, or use a module of the full profile with --module"
        }
        Some(_) => "use a module of the full profile with --module",
        None => {
            "for FFmpeg's log, run the command that `--print` shows, with `afmpeg run` in place of `ffmpeg`"
        }
    })
}

/// Converts the errors of a command that FFmpeg would refuse.
fn refused(error: CheckError) -> Failure {
    match error {
        CheckError::Problems(problems) => {
            let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
            let mut hints: Vec<_> = problems.iter().map(|problem| problem.hint().into_owned()).collect();
            hints.dedup();
            Failure::usage(messages.join("; "), hints.join("; "))
        }
        CheckError::Module(error) => error.into(),
        error => Failure::usage(error.to_string(), "please report it"),
    }
}
