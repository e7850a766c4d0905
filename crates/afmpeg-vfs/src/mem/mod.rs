//! The filesystem in memory.

mod content;
mod file;
mod pages;
mod tree;

use std::{
    collections::HashMap,
    fmt, io,
    sync::{Arc, atomic::Ordering},
    time::SystemTime,
};

use bytes::Bytes;
use parking_lot::RwLock;

use self::{
    file::{MemFile, MemHandle, Quota},
    tree::{Dir, Node, Symlink, Tree},
};
use crate::{DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs, VfsExt as _, resolve::Node as _};

/// A filesystem in memory. Clones share it.
///
/// Files are stored in pages of 64 KiB: a write costs the pages that it touches, holes cost nothing, and files may be
/// longer than 4 GiB. A buffer that is written whole ([`MemFs::insert`], [`VfsExt::write`](crate::VfsExt::write)) is
/// stored without a copy, and returned without one when it is read whole. Readers of a file do not block each other,
/// and operations on different files do not either. Appends are atomic. Reading does not change access times.
///
/// ```
/// use afmpeg_vfs::{MemFs, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = MemFs::new();
/// fs.insert("/in/long.txt", vec![b'x'; 1 << 20])?;
/// assert_eq!(fs.used(), 1 << 20);
/// assert_eq!(fs.take("/in/long.txt")?.len(), 1 << 20);
/// assert_eq!(fs.walk("/")?, ["/in"]);
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

impl MemFs {
    /// Creates an empty filesystem that is limited only by memory.
    pub fn new() -> Self {
        Self::with_capacity_limit(u64::MAX)
    }

    /// Creates an empty filesystem whose files may store `bytes` in total; a write beyond it fails with
    /// [`StorageFull`](io::ErrorKind::StorageFull). Neither holes nor names count.
    ///
    /// ```
    /// use afmpeg_vfs::{MemFs, VfsExt as _};
    ///
    /// let fs = MemFs::with_capacity_limit(10);
    /// fs.write("/a", "12345678").unwrap();
    /// assert_eq!(fs.write("/b", "1234").unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    /// ```
    pub fn with_capacity_limit(bytes: u64) -> Self {
        Self::with_limits(bytes, u64::MAX)
    }

    /// Creates an empty filesystem whose files may store `bytes` in total, with at most `names` files, folders and
    /// links, not counting the root. Creating one more fails with [`QuotaExceeded`](io::ErrorKind::QuotaExceeded). For
    /// untrusted guests, because names cost memory, too.
    ///
    /// ```
    /// use std::io::ErrorKind;
    ///
    /// use afmpeg_vfs::{MemFs, VfsExt as _};
    ///
    /// let fs = MemFs::with_limits(1 << 20, 2);
    /// fs.insert("/in/a", "1").unwrap();
    /// assert_eq!(fs.write("/in/b", "2").unwrap_err().kind(), ErrorKind::QuotaExceeded);
    /// ```
    pub fn with_limits(bytes: u64, names: u64) -> Self {
        Self::from_parts(Tree::new(names), Arc::new(Quota::new(bytes)))
    }

    fn from_parts(tree: Tree, quota: Arc<Quota>) -> Self {
        Self { inner: Arc::new(Inner { tree: RwLock::new(tree), quota }) }
    }

    /// Returns the number of bytes that all files store, including unlinked files that are still open. A page of a
    /// file that was written in pieces counts for at least 256 bytes.
    ///
    /// ```
    /// # use afmpeg_vfs::MemFs;
    /// assert_eq!(MemFs::new().used(), 0);
    /// ```
    pub fn used(&self) -> u64 {
        self.inner.quota.used()
    }

