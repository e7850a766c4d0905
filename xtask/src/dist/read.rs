//! The descriptions that a release and its modules have.

use std::{fs, path::Path};

use afmpeg_types::release::{INDEX, ReleaseIndex};
use anyhow::Context as _;
use serde_json::Value;

use crate::failure::Failure;

/// Reads the index of a release.
pub(super) fn index(folder: &Path) -> anyhow::Result<ReleaseIndex> {
    let path = folder.join(INDEX);
    let text = fs::read(&path).map_err(|error| {
        Failure::new(format!("cannot read {}: {error}", path.display()), "run `cargo xtask dist` first")
    })?;
    serde_json::from_slice(&text).with_context(|| format!("cannot use {}", path.display()))
}

/// Reads the manifest of a module.
pub(super) fn manifest(module: &Path) -> anyhow::Result<Value> {
    let path = module.with_extension("wasm.json");
    serde_json::from_slice(&fs::read(&path)?).with_context(|| format!("cannot read {}", path.display()))
}
