//! Compiled modules, kept between processes and mapped instead of compiled again.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use wasmer::{Engine, Module};

use crate::{
    Error, Result,
    module::{ModuleBytes, check_interface},
};

/// Bump when the engine compiles modules differently, so that older artifacts are not taken for new ones.
const ARTIFACT_FORMAT: u32 = 2;

/// The wasmer that makes and reads the artifacts; `Cargo.toml` pins it.
const WASMER: &str = "7.4.2";

/// A folder of compiled modules.
///
/// An artifact is native code that will run in this process, so the folder must belong to this user and nobody
/// else may write to it.
#[derive(Debug, Clone)]
pub(crate) struct ArtifactCache {
    folder: PathBuf,
}

impl ArtifactCache {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The user's own cache folder, if the system has the notion.
    pub(crate) fn for_user() -> Option<Self> {
        use etcetera::BaseStrategy as _;
        let base = etcetera::choose_base_strategy().ok()?;
        Some(Self::new(base.cache_dir().join("afmpeg").join("artifacts")))
    }

    /// Maps the artifact of `source` if it is here, else compiles `source` and keeps the result.
    pub(crate) fn load_or_compile(&self, engine: &Engine, source: &ModuleBytes) -> Result<Module> {
        let cache_error = |source| Error::Cache { path: self.folder.clone(), source };
        create_private_dir(&self.folder).map_err(cache_error)?;

        let artifact = self.folder.join(artifact_name(engine, source));
        // One process compiles, the others wait for it: compiling takes all cores for seconds.
        let lock = File::create(artifact.with_extension("lock")).map_err(cache_error)?;
        lock.lock().map_err(cache_error)?;

        if let Some(module) = map_artifact(engine, &artifact) {
            return Ok(module);
        }
        let module = compile(engine, source)?;
        write_atomically(&module, &self.folder, &artifact).map_err(cache_error)?;
        // The mapped artifact shares its pages with every other process that runs the same module.
        Ok(map_artifact(engine, &artifact).unwrap_or(module))
    }
}

/// What is derived from a module, and kept beside its artifact.
impl ArtifactCache {
    /// A file that [`keep_beside`](Self::keep_beside) wrote, if it is here and the folder can be trusted.
    pub(crate) fn read_beside(&self, name: &str) -> Option<Vec<u8>> {
        create_private_dir(&self.folder).ok()?;
        fs::read(self.folder.join(name)).ok()
    }

    /// Keeps a file under this name, so that nobody ever sees half of it.
    pub(crate) fn keep_beside(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        use io::Write as _;
        create_private_dir(&self.folder)?;
        let mut temporary = tempfile::NamedTempFile::new_in(&self.folder)?;
        temporary.write_all(bytes)?;
        temporary.persist(self.folder.join(name))?;
        Ok(())
    }
}

/// Compiles without keeping anything.
pub(crate) fn compile(engine: &Engine, source: &ModuleBytes) -> Result<Module> {
    let started = std::time::Instant::now();
    let module = Module::new(engine, &source.bytes)
        .map_err(|error| Error::ModuleDamaged { name: source.name.clone(), reason: error.to_string() })?;
    check_interface(&source.name, &module)?;
    tracing::info!(module = source.name, seconds = started.elapsed().as_secs_f64(), "compiled module");
    Ok(module)
}

/// Everything that decides what the compiler's output is and whether this machine can run it.
fn artifact_name(engine: &Engine, source: &ModuleBytes) -> String {
    use wasmer::sys::CpuFeature;
    let features = CpuFeature::for_host().as_u64();
    let wasmer = WASMER;
    let compiler = engine.deterministic_id();
    format!("{}-{wasmer}-{compiler}-{features:x}-{ARTIFACT_FORMAT}.artifact", source.sha256)
}

fn map_artifact(engine: &Engine, path: &Path) -> Option<Module> {
    if !path.exists() {
        return None;
    }
    // SAFETY: the file was written by `write_atomically` into a folder that only this user can write to, which
    // `create_private_dir` has checked, and is never changed in place; wasmer checks its structure on top.
    #[allow(unsafe_code)]
    let loaded = unsafe { Module::deserialize_from_file(engine, path) };
    match loaded {
        Ok(module) => Some(module),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "compiling again: the cached artifact cannot be used");
            None
        }
    }
}

fn write_atomically(module: &Module, folder: &Path, path: &Path) -> io::Result<()> {
    let temporary = tempfile::NamedTempFile::new_in(folder)?;
    module.serialize_to_file(temporary.path()).map_err(io::Error::other)?;
    temporary.persist(path)?;
    Ok(())
}

#[cfg(unix)]
fn create_private_dir(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};

    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let metadata = fs::metadata(folder)?;
    let owner = rustix::process::geteuid().as_raw();
    if metadata.uid() != owner || metadata.mode() & 0o022 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "others can write to it, and an artifact is code that runs here",
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn create_private_dir(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}
