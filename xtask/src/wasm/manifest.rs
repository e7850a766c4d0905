//! The file beside a module that describes it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{components::Components, keys::Files, lock::Source, toolchain::Origin};

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
