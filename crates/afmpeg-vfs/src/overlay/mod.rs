//! Copy on write over another filesystem.

mod changes;
mod copy_up;
mod file;
mod layers;
mod lookup;
mod names;
mod readers;

use std::{
    collections::HashMap,
    io,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use parking_lot::{Mutex, RwLock};

pub use self::changes::Change;
use self::{
    file::OverlayFile,
    layers::Layers,
    names::{Found, Names, Place},
    readers::Readers,
};
use crate::{
    DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs, forward::into_shared, path::is_name,
};

/// A copy-on-write filesystem: `upper` hides the nodes of `lower` at the same paths, and receives every change.
/// `lower` never changes.
///
/// - Listings merge. A file of `lower` is copied up before it is first written, unless it is truncated when it is
///   opened. It stays one file with one inode number: open readers see the changes.
/// - Removals from `lower` are recorded in the memory of the overlay, not as marks in `upper`: a new `Overlay` of the
///   same two filesystems shows the files again. A folder created at the path of a removed one is empty.
/// - Every difference from `lower` is in `upper`, at the same path ([`Overlay::changes`] lists them). A rename
///   therefore copies up the node: a folder with its contents, or, if it has more than 1,048,576 names, not at all
///   ([`CrossesDevices`](io::ErrorKind::CrossesDevices)).
/// - Symbolic links are followed over the merged tree, at most 40 in a path and to none longer than 16 KiB; none leads
///   out of the root.
/// - Files with several names in `lower` keep them if `upper` supports hard links. To find the names, `lower` is walked
///   once, when the first such file is copied up. Beyond 1,048,576 names, and without hard links, the names become
///   separate files.
/// - Devices of `lower` are opened in `lower`.
///
/// Files are copied in pieces of 1 MiB, without zeros. Path operations wait for a copy; reads and writes of open files
/// do not. [`Vfs::commit`] commits `upper`. Direct changes of either filesystem may show a mixture of old and new.
/// Clones share the overlay.
///
/// ```
/// use afmpeg_vfs::{MemFs, Overlay, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let lower = MemFs::new();
/// lower.write("/preset", "slow")?;
/// let fs = Overlay::new(lower.clone(), MemFs::new());
/// fs.write("/preset", "fast")?;
/// fs.write("/log", "...")?;
/// assert_eq!(fs.walk("/")?, ["/log", "/preset"]);
/// assert_eq!((fs.read("/preset")?, lower.read("/preset")?), ("fast".into(), "slow".into()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Overlay {
    inner: Arc<Layers>,
}

impl Overlay {
    /// Creates an overlay of `upper` over `lower`. Nodes that `upper` already has hide those of `lower`; folders
    /// merge.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Overlay, ReadOnly, VfsExt as _};
    /// let fs = Overlay::new(ReadOnly::new(MemFs::new()), MemFs::new());
    /// fs.write("/a", "in memory").unwrap();
    /// ```
    pub fn new(lower: impl Vfs, upper: impl Vfs) -> Self {
        let inner = Layers {
            lower: into_shared(lower),
            upper: into_shared(upper),
            names: RwLock::default(),
            readers: Readers::default(),
            gone: Mutex::default(),
            linked: OnceLock::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Returns the differences from `lower`: each folder before its contents, names in order. Neither times nor
    /// contents are compared: a file that was opened for writing counts as written.
    ///
    /// Applied in order to a copy of `lower`, the changes result in the merged tree.
    ///
    /// # Errors
    ///
    /// As [`Vfs::read_dir`] of the two filesystems.
    ///
    /// ```
    /// use afmpeg_vfs::{Change, MemFs, Overlay, VPath, Vfs as _, VfsExt as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let lower = MemFs::new();
    /// lower.write("/a", "")?;
    /// let fs = Overlay::new(lower, MemFs::new());
    /// fs.rename(&VPath::new("/a")?, &VPath::new("/b")?)?;
    /// assert_eq!(fs.changes()?, [Change::Removed(VPath::new("/a")?), Change::Written(VPath::new("/b")?)]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn changes(&self) -> io::Result<Vec<Change>> {
        self.inner.changes(&self.inner.names.read())
    }
}

impl Layers {
    /// Opens an existing file, unless it must be copied first.
    fn open_in_place(
        self: &Arc<Self>,
        names: &Names,
        found: &Found,
        options: OpenOptions,
    ) -> io::Result<Option<Box<dyn VFile>>> {
        let number = names.number(found);
        if found.shown.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if found.in_upper {
            return Ok(Some(OverlayFile::settled(number, self.upper.open(&found.path, options)?)));
        }
        if found.shown.file_type == FileType::CharDevice {
            return Ok(Some(OverlayFile::settled(number, self.lower.open(&found.path, options)?)));
        }
        if options.writes() || options.truncate {
            return Ok(None);
        }
        let file = self.lower.open(&found.path, OpenOptions::new().read(true))?;
        Ok(Some(OverlayFile::in_lower(Arc::clone(self), number, file)))
    }

