//! The compiled code of a module: from the store, or compiled and kept there.

use std::{io, path::PathBuf};

use crate::{
    artifact::{self, ArtifactInfo, LoadError},
    code::{Backend, CODEGEN_VERSION, Code},
    error::Result,
    runtime::CodeOrigin,
    store::Store,
    symbols::Symbols,
    target::Target,
};

/// Loads the compiled module. If it is not in the store, waits until no other process compiles the same, then loads the
/// result of that process, or calls `compile` and keeps its result.
pub(crate) fn load_or_compile(
    store: &Store,
    backend: Backend,
    sha256: &str,
    compile: impl FnOnce() -> Result<Code>,
) -> Result<(Code, CodeOrigin)> {
    if let Some(code) = load(store, backend, sha256) {
        return Ok((code, CodeOrigin::Cache));
    }
    let path = artifact_path(store, backend, sha256);
    // Compiling takes all cores for seconds, or minutes.
    let _lock = match store.lock(&path) {
        Ok(lock) => Some(lock),
        Err(error) => {
            store.report(error, "cannot lock the cache: the next start compiles again")?;
            return Ok((compile()?, CodeOrigin::Compiled));
        }
    };
    if let Some(code) = load(store, backend, sha256) {
        return Ok((code, CodeOrigin::Cache));
    }
    let code = compile()?;
    let label = ArtifactInfo::new(sha256, backend, &Target::host(), None);
    match store.write(&path, |file| artifact::write(file, &code, Symbols::Removed, label).map(drop)) {
        Ok(()) => store.prune(&path),
        Err(error) => store.report(error, "cannot write to the cache: the next start compiles again")?,
    }
    // The mapped artifact shares its pages with every other process that runs the same module.
    Ok((load(store, backend, sha256).unwrap_or(code), CodeOrigin::Compiled))
}

/// The compiled module, if the store has a sound one. It needs no lock: entries appear complete.
fn load(store: &Store, backend: Backend, sha256: &str) -> Option<Code> {
    let path = artifact_path(store, backend, sha256);
    let again = |reason: &dyn std::fmt::Display| {
        tracing::warn!(path = %path.display(), %reason, "compiling again: the cached artifact cannot be used");
    };
    let artifact = match artifact::File::open(&path) {
        Ok(artifact) => artifact,
        Err(LoadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            again(&error);
            return None;
        }
    };
    let code = artifact
        .label()
        .check_origin(sha256, backend)
        .and_then(|()| artifact.label().check_machine(&Target::host()))
        .and_then(|()| store.once(&path, artifact.stamp(), || artifact.verify()))
        .and_then(|()| artifact.load());
    match code {
        Ok(code) => {
            store.record_use(&path);
            Some(code)
        }
        Err(error) => {
            again(&error);
            None
        }
    }
}

/// A name of everything that decides the output of the compiler, and whether this machine can run it.
fn artifact_path(store: &Store, backend: Backend, sha256: &str) -> PathBuf {
    let (wasmer, cpu) = (wasmer_types::VERSION, Target::host().cpu_bits());
    store.path(&format!("{sha256}-{wasmer}-{backend}-{CODEGEN_VERSION}-{cpu:x}.artifact"))
}
