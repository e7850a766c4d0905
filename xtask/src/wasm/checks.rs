//! The programs with which libraries check their own SIMD code, compiled to WebAssembly.

use std::{fs, path::PathBuf};

use super::{
    cache::LibraryCache,
    files::files_below,
    folders,
    inputs::Inputs,
    libraries::{CHECKS, Installer, Library},
    module_name::ModuleName,
    workspace::Workspace,
};
use crate::progress::Progress;

/// Takes the programs from the cache of libraries, or builds these libraries; returns their paths.
pub(crate) fn programs() -> anyhow::Result<Vec<PathBuf>> {
    let inputs = Inputs::read()?;
    let keys = inputs.keys();
    let has_checks = |library: &Library| library.recipe.installs_in(CHECKS);
    let libraries = inputs.libraries.chosen_of(ModuleName::FULL_GPL, has_checks)?;

    let cache = LibraryCache::open()?;
    let folder = folders::folder();
    let (build, logs) = (folder.join("build").join(CHECKS), folder.join("logs").join(CHECKS));
    let workspace = Workspace::new(&build, &logs, &inputs.lock, &inputs.toolchain);
    let progress = Progress::new(CHECKS, libraries.len() + 1);
    progress.step("toolchain", || workspace.install_toolchain())?;
    let installer = Installer { keys: &keys, cache: Some(&cache), progress: &progress };
    installer.install(libraries, workspace, |_| workspace)?;

    let programs = folder.join(CHECKS);
    if programs.exists() {
        fs::remove_dir_all(&programs)?;
    }
    fs::rename(workspace.prefix().join(CHECKS), &programs)?;
    fs::remove_dir_all(&build)?;
    Ok(files_below(&programs)?)
}