    /// Creates a file.
    fn create(&self, names: &mut Names, place: &Place, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        let path = place.path()?;
        self.copy_up_dirs(names, &place.dirs)?;
        let file = self.upper.open(&path, options)?;
        let shown = file.metadata()?;
        names.made(&shown, &path);
        let number = names.number(&Found { path, shown, in_upper: true, lower: None });
        Ok(OverlayFile::settled(number, file))
    }

    /// Assigns an inode number to a new folder or link.
    fn made(&self, names: &mut Names, path: &VPath) {
        // If it cannot be read, the number is derived from the path.
        if let Ok(shown) = self.upper.symlink_metadata(path) {
            names.made(&shown, path);
        }
    }

    /// Returns the entries of a merged folder.
    fn list(&self, names: &Names, dir: &Found) -> io::Result<Vec<DirEntry>> {
        let mut lower = HashMap::new();
        if dir.is_lower_dir() {
            for entry in self.lower.read_dir(&dir.path)?.into_iter().filter(|entry| is_name(&entry.name)) {
                if names.shows(&dir.path, &entry.name)? {
                    lower.insert(entry.name.clone(), entry);
                }
            }
        }
        let mut entries = Vec::new();
        if dir.in_upper {
            for mut entry in self.upper.read_dir(&dir.path)?.into_iter().filter(|entry| is_name(&entry.name))
            {
                entry.inode =
                    names.listed_number(&dir.path, Some(&entry), lower.remove(&entry.name).as_ref())?;
                entries.push(entry);
            }
        }
        for mut entry in lower.into_values() {
            entry.inode = names.listed_number(&dir.path, None, Some(&entry))?;
            entries.push(entry);
        }
        Ok(entries)
    }

    /// Returns the metadata of a node, with the inode number of the overlay.
    fn describe(&self, names: &Names, found: &Found) -> io::Result<Metadata> {
        let mut metadata = found.shown;
        if found.path.is_root() {
            metadata = self.upper.metadata(&found.path)?;
        }
        metadata.inode = names.number(found);
        if !found.in_upper {
            metadata.nlink = self.names_left(metadata.nlink, metadata.inode).max(1);
        }
        Ok(metadata)
    }

    /// Returns how many names a file of lower still has.
    fn names_left(&self, nlink: u64, number: u64) -> u64 {
        nlink.saturating_sub(self.gone.lock().get(&number).copied().unwrap_or(0))
    }

    /// Removes a name from the visible tree.
    fn take_away(&self, names: &mut Names, found: &Found) {
        if found.in_upper {
            names.release(found);
        } else if !found.shown.is_dir() {
            *self.gone.lock().entry(names.number(found)).or_default() += 1;
        }
        if found.lower.is_some() {
            names.hide(&found.path);
        }
    }

    /// Updates the modification time of a folder that lost a name of lower.
    fn touch(&self, names: &mut Names, dirs: &[Found]) -> io::Result<()> {
        self.copy_up_dirs(names, dirs)?;
        let Some(dir) = dirs.last() else { return Ok(()) };
        match self.upper.set_times(&dir.path, None, Some(SystemTime::now())) {
            // A filesystem without times still permits removals; a read-only one does not.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
            set => set,
        }
    }

    fn check_empty(&self, names: &Names, dir: &Found) -> io::Result<()> {
        if self.list(names, dir)?.is_empty() { Ok(()) } else { Err(io::ErrorKind::DirectoryNotEmpty.into()) }
    }

