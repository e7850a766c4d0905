//! Buckets as filesystems.

mod bucket;
mod builder;
mod error;
#[expect(clippy::module_inception, reason = "an object of a bucket")]
mod object;
mod upload;

use std::{fmt, io, sync::Arc, time::SystemTime};

use object_store::{ObjectStore, path::Path};
use parking_lot::{Mutex, RwLock};

pub use self::builder::ObjectFsBuilder;
use self::{
    bucket::Bucket,
    upload::{Done, Upload, UploadOptions, Uploader},
};
use super::Tuning;
use crate::{
    DirEntry, Metadata, OpenOptions, Overlay, SpoolFs, SpoolLimits, VFile, VPath, Vfs, spool::State,
};

/// A bucket of any object store, or the part of one below a prefix, as a filesystem that is written by
/// [`commit`](Vfs::commit).
///
/// **Reading.** Objects are read by range requests, which start short and grow with sequential reads, and the bytes are
/// cached in memory up to [`cache_bytes`](ObjectFsBuilder::cache_bytes). An open file keeps the version that it was
/// opened with: when the object changes, reading fails. The result of a lookup is cached for five seconds; opening an
/// object always sends a request.
///
/// **Folders** are common prefixes of keys: an empty folder exists only until the next commit. A key that is both an
/// object and a folder is shown as a file, and the objects below it are not shown. Keys that [`object_store`] cannot
/// parse (`a//b`, `a/../b`, control characters) are not shown; listing a folder fails if the store itself reports such a
/// key. There are neither symbolic nor hard links.
///
/// **Writing** goes to a spool, in memory for small files and in a temporary file for others; nothing is visible to
/// others before `commit`. It uploads the written files, short files whole and long files in parts, several at once, and
/// then removes the removed files. An object is replaced atomically; when `commit` fails, some objects may have been
/// replaced. It can be called again and resumes where it failed.
///
/// No write is lost between two commits. During a commit, writes and changes of names fail with
/// [`ResourceBusy`](io::ErrorKind::ResourceBusy); reading continues. After it, the name of an open file leads to the
/// object, and a write through the old handle fails with
/// [`StaleNetworkFileHandle`](io::ErrorKind::StaleNetworkFileHandle).
///
/// Clones share the cache and the spool; for concurrent jobs, use [`for_job`](Self::for_job).
///
/// Retries are up to the client of the store. Names with control characters can be written but not committed.
///
/// ```
/// use std::sync::Arc;
///
/// use afmpeg_vfs::{ObjectFs, Vfs as _, VfsExt as _};
/// use object_store::memory::InMemory;
///
/// # fn main() -> std::io::Result<()> {
/// let bucket = Arc::new(InMemory::new());
/// let fs = ObjectFs::new(bucket.clone());
/// fs.write("/clip.mp4", "...")?;
/// assert!(!ObjectFs::new(bucket.clone()).exists("/clip.mp4"));
/// fs.commit()?;
/// assert_eq!(ObjectFs::new(bucket).read("/clip.mp4")?, "...");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ObjectFs {
    bucket: Arc<Bucket>,
    limits: SpoolLimits,
    upload: UploadOptions,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    written: RwLock<Written>,
    /// Locked during a commit.
    done: Mutex<Done>,
}

/// The changes since the last commit.
#[derive(Debug, Clone)]
struct Written {
    spool: Arc<SpoolFs>,
    /// The spool over the bucket.
    overlay: Overlay,
}

impl Written {
    fn new(bucket: &Arc<Bucket>, limits: SpoolLimits) -> Self {
        let spool = Arc::new(SpoolFs::new(limits));
        let overlay = Overlay::new(Arc::clone(bucket), Arc::clone(&spool));
        Self { spool, overlay }
    }
}

impl ObjectFs {
    fn assemble(
        store: Arc<dyn ObjectStore>,
        prefix: Path,
        tuning: &Tuning,
        limits: SpoolLimits,
        upload: UploadOptions,
    ) -> Self {
        Self::of_bucket(Arc::new(Bucket::new(store, prefix, tuning)), limits, upload)
    }

    fn of_bucket(bucket: Arc<Bucket>, limits: SpoolLimits, upload: UploadOptions) -> Self {
        let written = RwLock::new(Written::new(&bucket, limits));
        let shared = Arc::new(Shared { written, done: Mutex::default() });
        Self { bucket, limits, upload, shared }
    }

