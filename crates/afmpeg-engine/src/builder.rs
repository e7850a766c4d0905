use std::{num::NonZero, path::PathBuf, sync::Arc};

use wasmer::{ExternType, Module};

use crate::{
    ArtifactInfo, Backend, CodeOrigin, Error, Limits, Result, Runtime, Target, Tool, artifact,
    cache::CacheChoice,
    compile_progress::CompileProgress,
    compiler::{self, Code},
    facts::Facts,
    guest::{HostThreads, shared_variables},
    module::{DEFAULT_MODULE_LIMIT, ModuleSource, check_interface},
    runtime::Inner,
    scheduler::Scheduler,
};

/// Makes a [`Runtime`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct RuntimeBuilder {
    source: Option<ModuleSource>,
    artifact: Option<PathBuf>,
    cache: CacheChoice,
    backend: Backend,
    module_limit: u64,
    slots: NonZero<usize>,
    max_waiting: usize,
    progress: CompileProgress,
    limits: Limits,
}

impl RuntimeBuilder {
    pub(crate) fn new() -> Self {
        Self {
            source: None,
            artifact: None,
            cache: CacheChoice::User,
            backend: Backend::default(),
            module_limit: DEFAULT_MODULE_LIMIT,
            slots: available_parallelism(),
            max_waiting: usize::MAX,
            progress: CompileProgress::default(),
            limits: Limits::default(),
        }
    }

    /// The module's file, as it is or packed with gzip or zstd. A manifest beside it (`<file>.json`) is checked.
    ///
    /// A file that did not change since it was last loaded is not read: its place, size and times are compared.
    ///
    /// A module may be any program for WASI with threads that was linked against afmpeg's C files, not FFmpeg alone. One
    /// that throws WebAssembly exceptions by itself, as C++ does, is an [`Error::ModuleFeature`]: they would fill the
    /// host's memory, whatever the [`Limits`] are. `setjmp` and `longjmp` work.
    pub fn module(mut self, path: impl Into<PathBuf>) -> Self {
        self.source = Some(ModuleSource::File(path.into()));
        self
    }

