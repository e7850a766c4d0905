//! Copying nodes from lower to upper, without a visible change.

use std::{collections::HashMap, io};

use super::{
    layers::Layers,
    names::{Found, Names},
};
use crate::{
    FileType, OpenOptions, VPath, Vfs,
    copy::copy_contents,
    path::{check_found, is_name},
};

/// The most names of lower that a rename copies up, and the most that are searched for the names of a file.
const MAX_NAMES: usize = 1 << 20;

impl Layers {
    /// Creates the folders in upper that exist only in lower.
    pub(super) fn copy_up_dirs(&self, names: &mut Names, dirs: &[Found]) -> io::Result<()> {
        for dir in dirs.iter().filter(|dir| !dir.in_upper) {
            match self.upper.create_dir(&dir.path) {
                Ok(()) => self.keep_times(dir)?,
                // Another path of the same change leads through it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            let number = names.number(dir);
            names.carry(&self.upper.symlink_metadata(&dir.path)?, &dir.path, number);
        }
        Ok(())
    }

    /// Copies a file, a folder without its contents, or a symbolic link to upper, unless it is there. `dirs` are the
    /// folders on its path.
    pub(super) fn copy_up(&self, names: &mut Names, dirs: &[Found], found: &Found) -> io::Result<()> {
        if found.in_upper {
            return Ok(());
        }
        match found.shown.file_type {
            FileType::Dir => {
                self.copy_up_dirs(names, dirs)?;
                self.copy_up_dirs(names, std::slice::from_ref(found))
            }
            FileType::Symlink => {
                let text = self.link_text(found)?;
                self.bring_up(names, dirs, found, |upper, path| upper.symlink(&text, path))
            }
            FileType::File => self.bring_up(names, dirs, found, |_, _| self.copy_file(found)),
            FileType::CharDevice => Err(io::Error::new(
                io::ErrorKind::CrossesDevices,
                "cannot move a device to another filesystem",
            )),
        }
    }

    /// Copies a node to upper, with the contents of folders.
    pub(super) fn copy_up_tree(&self, names: &mut Names, dirs: &[Found], found: &Found) -> io::Result<()> {
        self.copy_up(names, dirs, found)?;
        let mut left = MAX_NAMES;
        let mut folders = vec![found.clone()];
        while let Some(mut dir) = folders.pop() {
            if !dir.is_lower_dir() {
                continue;
            }
            check_found(&dir.path)?;
            self.copy_up(names, &[], &dir)?;
            dir.in_upper = true;
            for entry in self.list(names, &dir)? {
                left = left.checked_sub(1).ok_or_else(|| {
                    let text = format!(
                        "cannot rename {}, which has more than {MAX_NAMES} names; copy it instead",
                        found.path
                    );
                    io::Error::new(io::ErrorKind::CrossesDevices, text)
                })?;
                match self.look(names, &dir, &entry.name)? {
                    Some(child) if child.shown.is_dir() => folders.push(child),
                    Some(child) => self.copy_up(names, &[], &child)?,
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// Calls `make` to create in upper a node of lower, and links it under each of its names; open readers switch to
    /// it. After an error, upper is unchanged except for folders.
    pub(super) fn bring_up<T>(
        &self,
        names: &mut Names,
        dirs: &[Found],
        found: &Found,
        make: impl FnOnce(&dyn Vfs, &VPath) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut made = Vec::new();
        let result = self.try_bring_up(names, dirs, found, make, &mut made);
        if result.is_err() {
            for path in made {
                // The first error is reported. A leftover is the copy of a visible node, and hides nothing else.
                let _ = self.upper.remove_file(&path);
            }
        }
        result
    }

    fn try_bring_up<T>(
        &self,
        names: &mut Names,
        dirs: &[Found],
        found: &Found,
        make: impl FnOnce(&dyn Vfs, &VPath) -> io::Result<T>,
        made: &mut Vec<VPath>,
    ) -> io::Result<T> {
        let number = names.number(found);
        let others = self.other_names(names, found)?;
        self.copy_up_dirs(names, dirs)?;
        made.push(found.path.clone());
        let result = make(&*self.upper, &found.path)?;
        let mut one_file = true;
        for (other, dirs) in others {
            self.copy_up_dirs(names, &dirs)?;
            match self.upper.hard_link(&found.path, &other) {
                Ok(()) => made.push(other),
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                    one_file = false;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        let upper = self.upper.symlink_metadata(&found.path)?;
        self.readers.follow(number, || self.upper.open(&found.path, OpenOptions::new().read(true)))?;
        if one_file {
            names.carry(&upper, &found.path, number);
        }
        Ok(result)
    }

    /// Returns the other names of a file that exists only in lower, with the folders on their paths.
    fn other_names(&self, names: &Names, found: &Found) -> io::Result<Vec<(VPath, Vec<Found>)>> {
        let lower = &found.shown;
        if lower.nlink <= 1 || lower.inode == 0 {
            return Ok(Vec::new());
        }
        let linked = self.linked.get_or_init(|| names_of_linked_files(&*self.lower));
        let mut others = Vec::new();
        for path in linked.get(&lower.inode).into_iter().flatten().filter(|path| **path != found.path) {
            // Upper may have another node at the path, or on the way.
            let Ok(place) = self.resolve(names, path, false) else { continue };
            if place.found.is_some_and(|other| {
                !other.in_upper && other.path == *path && other.shown.inode == lower.inode
            }) {
                others.push((path.clone(), place.dirs));
            }
        }
        Ok(others)
    }

    /// Copies the contents and the times.
    fn copy_file(&self, found: &Found) -> io::Result<()> {
        let from = self.lower.open(&found.path, OpenOptions::new().read(true))?;
        let to = self.upper.open(&found.path, OpenOptions::new().write(true).create_new(true))?;
        copy_contents(&*from, &*to)?;
        to.close()?;
        drop(to);
        self.keep_times(found)
    }

    /// Copies the times of a node of lower to its copy.
    fn keep_times(&self, found: &Found) -> io::Result<()> {
        let (accessed, modified) = (found.shown.accessed, found.shown.modified);
        if accessed.is_none() && modified.is_none() {
            return Ok(());
        }
        match self.upper.set_times(&found.path, accessed, modified) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
            set => set,
        }
    }
}

/// Returns the names of files and links that have several, by inode number. Folders that cannot be listed are skipped.
fn names_of_linked_files(lower: &dyn Vfs) -> HashMap<u64, Vec<VPath>> {
    let mut found: HashMap<u64, Vec<VPath>> = HashMap::new();
    let mut left = MAX_NAMES;
    let mut folders = vec![VPath::root()];
    while let Some(folder) = folders.pop() {
        let listed = lower.read_dir(&folder).unwrap_or_default();
        for entry in listed.into_iter().filter(|entry| is_name(&entry.name)) {
            let Some(fewer) = left.checked_sub(1) else { return found };
            left = fewer;
            let Ok(path) = folder.join(&entry.name) else { continue };
            if entry.file_type == FileType::Dir {
                folders.push(path);
            } else if let Ok(metadata) = lower.symlink_metadata(&path)
                && metadata.nlink > 1
            {
                found.entry(metadata.inode).or_default().push(path);
            }
        }
    }
    found
}
