//! The file beside a module that describes it.

use std::{collections::BTreeMap, io::Write as _};

use flate2::{Compression, write::GzEncoder};
use serde::{Deserialize, Serialize};

use super::{components::Components, keys::Files, lock::Source, toolchain::Origin};

#[derive(Debug, Serialize)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) variant: String,
    pub(super) profile: String,
    /// FFmpeg's version and the number of the build.
    pub(super) version: String,
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
    pub(super) description: String,
    /// Of the archive of its headers, object code and licences.
    pub(super) sha256: String,
    /// The libraries that it was built with.
    pub(super) needs: Vec<String>,
    /// The components that FFmpeg has only with it.
    pub(super) provides: Components,
    /// The texts of its licence, as paths in its source.
    pub(super) licence_files: Vec<String>,
}

/// In bytes.
#[derive(Debug, Serialize, Deserialize)]
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

/// A number of bytes in MB, for people to read.
#[allow(clippy::cast_precision_loss, reason = "two decimals are shown")]
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{:.2}", bytes as f64 / 1e6)
}
