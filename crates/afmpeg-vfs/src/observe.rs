use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::{OpenOptions, VFile, VPath, Vfs, forward};

/// The most paths with separate counters: a guest may create any number of names. Files beyond it count only in the
/// total.
const MAX_FILES: usize = 1 << 16;

/// A wrapper that counts reads and writes, for example to show progress.
///
/// Counting costs a few atomic additions per call, and a lock only when a file is opened. Files are identified by the
/// path that they were opened with; a rename does not move the counters. At most 65,536 paths have separate counters;
/// all files count in the [total](Observe::total). Failed calls do not count. Clones share the counters.
///
/// ```
/// use afmpeg_vfs::{MemFs, Observe, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = Observe::new(MemFs::new());
/// fs.write("/a", "12345678")?;
/// fs.read("/a")?;
/// let (path, stats) = &fs.stats()[0];
/// assert_eq!((path.as_str(), stats.bytes_written, stats.bytes_read), ("/a", 8, 8));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Observe<V> {
    inner: V,
    shared: Arc<Shared>,
}

/// Counters of one file, or of all files.
///
/// ```
/// # use afmpeg_vfs::FileStats;
/// assert_eq!(FileStats::default().bytes_read, 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileStats {
    /// The number of times the file was opened.
    pub opens: u64,
    /// The number of reads.
    pub reads: u64,
    /// The number of writes, including appends.
    pub writes: u64,
    /// The number of bytes read; repeated reads count again.
    pub bytes_read: u64,
    /// The number of bytes written; repeated writes count again.
    pub bytes_written: u64,
    /// The end of the furthest read, in bytes: with the length of the file, the progress of a reader.
    pub read_to: u64,
    /// The end of the furthest write, in bytes.
    pub written_to: u64,
}

/// An operation on an open file.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use afmpeg_vfs::{Access, MemFs, Observe, VfsExt as _};
///
/// let seen = Arc::new(Mutex::new(Vec::new()));
/// let log = Arc::clone(&seen);
/// let fs = Observe::new(MemFs::new()).on_access(move |path, access| {
///     if let Access::Write { offset, bytes } = access {
///         log.lock().unwrap().push(format!("{path}: {bytes} bytes at {offset}"));
///     }
/// });
/// fs.write("/a", "abc").unwrap();
/// assert_eq!(*seen.lock().unwrap(), ["/a: 3 bytes at 0"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// The file was opened.
    Open,
    /// Bytes were read.
    Read {
        /// The offset in bytes.
        offset: u64,
        /// The number of bytes; 0 at the end of the file.
        bytes: u64,
    },
    /// Bytes were written.
    Write {
        /// The offset in bytes; for a file opened for appending, the offset passed to the call.
        offset: u64,
        /// The number of bytes.
        bytes: u64,
    },
    /// The writer closed the file: [`VFile::close`].
    Close,
}

type Callback = dyn Fn(&VPath, Access) + Send + Sync;

#[derive(Default)]
struct Shared {
    files: Mutex<BTreeMap<VPath, Arc<Counters>>>,
    total: Counters,
    callback: Option<Box<Callback>>,
}

#[derive(Debug, Default)]
struct Counters {
    opens: AtomicU64,
    reads: AtomicU64,
    writes: AtomicU64,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    read_to: AtomicU64,
    written_to: AtomicU64,
}

impl Counters {
    fn count(&self, access: Access) {
        match access {
            Access::Open => {
                self.opens.fetch_add(1, Relaxed);
            }
            Access::Read { offset, bytes } => {
                self.reads.fetch_add(1, Relaxed);
                if bytes > 0 {
                    self.bytes_read.fetch_add(bytes, Relaxed);
                    self.read_to.fetch_max(offset.saturating_add(bytes), Relaxed);
                }
            }
            Access::Write { offset, bytes } => {
                self.writes.fetch_add(1, Relaxed);
                if bytes > 0 {
                    self.bytes_written.fetch_add(bytes, Relaxed);
                    self.written_to.fetch_max(offset.saturating_add(bytes), Relaxed);
                }
            }
            Access::Close => {}
        }
    }

