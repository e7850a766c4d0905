//! Finished modules, kept for other checkouts on the same machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::{
    ModuleName, manifest::Manifest, manifest_path, sources, sources::hex, toolchain::Toolchain, wasm_build,
    write_module,
};
use crate::project;

/// The files of this program that decide what comes out, beside all of `wasm-build/`.
const RECIPE: &[&str] = &[
    include_str!("recipe.rs"),
    include_str!("libraries.rs"),
    include_str!("toolchain.rs"),
    include_str!("components.rs"),
];

#[derive(Debug)]
pub(super) struct ModuleCache {
    folder: PathBuf,
}

impl ModuleCache {
    pub(super) fn open() -> anyhow::Result<Self> {
        let folder = project::cache()?.join("modules");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder })
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.wasm"))
    }

    /// Puts the module with this key at `module`, if it is here and whole.
    pub(super) fn take(&self, key: &str, module: &Path) -> anyhow::Result<bool> {
        let cached = self.path(key);
        let (Ok(wasm), Ok(manifest)) = (fs::read(&cached), fs::read(manifest_path(&cached))) else {
            return Ok(false);
        };
        let sha256 = hex(&Sha256::digest(&wasm));
        let said: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
        if said["sha256"] != sha256 {
            return Ok(false);
        }
        // An unchanged file keeps its time, and what was derived from it stays fresh.
        if fs::read(module).is_ok_and(|there| there == wasm) && manifest_path(module).exists() {
            return Ok(true);
        }
        super::write_atomically(&manifest_path(module), &manifest)?;
        super::write_atomically(module, &wasm)?;
        Ok(true)
    }

    pub(super) fn put(&self, key: &str, wasm: &[u8], manifest: &Manifest) -> anyhow::Result<()> {
        write_module(&self.path(key), wasm, manifest)
    }
}

/// A hash of everything that goes into a module.
pub(super) fn key(name: ModuleName, toolchain: &Toolchain) -> anyhow::Result<String> {
    let mut hasher = Sha256::new();
    hasher.update(name.to_string());
    hasher.update(serde_json::to_vec(&toolchain.origin)?);
    for text in RECIPE {
        hasher.update(text);
    }
    for file in files_below(&wasm_build())? {
        // Guests, the test suite, the audit's explanations and documents go into no module.
        let path = file.strip_prefix(wasm_build())?.to_string_lossy().into_owned();
        let is_of_none = ["guests", "fate", "indirect-calls.toml"].iter().any(|name| path.starts_with(name));
        if !is_of_none && !path.ends_with(".md") {
            hasher.update(path);
            hasher.update(sources::sha256_of_file(&file)?);
        }
    }
    Ok(hex(&hasher.finalize()))
}

/// All files below a folder, in order; a symbolic link is one.
pub(super) fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}
