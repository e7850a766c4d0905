//! Files in memory, and their handles.

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

use super::content::Content;
use crate::{FileType, Metadata, OpenOptions, VFile};

/// The number of stored bytes of all files, and its limit.
#[derive(Debug)]
pub(super) struct Quota {
    used: AtomicU64,
    pub(super) limit: u64,
}

impl Quota {
    pub(super) fn new(limit: u64) -> Self {
        Self { used: AtomicU64::new(0), limit }
    }

    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Charges a change before it is made, or refuses it.
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

    /// Accounts for a completed change, even beyond the limit.
    fn settle(&self, before: u64, after: u64) {
        if self.charge(before, after).is_err() {
            self.used.fetch_add(after - before, Ordering::Relaxed);
        }
    }
}

/// A file, which lives as long as a name or a handle refers to it.
pub(super) struct MemFile {
    inode: u64,
    /// The number of names.
    pub(super) names: AtomicU64,
    content: RwLock<Content>,
    created: SystemTime,
    quota: Arc<Quota>,
}

impl MemFile {
    pub(super) fn new(inode: u64, quota: Arc<Quota>) -> Self {
        let content = RwLock::new(Content::new());
        Self { inode, names: AtomicU64::new(0), content, created: SystemTime::now(), quota }
    }

    /// Returns a copy of the file for another filesystem with `quota`, without a name. It shares the pages.
    pub(super) fn fork(&self, quota: Arc<Quota>) -> Self {
        let content = self.content.read().clone();
        quota.settle(0, content.stored());
        Self {
            inode: self.inode,
            names: AtomicU64::new(0),
            content: RwLock::new(content),
            created: self.created,
            quota,
        }
    }

    pub(super) fn inode(&self) -> u64 {
        self.inode
    }

    pub(super) fn metadata(&self) -> Metadata {
        let content = self.content.read();
        Metadata {
            inode: self.inode,
            nlink: self.names.load(Ordering::Relaxed),
            created: Some(self.created),
            modified: Some(content.modified),
            accessed: content.accessed,
            ..Metadata::new(FileType::File, content.len())
        }
    }

    pub(super) fn set_times(&self, accessed: Option<SystemTime>, modified: Option<SystemTime>) {
        let mut content = self.content.write();
        content.accessed = accessed.or(content.accessed);
        content.modified = modified.unwrap_or(content.modified);
    }

    /// Sets the length. This never stores more bytes, except for the rounding of the last page.
    pub(super) fn set_len(&self, len: u64) -> io::Result<()> {
        let mut content = self.content.write();
        let before = content.stored();
        content.set_len(len)?;
        self.quota.settle(before, content.stored());
        Ok(())
    }

    pub(super) fn replace(&self, contents: Bytes) -> io::Result<()> {
        let mut new = Content::from_bytes(contents);
        let mut content = self.content.write();
        self.quota.charge(content.stored(), new.stored())?;
        new.accessed = content.accessed;
        let old = std::mem::replace(&mut *content, new);
        drop(content);
        // Freeing a large file takes time, and must not hold the lock.
        drop(old);
        Ok(())
    }

    /// Writes at the offset that `place` returns for the current length; returns that offset.
    fn write(&self, bytes: &[u8], place: impl FnOnce(u64) -> u64) -> io::Result<u64> {
        let mut content = self.content.write();
        let offset = place(content.len());
        let before = content.stored();
        let after = content.stored_after_write(bytes.len(), offset)?;
        self.quota.charge(before, after)?;
        let result = content.write_at(bytes, offset);
        // The charge is exact if the write succeeds; a failed write stores nothing.
        self.quota.settle(after, content.stored());
        result.map(|()| offset)
    }

    pub(super) fn contents(&self) -> io::Result<Bytes> {
        if let Some(bytes) = self.content.read().whole() {
            return Ok(bytes);
        }
        let mut content = self.content.write();
        let before = content.stored();
        let bytes = content.gather()?;
        // The last page is no longer rounded up.
        self.quota.settle(before, content.stored());
        Ok(bytes)
    }
}

impl Drop for MemFile {
    fn drop(&mut self) {
        self.quota.settle(self.content.get_mut().stored(), 0);
    }
}

impl fmt::Debug for MemFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemFile")
            .field("inode", &self.inode)
            .field("len", &self.content.read().len())
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(super) struct MemHandle {
    file: Arc<MemFile>,
    options: OpenOptions,
}

impl MemHandle {
    pub(super) fn new(file: Arc<MemFile>, options: OpenOptions) -> Self {
        Self { file, options }
    }

    fn check_readable(&self) -> io::Result<()> {
        if self.options.read { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }

    fn check_writable(&self) -> io::Result<()> {
        if self.options.writes() { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }
}

impl VFile for MemHandle {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.check_readable()?;
        Ok(self.file.content.read().read_at(buf, offset))
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.check_writable()?;
        self.file.write(bytes, |len| if self.options.append { len } else { offset })?;
        Ok(bytes.len())
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.check_writable()?;
        self.file.write(bytes, |len| len)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(self.file.metadata())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check_writable()?;
        self.file.set_len(len)
    }

    fn replace(&self, contents: Bytes) -> io::Result<()> {
        self.check_writable()?;
        self.file.replace(contents)
    }

    fn contents(&self) -> io::Result<Bytes> {
        self.check_readable()?;
        self.file.contents()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{MemFs, VPath, Vfs as _, VfsExt as _};

    #[test]
    fn write_beyond_the_longest_file_differs_from_a_full_disk() {
        let fs = MemFs::with_capacity_limit(10);
        let options = OpenOptions::new().write(true).create(true);
        let file = fs.open(&VPath::new("/a").unwrap(), options).unwrap();
        for offset in [u64::MAX, u64::MAX - 5, i64::MAX as u64] {
            assert_eq!(file.write_at(&[1; 100], offset).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        }
        assert_eq!(fs.used(), 0);
    }

    #[test]
    fn waiting_for_a_busy_file_does_not_block_the_filesystem() {
        let fs = MemFs::new();
        fs.write("/a", "x").unwrap();
        let path = VPath::new("/a").unwrap();
        let file = fs.find_or_create(&path, OpenOptions::new().read(true)).unwrap();
        std::thread::scope(|scope| {
            let busy = file.content.write();
            scope.spawn(|| fs.metadata(&path));
            scope.spawn(|| fs.set_times(&path, None, Some(SystemTime::UNIX_EPOCH)));
            // By then, both are waiting for the file.
            std::thread::sleep(Duration::from_millis(50));
            let free = fs.inner.tree.try_write_for(Duration::from_secs(10)).is_some();
            drop(busy);
            assert!(free);
        });
    }

    #[test]
    fn snapshot_counts_its_own_names_despite_concurrent_removals() {
        let fs = MemFs::new();
        for _ in 0..500 {
            fs.write("/a", "").unwrap();
            let path = VPath::new("/a").unwrap();
            std::thread::scope(|scope| {
                scope.spawn(|| fs.remove_file(&path));
                let copy = fs.snapshot();
                if let Ok(found) = copy.metadata(&path) {
                    assert_eq!(found.nlink, 1);
                }
            });
        }
    }
}