    fn snapshot(&self) -> FileStats {
        FileStats {
            opens: self.opens.load(Relaxed),
            reads: self.reads.load(Relaxed),
            writes: self.writes.load(Relaxed),
            bytes_read: self.bytes_read.load(Relaxed),
            bytes_written: self.bytes_written.load(Relaxed),
            read_to: self.read_to.load(Relaxed),
            written_to: self.written_to.load(Relaxed),
        }
    }
}

impl<V: Vfs> Observe<V> {
    /// Counts the operations on files of `inner`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Observe};
    /// assert!(Observe::new(MemFs::new()).stats().is_empty());
    /// ```
    pub fn new(inner: V) -> Self {
        Self { inner, shared: Arc::default() }
    }

    /// Calls `callback` after each operation on an open file, on the thread of the operation, which blocks until it
    /// returns. Resets the counters, so it must be called first.
    ///
    /// ```
    /// # use afmpeg_vfs::{Access, MemFs, Observe};
    /// let fs = Observe::new(MemFs::new()).on_access(|path, access| {
    ///     if access == Access::Close {
    ///         // Display `path`.
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn on_access(self, callback: impl Fn(&VPath, Access) + Send + Sync + 'static) -> Self {
        let shared = Shared { callback: Some(Box::new(callback)), ..Shared::default() };
        Self { inner: self.inner, shared: Arc::new(shared) }
    }

    /// Returns the counters of each path, in the order of the paths. Calls in progress may be counted partly.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Observe, VfsExt as _};
    /// let fs = Observe::new(MemFs::new());
    /// fs.write("/b", "").unwrap();
    /// fs.write("/a", "").unwrap();
    /// let paths: Vec<String> = fs.stats().iter().map(|(path, _)| path.to_string()).collect();
    /// assert_eq!(paths, ["/a", "/b"]);
    /// ```
    pub fn stats(&self) -> Vec<(VPath, FileStats)> {
        let files = self.shared.files.lock();
        files.iter().map(|(path, counters)| (path.clone(), counters.snapshot())).collect()
    }

    /// Returns the counters of the files opened with `path`; zeros if there were none.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Observe, VPath, VfsExt as _};
    /// let fs = Observe::new(MemFs::new());
    /// fs.write("/a", "abc").unwrap();
    /// assert_eq!(fs.stats_of(&VPath::new("/a").unwrap()).written_to, 3);
    /// ```
    pub fn stats_of(&self, path: &VPath) -> FileStats {
        self.shared.files.lock().get(path).map(|counters| counters.snapshot()).unwrap_or_default()
    }

    /// Returns the sums for all files; `read_to` and `written_to` are the maxima.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Observe, VfsExt as _};
    /// let fs = Observe::new(MemFs::new());
    /// fs.write("/a", "abc").unwrap();
    /// fs.write("/b", "de").unwrap();
    /// assert_eq!((fs.total().opens, fs.total().bytes_written), (2, 5));
    /// ```
    pub fn total(&self) -> FileStats {
        self.shared.total.snapshot()
    }
}

impl<V: fmt::Debug> fmt::Debug for Observe<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observe")
            .field("inner", &self.inner)
            .field("total", &self.shared.total.snapshot())
            .finish_non_exhaustive()
    }
}

#[deny(clippy::missing_trait_methods)]
impl<V: Vfs> Vfs for Observe<V> {
    forward!(inner: stat names set_times commit);

    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        let file = self.inner.open(path, options)?;
        let counters = {
            let mut files = self.shared.files.lock();
            match files.get(path) {
                Some(counters) => Some(Arc::clone(counters)),
                None if files.len() >= MAX_FILES => None,
                None => Some(Arc::clone(files.entry(path.clone()).or_default())),
            }
        };
        let file = ObservedFile { file, counters, path: path.clone(), shared: Arc::clone(&self.shared) };
        file.done(Access::Open);
        Ok(Box::new(file))
    }
}

