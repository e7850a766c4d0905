use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use bytes::Bytes;
use parking_lot::Mutex;
use vfs::{VfsError, VfsFileType, VfsMetadata, VfsPath, error::VfsErrorKind};

use super::spool::{Direct, OpenFile, Stay};
use crate::{
    DirEntry, FileType, MemFs, Metadata, OpenOptions, VFile, VPath, Vfs, by_path::ByPath, path::is_name,
};

/// A filesystem of the crate [`vfs`], as a [`Vfs`]. Clones are the same one.
///
/// That crate can write a file from its beginning or at its end, and has no handle that reads and writes. So a file
/// that is opened to be written is read into memory, changed there, and written back whole: at [`VFile::sync`],
/// [`VFile::finish`] and [`Vfs::commit`], and when the last handle on it is dropped, which can tell nobody of errors.
/// Until then other handles of this adapter see what was written, and nobody else does. A file that is only read is
/// read from where it is.
///
/// All files that are open to be written share a limit, 1 GiB by default ([`FromVfs::with_spool_limit`]): a write over
/// it fails with [`StorageFull`](io::ErrorKind::StorageFull), one that would make a single file longer than it with
/// [`FileTooLarge`](io::ErrorKind::FileTooLarge).
///
/// What that crate has no words for is lost: there are no links, inode numbers are 0, and holes become zeros. It
/// replaces nothing by renaming: what is in the way is removed first, so for a moment there is neither. Writing back
/// is not atomic either.
///
/// ```
/// use afmpeg_vfs::{VfsExt as _, adapter::vfs::FromVfs};
/// use vfs::{MemoryFS, VfsPath};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let theirs = VfsPath::new(MemoryFS::new());
/// let ours = FromVfs::new(theirs.clone());
/// ours.write("/note.txt", "shared")?;
/// assert_eq!(theirs.join("note.txt")?.read_to_string()?, "shared");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FromVfs {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    root: VfsPath,
    pub(super) spool: MemFs,
    limit: u64,
    next_name: AtomicU64,
    /// What is open, by where it is. Held over whatever changes names, so that none changes under an opening.
    open: Mutex<ByPath<Arc<Shared>>>,
}

/// An open file, and how many handles it has.
struct Shared {
    file: OpenFile,
    handles: Mutex<usize>,
}

/// How many bytes of files that are being written are kept in memory by default.
const SPOOL_LIMIT: u64 = 1 << 30;

impl FromVfs {
    /// What is below `root`, which may be a filesystem of that crate itself.
    pub fn new(root: impl Into<VfsPath>) -> Self {
        Self::with_spool_limit(root, SPOOL_LIMIT)
    }

    /// What is below `root`, with `bytes` of memory at most for the files that are open to be written.
    ///
    /// ```
    /// use afmpeg_vfs::{VfsExt as _, adapter::vfs::FromVfs};
    ///
    /// let fs = FromVfs::with_spool_limit(vfs::MemoryFS::new(), 10);
    /// assert_eq!(fs.write("/a", "12345678901").unwrap_err().kind(), std::io::ErrorKind::FileTooLarge);
    /// ```
    pub fn with_spool_limit(root: impl Into<VfsPath>, bytes: u64) -> Self {
        let inner = Inner {
            root: root.into(),
            spool: MemFs::with_capacity_limit(bytes),
            limit: bytes,
            next_name: AtomicU64::new(0),
            open: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }
}

impl fmt::Debug for FromVfs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromVfs").field("spooled", &self.inner.spool.used()).finish_non_exhaustive()
    }
}