    /// Returns the same bucket for another job: it shares the cache, but not the spool.
    ///
    /// Concurrent jobs need one each, because a commit uploads every file in the spool, including unfinished files of
    /// other jobs.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{ObjectFs, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// let bucket = ObjectFs::new(Arc::new(object_store::memory::InMemory::new()));
    /// let (one, other) = (bucket.for_job(), bucket.for_job());
    /// one.write("/half", "...")?;
    /// other.write("/whole", "...")?;
    /// other.commit()?;
    /// assert_eq!(bucket.walk("/")?, ["/whole"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn for_job(&self) -> Self {
        Self::of_bucket(Arc::clone(&self.bucket), self.limits, self.upload)
    }

    /// Uploads `file`, which may be of another filesystem, to `path` at once: neither through the spool nor at the next
    /// commit. Its object is whole or absent. A file that was written to `path` before still replaces it at the next
    /// commit.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{MemFs, ObjectFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// let scratch = MemFs::new();
    /// scratch.write("/out.mp4", "...")?;
    /// let bucket = ObjectFs::builder(Arc::new(object_store::memory::InMemory::new())).create_only(true).build()?;
    /// let file = scratch.open(&VPath::new("/out.mp4")?, OpenOptions::new().read(true))?;
    /// bucket.upload(&VPath::new("/films/7.mp4")?, &*file)?;
    /// assert_eq!(bucket.read("/films/7.mp4")?, "...");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if the object exists and the filesystem has [`create_only`](ObjectFsBuilder::create_only);
    /// errors of the store and of `file`.
    pub fn upload(&self, path: &VPath, file: &dyn VFile) -> io::Result<()> {
        let result = self.uploader().run(path, file);
        // Even a failed upload may have changed the bucket.
        self.bucket.invalidate();
        result
    }

    fn uploader(&self) -> Uploader<'_> {
        Uploader { bucket: &self.bucket, options: self.upload }
    }

    /// Returns the current overlay.
    fn overlay(&self) -> Overlay {
        self.shared.written.read().overlay.clone()
    }

    /// Changes names, or opens a file for a change. No commit starts in the meantime.
    fn change<T>(&self, change: impl FnOnce(&Overlay) -> io::Result<T>) -> io::Result<T> {
        let written = self.shared.written.read();
        written.spool.gate().check()?;
        change(&written.overlay)
    }
}

impl fmt::Debug for ObjectFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectFs")
            .field("store", &format_args!("{}", self.bucket.store))
            .field("prefix", &self.bucket.prefix.as_ref())
            .finish_non_exhaustive()
    }
}

impl Vfs for ObjectFs {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if options.may_change() {
            return self.change(|overlay| overlay.open(path, options));
        }
        self.overlay().open(path, options)
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.overlay().metadata(path)
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.overlay().symlink_metadata(path)
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.overlay().read_dir(path)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.change(|overlay| overlay.create_dir(path))
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        self.change(|overlay| overlay.remove_file(path))
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        self.change(|overlay| overlay.remove_dir(path))
    }

    /// Renames by copying objects into the spool: renamed files are uploaded at the next commit.
    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.change(|overlay| overlay.rename(from, to))
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        self.overlay().read_link(path)
    }

    /// Sets times in the spool, after copying an object there; objects store only the time of their upload.
    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        self.change(|overlay| overlay.set_times(path, accessed, modified))
    }

    /// Uploads written files and removes removed objects. Changes in the meantime fail with
    /// [`ResourceBusy`](io::ErrorKind::ResourceBusy).
    fn commit(&self) -> io::Result<()> {
        let shared = &*self.shared;
        let mut done = shared.done.lock();
        let closed = Closed::new(shared);
        let Written { spool, overlay } = shared.written.read().clone();
        let changes = overlay.changes()?;
        if changes.is_empty() {
            return Ok(());
        }
        let mut upload = Upload { uploader: self.uploader(), spool: &spool, done: &mut done };
        let result = upload.run(&changes);
        // Even a failed upload may have changed the bucket.
        self.bucket.invalidate();
        result?;
        *done = Done::default();
        closed.committed(Written::new(&self.bucket, self.limits));
        Ok(())
    }
}

/// Blocks changes to the spool until it is dropped.
struct Closed<'a> {
    shared: &'a Shared,
    after: State,
}

impl<'a> Closed<'a> {
    /// Waits for the changes in progress.
    fn new(shared: &'a Shared) -> Self {
        // The lock waits for changes of names, which must be in the commit as a whole or not at all.
        shared.written.write().spool.gate().set(State::Committing);
        Self { shared, after: State::Open }
    }

    fn committed(mut self, next: Written) {
        let mut written = self.shared.written.write();
        written.spool.gate().set(State::Committed);
        *written = next;
        drop(written);
        self.after = State::Committed;
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        if self.after == State::Open {
            self.shared.written.write().spool.gate().set(State::Open);
        }
    }
}
