//! A private folder for results that are costly to make: compiled modules, downloaded modules, hashes of files.

mod atomic;
mod choice;
mod memo;
mod private;
mod prune;
mod sealed;
mod stamp;

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

pub(crate) use atomic::{persist, sync_folder_of};
pub(crate) use choice::CacheChoice;
pub(crate) use private::check_private;
pub(crate) use stamp::Stamp;

use crate::error::{Error, Result};

/// A folder that this user and root alone can write to: an artifact in it is native code that runs in this process.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    /// Whether a result that cannot be kept is an error, since the caller chose the folder.
    must_keep: bool,
}

impl Store {
    pub(crate) fn open(folder: PathBuf, must_keep: bool) -> Result<Self> {
        match private::create_folder(&folder) {
            Ok(()) => Ok(Self { folder, must_keep }),
            Err(source) => Err(Error::Cache { path: folder, source }),
        }
    }

    /// The path of the file with this name.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn error(&self, source: io::Error) -> Error {
        Error::Cache { path: self.folder.clone(), source }
    }

    /// Returns the error if the caller chose the folder. Otherwise logs it, with its consequence.
    pub(crate) fn report(&self, error: io::Error, consequence: &str) -> Result<()> {
        if self.must_keep {
            return Err(self.error(error));
        }
        tracing::warn!(folder = %self.folder.display(), %error, "{consequence}");
        Ok(())
    }

    /// Reads the file with this name, if it exists.
    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.folder.join(name)).ok()
    }

    /// Whether a file with this name exists.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// Whether a file can be created here. The store of a container image is often read-only.
    pub(crate) fn is_writable(&self) -> bool {
        tempfile::NamedTempFile::new_in(&self.folder).is_ok()
    }

    /// Keeps `bytes` under this name.
    pub(crate) fn keep(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(&self.folder.join(name), |file| file.write_all(bytes))
    }

    /// Locks `path` against other processes until the returned file is dropped.
    pub(crate) fn lock(&self, path: &Path) -> io::Result<File> {
        let lock = File::create(path.with_extension("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    /// Writes a file that appears at `path` complete, and once it is on the disk.
    pub(crate) fn write(
        &self,
        path: &Path,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut temporary = tempfile::NamedTempFile::new_in(&self.folder)?;
        write(temporary.as_file_mut())?;
        persist(temporary, path)
    }

    /// Removes entries that are old, or too many, except the one at `keep`.
    pub(crate) fn prune(&self, keep: &Path) {
        prune::prune(&self.folder, keep);
    }
}
