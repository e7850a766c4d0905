use std::{
    fmt,
    num::NonZero,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use afmpeg_vfs::Vfs;
use wasmer::{
    Engine, ExternType, Module,
    sys::{CompilerConfig as _, EngineBuilder, Features},
};

use crate::{
    Capabilities, Error, IntoArgs, Job, Limits, Output, Probe, ProbeRequest, Result, Tool, artifact,
    artifact::ArtifactCache,
    capabilities,
    guest::{HostThreads, words},
    module::{ModuleSource, check_interface},
    scheduler::Scheduler,
    stop_check::StopCheck,
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
    inner: Arc<Inner>,
    scheduler: Scheduler,
    limits: Limits,
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) module: Module,
    pub(crate) host: HostThreads,
    /// Whether the module is FFmpeg's tools, and not another program.
    pub(crate) is_ffmpeg: bool,
    /// The memory that the module starts with, in bytes.
    pub(crate) initial_memory: u64,
    sha256: String,
    cache: Option<ArtifactCache>,
    capabilities: OnceLock<Capabilities>,
}

impl Runtime {
    /// Starts with no module; [`RuntimeBuilder::module`] or [`RuntimeBuilder::module_bytes`] must follow.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder {
            source: None,
            cache: CacheChoice::User,
            slots: available_parallelism(),
            limits: Limits::default(),
        }
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

    /// What this module has: codecs, formats, filters, and the options of each.
    ///
    /// The module is asked once; after that the answer is in this runtime and in the cache, beside the artifact.
    ///
    /// # Errors
    ///
    /// As [`Job::run`], and [`Error::CapabilitiesOutput`](crate::Error::CapabilitiesOutput).
    pub fn capabilities(&self) -> Result<&Capabilities> {
        if let Some(known) = self.inner.capabilities.get() {
            return Ok(known);
        }
        let read = capabilities::read(self, self.inner.cache.as_ref())?;
        Ok(self.inner.capabilities.get_or_init(|| read))
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
        Self { scheduler: Scheduler::new(slots), ..self.clone() }
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

/// Makes a [`Runtime`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct RuntimeBuilder {
    source: Option<ModuleSource>,
    cache: CacheChoice,
    slots: NonZero<usize>,
    limits: Limits,
}

#[derive(Debug, Clone)]
enum CacheChoice {
    User,
    Folder(PathBuf),
    None,
}

impl RuntimeBuilder {
    /// The module's file. A manifest beside it (`<file>.json`) is checked.
    pub fn module(mut self, path: impl Into<PathBuf>) -> Self {
        self.source = Some(ModuleSource::File(path.into()));
        self
    }

    /// The module itself.
    pub fn module_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.source = Some(ModuleSource::Bytes(bytes.into()));
        self
    }

    /// Keeps compiled artifacts in `folder`, which nobody else may be able to write to.
    /// Default: `afmpeg/artifacts` in the user's cache folder.
    pub fn cache_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = CacheChoice::Folder(folder.into());
        self
    }

    /// Compiles the module every time: some 10 seconds on two cores.
    pub fn without_cache(mut self) -> Self {
        self.cache = CacheChoice::None;
        self
    }

    /// How many jobs run at once; more wait, and start in the order in which they came. Default: as many as this
    /// process may use processors. A job that runs another one inside of its filesystem or its sinks needs a slot for
    /// each.
    pub fn slots(mut self, slots: NonZero<usize>) -> Self {
        self.slots = slots;
        self
    }

    /// What jobs may use of the host unless they say otherwise. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Loads the module: maps its compiled artifact, or compiles it the first time.
    ///
    /// # Errors
    ///
    /// When there is no module, when it is damaged or not one of ours, or when the cache cannot be used.
    pub fn build(self) -> Result<Runtime> {
        let source = self.source.ok_or(Error::NoModule)?.load()?;
        let engine = new_engine();
        let cache = match self.cache {
            CacheChoice::User => ArtifactCache::for_user(),
            CacheChoice::Folder(folder) => Some(ArtifactCache::new(folder)),
            CacheChoice::None => None,
        };
        let module = match &cache {
            Some(cache) => cache.load_or_compile(&engine, &source)?,
            None => artifact::compile(&engine, &source)?,
        };
        check_interface(&source.name, &module)?;
        let host = HostThreads::start().map_err(|error| Error::Start {
            tool: Tool::Ffmpeg,
            reason: format!("no thread for its timers: {error}"),
        })?;
        let inner = Inner {
            is_ffmpeg: words::is_ffmpeg(&module),
            initial_memory: initial_memory(&module),
            engine,
            module,
            host,
            sha256: source.sha256,
            cache,
            capabilities: OnceLock::new(),
        };
        Ok(Runtime { inner: Arc::new(inner), scheduler: Scheduler::new(self.slots), limits: self.limits })
    }
}

fn available_parallelism() -> NonZero<usize> {
    std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

fn initial_memory(module: &Module) -> u64 {
    let memories = module.imports().filter_map(|import| match import.ty() {
        ExternType::Memory(memory) => Some(u64::from(memory.minimum.0) * wasmer::WASM_PAGE_SIZE as u64),
        _ => None,
    });
    memories.sum()
}

fn new_engine() -> Engine {
    let mut features = Features::default();
    features.threads(true).simd(true).relaxed_simd(true).exceptions(true);
    let mut compiler = wasmer::sys::Cranelift::new();
    compiler.opt_level(wasmer::sys::CraneliftOptLevel::Speed);
    compiler.push_middleware(Arc::new(StopCheck::default()));
    EngineBuilder::new(compiler).set_features(Some(features)).engine().into()
}
