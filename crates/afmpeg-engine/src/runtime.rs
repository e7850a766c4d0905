use std::{fmt, path::PathBuf, sync::Arc};

use afmpeg_vfs::Vfs;
use wasmer::{Engine, Module, sys::EngineBuilder, sys::Features};

use crate::{
    Error, IntoArgs, Job, Output, Probe, Result, Tool, artifact,
    artifact::ArtifactCache,
    guest::Clock,
    module::{ModuleSource, check_interface},
};

/// A compiled FFmpeg, ready to run jobs.
///
/// Clones share everything and cost nothing; jobs may run on as many threads at once as there is memory for.
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
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) module: Module,
    pub(crate) clock: Clock,
    sha256: String,
}

impl Runtime {
    /// Starts with no module; [`RuntimeBuilder::module`] or [`RuntimeBuilder::module_bytes`] must follow.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder { source: None, cache: CacheChoice::User }
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

    /// Asks `ffprobe` what the file at `path` is: its format, streams and chapters.
    ///
    /// # Errors
    ///
    /// As [`Job::run`], and [`Error::ProbeOutput`](crate::Error::ProbeOutput).
    pub fn probe(&self, fs: impl Vfs, path: &str) -> Result<Probe> {
        let output = self.job(fs).tool(Tool::Ffprobe).args(Probe::arguments(path)).run()?;
        Probe::from_json(output.stdout())
            .map_err(|source| Error::ProbeOutput { path: path.to_owned(), source })
    }

    /// The sha256 of the module, in hexadecimal.
    pub fn module_sha256(&self) -> &str {
        &self.inner.sha256
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
        let module = match cache {
            Some(cache) => cache.load_or_compile(&engine, &source)?,
            None => artifact::compile(&engine, &source)?,
        };
        check_interface(&source.name, &module)?;
        let clock = Clock::start().map_err(|error| Error::Start {
            tool: Tool::Ffmpeg,
            reason: format!("no thread for its timers: {error}"),
        })?;
        Ok(Runtime { inner: Arc::new(Inner { engine, module, clock, sha256: source.sha256 }) })
    }
}

fn new_engine() -> Engine {
    let mut features = Features::default();
    features.threads(true).simd(true).relaxed_simd(true).exceptions(true);
    let mut compiler = wasmer::sys::Cranelift::new();
    compiler.opt_level(wasmer::sys::CraneliftOptLevel::Speed);
    EngineBuilder::new(compiler).set_features(Some(features)).engine().into()
}
