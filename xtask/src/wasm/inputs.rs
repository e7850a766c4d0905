use std::path::PathBuf;

use super::{folders::wasm_build, keys::Keys, libraries::Libraries, lock::Lock, toolchain::Toolchain};

/// Everything that a build reads.
pub(super) struct Inputs {
    pub(super) lock: Lock,
    pub(super) toolchain: Toolchain,
    pub(super) libraries: Libraries,
    pub(super) wasm_build: PathBuf,
}

impl Inputs {
    pub(super) fn read() -> anyhow::Result<Self> {
        let wasm_build = wasm_build();
        let lock = Lock::read(&wasm_build.join("versions.lock"))?;
        let libraries = Libraries::read(&wasm_build.join("libraries"), &lock)?;
        let toolchain = Toolchain::find(&lock)?;
        Ok(Self { lock, toolchain, libraries, wasm_build })
    }

    pub(super) fn keys(&self) -> Keys<'_> {
        Keys::new(&self.wasm_build, &self.toolchain.origin, &self.lock, &self.libraries)
    }
}
