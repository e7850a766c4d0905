//! Files that appear complete, and survive a crash of the machine.

use std::{fs::File, io, path::Path};

use tempfile::NamedTempFile;

/// Gives a file its name once its contents are on the disk.
pub(crate) fn persist(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    temporary.as_file().sync_all()?;
    temporary.persist(path)?;
    sync_folder_of(path);
    Ok(())
}

/// Syncs the names in the folder of `path` to the disk. Not every filesystem can sync a folder, and only a crash shows the
/// difference, so a failure is logged alone.
pub(crate) fn sync_folder_of(path: &Path) {
    if !cfg!(unix) {
        return;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::debug!(folder = %folder.display(), %error, "cannot sync a folder");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn file_replaces_an_older_one_completely_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        for contents in ["one", "and two"] {
            let mut temporary = NamedTempFile::new_in(&folder).unwrap();
            temporary.write_all(contents.as_bytes()).unwrap();
            persist(temporary, &path).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), contents);
        }
        let temporary = NamedTempFile::new_in(&folder).unwrap();
        let source = temporary.path().to_owned();
        assert!(persist(temporary, &folder.path().join("no/such/folder")).is_err());
        assert!(!source.exists());
        let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(names, [path]);
    }

    #[test]
    fn folder_that_cannot_be_synced_is_not_an_error() {
        sync_folder_of(Path::new("no/such/folder/file"));
        sync_folder_of(Path::new("file"));
        sync_folder_of(Path::new(""));
    }
}
