//! Finished modules and libraries, kept for other checkouts on the same machine.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::{files::write_atomically, package::Package, sources::hex};
use crate::project;

#[derive(Debug)]
pub(super) struct ModuleCache {
    folder: PathBuf,
}

impl ModuleCache {
    pub(super) fn open() -> anyhow::Result<Self> {
        Ok(Self { folder: open("modules")? })
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.wasm"))
    }

    /// Copies the module with this key to `module`, with the files beside it. Returns false if the cache lacks one of them or
    /// has the module damaged.
    pub(super) fn take(&self, key: &str, module: &Path) -> anyhow::Result<bool> {
        let Ok(cached) = Package::read(&self.path(key)) else {
            return Ok(false);
        };
        let recorded: serde_json::Value = serde_json::from_slice(&cached.manifest).unwrap_or_default();
        if recorded["sha256"] != hex(&Sha256::digest(&cached.wasm)) {
            return Ok(false);
        }
        // An unchanged file keeps its time, so that files derived from it stay fresh.
        if !Package::read(module).is_ok_and(|present| present == cached) {
            cached.write(module)?;
        }
        Ok(true)
    }

    pub(super) fn put(&self, key: &str, package: &Package) -> anyhow::Result<()> {
        package.write(&self.path(key))
    }
}

/// Archives of built libraries, each with its sha256 in a file beside it.
#[derive(Debug)]
pub(super) struct LibraryCache {
    folder: PathBuf,
}

impl LibraryCache {
    pub(super) fn open() -> anyhow::Result<Self> {
        Ok(Self { folder: open("libraries")? })
    }

    fn path(&self, name: &str, key: &str) -> PathBuf {
        self.folder.join(format!("{name}-{key}.tar"))
    }

    /// Returns the archive of a library, or `None` if the cache lacks it or has it damaged.
    pub(super) fn take(&self, name: &str, key: &str) -> Option<Vec<u8>> {
        let path = self.path(name, key);
        let sha256 = fs::read_to_string(sha256_path(&path)).ok()?;
        fs::read(&path).ok().filter(|archive| hex(&Sha256::digest(archive)) == sha256)
    }

    pub(super) fn put(&self, name: &str, key: &str, archive: &[u8]) -> anyhow::Result<()> {
        let path = self.path(name, key);
        write_atomically(&sha256_path(&path), hex(&Sha256::digest(archive)).as_bytes())?;
        write_atomically(&path, archive)
    }
}

/// Returns the folder of ccache's objects.
pub(super) fn objects() -> anyhow::Result<PathBuf> {
    open("objects")
}

fn open(name: &str) -> anyhow::Result<PathBuf> {
    let folder = project::cache()?.join(name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

fn sha256_path(archive: &Path) -> PathBuf {
    archive.with_extension("tar.sha256")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_library_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let cache = LibraryCache { folder: folder.path().to_owned() };
        assert_eq!(cache.take("zlib", "1"), None);
        cache.put("zlib", "1", b"archive").unwrap();
        assert_eq!(cache.take("zlib", "1").unwrap(), b"archive");
        assert_eq!(cache.take("zlib", "2"), None);
        fs::write(cache.path("zlib", "1"), "damaged").unwrap();
        assert_eq!(cache.take("zlib", "1"), None);
    }
}
