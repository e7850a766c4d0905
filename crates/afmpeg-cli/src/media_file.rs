//! Media files that are only read.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use afmpeg_vfs::Vfs;

use crate::{
    failure::Failure,
    folders::{self, Folder},
};

/// A media file of the host, and its folder for a guest.
#[derive(Debug)]
pub(crate) struct MediaFile {
    pub(crate) host: PathBuf,
    /// The file's folder, read-only: playlists and image sequences refer to other files in it.
    pub(crate) fs: Arc<dyn Vfs>,
    /// The path of the file on that filesystem.
    pub(crate) path: String,
}

impl MediaFile {
    pub(crate) fn open(file: &Path) -> Result<Self, Failure> {
        let (folder, path) = Folder::of_file(file)?;
        let host = file.to_owned();
        Ok(Self { fs: Arc::new(folders::filesystem(&[folder])?), path, host })
    }
}
