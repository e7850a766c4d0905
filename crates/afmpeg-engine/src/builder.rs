#[cfg(feature = "http")]
use std::time::Duration;
use std::{num::NonZero, path::PathBuf, sync::Arc};

use tokio::sync::oneshot;
use wasmer::{ExternType, Module};

#[cfg(feature = "http")]
use crate::module::{DEFAULT_DOWNLOAD_TIMEOUT, Remote};
use crate::{
    artifact::{self, ArtifactInfo},
    code::{Backend, Code},
    compile_progress::CompileProgress,
    compiled, compiler,
    error::{Error, Result},
    facts::Facts,
    find::find_module,
    guest::shared_variables,
    host_threads::HostThreads,
    limits::Limits,
    module::{DEFAULT_MODULE_LIMIT, Located, ModuleSource, check_interface},
    release::{Obtained, Release},
    release_error::ReleaseError,
    running::RunningJobs,
    runtime::{CodeOrigin, Inner, Runtime},
    scheduler::Scheduler,
    store::{CacheChoice, Store},
    symbols::Symbols,
    target::Target,
    tool::Tool,
};

impl Runtime {
    /// Returns a builder. It needs a module, from [`RuntimeBuilder::module`] or another of its sources.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::new()
    }
}

/// Builds a [`Runtime`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct RuntimeBuilder {
    source: Option<ModuleSource>,
    artifact: Option<PathBuf>,
    release: Option<Release>,
    cache: CacheChoice,
    backend: Backend,
    max_module_bytes: u64,
    slots: NonZero<usize>,
    max_waiting: usize,
    progress: CompileProgress,
    limits: Limits,
    symbols: Symbols,
}

impl RuntimeBuilder {
    pub(crate) fn new() -> Self {
        Self {
            source: None,
            artifact: None,
            release: None,
            cache: CacheChoice::User,
            backend: Backend::default(),
            max_module_bytes: DEFAULT_MODULE_LIMIT,
            slots: available_parallelism(),
            max_waiting: usize::MAX,
            progress: CompileProgress::default(),
            limits: Limits::default(),
            symbols: Symbols::Removed,
        }
    }

    /// Loads the module from a file, plain or packed with gzip or zstd. If there is a manifest beside it
    /// (`<file>.json`), the module is checked against it.
    ///
    /// With a cache, a file that has not changed since it was last loaded is not read again: its inode, size and times
    /// are compared.
    ///
    /// A module need not be FFmpeg: any WASI program with threads works if it is linked with the C files in
    /// `wasm-build/compat`, and C++ with the library in `wasm-build/libraries/libcxx`. A module that throws WebAssembly
    /// exceptions itself, as C++ does with another library, is refused with [`Error::ModuleFeature`]: the exceptions
    /// would fill the host's memory regardless of the [`Limits`]. `setjmp`, `longjmp` and exceptions in C++ work.
    pub fn module(mut self, path: impl Into<PathBuf>) -> Self {
        self.source = Some(ModuleSource::File(path.into()));
        self
    }

    /// Loads the module, or the [artifact](Self::artifact), that [`find_module`] finds. If there is none,
    /// [`build`](Self::build) fails with [`Error::NoModule`].
    ///
    /// ```no_run
    /// let runtime = afmpeg_engine::Runtime::builder().find_module().build()?;
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn find_module(self) -> Self {
        match find_module() {
            Some(path) if ArtifactInfo::read(&path).is_ok() => self.artifact(path),
            Some(path) => self.module(path),
            None => self,
        }
    }