pub(super) fn io_error(error: VfsError) -> io::Error {
    let kind = match error.kind() {
        VfsErrorKind::IoError(cause) => cause.kind(),
        VfsErrorKind::FileNotFound => io::ErrorKind::NotFound,
        VfsErrorKind::InvalidPath => io::ErrorKind::InvalidInput,
        VfsErrorKind::DirectoryExists | VfsErrorKind::FileExists => io::ErrorKind::AlreadyExists,
        VfsErrorKind::NotSupported => io::ErrorKind::Unsupported,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

fn is_dir(found: &VfsMetadata) -> bool {
    found.file_type == VfsFileType::Directory
}

fn metadata_of(found: &VfsMetadata) -> Metadata {
    let (file_type, len) = if is_dir(found) { (FileType::Dir, 0) } else { (FileType::File, found.len) };
    Metadata {
        modified: found.modified,
        accessed: found.accessed,
        created: found.created,
        ..Metadata::new(file_type, len)
    }
}

impl Inner {
    /// What that crate calls `path`.
    pub(super) fn at(&self, path: &VPath) -> io::Result<VfsPath> {
        self.root.join(path.as_str().trim_start_matches('/')).map_err(io_error)
    }

    /// A name in the spool that no file had before.
    pub(super) fn new_name(&self) -> io::Result<VPath> {
        Ok(VPath::new(self.next_name.fetch_add(1, Ordering::Relaxed).to_string())?)
    }

    /// What is at `path`, if there is something. Every folder on the way must be there.
    fn find(&self, path: &VPath) -> io::Result<Option<VfsMetadata>> {
        let at = self.at(path)?;
        match at.metadata().map_err(io_error) {
            Ok(found) => return Ok(Some(found)),
            // Not all of them tell apart what is missing and what is no folder.
            Err(error) if Self::is_there(&at)? => return Err(error),
            Err(_) => {}
        }
        let parent = path.parent().ok_or(io::ErrorKind::NotFound)?;
        if self.at(&parent)?.metadata().is_ok_and(|found| is_dir(&found)) {
            return Ok(None);
        }
        // What keeps it from being there is the first that is no folder.
        let mut folder = VPath::root();
        for name in parent.components() {
            folder = folder.join(name)?;
            let at = self.at(&folder)?;
            match at.metadata().map_err(io_error) {
                Ok(found) if is_dir(&found) => {}
                Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
                Err(error) if Self::is_there(&at)? => return Err(error),
                Err(_) => break,
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    fn is_there(at: &VfsPath) -> io::Result<bool> {
        match at.exists() {
            Ok(exists) => Ok(exists),
            Err(error) => match io_error(error) {
                error if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    Ok(false)
                }
                error => Err(error),
            },
        }
    }

    fn existing(&self, path: &VPath) -> io::Result<VfsMetadata> {
        self.find(path)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// What is at `path` as its handles see it.
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let shared = self.open.lock().get(path).cloned();
        // First: what is closed after this is written back by then, and what was closed before it is there.
        let spooled = shared.and_then(|shared| self.spooled(&shared.file));
        let found = metadata_of(&self.existing(path)?);
        Ok(spooled.map_or(found, |spooled| spooled.over(found)))
    }

    /// What the spool knows of a file, if it has it.
    fn spooled(&self, file: &OpenFile) -> Option<Spooled> {
        let is_dirty = file.is_dirty();
        let Metadata { len, modified, .. } = self.spool.metadata(&file.spooled()?).ok()?;
        Some(Spooled { len, modified: modified.filter(|_| is_dirty) })
    }

    fn is_empty(&self, path: &VPath) -> io::Result<bool> {
        Ok(self.at(path)?.read_dir().map_err(io_error)?.next().is_none())
    }
}

/// What the spool knows better than where the file is.
struct Spooled {
    len: u64,
    /// If it was changed since it was written back.
    modified: Option<SystemTime>,
}

impl Spooled {
    fn over(self, found: Metadata) -> Metadata {
        Metadata { len: self.len, modified: self.modified.or(found.modified), ..found }
    }
}

/// Whoever has it open goes on without a name.
fn detach(open: &mut ByPath<Arc<Shared>>, path: &VPath) {
    if let Some(shared) = open.remove(path) {
        *shared.file.path.lock() = None;
    }
}

impl Vfs for FromVfs {
    fn open(&self, path: &VPath, how: OpenOptions) -> io::Result<Box<dyn VFile>> {
        how.check()?;
        let inner = &self.inner;
        let mut open = inner.open.lock();
        let found = inner.find(path)?;
        match &found {
            Some(_) if how.create_new => return Err(io::ErrorKind::AlreadyExists.into()),
            Some(found) if is_dir(found) => return Err(io::ErrorKind::IsADirectory.into()),
            None if !(how.create || how.create_new) => return Err(io::ErrorKind::NotFound.into()),
            None => inner.at(path)?.create_file().map_err(io_error)?.flush()?,
            Some(_) => {}
        }
        let new = || Arc::new(Shared { file: OpenFile::new(path.clone()), handles: Mutex::new(0) });
        let shared = Arc::clone(open.or_insert_with(path, new));
        *shared.handles.lock() += 1;
        let mut handle =
            Handle { inner: Arc::clone(inner), shared, how, direct: None, spooled: Mutex::default() };
        drop(open);
        if how.writes() || how.truncate {
            handle.shared.file.spool(inner, how.truncate)?;
        } else if handle.shared.file.spooled().is_none() {
            let file = &handle.shared.file;
            let _stay = file.stay();
            let path = file.path.lock().clone().ok_or(io::ErrorKind::NotFound)?;
            handle.direct = Some(Direct::open(&inner.at(&path)?)?);
        }
        Ok(Box::new(handle))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.inner.metadata(path)
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        if !is_dir(&self.inner.existing(path)?) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let mut entries = Vec::new();
        for entry in self.inner.at(path)?.read_dir().map_err(io_error)? {
            let name = entry.filename();
            if !is_name(&name) {
                continue;
            }
            match entry.metadata().map_err(io_error) {
                Ok(found) => entries.push(DirEntry::new(name, metadata_of(&found).file_type)),
                Err(error) if Inner::is_there(&entry)? => return Err(error),
                // One that has gone meanwhile is not listed.
                Err(_) => {}
            }
        }
        Ok(entries)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        let _names = self.inner.open.lock();
        match self.inner.find(path)? {
            Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
            None => self.inner.at(path)?.create_dir().map_err(io_error),
        }
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        let mut open = self.inner.open.lock();
        if is_dir(&self.inner.existing(path)?) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let shared = open.get(path).cloned();
        // Writing back would make it again.
        let _stay = shared.as_ref().map(|shared| shared.file.stay());
        self.inner.at(path)?.remove_file().map_err(io_error)?;
        detach(&mut open, path);
        Ok(())
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        let _names = self.inner.open.lock();
        if path.is_root() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        if !is_dir(&self.inner.existing(path)?) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        if !self.inner.is_empty(path)? {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        self.inner.at(path)?.remove_dir().map_err(io_error)
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        let inner = &self.inner;
        let mut open = inner.open.lock();
        let moved = inner.existing(from)?;
        let replaced = inner.find(to)?;
        if from.is_root() || to.is_root() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        if from == to {
            return Ok(());
        }
        if to.starts_with(from) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a folder cannot go into itself"));
        }
        let replaced = replaced.as_ref().map(is_dir);
        match replaced {
            Some(true) if !is_dir(&moved) => return Err(io::ErrorKind::IsADirectory.into()),
            Some(false) if is_dir(&moved) => return Err(io::ErrorKind::NotADirectory.into()),
            Some(true) if !inner.is_empty(to)? => return Err(io::ErrorKind::DirectoryNotEmpty.into()),
            _ => {}
        }
        let in_the_way = open.get(to).cloned();
        let affected: Vec<(VPath, Arc<Shared>)> =
            open.at_and_below(from).map(|(path, shared)| (path.clone(), Arc::clone(shared))).collect();
        // Writing back would make again what is gone.
        let _stay = in_the_way.as_ref().map(|shared| shared.file.stay());
        let stays: Vec<Stay<'_>> = affected.iter().map(|(_, shared)| shared.file.stay()).collect();
        for ((_, shared), stay) in affected.iter().zip(&stays) {
            shared.file.write_back_staying(inner, stay)?;
        }
        let (source, target) = (inner.at(from)?, inner.at(to)?);
        match replaced {
            Some(true) => target.remove_dir().map_err(io_error)?,
            Some(false) => target.remove_file().map_err(io_error)?,
            None => {}
        }
        detach(&mut open, to);
        if is_dir(&moved) { source.move_dir(&target) } else { source.move_file(&target) }
            .map_err(io_error)?;
        for (path, shared) in &affected {
            let below = path.below(from).unwrap_or_default();
            let now = if below.is_empty() { to.clone() } else { to.join(below)? };
            *shared.file.path.lock() = Some(now.clone());
            open.remove(path);
            open.insert(now, Arc::clone(shared));
        }
        Ok(())
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        self.inner.existing(path)?;
        Err(io::ErrorKind::InvalidInput.into())
    }

    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        let open = self.inner.open.lock();
        self.inner.existing(path)?;
        // Writing back later would move them again.
        if let Some(shared) = open.get(path) {
            shared.file.write_back(&self.inner)?;
        }
        let at = self.inner.at(path)?;
        if let Some(accessed) = accessed {
            at.set_access_time(accessed).map_err(io_error)?;
        }
        if let Some(modified) = modified {
            at.set_modification_time(modified).map_err(io_error)?;
        }
        Ok(())
    }

    /// Writes back every file that is open, even if one before it failed, and reports the first failure.
    fn commit(&self) -> io::Result<()> {
        let open: Vec<Arc<Shared>> = self.inner.open.lock().values().cloned().collect();
        let mut result = Ok(());
        for shared in open {
            result = result.and(shared.file.write_back(&self.inner));
        }
        result
    }
}

struct Handle {
    inner: Arc<Inner>,
    shared: Arc<Shared>,
    how: OpenOptions,
    /// Where it is read from, as long as nobody writes.
    direct: Option<Direct>,
    /// The file in the spool, once it is there and was asked for.
    spooled: Mutex<Option<Arc<dyn VFile>>>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("path", &self.shared.file.path.lock())
            .field("how", &self.how)
            .finish_non_exhaustive()
    }
}

impl Handle {
    /// The file in the spool, if it is there.
    fn spooled(&self) -> io::Result<Option<Arc<dyn VFile>>> {
        let mut spooled = self.spooled.lock();
        if let (None, Some(name)) = (&*spooled, self.shared.file.spooled()) {
            let how = OpenOptions { create: false, create_new: false, truncate: false, ..self.how };
            *spooled = Some(self.inner.spool.open(&name, how)?.into());
        }
        Ok(spooled.clone())
    }

    /// Changes the file in the spool, where every file is that may be changed.
    fn change<T>(
        &self,
        longest: impl FnOnce(&dyn VFile) -> io::Result<Option<u64>>,
        change: impl FnOnce(&dyn VFile) -> io::Result<T>,
    ) -> io::Result<T> {
        if !self.how.writes() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let spooled = self.spooled()?.ok_or(io::ErrorKind::PermissionDenied)?;
        if longest(&*spooled)?.is_none_or(|end| end > self.inner.limit) {
            let text = format!(
                "a file that is written here is kept in memory, and may have {} bytes; raise the spool limit",
                self.inner.limit
            );
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        let result = change(&*spooled);
        // Even a failed change may have left something.
        self.shared.file.set_dirty();
        result
    }
}

impl VFile for Handle {
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        if !self.how.read {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        match (self.spooled()?, &self.direct) {
            (Some(spooled), _) => spooled.read_at(into, at),
            (None, Some(direct)) => direct.read_at(into, at),
            (None, None) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        let append = self.how.append;
        self.change(
            |spooled| Ok(if append { spooled.len()? } else { at }.checked_add(bytes.len() as u64)),
            |spooled| spooled.write_at(bytes, at),
        )
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.change(
            |spooled| Ok(spooled.len()?.checked_add(bytes.len() as u64)),
            |spooled| spooled.append(bytes),
        )
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(|_| Ok(Some(len)), |spooled| spooled.set_len(len))
    }

    fn replace(&self, contents: Bytes) -> io::Result<()> {
        self.change(|_| Ok(Some(contents.len() as u64)), |spooled| spooled.replace(contents.clone()))
    }

    fn contents(&self) -> io::Result<Bytes> {
        if !self.how.read {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        match (self.spooled()?, &self.direct) {
            (Some(spooled), _) => spooled.contents(),
            (None, Some(direct)) => direct.contents(),
            (None, None) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn metadata(&self) -> io::Result<Metadata> {
        let file = &self.shared.file;
        let spooled = self.inner.spooled(file);
        let path = file.path.lock().clone();
        let found = match path {
            Some(path) => metadata_of(&self.inner.existing(&path)?),
            None => Metadata { nlink: 0, ..Metadata::new(FileType::File, 0) },
        };
        match (spooled, &self.direct) {
            (Some(spooled), _) => Ok(spooled.over(found)),
            (None, Some(direct)) => Ok(Metadata { len: direct.len()?, ..found }),
            (None, None) => Ok(found),
        }
    }

    fn len(&self) -> io::Result<u64> {
        match (self.spooled()?, &self.direct) {
            (Some(spooled), _) => spooled.len(),
            (None, Some(direct)) => direct.len(),
            (None, None) => Ok(self.metadata()?.len),
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.shared.file.write_back(&self.inner)
    }

    fn finish(&self) -> io::Result<()> {
        self.shared.file.write_back(&self.inner)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let file = &self.shared.file;
        // Under the lock, so that nobody opens the file between its last handle's end and its being written back.
        let mut open = self.inner.open.lock();
        let left = {
            let mut handles = self.shared.handles.lock();
            *handles -= 1;
            *handles
        };
        if left > 0 {
            return;
        }
        // Nobody can be told.
        let _ = file.write_back(&self.inner);
        file.forget(&self.inner);
        let path = file.path.lock().clone();
        if let Some(path) = path {
            open.remove(&path);
        }
    }
}
