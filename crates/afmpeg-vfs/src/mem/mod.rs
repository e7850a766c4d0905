//! Files in memory.

mod content;
mod tree;

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use bytes::Bytes;
use parking_lot::RwLock;

use self::{
    content::Content,
    tree::{Dir, Node, Symlink, Tree},
};
use crate::{DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs};

/// A filesystem in memory. Clones share it.
///
/// Files are kept in pages of 64 KiB: a write in the middle costs a page and not the file, what lies between
/// the end of a file and a write beyond it costs nothing, and files may be longer than 4 GiB. A buffer that is
/// written whole ([`VfsExt::write`](crate::VfsExt::write) with `Bytes` or a `Vec`) is kept as it is, and one
/// that is read whole is given out as it is. Readers of one file do not wait for each other, and nobody waits
/// for who reads or writes another file.
///
/// ```
/// use afmpeg_vfs::{MemFs, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = MemFs::new();
/// fs.write("/in.txt", vec![b'x'; 1 << 20])?;
/// assert_eq!(fs.used(), 1 << 20);
/// assert_eq!(fs.read("/in.txt")?.len(), 1 << 20);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MemFs {
    inner: Arc<Inner>,
}

struct Inner {
    tree: RwLock<Tree>,
    quota: Arc<Quota>,
}

/// How many bytes all files together keep, and may keep.
#[derive(Debug)]
struct Quota {
    used: AtomicU64,
    limit: u64,
}

impl Quota {
    /// Counts a change of what is kept. It is let through before it is made, or not at all.
    fn charge(&self, before: u64, after: u64) -> io::Result<()> {
        if after <= before {
            self.used.fetch_sub(before - after, Ordering::Relaxed);
            return Ok(());
        }
        let more = after - before;
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(more).filter(|used| *used <= self.limit)
            })
            .map(drop)
            .map_err(|_| io::ErrorKind::StorageFull.into())
    }
}

impl MemFs {
    /// An empty filesystem, as large as memory.
    pub fn new() -> Self {
        Self::with_limit(u64::MAX)
    }

    /// An empty filesystem whose files may keep `bytes` in all; a write over that fails with
    /// [`StorageFull`](io::ErrorKind::StorageFull). What is in no page counts for nothing.
    ///
    /// ```
    /// use afmpeg_vfs::{MemFs, VfsExt as _};
    ///
    /// let fs = MemFs::with_limit(10);
    /// fs.write("/a", "12345678").unwrap();
    /// assert_eq!(fs.write("/b", "1234").unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    /// ```
    pub fn with_limit(bytes: u64) -> Self {
        let quota = Arc::new(Quota { used: AtomicU64::new(0), limit: bytes });
        Self { inner: Arc::new(Inner { tree: RwLock::new(Tree { root: Dir::new() }), quota }) }
    }

    /// How many bytes all files together keep.
    pub fn used(&self) -> u64 {
        self.inner.quota.used.load(Ordering::Relaxed)
    }

    fn metadata_of(&self, path: &VPath, follow: bool) -> io::Result<Metadata> {
        let tree = self.inner.tree.read();
        Ok(match tree.find(path, follow)? {
            None => dir_metadata(&tree.root),
            Some(Node::Dir(dir)) => dir_metadata(dir),
            Some(Node::File(file)) => file.metadata(),
            Some(Node::Symlink(link)) => Metadata {
                created: Some(link.created),
                modified: Some(link.created),
                ..Metadata::new(FileType::Symlink, link.text.len() as u64)
            },
        })
    }

    /// The file at `path`, made if `how` says so.
    fn find_or_create(&self, path: &VPath, how: OpenOptions) -> io::Result<Arc<MemFile>> {
        let existing = |node: Option<&Node>| match node {
            Some(Node::File(file)) => Ok(Arc::clone(file)),
            Some(Node::Dir(_)) | None => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            // A link that was followed leads elsewhere; one that was not is in the way of `create_new`.
            Some(Node::Symlink(_)) => Err(io::ErrorKind::AlreadyExists.into()),
        };
        if !how.create && !how.create_new {
            return existing(self.inner.tree.read().find(path, true)?);
        }
        let mut tree = self.inner.tree.write();
        match tree.find(path, !how.create_new) {
            Ok(_) if how.create_new => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            found => return existing(found?),
        }
        let file = Arc::new(MemFile::new(Arc::clone(&self.inner.quota)));
        let place = tree.resolve(path, !how.create_new)?;
        let dir = tree.folder_mut(&place)?;
        dir.children.insert(place.name.into(), Node::File(Arc::clone(&file)));
        dir.modified = SystemTime::now();
        Ok(file)
    }
}

impl Default for MemFs {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemFs").field("used", &self.used()).finish_non_exhaustive()
    }
}

fn dir_metadata(dir: &Dir) -> Metadata {
    Metadata { created: Some(dir.created), modified: Some(dir.modified), ..Metadata::new(FileType::Dir, 0) }
}

