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
mod tests {
    use super::*;

    fn path(text: &str) -> VPath {
        VPath::new(text).unwrap()
    }

    #[test]
    fn buffer_is_stored_and_returned_without_a_copy() {
        let fs = MemFs::new();
        let bytes = Bytes::from(vec![7; 300_000]);
        fs.insert("/a/b/c", bytes.clone()).unwrap();
        assert_eq!(fs.take("/a/b/c").unwrap().as_ptr(), bytes.as_ptr());
        assert_eq!(fs.used(), 0);
    }

    #[test]
    fn every_kind_of_write_respects_the_limit() {
        let fs = MemFs::with_capacity_limit(100_000);
        let options = OpenOptions::new().read(true).write(true).create(true);
        let file = fs.open(&path("/a"), options).unwrap();
        file.write_at(&[1; 90_000], 0).unwrap();
        let full = |result: io::Result<()>| result.unwrap_err().kind() == io::ErrorKind::StorageFull;
        assert!(full(file.write_at(&[1; 20_000], 90_000).map(drop)));
        assert!(full(file.append(&[1; 20_000]).map(drop)));
        assert!(full(fs.write("/b", vec![0; 20_000])));
        assert_eq!(file.len().unwrap(), 90_000, "a refused write has no effect");
        file.write_at(&[2; 90_000], 0).unwrap();
        fs.remove_file(&path("/a")).unwrap();
        assert!(full(fs.write("/b", vec![0; 20_000])), "an unlinked file counts while it is open");
        drop(file);
        fs.write("/b", vec![0; 20_000]).unwrap();
        assert_eq!(fs.used(), 20_000);
    }

    #[test]
    fn names_are_limited_and_released() {
        let fs = MemFs::with_limits(u64::MAX, 3);
        let full = |result: io::Result<()>| result.unwrap_err().kind() == io::ErrorKind::QuotaExceeded;
        fs.insert("/d/a", "x").unwrap();
        fs.hard_link(&path("/d/a"), &path("/b")).unwrap();
        assert!(
            full(fs.write("/c", ""))
                && full(fs.create_dir(&path("/e")))
                && full(fs.symlink("a", &path("/s")))
        );
        fs.rename(&path("/b"), &path("/c")).unwrap();
        assert_eq!(fs.walk("/").unwrap(), ["/c", "/d", "/d/a"], "a rename needs no room");
        fs.remove_file(&path("/c")).unwrap();
        fs.write("/e", "").unwrap();
        fs.write("/f", "").unwrap_err();
        fs.write("/g", "x").unwrap_err();
        fs.rename(&path("/e"), &path("/d/a")).unwrap();
        fs.write("/f", "").unwrap();
        assert!(full(fs.snapshot().write("/g", "")), "a snapshot has the same limits");
    }

    #[test]
    fn folder_of_a_million_names_is_fast() {
        const NAMES: usize = 1_000_000;
        let fs = MemFs::new();
        for number in 0..NAMES {
            fs.open(&path(&format!("/{number}")), OpenOptions::new().write(true).create_new(true)).unwrap();
        }
        assert_eq!(fs.read_dir(&VPath::root()).unwrap().len(), NAMES);
        for number in (0..NAMES).step_by(7919) {
            fs.rename(&path(&format!("/{number}")), &path(&format!("/renamed {number}"))).unwrap();
            fs.write(format!("/renamed {number}"), "x").unwrap();
        }
        assert_eq!(fs.used(), NAMES.div_ceil(7919) as u64);
    }

    #[test]
    fn snapshot_is_independent_of_the_original() {
        let fs = MemFs::new();
        fs.insert("/d/a", "one").unwrap();
        fs.hard_link(&path("/d/a"), &path("/b")).unwrap();
        fs.symlink("d/a", &path("/s")).unwrap();
        let copy = fs.snapshot();
        fs.write("/d/a", "two").unwrap();
        fs.remove_file(&path("/s")).unwrap();
        assert_eq!(copy.walk("/").unwrap(), ["/b", "/d", "/d/a", "/s"]);
        assert_eq!(copy.read("/s").unwrap(), "one");
        copy.write("/b", "three").unwrap();
        assert_eq!(copy.read("/d/a").unwrap(), "three", "two names are still one file");
        assert_eq!(copy.metadata(&path("/b")).unwrap().nlink, 2);
        assert_eq!(fs.read("/b").unwrap(), "two");
    }

    #[test]
    fn deep_trees_do_not_overflow_the_stack() {
        let fs = MemFs::new();
        fs.create_dir(&path("/t")).unwrap();
        for _ in 0..100_000 {
            fs.create_dir(&path("/n")).unwrap();
            fs.rename(&path("/t"), &path("/n/t")).unwrap();
            fs.rename(&path("/n"), &path("/t")).unwrap();
        }
        assert_eq!(
            fs.rename(&path("/t"), &path("/t/t/t/x")).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
        drop(fs);
    }

    #[test]
    fn folder_of_many_names_is_fast() {
        let fs = MemFs::new();
        fs.create_dir(&path("/d")).unwrap();
        for number in 0..100_000 {
            fs.write(format!("/d/{number}"), "").unwrap();
        }
        assert_eq!(fs.read_dir(&path("/d")).unwrap().len(), 100_000);
        assert!(fs.exists("/d/77777"));
    }

    #[test]
    fn lengths_of_names_and_links_are_limited() {
        let fs = MemFs::new();
        let long = "x".repeat(256);
        assert_eq!(fs.write(&long, "").unwrap_err().kind(), io::ErrorKind::InvalidFilename);
        fs.write(&long[1..], "").unwrap();
        let renamed = fs.rename(&path(&long[1..]), &path(&long));
        assert_eq!(renamed.unwrap_err().kind(), io::ErrorKind::InvalidFilename);
        assert!(fs.exists(&long[1..]));
        let link = fs.symlink(&"x/".repeat(3000), &path("/l"));
        assert_eq!(link.unwrap_err().kind(), io::ErrorKind::InvalidFilename);
    }

    #[test]
    fn concurrent_appends_lose_nothing() {
        let fs = MemFs::new();
        fs.write("/log", "").unwrap();
        std::thread::scope(|scope| {
            for byte in 0..4u8 {
                let fs = fs.clone();
                scope.spawn(move || {
                    let file = fs.open(&path("/log"), OpenOptions::new().append(true)).unwrap();
                    for _ in 0..500 {
                        file.append(&[byte; 100]).unwrap();
                    }
                });
            }
        });
        let log = fs.read("/log").unwrap();
        assert_eq!(log.len(), 4 * 500 * 100);
        assert!(log.chunks(100).all(|run| run.iter().all(|byte| *byte == run[0])));
    }
}
