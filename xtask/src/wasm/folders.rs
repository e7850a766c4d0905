use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use crate::{progress, project};

/// The folder of modules, their logs and their build folders.
pub(super) fn folder() -> PathBuf {
    project::target().join("wasm")
}

/// The folder of the data and the C code that modules are built from.
pub(super) fn wasm_build() -> PathBuf {
    project::root().join("wasm-build")
}

/// Waits for other processes that use `folder`, until the returned file is dropped.
pub(super) fn lock(folder: &Path) -> anyhow::Result<File> {
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.with_extension("lock"))?;
    if lock.try_lock().is_err() {
        progress::print(&format!("waiting for another process in {}", folder.display()));
        lock.lock()?;
    }
    Ok(lock)
}
