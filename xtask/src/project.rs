//! The folders of the project and of its user.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use etcetera::BaseStrategy as _;

/// The folder of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where the project's outputs go that are not cargo's.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// What is worth keeping between checkouts: sources and finished modules. `AFMPEG_CACHE` moves it.
pub(crate) fn cache() -> anyhow::Result<PathBuf> {
    if let Some(folder) = env::var_os("AFMPEG_CACHE") {
        return Ok(folder.into());
    }
    let base =
        etcetera::choose_base_strategy().context("cannot tell the user's cache folder; set AFMPEG_CACHE")?;
    Ok(base.cache_dir().join("afmpeg"))
}