impl Vfs for MemFs {
    fn open(&self, path: &VPath, how: OpenOptions) -> io::Result<Box<dyn VFile>> {
        let file = self.find_or_create(path, how)?;
        if how.truncate {
            file.change(|content| content.set_len(0))?;
        }
        Ok(Box::new(MemHandle { file, read: how.read, write: how.write }))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.metadata_of(path, true)
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.metadata_of(path, false)
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let tree = self.inner.tree.read();
        let dir = tree.find_dir(path)?;
        Ok(dir.children.iter().map(|(name, node)| DirEntry::new(&**name, node.file_type())).collect())
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.inner.tree.write().insert(path, Node::Dir(Dir::new()))
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        let removed = self.inner.tree.write().remove(path, |node| match node {
            Node::Dir(_) => Err(io::ErrorKind::IsADirectory.into()),
            Node::File(_) | Node::Symlink(_) => Ok(()),
        })?;
        // Freeing a large file takes a while: not under the lock.
        drop(removed);
        Ok(())
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        let removed = self.inner.tree.write().remove(path, |node| match node {
            Node::Dir(dir) if dir.children.is_empty() => Ok(()),
            Node::Dir(_) => Err(io::ErrorKind::DirectoryNotEmpty.into()),
            Node::File(_) | Node::Symlink(_) => Err(io::ErrorKind::NotADirectory.into()),
        });
        removed.map(drop)
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.inner.tree.write().rename(from, to)
    }

    fn symlink(&self, text: &str, link: &VPath) -> io::Result<()> {
        if text.is_empty() || text.contains('\0') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let node = Node::Symlink(Symlink { text: text.to_owned(), created: SystemTime::now() });
        self.inner.tree.write().insert(link, node)
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        match self.inner.tree.read().find(path, false)? {
            Some(Node::Symlink(link)) => Ok(link.text.clone()),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn set_times(&self, path: &VPath, _: Option<SystemTime>, modified: Option<SystemTime>) -> io::Result<()> {
        let Some(modified) = modified else { return Ok(()) };
        let mut tree = self.inner.tree.write();
        let place = tree.resolve(path, true)?;
        if place.is_root() {
            tree.root.modified = modified;
            return Ok(());
        }
        match tree.folder_mut(&place)?.children.get_mut(place.name.as_str()) {
            Some(Node::File(file)) => file.content.write().modified = modified,
            Some(Node::Dir(dir)) => dir.modified = modified,
            Some(Node::Symlink(_)) | None => return Err(io::ErrorKind::NotFound.into()),
        }
        Ok(())
    }
}

/// What a name leads to; it lives as long as a name or a handle leads to it.
struct MemFile {
    content: RwLock<Content>,
    created: SystemTime,
    quota: Arc<Quota>,
}

impl MemFile {
    fn new(quota: Arc<Quota>) -> Self {
        Self { content: RwLock::new(Content::new()), created: SystemTime::now(), quota }
    }

    fn metadata(&self) -> Metadata {
        let content = self.content.read();
        Metadata {
            created: Some(self.created),
            modified: Some(content.modified),
            ..Metadata::new(FileType::File, content.len())
        }
    }

    /// Makes a change that keeps what is kept, or less.
    fn change(&self, change: impl FnOnce(&mut Content) -> io::Result<()>) -> io::Result<()> {
        let mut content = self.content.write();
        let before = content.stored();
        change(&mut content)?;
        self.quota.charge(before, content.stored())
    }
}

impl Drop for MemFile {
    fn drop(&mut self) {
        self.quota.used.fetch_sub(self.content.get_mut().stored(), Ordering::Relaxed);
    }
}

impl fmt::Debug for MemFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemFile").field("len", &self.content.read().len()).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct MemHandle {
    file: Arc<MemFile>,
    read: bool,
    write: bool,
}

fn check(allowed: bool) -> io::Result<()> {
    if allowed { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

impl VFile for MemHandle {
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        check(self.read)?;
        Ok(self.file.content.read().read_at(into, at))
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        check(self.write)?;
        let mut content = self.file.content.write();
        let before = content.stored();
        let most = content.stored_after_write(bytes.len(), at);
        self.file.quota.charge(before, most)?;
        let result = content.write_at(bytes, at);
        // The estimate is exact when the write succeeds; when it fails nothing was kept.
        self.file.quota.charge(most, content.stored())?;
        result.map(|()| bytes.len())
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(self.file.metadata())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        check(self.write)?;
        self.file.change(|content| content.set_len(len))
    }

    fn replace(&self, contents: Bytes) -> io::Result<()> {
        check(self.write)?;
        let mut content = self.file.content.write();
        self.file.quota.charge(content.stored(), contents.len() as u64)?;
        *content = Content::from_bytes(contents);
        Ok(())
    }

    fn contents(&self) -> io::Result<Bytes> {
        check(self.read)?;
        if let Some(bytes) = self.file.content.read().whole() {
            return Ok(bytes);
        }
        let mut content = self.file.content.write();
        let before = content.stored();
        let bytes = content.gather()?;
        // A sparse file has become a whole one. Over the limit, what was asked for is still given.
        if self.file.quota.charge(before, content.stored()).is_err() {
            self.file.quota.used.fetch_add(content.stored() - before, Ordering::Relaxed);
        }
        Ok(bytes)
    }
}
