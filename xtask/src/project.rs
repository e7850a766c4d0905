//! The folders of the project and of the user.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use etcetera::BaseStrategy as _;

/// Returns the folder of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Returns the folder for outputs.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// Returns the cache folder for sources and finished modules, shared by checkouts. `AFMPEG_CACHE` overrides it.
pub(crate) fn cache() -> anyhow::Result<PathBuf> {
    if let Some(folder) = env::var_os("AFMPEG_CACHE") {
        return Ok(folder.into());
    }
    let base =
        etcetera::choose_base_strategy().context("cannot find the user's cache folder; set AFMPEG_CACHE")?;
    Ok(base.cache_dir().join("afmpeg"))
}