    /// Loads the module from its bytes, plain or packed with gzip or zstd.
    pub fn module_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.source = Some(ModuleSource::Bytes(bytes.into()));
        self
    }

    /// Downloads the module from an `http` or `https` URL. `sha256` is the hash of the file there, in hexadecimal.
    /// With a cache, the file is downloaded once, and an interrupted download is resumed; without one, every build
    /// downloads it. [`build`](Self::build) fails if the download takes longer than the
    /// [`download_timeout`](Self::download_timeout). Needs the feature `http`.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use afmpeg_engine::Runtime;
    ///
    /// # fn main() -> afmpeg_engine::Result<()> {
    /// let sha256 = "365d449363ab9efae9588430b69124fb96708fd61b33d20f740c21aad33e0ec5";
    /// let runtime = Runtime::builder()
    ///     .module_url("https://media.example/ffmpeg.wasm.zst", sha256)
    ///     .download_timeout(Duration::from_secs(60))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "http")]
    pub fn module_url(mut self, url: impl Into<String>, sha256: impl Into<String>) -> Self {
        let (url, sha256) = (url.into(), sha256.into());
        self.source = Some(ModuleSource::Url(Remote { url, sha256, timeout: DEFAULT_DOWNLOAD_TIMEOUT }));
        self
    }

    /// Sets the longest time that the download of [`module_url`](Self::module_url) may take. Call it after
    /// `module_url`: without a URL it has no effect. Default: ten minutes.
    #[cfg(feature = "http")]
    pub fn download_timeout(mut self, timeout: Duration) -> Self {
        if let Some(ModuleSource::Url(remote)) = &mut self.source {
            remote.timeout = timeout;
        }
        self
    }

    /// Loads the chosen module of a [`Release`]: its compiled code if the release has some for this program on this
    /// machine, so that nothing is compiled, else the module. Without a compiler, compiled code is required. The files
    /// are read once, and kept in the cache; without a cache, [`build`](Self::build) fails. If the release cannot be
    /// reached, the index that was used last is used again. A module, bytes, URL or artifact that the builder has too is
    /// not used.
    ///
    /// ```no_run
    /// use afmpeg_engine::{Release, Runtime};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse()?;
    /// let release = Release::at_url("https://media.example/afmpeg", key).variant("lgpl");
    /// let runtime = Runtime::builder().release(release).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn release(mut self, release: Release) -> Self {
        self.release = Some(release);
        self
    }

    /// Limits the length of the module in bytes, both packed and unpacked. Default: 256 MiB.
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    ///
    /// let runtime = Runtime::builder().module("ffmpeg.wasm.gz").max_module_bytes(64 << 20).build()?;
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn max_module_bytes(mut self, bytes: u64) -> Self {
        self.max_module_bytes = bytes;
        self
    }

    /// Loads an artifact: a module compiled by [`compile`](Self::compile) or `afmpeg module compile`. No module is
    /// needed; if one is given too, the artifact must have been compiled from it.
    ///
    /// An artifact is native code: anyone who can write the file can execute code in this process, as with a shared
    /// library that the process loads. So the file and its folder must belong to this user or to root, and must not
    /// be writable by other users. Load only an artifact that came with your program. Its checksum detects damage,
    /// not malice.
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    ///
    /// let runtime = Runtime::builder().artifact("ffmpeg.artifact").build()?;
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn artifact(mut self, path: impl Into<PathBuf>) -> Self {
        self.artifact = Some(path.into());
        self
    }

    /// Keeps compiled artifacts in `folder`, which must not be writable by other users. Default: `afmpeg/artifacts` in
    /// the user's cache folder.
    ///
    /// If `folder` cannot be used, [`build`](Self::build) fails with [`Error::Cache`]. If the default folder cannot be
    /// used, the module is compiled at each start, with a `tracing` warning. A read-only folder works if it has the
    /// artifact, as in a container image. Damaged artifacts and those of other versions are compiled again. Entries
    /// that are unused for 30 days are removed, and the least recently used ones beyond 2 GiB.
    pub fn cache_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = CacheChoice::Folder(folder.into());
        self
    }

    /// Compiles the module every time: some 30 seconds for a full one on two cores, and 10 for a lean one.
    pub fn without_cache(mut self) -> Self {
        self.cache = CacheChoice::None;
        self
    }

    /// Sets the compiler of the module. Default: the first of [`Backend::available`].
    ///
    /// ```no_run
    /// use afmpeg_engine::{Backend, Runtime};
    ///
    /// let runtime = Runtime::builder().module("ffmpeg.wasm").backend(Backend::Llvm).build()?;
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Sets the maximum number of jobs that run at once. Further jobs wait in a queue: first come, first served.
    /// Default: the number of processors that this process may use.
    ///
    /// A job that is started by a callback of another job, such as its filesystem or a sink, shares that job's slot
    /// if no slot is free. A job whose output an iterator reads (frames, samples, measurements) gives up its slot
    /// while it waits for its reader, so that the reader can run other jobs.
    pub fn slots(mut self, slots: NonZero<usize>) -> Self {
        self.slots = slots;
        self
    }

    /// Calls `progress`, on the compiler's threads, with the completed fraction, from 0 to 1, while the module is
    /// compiled. It is not called if the compiled code comes from the cache or an artifact. The fraction is also an
    /// event of `tracing`. If this program was built without optimisation, there is also a warning, since compiling
    /// then takes many minutes (the README has the lines for `Cargo.toml` that help). Default: `tracing` alone.
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    ///
    /// let builder = Runtime::builder().module("ffmpeg.wasm");
    /// let runtime = builder.compile_progress(|part| println!("{:.0} %", part * 100.0)).build()?;
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn compile_progress(mut self, progress: impl Fn(f64) + Send + Sync + 'static) -> Self {
        self.progress = CompileProgress::new(progress);
        self
    }

    /// Limits the number of jobs that wait for a slot. A further job fails immediately with [`Error::Busy`]: try it
    /// again later. Default: unlimited.
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    ///
    /// let runtime = Runtime::builder().module("ffmpeg.wasm").max_waiting(100).build()?;
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn max_waiting(mut self, jobs: usize) -> Self {
        self.max_waiting = jobs;
        self
    }

    /// Sets the default [limits](crate::Job::limits) of jobs. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Loads the module: maps its compiled artifact, or compiles it the first time. The cache also keeps the module's
    /// [capabilities](Runtime::capabilities) and its tools' options. If the cache lacks them, the module runs briefly
    /// to read them. It does not with an artifact or without a cache.
    ///
    /// # Errors
    ///
    /// [`Error::NoModule`] without a source; others if the module is missing, damaged, or not built for afmpeg, or if
    /// the cache cannot be used.
    pub fn build(mut self) -> Result<Runtime> {
        let store = std::mem::replace(&mut self.cache, CacheChoice::None).open()?;
        let source = self.locate(store.as_ref())?;
        let (code, name, sha256, manifest, origin) = match (&self.artifact, source) {
            (Some(path), source) => {
                let (code, label) = artifact::load_shipped(path, store.as_ref())?;
                let sha256 = label.module_sha256().to_owned();
                if let Some(source) = source.filter(|source| source.sha256 != sha256) {
                    let reason =
                        format!("it was compiled from the module {sha256}, not from {}", source.sha256);
                    return Err(Error::Artifact { path: path.clone(), reason });
                }
                (code, path.display().to_string(), sha256, label.into_manifest(), CodeOrigin::Artifact)
            }
            (None, Some(source)) => {
                let compile = || self.compile_module(&Target::host(), &source);
                let (code, origin) = match &store {
                    Some(store) => compiled::load_or_compile(store, self.backend, &source.sha256, compile)?,
                    None => (compile()?, CodeOrigin::Compiled),
                };
                (code, source.name, source.sha256, source.manifest, origin)
            }
            (None, None) => return Err(Error::NoModule),
        };
        let Code { engine, module, image, names } = code;
        check_interface(&name, &module)?;
        let host = HostThreads::start().map_err(|error| Error::Start {
            tool: Tool::Ffmpeg,
            reason: format!("cannot start the thread of its timers: {error}"),
        })?;
        let inner = Inner {
            is_ffmpeg: shared_variables::is_ffmpeg(&module),
            initial_memory: initial_memory(&module),
            engine,
            module,
            image,
            names,
            host,
            running: RunningJobs::default(),
            facts: Facts::new(&sha256, store),
            sha256,
            manifest,
            origin,
        };
        let runtime = Runtime {
            inner: Arc::new(inner),
            scheduler: Scheduler::new(self.slots).max_waiting(self.max_waiting),
            limits: self.limits,
        };
        // An artifact is for a quick start, and a cache that cannot be written would be tried at each.
        if runtime.code_origin() != CodeOrigin::Artifact {
            runtime.keep_facts();
        }
        Ok(runtime)
    }

    /// The async version of [`build`](Self::build), for any executor: it runs on a separate thread. If the future is
    /// dropped, the thread still completes the build, and its result is in the cache.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub async fn build_async(self) -> Result<Runtime> {
        let (sender, receiver) = oneshot::channel();
        let failed = |reason: String| Error::Start { tool: Tool::Ffmpeg, reason };
        std::thread::Builder::new()
            .name("afmpeg-build".to_owned())
            .spawn(move || drop(sender.send(self.build())))
            .map_err(|error| failed(format!("cannot start a thread to build the runtime: {error}")))?;
        receiver
            .await
            .unwrap_or_else(|_| Err(failed("the thread that builds the runtime panicked".to_owned())))
    }

    /// Keeps the symbols of functions and wasmer's debug information in the artifact that [`compile`](Self::compile)
    /// writes, for a profiler such as perf, which shows the module's functions as `f0`, `f1` and so on. The artifact is a
    /// quarter larger, and takes longer to load. Default: they are removed.
    ///
    /// ```no_run
    /// use afmpeg_engine::{Runtime, Target};
    ///
    /// Runtime::builder().module("ffmpeg.wasm").keep_symbols().compile(&Target::host(), "profiled.artifact")?;
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn keep_symbols(mut self) -> Self {
        self.symbols = Symbols::Kept;
        self
    }

    /// Compiles the module for `target` and writes the artifact to `out`, which appears complete or not at all. A
    /// program that ships the artifact loads it with [`artifact`](Self::artifact), and needs no compiler. The artifact
    /// contains the manifest of the module.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build), and [`Error::ArtifactUnwritable`] if `out` cannot be written.
    ///
    /// ```no_run
    /// use afmpeg_engine::{Runtime, Target};
    ///
    /// let target = Target::new("x86_64-unknown-linux-gnu", Some("x86-64-v3"))?;
    /// Runtime::builder().module("ffmpeg.wasm").compile(&target, "ffmpeg.artifact")?;
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn compile(mut self, target: &Target, out: impl Into<PathBuf>) -> Result<ArtifactInfo> {
        let out = out.into();
        let source = self.source.take().ok_or(Error::NoModule)?.locate(None, self.max_module_bytes)?;
        let code = self.compile_module(target, &source)?;
        let label = ArtifactInfo::new(&source.sha256, self.backend, target, source.manifest);
        artifact::write_to(&out, &code, self.symbols, label)
    }

    /// Finds the module, or the artifact if a release has one for this machine.
    fn locate(&mut self, store: Option<&Store>) -> Result<Option<Located>> {
        let Some(release) = self.release.take() else {
            let source = self.source.take();
            return source.map(|source| source.locate(store, self.max_module_bytes)).transpose();
        };
        let store = store.ok_or(ReleaseError::NoCache)?;
        match release.obtain(store, self.backend, self.max_module_bytes)? {
            Obtained::Artifact(path) => {
                self.artifact = Some(path);
                Ok(None)
            }
            Obtained::Module(module) => {
                self.artifact = None;
                Ok(Some(module))
            }
        }
    }

    /// Compiles a module between the checks of what it may import and must export.
    fn compile_module(&self, target: &Target, source: &Located) -> Result<Code> {
        let bytes = source.read()?;
        #[cfg(any(feature = "cranelift", feature = "llvm"))]
        {
            crate::module::check_imports(&source.name, &bytes)?;
            crate::exceptions::check_exceptions(&source.name, &bytes)?;
        }
        let code = compiler::compile(self.backend, target, &source.name, &bytes, &self.progress)?;
        check_interface(&source.name, &code.module)?;
        Ok(code)
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
