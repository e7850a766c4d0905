//! Files that appear whole, and are still there after a crash of the machine.

use std::{fs::File, io, path::Path};

use tempfile::NamedTempFile;

/// Gives a file its name, once what is in it is on the disk.
pub(crate) fn persist(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    temporary.as_file().sync_all()?;
    temporary.persist(path)?;
    sync_folder_of(path);
    Ok(())
}

/// Has the names in the folder of `path` on the disk. Not every filesystem can do that for a folder, and none needs it
/// for what is seen before a crash: a failure is noted and no more.
pub(crate) fn sync_folder_of(path: &Path) {
    if !cfg!(unix) {
        return;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::debug!(folder = %folder.display(), %error, "cannot tell that a name is on the disk");
    }
}
