use std::{fmt, num::NonZero, sync::Arc};

use afmpeg_vfs::Vfs;
use wasmer::{Engine, Module};

use crate::{
    FrameRequest, IntoArgs, Job, Limits, Manifest, Output, Probe, ProbeRequest, Result, RuntimeBuilder,
    SampleRequest, facts::Facts, guest::HostThreads, scheduler::Scheduler,
};

/// A compiled FFmpeg, ready to run jobs.
///
/// Clones share everything and cost nothing. Jobs may be run from any thread; as many run at once as there are
/// [slots](RuntimeBuilder::slots), and the others wait their turn.
/// Every job gets an instance of its own: nothing leaks from one to the next. Dropping the last clone, and
/// the last [`Job`] made from it, frees the compiled code.
///
/// ```no_run
/// use afmpeg_engine::Runtime;
/// use afmpeg_vfs::{MemFs, VfsExt as _};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let fs = MemFs::new();
/// fs.write("/in.mkv", std::fs::read("in.mkv")?)?;
/// runtime.run(fs.clone(), ["-i", "in.mkv", "-c", "copy", "out.mp4"])?;
/// std::fs::write("out.mp4", fs.read("/out.mp4")?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Runtime {
    pub(crate) inner: Arc<Inner>,
    pub(crate) scheduler: Scheduler,
    pub(crate) limits: Limits,
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) module: Module,
    pub(crate) host: HostThreads,
    /// Whether the module is FFmpeg's tools, and not another program.
    pub(crate) is_ffmpeg: bool,
    /// The memory that the module starts with, in bytes.
    pub(crate) initial_memory: u64,
    pub(crate) sha256: String,
    pub(crate) manifest: Option<Manifest>,
    pub(crate) origin: CodeOrigin,
    pub(crate) facts: Facts,
}

/// Where a runtime's compiled code came from.
///
/// ```no_run
/// use afmpeg_engine::{CodeOrigin, Runtime};
///
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// if runtime.code_origin() == CodeOrigin::Compiled {
///     println!("the next start will be quick");
/// }
/// # Ok::<(), afmpeg_engine::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodeOrigin {
    /// It was compiled just now.
    Compiled,
    /// It was compiled before, here, and kept.
    Cache,
    /// It was compiled elsewhere: [`RuntimeBuilder::artifact`].
    Artifact,
}

impl Runtime {
    /// Starts with no module; [`RuntimeBuilder::module`] or another of its sources must follow.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::new()
    }

    /// A job on `fs`, to be refined and run.
    pub fn job(&self, fs: impl Vfs) -> Job {
        Job::new(self.clone(), Arc::new(fs))
    }

    /// Runs `ffmpeg` with `args` on `fs`, where relative paths start at `/`.
    ///
    /// # Errors
    ///
    /// As [`Job::run`].
    pub fn run(&self, fs: impl Vfs, args: impl IntoArgs) -> Result<Output> {
        self.job(fs).args(["-nostdin", "-hide_banner"]).args(args).run()
    }

    /// Asks `ffprobe` what the file at `path` is: its format, streams, chapters, programs and stream groups.
    ///
    /// # Errors
    ///
    /// As [`ProbeRequest::run`].
    pub fn probe(&self, fs: impl Vfs, path: &str) -> Result<Probe> {
        self.probe_request(fs, path).run()
    }

    /// A question about the file at `path`, to be refined and run: its packets, its frames, how to read it.
    pub fn probe_request(&self, fs: impl Vfs, path: &str) -> ProbeRequest {
        ProbeRequest::new(self.job(fs), path)
    }

    /// A wish for pictures of the video at `path`, to be refined and run: which, how large, in what form.
    pub fn frames(&self, fs: impl Vfs, path: &str) -> FrameRequest {
        FrameRequest::new(self, fs, path)
    }

    /// A wish for the samples of the sound at `path`, to be refined and run: which part, at what rate.
    pub fn samples(&self, fs: impl Vfs, path: &str) -> SampleRequest {
        SampleRequest::new(self, fs, path)
    }

    /// The sha256 of the module, in hexadecimal.
    pub fn module_sha256(&self) -> &str {
        &self.inner.sha256
    }

    /// The same module with `slots` of its own: jobs of the two do not wait for each other. For probes that must not
    /// stand in line behind transcodes, say.
    ///
    /// ```no_run
    /// # use std::num::NonZero;
    /// # use afmpeg_engine::Runtime;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let transcodes = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let probes = transcodes.with_slots(NonZero::new(2).unwrap());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_slots(&self, slots: NonZero<usize>) -> Self {
        Self { scheduler: self.scheduler.another(slots), ..self.clone() }
    }

    /// How many jobs run at once.
    pub fn slots(&self) -> NonZero<usize> {
        self.scheduler.slots()
    }

    /// What jobs may use of the host unless they say otherwise.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// What is said of the module in the file beside it, or in the artifact. None if nothing is.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.inner.manifest.as_ref()
    }

    /// Where the compiled code came from.
    pub fn code_origin(&self) -> CodeOrigin {
        self.inner.origin
    }

    /// Ends this handle. The compiled code is freed with the last clone and the last running job.
    pub fn close(self) {}

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("module", &self.inner.sha256).finish_non_exhaustive()
    }
}
