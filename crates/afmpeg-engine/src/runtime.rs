use std::{fmt, num::NonZero, sync::Arc, time::Duration};

use wasmer::{Engine, Module};

use crate::{
    cancel::CancelToken,
    error::{Error, Result},
    facts::Facts,
    function_names::FunctionNames,
    host_threads::{HostThreads, Spawner},
    limits::Limits,
    memory_image::MemoryImage,
    module::Manifest,
    running::{RunningJob, RunningJobs},
    scheduler::Scheduler,
    tool::Tool,
};

/// A compiled FFmpeg, ready to run jobs.
///
/// Clones are cheap and share everything. Jobs may be run from any thread: as many run at once as there are
/// [slots](crate::RuntimeBuilder::slots), and the others wait. Every job has a new instance of the module, so that nothing
/// leaks from one to the next. The compiled code is freed with the last clone and the last [`Job`](crate::Job).
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

/// How long a shutdown waits for cancelled jobs. A job that is blocked in its filesystem fails after ten seconds.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(15);

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) module: Module,
    /// The data that a job's memory begins with.
    pub(crate) image: Option<MemoryImage>,
    pub(crate) names: FunctionNames,
    pub(crate) host: HostThreads,
    pub(crate) running: RunningJobs,
    /// Whether the module has FFmpeg's tools, and is not another program.
    pub(crate) is_ffmpeg: bool,
    /// The initial memory of the module, in bytes.
    pub(crate) initial_memory: u64,
    pub(crate) sha256: String,
    pub(crate) manifest: Option<Manifest>,
    pub(crate) origin: CodeOrigin,
    pub(crate) facts: Facts,
}

impl Inner {
    /// Returns a spawner of threads and timers.
    ///
    /// # Errors
    ///
    /// [`Error::ShutDown`] of `tool` after a shutdown.
    pub(crate) fn spawner(&self, tool: Tool) -> Result<Spawner> {
        self.host.spawner().ok_or(Error::ShutDown { tool })
    }

    /// Lets a shutdown wait for a job of `tool`, and cancel it through `token`.
    ///
    /// # Errors
    ///
    /// As [`spawner`](Self::spawner).
    pub(crate) fn register(&self, tool: Tool, token: &CancelToken) -> Result<RunningJob> {
        self.running.add(token).ok_or(Error::ShutDown { tool })
    }
}

/// The origin of the compiled code of a runtime.
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
    /// The runtime compiled it.
    Compiled,
    /// It was compiled earlier on this machine, and kept in the cache.
    Cache,
    /// It was loaded from an artifact: see [`RuntimeBuilder::artifact`](crate::RuntimeBuilder::artifact).
    Artifact,
}

impl Runtime {
    /// Returns the sha256 of the module, in hexadecimal.
    pub fn module_sha256(&self) -> &str {
        &self.inner.sha256
    }

    /// Returns a runtime of the same module with separate `slots`: the jobs of the two runtimes do not wait for each
    /// other. Probes, for example, do not wait for transcodes.
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

    /// Returns the maximum number of jobs that run at once.
    pub fn slots(&self) -> NonZero<usize> {
        self.scheduler.slots()
    }

    /// Returns the default limits of jobs.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// Returns the manifest of the module, from the file beside it or from the artifact, if there is one.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.inner.manifest.as_ref()
    }

    /// Returns the origin of the compiled code.
    pub fn code_origin(&self) -> CodeOrigin {
        self.inner.origin
    }

    /// Shuts the runtime down, with all of its clones, including the runtimes from [`with_slots`](Self::with_slots),
    /// and returns the number of jobs that had to be cancelled.
    ///
    /// New jobs are refused with [`Error::ShutDown`](crate::Error::ShutDown). Jobs that run or wait for a slot are cancelled
    /// if they do not end within `timeout`. When this returns, all threads of the runtime have ended, except those that
    /// are still blocked in a job's filesystem, reader or sink. It returns at most 16 seconds after `timeout`.
    ///
    /// It blocks: call it from a blocking task in async code, and not from inside a job.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use afmpeg_engine::Runtime;
    ///
    /// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// // After the server has stopped accepting requests:
    /// let cancelled = runtime.shutdown(Duration::from_secs(20));
    /// println!("{cancelled} jobs were cancelled");
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn shutdown(&self, timeout: Duration) -> usize {
        let running = &self.inner.running;
        running.close();
        let cancelled = if running.wait(timeout) { 0 } else { running.cancel() };
        running.wait(SHUTDOWN_GRACE);
        self.inner.host.shutdown();
        cancelled
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn shared_inner(&self) -> Arc<Inner> {
        Arc::clone(&self.inner)
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("module", &self.inner.sha256).finish_non_exhaustive()
    }
}