    /// The module itself, as it is or packed with gzip or zstd.
    pub fn module_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.source = Some(ModuleSource::Bytes(bytes.into()));
        self
    }

    /// The module at an `http` or `https` URL, whose file has this sha256, in hexadecimal. It is downloaded once, into
    /// the cache; a download that broke off is gone on with. [`build`](Self::build) fails if it takes longer than ten
    /// minutes. Needs the feature `http`.
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    ///
    /// # fn main() -> afmpeg_engine::Result<()> {
    /// let sha256 = "365d449363ab9efae9588430b69124fb96708fd61b33d20f740c21aad33e0ec5";
    /// let runtime = Runtime::builder().module_url("https://media.example/ffmpeg.wasm.zst", sha256).build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "http")]
    pub fn module_url(self, url: impl Into<String>, sha256: impl Into<String>) -> Self {
        self.module_url_within(url, sha256, crate::module::DEFAULT_DOWNLOAD_TIME)
    }

    /// As [`module_url`](Self::module_url), with the longest time that the download may take.
    #[cfg(feature = "http")]
    pub fn module_url_within(
        mut self,
        url: impl Into<String>,
        sha256: impl Into<String>,
        time: std::time::Duration,
    ) -> Self {
        let (url, sha256) = (url.into(), sha256.into());
        self.source = Some(ModuleSource::Url(crate::module::Remote { url, sha256, time }));
        self
    }

    /// The longest module that is read, downloaded or unpacked, in bytes. Default: 256 MiB.
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    ///
    /// let runtime = Runtime::builder().module("ffmpeg.wasm.gz").module_limit(64 << 20).build()?;
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn module_limit(mut self, bytes: u64) -> Self {
        self.module_limit = bytes;
        self
    }

    /// A module that was compiled before, by [`compile`](Self::compile) or `afmpeg module compile`. Nothing else is
    /// needed; where a module is given too, the artifact must have been compiled from it.
    ///
    /// An artifact is native code: whoever can write it can do in this process what they like, as with a library that
    /// it loads. So the file and its folder must belong to this user or to root, and nobody else may be able to write
    /// to them (on Windows, see to that yourself); take only what came with your program. Its checksum finds damage,
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

    /// Keeps compiled artifacts in `folder`, which nobody else may be able to write to.
    /// Default: `afmpeg/artifacts` in the user's cache folder.
    ///
    /// The folder that is named here must work: [`Error::Cache`] if nothing can be kept in it. The default one need
    /// not: then the module is compiled at each start, with a warning to `tracing`. A folder that cannot be written to
    /// but has the artifact, as in an image, does. What is damaged, or of another version, is compiled again; what
    /// nobody used for 30 days, or for the longest once there are 2 GiB, is removed.
    pub fn cache_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = CacheChoice::Folder(folder.into());
        self
    }

    /// Compiles the module every time: some 10 seconds on two cores.
    pub fn without_cache(mut self) -> Self {
        self.cache = CacheChoice::None;
        self
    }

    /// What compiles the module. Default: the first of [`Backend::available`].
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

    /// How many jobs run at once; more wait, and start in the order in which they came. Default: as many as this
    /// process may use processors. A job that is run inside of another one, by its filesystem or its sinks, runs in the
    /// slot of that one where no other is free. A job whose output is read by an iterator (frames, samples,
    /// measurements) has no slot while it waits for its reader, which may run other jobs meanwhile.
    pub fn slots(mut self, slots: NonZero<usize>) -> Self {
        self.slots = slots;
        self
    }

    /// Calls `progress` while the module is compiled, with the part that is done: 0 at first, 1 at the end, from the
    /// compiler's threads. It is not called where compiled code is found in the cache or in an artifact. The same goes
    /// to `tracing`, with a warning where this program was built without optimisation, so that it takes many minutes
    /// (the README has the lines for `Cargo.toml` that help). Default: `tracing` alone.
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

    /// How many jobs may wait for a slot at once: one more fails at once with [`Error::Busy`], and may be tried again
    /// later. Default: no bound.
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

    /// What jobs may use of the host unless they say otherwise. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Loads the module: maps its compiled artifact, or compiles it the first time. With the compiled code, the cache
    /// keeps the module's [capabilities](Runtime::capabilities), for which the module is run for a moment that once.
    ///
    /// # Errors
    ///
    /// When there is no module, when it is damaged or not one of ours, or when the cache cannot be used.
    pub fn build(self) -> Result<Runtime> {
        let cache = self.cache.open()?;
        let source =
            self.source.map(|source| source.locate(cache.as_ref(), self.module_limit)).transpose()?;
        let (code, name, sha256, manifest, origin) = match (self.artifact, source) {
            (Some(path), source) => {
                let (code, label) = artifact::load_shipped(&path, cache.as_ref())?;
                if let Some(source) = source.filter(|source| source.sha256 != label.module_sha256()) {
                    let made_from = label.module_sha256();
                    let reason =
                        format!("it was compiled from the module {made_from}, not from {}", source.sha256);
                    return Err(Error::Artifact { path, reason });
                }
                let sha256 = label.module_sha256().to_owned();
                (code, path.display().to_string(), sha256, label.into_manifest(), CodeOrigin::Artifact)
            }
            (None, Some(source)) => {
                let compile = || compiler::compile(self.backend, &Target::host(), &source, &self.progress);
                let (code, origin) = match &cache {
                    Some(cache) => cache.load_or_compile(self.backend, &source.sha256, compile)?,
                    None => (compile()?, CodeOrigin::Compiled),
                };
                (code, source.name, source.sha256, source.manifest, origin)
            }
            (None, None) => return Err(Error::NoModule),
        };
        let Code { engine, module } = code;
        check_interface(&name, &module)?;
        let host = HostThreads::start().map_err(|error| Error::Start {
            tool: Tool::Ffmpeg,
            reason: format!("no thread for its timers: {error}"),
        })?;
        let inner = Inner {
            is_ffmpeg: shared_variables::is_ffmpeg(&module),
            initial_memory: initial_memory(&module),
            engine,
            module,
            host,
            facts: Facts::new(&sha256, cache),
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

    /// Compiles the module for `target` and writes the artifact to `out`, which appears whole or not at all: for
    /// [`artifact`](Self::artifact) in a program that ships it, perhaps one without a compiler. The module's manifest
    /// goes with it.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build); [`Error::ArtifactUnwritable`] for `out`.
    ///
    /// ```no_run
    /// use afmpeg_engine::{Runtime, Target};
    ///
    /// let target = Target::new("x86_64-unknown-linux-gnu", Some("x86-64-v3"))?;
    /// Runtime::builder().module("ffmpeg.wasm").compile(&target, "ffmpeg.artifact")?;
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn compile(self, target: &Target, out: impl Into<PathBuf>) -> Result<ArtifactInfo> {
        let out = out.into();
        let source = self.source.ok_or(Error::NoModule)?.locate(None, self.module_limit)?;
        let code = compiler::compile(self.backend, target, &source, &self.progress)?;
        let label = ArtifactInfo::new(&source.sha256, self.backend, target, source.manifest);
        artifact::write_to(&out, &code.module, label)
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
