//! Copy on write: one filesystem over another.

mod changes;
mod copy_up;
mod file;
mod names;

use std::{
    collections::HashMap,
    io,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use parking_lot::{Mutex, RwLock};

pub use self::changes::Change;
use self::{
    file::{OverlayFile, Readers},
    names::{Found, Names, Place},
};
use crate::{
    DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs, forward::into_shared, path::is_name,
};

/// Copy on write: what `upper` has hides what `lower` has, and every change goes to `upper`. `lower` is never changed.
///
/// - Listings merge. A file that is only in `lower` is copied up before it is first written, unless opening it
///   truncates it; whoever reads it already sees it change, for it stays one file with one inode number.
/// - What is removed from `lower` is remembered in the overlay itself, in memory, and not as marks in `upper`: a new
///   `Overlay` of the same two shows it again. A folder made where one was removed is empty.
/// - Everything that differs from `lower` is in `upper`, at its own path ([`Overlay::changes`] lists it). So renaming
///   copies up what is renamed: a folder with all that is in it, or, with more than 1 048 576 names in it, not at all
///   ([`CrossesDevices`](io::ErrorKind::CrossesDevices)).
/// - Symbolic links are followed over the merged tree, at most 40 for a path and to none of more than 16 KiB; none leads
///   out of the root.
/// - Files with several names in `lower` keep them, if `upper` can make hard links. To find them `lower` is walked,
///   once, when the first such file is copied up. Beyond 1 048 576 names, and without hard links, names part ways.
/// - Devices of `lower` are opened where they are.
///
/// Copying goes in pieces of 1 MiB and leaves out zeros. While a file is copied, whatever names a path waits; reads
/// and writes of open files do not. [`Vfs::commit`] commits `upper`. Whoever changes either of the two behind the
/// overlay's back may see old and new mixed. Clones share the overlay.
///
/// ```
/// use std::sync::Arc;
///
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
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    lower: Arc<dyn Vfs>,
    upper: Arc<dyn Vfs>,
    /// Held to read while a path is looked up and opened, to write while names change.
    names: RwLock<Names>,
    /// Who reads files that are only in lower, and must be told when one is copied up.
    readers: Readers,
    /// How many of its names each file has lost that is only in lower, by its number.
    gone: Mutex<HashMap<u64, u64>>,
    /// The names of those files in lower that have several, by lower's inode numbers; found when first needed.
    linked: OnceLock<HashMap<u64, Vec<VPath>>>,
}

impl Overlay {
    /// `upper` over `lower`. What `upper` holds already hides what `lower` has at the same paths; folders merge.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{MemFs, Overlay, ReadOnly, VfsExt as _};
    /// let fs = Overlay::new(ReadOnly::new(MemFs::new()), MemFs::new());
    /// fs.write("/a", "in memory").unwrap();
    /// ```
    pub fn new(lower: impl Vfs, upper: impl Vfs) -> Self {
        let inner = Inner {
            lower: into_shared(lower),
            upper: into_shared(upper),
            names: RwLock::default(),
            readers: Readers::default(),
            gone: Mutex::default(),
            linked: OnceLock::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// How the merged tree differs from `lower`, a folder before what is in it, names in order. Times are not
    /// compared, and neither are contents: a file that was opened to be written counts as written.
    ///
    /// Done in order to a copy of `lower`, the changes make it what the overlay shows.
    ///
    /// # Errors
    ///
    /// As [`Vfs::read_dir`] of the two filesystems.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
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

impl Inner {
    /// Opens what is there, if that needs no copy.
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

    /// Makes a file where there is none.
    fn create(&self, names: &mut Names, place: &Place, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        let path = place.path()?;
        self.copy_up_dirs(names, &place.dirs)?;
        let file = self.upper.open(&path, options)?;
        let shown = file.metadata()?;
        names.made(&shown, &path);
        let number = names.number(&Found { path, shown, in_upper: true, lower: None });
        Ok(OverlayFile::settled(number, file))
    }

    /// Has a folder or a link that was made numbered.
    fn made(&self, names: &mut Names, path: &VPath) {
        // If it cannot be asked for now, it has the number of its path.
        if let Ok(shown) = self.upper.symlink_metadata(path) {
            names.made(&shown, path);
        }
    }

    /// The names of a merged folder.
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

    /// What is known of what was found, in the overlay's own numbers.
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

    /// How many names a file of lower still has.
    fn names_left(&self, nlink: u64, number: u64) -> u64 {
        nlink.saturating_sub(self.gone.lock().get(&number).copied().unwrap_or(0))
    }

    /// Counts a name off that was found, and is shown no more.
    fn take_away(&self, names: &mut Names, found: &Found) {
        if found.in_upper {
            names.forget(found);
        } else if !found.shown.is_dir() {
            *self.gone.lock().entry(names.number(found)).or_default() += 1;
        }
        if found.lower.is_some() {
            names.hide(&found.path);
        }
    }

    /// Moves the time of a folder that lost a name which only lower had.
    fn touch(&self, names: &mut Names, dirs: &[Found]) -> io::Result<()> {
        self.copy_up_dirs(names, dirs)?;
        let Some(dir) = dirs.last() else { return Ok(()) };
        match self.upper.set_times(&dir.path, None, Some(SystemTime::now())) {
            // A filesystem that keeps no times is no reason not to remove; one that is read-only is.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
            set => set,
        }
    }

    fn check_empty(&self, names: &Names, dir: &Found) -> io::Result<()> {
        if self.list(names, dir)?.is_empty() { Ok(()) } else { Err(io::ErrorKind::DirectoryNotEmpty.into()) }
    }

    /// Takes away what was found at `place`, with `remove` from upper.
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
        // Most openings are of what is there: they need not wait for one another.
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
            // The same name, or another one of the same file: POSIX leaves both.
            if there.path == found.path || (!is_dir && names.number(there) == number) {
                return Ok(());
            }
        }
        let target = to.path()?;
        if is_dir && target.starts_with(&found.path) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a folder cannot go into itself"));
        }
        if let Some(there) = &to.found {
            match (there.shown.is_dir(), is_dir) {
                (true, true) => inner.check_empty(names, there)?,
                (true, false) => return Err(io::ErrorKind::IsADirectory.into()),
                (false, true) => return Err(io::ErrorKind::NotADirectory.into()),
                (false, false) => {}
            }
        }
        // What is copied up looks as before: when something fails, nothing has happened.
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
