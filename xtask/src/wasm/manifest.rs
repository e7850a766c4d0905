//! What is said of a module in the file beside it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{components::Components, lock::Source, toolchain::Origin};

#[derive(Debug, Serialize)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) variant: String,
    pub(super) profile: String,
    pub(super) ffmpeg: String,
    /// The licence of the whole, as FFmpeg's configure says.
    pub(super) licence: String,
    pub(super) sha256: String,
    pub(super) size: Size,
    pub(super) toolchain: Origin,
    pub(super) compile_flags: Vec<String>,
    pub(super) link_flags: Vec<String>,
    /// How each library, and FFmpeg, was configured.
    pub(super) configure: BTreeMap<String, Vec<String>>,
    pub(super) sources: BTreeMap<String, Source>,
    /// The sha256 of every patch and file of ours that went in, by its path in the repository.
    pub(super) ours: BTreeMap<String, String>,
    pub(super) components: Components,
    pub(super) imports: Vec<String>,
}

/// In bytes.
#[derive(Debug, Serialize)]
pub(super) struct Size {
    pub(super) raw: u64,
    /// With `gzip -9`.
    pub(super) gzip: u64,
}
