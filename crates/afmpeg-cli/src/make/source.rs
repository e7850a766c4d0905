//! A file of the host that a recipe reads.

use std::{
    fs,
    path::{Path, PathBuf},
};

use afmpeg_vfs::VPath;

use super::media::TextFile;
use crate::{
    failure::Failure,
    folders::{Folder, unopened},
};

/// A file, and its path in the guest.
pub(crate) struct Source {
    /// The path as the user typed it.
    path: PathBuf,
    /// Its folder, which the guest may read: playlists and image sequences refer to other files in it.
    pub(crate) folder: Folder,
    pub(crate) guest: String,
}

impl Source {
    pub(crate) fn find(path: &Path) -> Result<Self, Failure> {
        let (folder, guest) = Folder::of_file(path)?;
        Ok(Self { path: path.to_owned(), folder, guest })
    }

    /// Returns the path as the user typed it, as text.
    pub(crate) fn typed(&self) -> String {
        text_of(&self.path)
    }

    /// Returns the name without its extension.
    pub(crate) fn stem(&self) -> String {
        self.path.file_stem().map(|stem| text_of(Path::new(stem))).unwrap_or_default()
    }
}

/// Reads a text file, without the byte order mark that some editors write.
pub(crate) fn read_text(path: &Path) -> Result<TextFile, Failure> {
    let bytes = fs::read(path).map_err(|error| unopened(path, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        Failure::usage(
            format!("{} is not text in UTF-8: it has another byte at {offset}", path.display()),
            "save it as UTF-8",
        )
    })?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(TextFile { path: path.display().to_string(), text })
}

/// Returns a path of the host as text for FFmpeg.
pub(crate) fn text_of(path: &Path) -> String {
    VPath::text_of(path.as_os_str().as_encoded_bytes()).into_owned()
}
