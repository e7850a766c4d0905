//! The folder or the URL of a release.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use afmpeg_types::release::ReleaseFile;

#[cfg(feature = "http")]
use crate::module::{Fetched, Remote};
use crate::{
    error::{Error, Result},
    module::{packed, sha256},
    release_error::ReleaseError,
    store::Store,
};

#[derive(Debug, Clone)]
pub(super) enum Place {
    Folder(PathBuf),
    Url(String),
}

impl Place {
    /// The place for messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Folder(path) => path.display().to_string(),
            Self::Url(url) => url.clone(),
        }
    }

    /// Reads a file of at most `limit` bytes, without a check of its contents.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>> {
        match self {
            Self::Folder(folder) => {
                let bytes = read_at_most(&folder.join(name), limit);
                bytes.map_err(|source| self.unreadable(name, source))
            }
            #[cfg(feature = "http")]
            Self::Url(_) => self.remote(name, "").read(limit, &|_| ()),
            #[cfg(not(feature = "http"))]
            Self::Url(_) => Err(self.without_http()),
        }
    }

    /// Reads a file and checks it. One at a URL is kept in the store until it is complete, so that the next attempt
    /// resumes the download. Calls `progress` with the number of bytes that are there.
    #[cfg_attr(not(feature = "http"), expect(unused_variables, reason = "only a download uses the store"))]
    pub(super) fn fetch(&self, file: &ReleaseFile, store: &Store, progress: &dyn Fn(u64)) -> Result<Vec<u8>> {
        let bytes = match self {
            Self::Folder(_) => self.read(&file.name, file.size)?,
            #[cfg(feature = "http")]
            Self::Url(_) => {
                match self.remote(&file.name, &file.sha256).fetch(Some(store), file.size, progress)? {
                    Fetched::Bytes(bytes) => bytes,
                    Fetched::File(path) => {
                        read_at_most(&path, file.size).map_err(|error| store.error(error))?
                    }
                }
            }
            #[cfg(not(feature = "http"))]
            Self::Url(_) => return Err(self.without_http()),
        };
        if let Some(reason) = difference(file, &bytes) {
            let (place, name) = (self.name(), file.name.clone());
            return Err(Error::from(ReleaseError::Damaged { place, name, reason }));
        }
        progress(file.size);
        Ok(bytes)
    }

    #[cfg(feature = "http")]
    fn remote(&self, name: &str, sha256: &str) -> Remote {
        let url = format!("{}/{name}", self.name().trim_end_matches('/'));
        Remote { url, sha256: sha256.to_owned(), timeout: crate::module::DEFAULT_DOWNLOAD_TIMEOUT }
    }

    #[cfg(not(feature = "http"))]
    fn without_http(&self) -> Error {
        ReleaseError::NoHttp { place: self.name() }.into()
    }

    fn unreadable(&self, name: &str, source: io::Error) -> Error {
        ReleaseError::Unreadable { place: self.name(), name: name.to_owned(), source }.into()
    }
}

/// Returns the difference between a file's entry in the index and its contents, if there is one.
pub(super) fn difference(file: &ReleaseFile, bytes: &[u8]) -> Option<String> {
    let (expected, found) = (&file.sha256, sha256(bytes));
    (*expected != found).then(|| format!("expected the sha256 {expected}, found {found}"))
}

fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let too_long = || {
        let reason = format!("it is longer than {limit} bytes");
        io::Error::new(io::ErrorKind::FileTooLarge, reason)
    };
    packed::read_all(File::open(path)?, limit)?.ok_or_else(too_long)
}