    /// Removes the node at `place`, with `remove` in upper.
    fn remove(
        &self,
        names: &mut Names,
        place: &Place,
        found: &Found,
        remove: impl FnOnce(&dyn Vfs, &VPath) -> io::Result<()>,
    ) -> io::Result<()> {
        if found.in_upper {
            remove(&*self.upper, &found.path)?;
        } else {
            self.touch(names, &place.dirs)?;
        }
        self.take_away(names, found);
        Ok(())
    }
}

#[deny(clippy::missing_trait_methods)]
impl Vfs for Overlay {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        options.check()?;
        let inner = &self.inner;
        // Most calls open existing files, which need no exclusive lock.
        if !options.create_new {
            let names = inner.names.read();
            if let Some(found) = inner.resolve(&names, path, true)?.found {
                if let Some(file) = inner.open_in_place(&names, &found, options)? {
                    return Ok(file);
                }
            } else if !options.create {
                return Err(io::ErrorKind::NotFound.into());
            }
        }
        let names = &mut *inner.names.write();
        let place = inner.resolve(names, path, !options.create_new)?;
        let Some(found) = &place.found else {
            if !options.create && !options.create_new {
                return Err(io::ErrorKind::NotFound.into());
            }
            return inner.create(names, &place, options);
        };
        if options.create_new {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if let Some(file) = inner.open_in_place(names, found, options)? {
            return Ok(file);
        }
        let number = names.number(found);
        let file = if options.truncate {
            inner.bring_up(names, &place.dirs, found, |upper, path| upper.open(path, options.create(true)))?
        } else {
            inner.copy_up(names, &place.dirs, found)?;
            inner.upper.open(&found.path, options)?
        };
        Ok(OverlayFile::settled(number, file))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let names = self.inner.names.read();
        let found = self.inner.resolve(&names, path, true)?.found.ok_or(io::ErrorKind::NotFound)?;
        self.inner.describe(&names, &found)
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let names = self.inner.names.read();
        let found = self.inner.resolve(&names, path, false)?.found.ok_or(io::ErrorKind::NotFound)?;
        self.inner.describe(&names, &found)
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let names = self.inner.names.read();
        let found = self.inner.resolve(&names, path, true)?.found.ok_or(io::ErrorKind::NotFound)?;
        if !found.shown.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        self.inner.list(&names, &found)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        let names = &mut *self.inner.names.write();
        let place = self.inner.resolve(names, path, false)?;
        let path = place.new_path()?;
        self.inner.copy_up_dirs(names, &place.dirs)?;
        self.inner.upper.create_dir(&path)?;
        self.inner.made(names, &path);
        Ok(())
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        if path.is_root() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let names = &mut *self.inner.names.write();
        let place = self.inner.resolve(names, path, false)?;
        let found = place.named()?;
        if found.shown.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        self.inner.remove(names, &place, found, |upper, path| upper.remove_file(path))
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        let names = &mut *self.inner.names.write();
        let place = self.inner.resolve(names, path, false)?;
        let found = place.named()?;
        if !found.shown.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        self.inner.check_empty(names, found)?;
        self.inner.remove(names, &place, found, |upper, path| upper.remove_dir(path))
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        let inner = &*self.inner;
        let names = &mut *inner.names.write();
        let (from, to) = (inner.resolve(names, from, false)?, inner.resolve(names, to, false)?);
        let found = from.found.as_ref().ok_or(io::ErrorKind::NotFound)?;
        if from.name.is_empty() || to.name.is_empty() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        let (number, is_dir) = (names.number(found), found.shown.is_dir());
        if let Some(there) = &to.found {
            // The same name, or another name of the same file: POSIX keeps both.
            if there.path == found.path || (!is_dir && names.number(there) == number) {
                return Ok(());
            }
        }
        let target = to.path()?;
        if is_dir && target.starts_with(&found.path) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "cannot move a folder into itself"));
        }
        if let Some(there) = &to.found {
            match (there.shown.is_dir(), is_dir) {
                (true, true) => inner.check_empty(names, there)?,
                (true, false) => return Err(io::ErrorKind::IsADirectory.into()),
                (false, true) => return Err(io::ErrorKind::NotADirectory.into()),
                (false, false) => {}
            }
        }
        // A copied node looks unchanged, so an error here leaves no visible change.
        inner.copy_up_tree(names, &from.dirs, found)?;
        inner.copy_up_dirs(names, &to.dirs)?;
        inner.upper.rename(&found.path, &target)?;
        if let Some(there) = &to.found {
            inner.take_away(names, there);
        }
        names.moved(found, &target, number);
        Ok(())
    }

    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        let names = &mut *self.inner.names.write();
        let place = self.inner.resolve(names, link, false)?;
        let path = place.new_path()?;
        self.inner.copy_up_dirs(names, &place.dirs)?;
        self.inner.upper.symlink(target, &path)?;
        self.inner.made(names, &path);
        Ok(())
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        let names = self.inner.names.read();
        let found = self.inner.resolve(&names, path, false)?.found.ok_or(io::ErrorKind::NotFound)?;
        self.inner.link_text(&found)
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        let inner = &*self.inner;
        let names = &mut *inner.names.write();
        let original = inner.resolve(names, original, false)?;
        let found = original.found.as_ref().ok_or(io::ErrorKind::NotFound)?;
        if found.shown.is_dir() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let place = inner.resolve(names, link, false)?;
        let path = place.new_path()?;
        let number = names.number(found);
        inner.copy_up_dirs(names, &place.dirs)?;
        inner.copy_up(names, &original.dirs, found)?;
        inner.upper.hard_link(&found.path, &path)?;
        names.carry(&inner.upper.symlink_metadata(&path)?, &path, number);
        Ok(())
    }

    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        let names = &mut *self.inner.names.write();
        let place = self.inner.resolve(names, path, true)?;
        let found = place.found.as_ref().ok_or(io::ErrorKind::NotFound)?;
        self.inner.copy_up(names, &place.dirs, found)?;
        self.inner.upper.set_times(&found.path, accessed, modified)
    }

    fn keeps_in_memory(&self, path: &VPath) -> bool {
        self.inner.upper.keeps_in_memory(path)
    }

    fn commit(&self) -> io::Result<()> {
        self.inner.upper.commit()
    }
}
