//! Files of ours, listed and hashed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

/// All files below a folder, sorted. A symbolic link counts as a file.
pub(super) fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new();
    // Only the owner can read a temporary file; all users read a module.
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = file.tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    persist(file, path)
}

/// Renames a file once its contents are on the disk, and syncs the folder, too: a module must not be lost or empty after
/// a crash.
pub(super) fn persist(file: tempfile::NamedTempFile, path: &Path) -> anyhow::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