struct ObservedFile {
    file: Box<dyn VFile>,
    counters: Option<Arc<Counters>>,
    path: VPath,
    shared: Arc<Shared>,
}

impl ObservedFile {
    fn done(&self, access: Access) {
        if let Some(counters) = &self.counters {
            counters.count(access);
        }
        self.shared.total.count(access);
        if let Some(callback) = &self.shared.callback {
            callback(&self.path, access);
        }
    }
}

impl fmt::Debug for ObservedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObservedFile")
            .field("path", &self.path)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

#[deny(clippy::missing_trait_methods)]
impl VFile for ObservedFile {
    forward!(file: len set_len);

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let read = self.file.read_at(buf, offset)?;
        self.done(Access::Read { offset, bytes: read as u64 });
        Ok(read)
    }

    fn contents(&self) -> io::Result<Bytes> {
        let contents = self.file.contents()?;
        self.done(Access::Read { offset: 0, bytes: contents.len() as u64 });
        Ok(contents)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let written = self.file.write_at(bytes, offset)?;
        self.done(Access::Write { offset, bytes: written as u64 });
        Ok(written)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let offset = self.file.append(bytes)?;
        self.done(Access::Write { offset, bytes: bytes.len() as u64 });
        Ok(offset)
    }

    fn replace(&self, contents: Bytes) -> io::Result<()> {
        let bytes = contents.len() as u64;
        self.file.replace(contents)?;
        self.done(Access::Write { offset: 0, bytes });
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()?;
        self.done(Access::Close);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemFs, VfsExt as _};

    fn path(text: &str) -> VPath {
        VPath::new(text).unwrap()
    }

    #[test]
    fn every_kind_of_read_and_write_is_counted_but_not_failures() {
        let fs = Observe::new(MemFs::with_capacity_limit(100));
        let file = fs.open(&path("/a"), OpenOptions::new().read(true).write(true).create(true)).unwrap();
        file.write_at(&[1; 10], 20).unwrap();
        file.append(&[1; 5]).unwrap();
        file.write_at(&[1; 1000], 0).unwrap_err();
        assert_eq!(file.read_at(&mut [0; 50], 30).unwrap(), 5);
        assert_eq!(file.read_at(&mut [0; 50], 35).unwrap(), 0);
        file.contents().unwrap();
        file.replace(vec![2; 7].into()).unwrap();
        let expected = FileStats {
            opens: 1,
            reads: 3,
            writes: 3,
            bytes_read: 5 + 35,
            bytes_written: 10 + 5 + 7,
            read_to: 35,
            written_to: 35,
        };
        assert_eq!(fs.stats_of(&path("/a")), expected);
        assert_eq!(fs.total(), expected);
        assert_eq!(fs.stats_of(&path("/b")), FileStats::default());
    }

    #[test]
    fn counters_of_many_threads_add_up() {
        let fs = Observe::new(MemFs::new());
        fs.write("/a", vec![0; 1000]).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let file = fs.open(&path("/a"), OpenOptions::new().read(true)).unwrap();
                    for offset in 0..1000 {
                        file.read_at(&mut [0], offset).unwrap();
                    }
                });
            }
        });
        let stats = fs.stats_of(&path("/a"));
        assert_eq!((stats.opens, stats.reads, stats.bytes_read, stats.read_to), (5, 4000, 4000, 1000));
    }

    #[test]
    fn paths_beyond_the_limit_count_only_in_the_total() {
        let fs = Observe::new(MemFs::new());
        for number in 0..MAX_FILES + 10 {
            fs.write(format!("/{number}"), "x").unwrap();
        }
        assert_eq!(fs.stats().len(), MAX_FILES);
        assert_eq!(fs.total().bytes_written, MAX_FILES as u64 + 10);
    }

    #[test]
    fn buffer_is_passed_through_without_a_copy() {
        let fs = Observe::new(MemFs::new());
        let bytes = Bytes::from(vec![7; 100_000]);
        fs.write("/a", bytes.clone()).unwrap();
        assert_eq!(fs.read("/a").unwrap().as_ptr(), bytes.as_ptr());
    }
}
