//! A module with the files beside it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::files::write_atomically;

/// The contents of these files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Package {
    pub(super) wasm: Vec<u8>,
    /// Its manifest, in JSON.
    pub(super) manifest: Vec<u8>,
    /// Its software bill of materials, in CycloneDX's JSON.
    pub(super) sbom: Vec<u8>,
    /// The texts of all its licences.
    pub(super) licences: Vec<u8>,
}

/// The path of the manifest of a module.
pub(super) fn manifest_path(module: &Path) -> PathBuf {
    module.with_extension("wasm.json")
}

/// The path of the software bill of materials of a module.
pub(super) fn sbom_path(module: &Path) -> PathBuf {
    module.with_extension("cdx.json")
}

/// The path of the licences of a module.
fn licences_path(module: &Path) -> PathBuf {
    module.with_extension("licences.txt")
}

impl Package {
    pub(super) fn read(module: &Path) -> io::Result<Self> {
        Ok(Self {
            wasm: fs::read(module)?,
            manifest: fs::read(manifest_path(module))?,
            sbom: fs::read(sbom_path(module))?,
            licences: fs::read(licences_path(module))?,
        })
    }

    /// Writes the module to `module`, and the other files beside it. Each appears only once it is whole.
    pub(super) fn write(&self, module: &Path) -> anyhow::Result<()> {
        // The module comes last: an old one with a new manifest is refused, but a new one without a manifest is not.
        for (path, bytes) in [
            (licences_path(module), &self.licences),
            (sbom_path(module), &self.sbom),
            (manifest_path(module), &self.manifest),
            (module.to_owned(), &self.wasm),
        ] {
            write_atomically(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}
