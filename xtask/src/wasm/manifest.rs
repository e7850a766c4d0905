//! The file beside a module that describes it.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;

use super::{components::Components, files::write_atomically, keys::Files, lock::Source, toolchain::Origin};

#[derive(Debug, Serialize)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) variant: String,
    pub(super) profile: String,
    pub(super) ffmpeg: String,
    /// The licence of the module, as FFmpeg's configure script computes it.
    pub(super) licence: String,
    pub(super) sha256: String,
    pub(super) size: Size,
    pub(super) toolchain: Origin,
    pub(super) compile_flags: Vec<String>,
    pub(super) link_flags: Vec<String>,
    /// The options with which each library and FFmpeg were configured.
    pub(super) configure: BTreeMap<String, Vec<String>>,
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) libraries: BTreeMap<String, LibraryFacts>,
    /// The sizes of the parts of the module before debug information is removed, by the linker's map: FFmpeg, each library,
    /// and what every program is linked with.
    pub(super) parts: BTreeMap<String, Size>,
    /// The sha256 of every file of ours that goes into the module, by its path in the repository.
    pub(super) ours: Files,
    pub(super) components: Components,
    pub(super) imports: Vec<String>,
}

/// Facts of a library in the module.
#[derive(Debug, Serialize)]
pub(super) struct LibraryFacts {
    /// Of the archive of its headers, object code and licences.
    pub(super) sha256: String,
    /// The components that FFmpeg has only with it.
    pub(super) provides: Components,
    /// The texts of its licence, as paths in its source.
    pub(super) licence_files: Vec<String>,
}

/// In bytes.
#[derive(Debug, Serialize)]
pub(super) struct Size {
    pub(super) raw: u64,
    /// With `gzip -9`.
    pub(super) gzip: u64,
}

impl Size {
    pub(super) fn of(bytes: &[u8]) -> anyhow::Result<Self> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(bytes)?;
        Ok(Self { raw: bytes.len() as u64, gzip: gzip.finish()?.len() as u64 })
    }
}

/// Writes a module and its manifest. Each appears only once it is whole.
pub(super) fn write_module(module: &Path, wasm: &[u8], manifest: &Manifest) -> anyhow::Result<()> {
    let json = serde_json::to_vec_pretty(manifest)?;
    // The manifest comes first: an old module with a new manifest is refused, but a new module without one is not.
    for (path, bytes) in [(manifest_path(module), json.as_slice()), (module.to_owned(), wasm)] {
        write_atomically(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

pub(super) fn manifest_path(module: &Path) -> PathBuf {
    module.with_extension("wasm.json")
}