    /// Inserts a file at `path`, and the folders that lead to it. The buffer is not copied.
    ///
    /// # Errors
    ///
    /// `IsADirectory`, `NotADirectory`, `StorageFull`.
    ///
    /// ```
    /// use afmpeg_vfs::{MemFs, VfsExt as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let fs = MemFs::new();
    /// fs.insert("/fonts/a.ttf", vec![0; 100])?;
    /// assert_eq!(fs.read("/fonts/a.ttf")?.len(), 100);
    /// # Ok(())
    /// # }
    /// ```
    pub fn insert(&self, path: impl AsRef<str>, contents: impl Into<Bytes>) -> io::Result<()> {
        let path = VPath::new(path)?;
        if let Some(folder) = path.parent() {
            self.create_dir_all(folder)?;
        }
        self.write(path, contents)
    }

    /// Removes the file at `path`, and returns its contents: the original buffer if the file was written whole and not
    /// changed since; otherwise a new one, into which pages are moved, or copied if there are holes.
    ///
    /// # Errors
    ///
    /// `NotFound`, `IsADirectory`; `OutOfMemory` for a sparse file with more than a GiB of holes, which stays.
    ///
    /// ```
    /// use afmpeg_vfs::{MemFs, VfsExt as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let fs = MemFs::new();
    /// fs.write("/out.mp4", "...")?;
    /// assert_eq!(fs.take("/out.mp4")?, "...");
    /// assert!(!fs.exists("/out.mp4"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn take(&self, path: impl AsRef<str>) -> io::Result<Bytes> {
        let path = VPath::new(path)?;
        loop {
            let name = self.inner.tree.read().find(&path, false)?;
            let contents = self.find_or_create(&path, OpenOptions::new().read(true))?.contents()?;
            // A concurrent rename may have put another file at the path.
            let mut is_same = false;
            let removed = self.inner.tree.write().remove(&path, |_, there| {
                is_same = there.is_same(&name);
                if is_same { Ok(()) } else { Err(io::ErrorKind::ResourceBusy.into()) }
            });
            if is_same || removed.is_ok() {
                return removed.map(|_| contents);
            }
        }
    }

    /// Returns an independent copy of the filesystem, with the same limits. Contents are shared, page by page, until
    /// one of the two changes them. Each file is copied atomically; with concurrent writes, two files may be copied at
    /// different times.
    ///
    /// ```
    /// use afmpeg_vfs::{MemFs, VfsExt as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let fs = MemFs::new();
    /// fs.write("/a", "before")?;
    /// let before = fs.snapshot();
    /// fs.write("/a", "after")?;
    /// assert_eq!(before.read("/a")?, "before");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let quota = Arc::new(Quota::new(self.inner.quota.limit));
        let mut tree = self.inner.tree.read().clone();
        // A file with several names stays one file.
        let mut files: HashMap<u64, Arc<MemFile>> = HashMap::new();
        let mut links: HashMap<u64, Arc<Symlink>> = HashMap::new();
        for node in tree.nodes_mut() {
            match node {
                Node::Dir(_) => {}
                Node::File(file) => {
                    let fork = || Arc::new(file.fork(Arc::clone(&quota)));
                    *file = Arc::clone(files.entry(file.inode()).or_insert_with(fork));
                }
                Node::Symlink(link) => {
                    *link = Arc::clone(links.entry(link.inode).or_insert_with(|| Arc::new(link.fork())));
                }
            }
            // The names of the copy: those of the original may have changed since.
            node.count_name(true);
        }
        Self::from_parts(tree, quota)
    }

    fn metadata_of(&self, path: &VPath, follow: bool) -> io::Result<Metadata> {
        let tree = self.inner.tree.read();
        Ok(match tree.find(path, follow)? {
            Node::Dir(inode) => dir_metadata(inode, tree.dir(inode)?),
            Node::File(file) => {
                // The file may be busy, and must not block others.
                drop(tree);
                file.metadata()
            }
            Node::Symlink(link) => Metadata {
                inode: link.inode,
                nlink: link.names.load(Ordering::Relaxed),
                created: Some(link.created),
                modified: Some(link.created),
                ..Metadata::new(FileType::Symlink, link.text.len() as u64)
            },
        })
    }

    /// Returns the file at `path`, created if `options` permits it.
    fn find_or_create(&self, path: &VPath, options: OpenOptions) -> io::Result<Arc<MemFile>> {
        if options.create_new {
            let mut file = None;
            let made = |inode| {
                let new = Arc::new(MemFile::new(inode, Arc::clone(&self.inner.quota)));
                file = Some(Arc::clone(&new));
                Node::File(new)
            };
            self.inner.tree.write().insert(path, made)?;
            return file.ok_or_else(|| io::ErrorKind::AlreadyExists.into());
        }
        // Most calls open existing files, which need no exclusive lock.
        let found = self.inner.tree.read().find(path, true);
        let node = match found {
            Err(error) if options.create && error.kind() == io::ErrorKind::NotFound => {
                let new = |inode| Node::File(Arc::new(MemFile::new(inode, Arc::clone(&self.inner.quota))));
                self.inner.tree.write().find_or_insert(path, true, new)?
            }
            found => found?,
        };
        match node {
            Node::File(file) => Ok(file),
            Node::Dir(_) | Node::Symlink(_) => Err(io::ErrorKind::IsADirectory.into()),
        }
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

fn dir_metadata(inode: u64, dir: &Dir) -> Metadata {
    Metadata {
        inode,
        created: Some(dir.created),
        modified: Some(dir.modified),
        accessed: dir.accessed,
        ..Metadata::new(FileType::Dir, 0)
    }
}

impl Vfs for MemFs {
    fn keeps_in_memory(&self, _: &VPath) -> bool {
        true
    }

    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        options.check()?;
        let file = self.find_or_create(path, options)?;
        if options.truncate {
            file.set_len(0)?;
        }
        Ok(Box::new(MemHandle::new(file, options)))
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
        let entries = dir
            .children
            .iter()
            .map(|(name, node)| DirEntry { inode: node.inode(), ..DirEntry::new(&**name, node.file_type()) });
        Ok(entries.collect())
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.inner.tree.write().insert(path, Node::Dir)
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        if path.is_root() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let removed = self.inner.tree.write().remove(path, |_, node| match node {
            Node::Dir(_) => Err(io::ErrorKind::IsADirectory.into()),
            Node::File(_) | Node::Symlink(_) => Ok(()),
        })?;
        // Freeing a large file takes time, and must not hold the lock.
        drop(removed);
        Ok(())
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        let removed = self.inner.tree.write().remove(path, |tree, node| match node {
            Node::Dir(inode) if tree.dir(*inode)?.children.is_empty() => Ok(()),
            Node::Dir(_) => Err(io::ErrorKind::DirectoryNotEmpty.into()),
            Node::File(_) | Node::Symlink(_) => Err(io::ErrorKind::NotADirectory.into()),
        });
        removed.map(drop)
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        let replaced = self.inner.tree.write().rename(from, to)?;
        drop(replaced);
        Ok(())
    }

    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        if target.is_empty() || target.contains('\0') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.inner
            .tree
            .write()
            .insert(link, |inode| Node::Symlink(Arc::new(Symlink::new(inode, target.to_owned()))))
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        match self.inner.tree.read().find(path, false)? {
            Node::Symlink(link) => Ok(link.text.clone()),
            Node::Dir(_) | Node::File(_) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        self.inner.tree.write().hard_link(original, link)
    }

    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        let mut tree = self.inner.tree.write();
        match tree.find(path, true)? {
            Node::File(file) => {
                // The file may be busy, and must not block others.
                drop(tree);
                file.set_times(accessed, modified);
            }
            Node::Dir(inode) => {
                let dir = tree.dir_mut(inode)?;
                dir.accessed = accessed.or(dir.accessed);
                dir.modified = modified.unwrap_or(dir.modified);
            }
            // Links were followed, and the lock rules out changes since.
            Node::Symlink(_) => return Err(io::ErrorKind::NotFound.into()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
