use std::path::PathBuf;

use crate::project;

/// The folder of modules, their logs and their build folders.
pub(super) fn folder() -> PathBuf {
    project::target().join("wasm")
}

/// The folder of the data and the C code that modules are built from.
pub(super) fn wasm_build() -> PathBuf {
    project::root().join("wasm-build")
}
