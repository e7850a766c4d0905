//! The paths of the files, and the folders that lead to them.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use crate::{DirEntry, FileType, VPath};

#[derive(Debug, Clone)]
pub(super) struct Tree {
    files: BTreeSet<VPath>,
    /// The entries of each folder.
    folders: BTreeMap<VPath, BTreeMap<String, FileType>>,
}

impl Default for Tree {
    fn default() -> Self {
        Self { files: BTreeSet::new(), folders: BTreeMap::from([(VPath::root(), BTreeMap::new())]) }
    }
}

impl Tree {
    /// Adds a file, and the folders that lead to it.
    pub(super) fn add(&mut self, path: &VPath) -> io::Result<()> {
        if self.files.contains(path) || self.is_dir(path) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{path} already exists")));
        }
        self.check_not_below_a_file(path)?;
        let (mut child, mut file_type) = (path.clone(), FileType::File);
        while let (Some(folder), Some(name)) = (child.parent(), child.file_name()) {
            self.folders.entry(folder.clone()).or_default().insert(name.to_owned(), file_type);
            (child, file_type) = (folder, FileType::Dir);
        }
        self.files.insert(path.clone());
        Ok(())
    }

    pub(super) fn is_dir(&self, path: &VPath) -> bool {
        self.folders.contains_key(path)
    }

    /// Fails if `path` is neither a file nor a folder.
    pub(super) fn check_exists(&self, path: &VPath) -> io::Result<()> {
        if self.files.contains(path) || self.is_dir(path) {
            return Ok(());
        }
        self.check_not_below_a_file(path)?;
        Err(io::ErrorKind::NotFound.into())
    }

    pub(super) fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let Some(names) = self.folders.get(path) else {
            self.check_exists(path)?;
            return Err(io::ErrorKind::NotADirectory.into());
        };
        Ok(names.iter().map(|(name, file_type)| DirEntry::new(name, *file_type)).collect())
    }

    fn check_not_below_a_file(&self, path: &VPath) -> io::Result<()> {
        let mut folder = path.parent();
        while let Some(above) = folder {
            if self.files.contains(&above) {
                return Err(io::ErrorKind::NotADirectory.into());
            }
            folder = above.parent();
        }
        Ok(())
    }
}
