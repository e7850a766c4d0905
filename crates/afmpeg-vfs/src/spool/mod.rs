//! Files that are kept for a short time: small ones in memory, others on disk.

mod disk;
mod file;
mod gate;
mod limits;
mod shared;

use std::{collections::HashMap, fmt, io, sync::Arc, time::SystemTime};

use parking_lot::Mutex;

use self::{
    disk::Disk,
    file::{SpoolFile, Stored},
    gate::Gate,
    shared::Shared,
};
use crate::{DirEntry, FileType, MemFs, Metadata, OpenOptions, VFile, VPath, Vfs};

#[cfg(feature = "object-store")]
pub(crate) use self::gate::State;
pub use self::limits::SpoolLimits;

/// The inode number of a file, and the number of its changes.
#[cfg(feature = "object-store")]
pub(crate) type Version = (u64, u64);

/// A filesystem for files of any length that are needed for a short time, such as the outputs of a job before they are
/// stored elsewhere: short files are in memory, long ones in a temporary file.
///
/// The temporary file has no name on the host and disappears with the filesystem, also when the process is killed. It is
/// created when a file first exceeds the [limits](SpoolLimits) on memory.
///
/// ```
/// use afmpeg_vfs::{SpoolFs, SpoolLimits, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = SpoolFs::new(SpoolLimits { file_bytes: 1 << 20, ..SpoolLimits::default() });
/// fs.write("/short", "...")?;
/// fs.write("/long", vec![7; 2 << 20])?;
/// assert_eq!(fs.read("/long")?.len(), 2 << 20);
/// # Ok(())
/// # }
/// ```
///
/// The names and the short files are a [`MemFs`]: a file on disk has an empty file there.
pub struct SpoolFs {
    shared: Arc<Shared>,
    /// The storage of each opened file with a name, by inode number.
    files: Mutex<HashMap<u64, Arc<Stored>>>,
}

impl SpoolFs {
    /// Creates an empty filesystem.
    ///
    /// ```
    /// # use afmpeg_vfs::{SpoolFs, SpoolLimits, VfsExt as _};
    /// let fs = SpoolFs::new(SpoolLimits::default());
    /// assert!(!fs.exists("/a"));
    /// ```
    pub fn new(limits: SpoolLimits) -> Self {
        let disk = Arc::new(Disk::new(limits.disk_bytes));
        let shared = Arc::new(Shared { names: MemFs::new(), disk, limits, gate: Gate::default() });
        Self { shared, files: Mutex::default() }
    }

    /// Returns the gate that every change passes.
    pub(crate) fn gate(&self) -> &Gate {
        &self.shared.gate
    }

    fn names(&self) -> &MemFs {
        &self.shared.names
    }

    /// Makes `change`, which removes the name `path`, and drops the storage of the file if that was its last name.
    fn with_unlink(&self, path: &VPath, change: impl FnOnce(&MemFs) -> io::Result<()>) -> io::Result<()> {
        // Locked, so that no other thread opens or links the file in between.
        let mut files = self.files.lock();
        let before = self.names().symlink_metadata(path).ok();
        change(self.names())?;
        let Some(before) = before.filter(|before| before.is_file() && before.nlink <= 1) else {
            return Ok(());
        };
        let is_there = self.names().symlink_metadata(path).is_ok_and(|after| after.inode == before.inode);
        let unlinked = if is_there { None } else { files.remove(&before.inode) };
        drop(files);
        drop(unlinked);
        Ok(())
    }

    fn stored(&self, inode: u64) -> Option<Arc<Stored>> {
        self.files.lock().get(&inode).map(Arc::clone)
    }

    fn described(&self, look: impl Fn() -> io::Result<Metadata>) -> io::Result<Metadata> {
        let metadata = look()?;
        match self.stored(metadata.inode).filter(|_| metadata.is_file()) {
            Some(stored) => stored.described(look),
            None => Ok(metadata),
        }
    }

    /// Returns a version that differs for other contents, and for other files at the path.
    #[cfg(feature = "object-store")]
    pub(crate) fn version(&self, path: &VPath) -> io::Result<Version> {
        let inode = self.names().metadata(path)?.inode;
        Ok((inode, self.stored(inode).map_or(0, |stored| stored.changes())))
    }
}

impl fmt::Debug for SpoolFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpoolFs").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}

impl Vfs for SpoolFs {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        options.check()?;
        if options.may_change() {
            self.gate().check()?;
        }
        // The handle in memory needs all access to move the file; the spooled handle applies the options.
        let all =
            OpenOptions::new().read(true).write(true).create(options.create).create_new(options.create_new);
        let mut files = self.files.lock();
        let in_memory = self.names().open(path, all)?;
        let inode = in_memory.metadata()?.inode;
        let stored = Arc::clone(files.entry(inode).or_default());
        drop(files);
        let file = SpoolFile { in_memory, stored, shared: Arc::clone(&self.shared), options };
        if options.truncate {
            file.clear()?;
        }
        Ok(Box::new(file))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.described(|| self.names().metadata(path))
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.described(|| self.names().symlink_metadata(path))
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.names().read_dir(path)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.gate().check()?;
        self.names().create_dir(path)
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        self.gate().check()?;
        self.with_unlink(path, |names| names.remove_file(path))
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        self.gate().check()?;
        self.names().remove_dir(path)
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.gate().check()?;
        self.with_unlink(to, |names| names.rename(from, to))
    }

    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        self.gate().check()?;
        self.names().symlink(target, link)
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        self.names().read_link(path)
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        self.gate().check()?;
        let _names = self.files.lock();
        self.names().hard_link(original, link)
    }

    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        self.gate().check()?;
        self.names().set_times(path, accessed, modified)?;
        let metadata = self.names().metadata(path)?;
        if let (FileType::File, Some(modified)) = (metadata.file_type, modified)
            && let Some(stored) = self.stored(metadata.inode)
        {
            stored.set_modified(modified);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
