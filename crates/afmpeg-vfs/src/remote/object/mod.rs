//! A bucket as a filesystem.

mod bucket;
mod error;
#[expect(clippy::module_inception, reason = "an object of a bucket")]
mod object;
mod upload;

use std::{
    fmt, io,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use object_store::{ObjectStore, path::Path};
use parking_lot::{Mutex, RwLock};

use self::{
    bucket::Bucket,
    upload::{Done, MIN_PART_BYTES, Upload, UploadOptions},
};
use super::{
    Tuning,
    spool::{Spool, SpoolLimits, State},
    tuning_methods,
};
use crate::{DirEntry, Metadata, OpenOptions, Overlay, VFile, VPath, Vfs};

/// A bucket of any object store, or the part of one below a prefix, as a filesystem that is written by
/// [`commit`](Vfs::commit).
///
/// **Reading.** Objects are read by range requests, a little at first and more as reading goes on, and what was read
/// is kept in memory up to [`cache_bytes`](Self::cache_bytes). An open file is the version that was there when it was
/// opened: when the object changes, reading fails. What is at a name, or that nothing is, is believed for five
/// seconds; opening what is there asks again.
///
/// **Folders** are what keys have in common: an empty one is there until the next commit only. Where a key is an
/// object and the folder of others at once, it is shown as a file, and the others are not shown. Keys that
/// [`object_store`] cannot parse (`a//b`, `a/../b`, control characters) are not reached; listing a folder where the
/// store itself reports one fails. There are neither symbolic nor hard links.
///
/// **Writing** goes to a spool, in memory while it is small and else in a temporary file; nobody else sees any of it
/// before `commit`. That uploads what was written, short files whole and long ones in parts, several at once, and
/// then removes what was removed. An object is replaced at once or not at all; of several, some may have been when
/// `commit` fails. It can be called again then and goes on where it failed; after a success there is nothing left to
/// do.
///
/// Nothing that was written is lost between two commits. While one is under way, whatever would write or change names
/// fails with [`ResourceBusy`](io::ErrorKind::ResourceBusy); reading goes on. After it, the name of a file that was open
/// leads to the object, and a write by the old handle fails with
/// [`StaleNetworkFileHandle`](io::ErrorKind::StaleNetworkFileHandle).
///
/// Clones share what was read and written, until one of them is set differently; for jobs that run at the same time
/// there is [`for_job`](Self::for_job).
///
/// Retries are those of the store's own client. Names with control characters can be written and cannot be committed.
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
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    tuning: Tuning,
    limits: SpoolLimits,
    upload: UploadOptions,
    /// Made when it is first needed, by all that was set before. Clones share it, until one is set anew.
    shared: Arc<OnceLock<Shared>>,
}

#[derive(Debug)]
struct Shared {
    bucket: Arc<Bucket>,
    written: RwLock<Written>,
    /// Held by a commit.
    done: Mutex<Done>,
}

/// What was written since the last commit.
#[derive(Debug, Clone)]
struct Written {
    spool: Arc<Spool>,
    /// The spool over the bucket.
    overlay: Overlay,
}

impl ObjectFs {
    /// All of `store`.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{ObjectFs, VfsExt as _};
    /// let fs = ObjectFs::new(Arc::new(object_store::memory::InMemory::new()));
    /// assert!(fs.walk("/").unwrap().is_empty());
    /// ```
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
            prefix: Path::default(),
            tuning: Tuning::default(),
            limits: SpoolLimits::default(),
            upload: UploadOptions::default(),
            shared: Arc::default(),
        }
    }

    /// Only what is below `prefix`, which is the root then. It need not exist.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for what cannot be a key.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{ObjectFs, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// let bucket = Arc::new(object_store::memory::InMemory::new());
    /// let fs = ObjectFs::new(bucket.clone()).prefix("jobs/7")?;
    /// fs.write("/out.mp4", "...")?;
    /// fs.commit()?;
    /// assert_eq!(ObjectFs::new(bucket).walk("/")?, ["/jobs", "/jobs/7", "/jobs/7/out.mp4"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn prefix(mut self, prefix: impl AsRef<str>) -> io::Result<Self> {
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
        self.prefix = Path::parse(VPath::new(prefix)?.as_str()).map_err(invalid)?;
        self.shared = Arc::default();
        Ok(self)
    }

    /// The same bucket, for another job: what was read is shared, and what is written is not.
    ///
    /// Jobs that run at the same time need one each, for a commit uploads all that was written to its filesystem,
    /// whoever wrote it and whether or not it is finished.
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
        let bucket = Arc::clone(&self.shared().bucket);
        let written = RwLock::new(self.nothing_written(&bucket));
        let shared = Shared { bucket, written, done: Mutex::default() };
        Self { shared: Arc::new(OnceLock::from(shared)), ..self.clone() }
    }

    /// Whether `commit` fails with [`AlreadyExists`](io::ErrorKind::AlreadyExists) for an object that is there
    /// already, naming its key, instead of replacing it; by default it does not.
    ///
    /// The store itself sees to that for files of one part. For longer ones it is asked right before they are made
    /// visible.
    ///
    /// ```
    /// # use std::{io::ErrorKind, sync::Arc};
    /// # use afmpeg_vfs::{ObjectFs, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// let fs = ObjectFs::new(Arc::new(object_store::memory::InMemory::new())).create_only(true);
    /// fs.write("/a", "first")?;
    /// fs.commit()?;
    /// fs.write("/a", "second")?;
    /// assert_eq!(fs.commit().unwrap_err().kind(), ErrorKind::AlreadyExists);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn create_only(mut self, create_only: bool) -> Self {
        self.upload.create_only = create_only;
        self.shared = Arc::default();
        self
    }

    /// How many bytes a part of an upload has, and up to which length a file is uploaded whole: 8 MiB by default, and
    /// 5 MiB at least. Four parts are in memory at once. Of a file that would have more than 10 000 parts they are
    /// longer.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::ObjectFs;
    /// let fs = ObjectFs::new(Arc::new(object_store::memory::InMemory::new())).part_bytes(32 << 20);
    /// ```
    #[must_use]
    pub fn part_bytes(mut self, bytes: u64) -> Self {
        self.upload.part_bytes = bytes.max(MIN_PART_BYTES);
        self.shared = Arc::default();
        self
    }

    /// How long the last request of an upload in parts may take, its retries included: 10 minutes by default. Stores
    /// put the parts together then, which takes S3 minutes for a long object. What any other request may take is the
    /// [`timeout`](Self::timeout).
    ///
    /// When there is no answer by then, or an error, the store is asked for the object, and the upload is a success
    /// if it is there. Else `commit` fails with [`TimedOut`](io::ErrorKind::TimedOut), or with that error.
    ///
    /// ```
    /// # use std::{sync::Arc, time::Duration};
    /// # use afmpeg_vfs::ObjectFs;
    /// let fs = ObjectFs::new(Arc::new(object_store::memory::InMemory::new()))
    ///     .complete_timeout(Duration::from_secs(3600));
    /// ```
    #[must_use]
    pub fn complete_timeout(mut self, timeout: Duration) -> Self {
        self.upload.complete_timeout = timeout;
        self.shared = Arc::default();
        self
    }

    /// How long a file may be, in bytes, that waits for its upload in memory: 64 MiB by default. A longer one waits in
    /// a temporary file.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::ObjectFs;
    /// let fs = ObjectFs::new(Arc::new(object_store::memory::InMemory::new())).spool_file_bytes(1 << 20);
    /// ```
    #[must_use]
    pub fn spool_file_bytes(mut self, bytes: u64) -> Self {
        self.limits.file_bytes = bytes;
        self.shared = Arc::default();
        self
    }

    /// How many bytes of all files may wait for their upload in memory: 256 MiB by default. The file that is written
    /// when there are more waits in a temporary file.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::ObjectFs;
    /// let fs = ObjectFs::new(Arc::new(object_store::memory::InMemory::new())).spool_memory_bytes(64 << 20);
    /// ```
    #[must_use]
    pub fn spool_memory_bytes(mut self, bytes: u64) -> Self {
        self.limits.memory_bytes = bytes;
        self.shared = Arc::default();
        self
    }

    /// How many bytes may wait for their upload in a temporary file: 256 GiB by default. A write over that fails with
    /// [`StorageFull`](io::ErrorKind::StorageFull).
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::ObjectFs;
    /// let fs = ObjectFs::new(Arc::new(object_store::memory::InMemory::new())).spool_disk_bytes(1 << 40);
    /// ```
    #[must_use]
    pub fn spool_disk_bytes(mut self, bytes: u64) -> Self {
        self.limits.disk_bytes = bytes;
        self.shared = Arc::default();
        self
    }

    tuning_methods!("afmpeg_vfs::ObjectFs::new(Arc::new(object_store::memory::InMemory::new()))");

    fn tuning_mut(&mut self) -> &mut Tuning {
        self.shared = Arc::default();
        &mut self.tuning
    }

    fn shared(&self) -> &Shared {
        self.shared.get_or_init(|| {
            let bucket = Arc::new(Bucket::new(Arc::clone(&self.store), self.prefix.clone(), &self.tuning));
            let written = RwLock::new(self.nothing_written(&bucket));
            Shared { bucket, written, done: Mutex::default() }
        })
    }

    fn nothing_written(&self, bucket: &Arc<Bucket>) -> Written {
        let (spool, bucket) = (Arc::new(Spool::new(self.limits)), Arc::clone(bucket));
        Written { overlay: Overlay::new(bucket, Arc::clone(&spool) as Arc<dyn Vfs>), spool }
    }

    /// What is there now.
    fn overlay(&self) -> Overlay {
        self.shared().written.read().overlay.clone()
    }

    /// Changes names, or opens a file for a change. No commit begins meanwhile.
    fn change<T>(&self, change: impl FnOnce(&Overlay) -> io::Result<T>) -> io::Result<T> {
        let written = self.shared().written.read();
        written.spool.gate().check()?;
        change(&written.overlay)
    }
}

impl fmt::Debug for ObjectFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectFs")
            .field("store", &format_args!("{}", self.store))
            .field("prefix", &self.prefix.as_ref())
            .finish_non_exhaustive()
    }
}

impl Vfs for ObjectFs {
    fn open(&self, path: &VPath, how: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if how.may_change() {
            return self.change(|overlay| overlay.open(path, how));
        }
        self.overlay().open(path, how)
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

    /// Renames by copying what is in the bucket: what has another name at the next commit is uploaded.
    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.change(|overlay| overlay.rename(from, to))
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        self.overlay().read_link(path)
    }

    /// Sets times in the spool, where a file of the bucket is copied to for that; objects have only the time of their
    /// upload.
    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        self.change(|overlay| overlay.set_times(path, accessed, modified))
    }

    /// Uploads what was written, and removes what was removed. What would change either meanwhile fails with
    /// [`ResourceBusy`](io::ErrorKind::ResourceBusy).
    fn commit(&self) -> io::Result<()> {
        let shared = self.shared();
        let mut done = shared.done.lock();
        let closed = Closed::new(shared);
        let Written { spool, overlay } = shared.written.read().clone();
        let changes = overlay.changes()?;
        if changes.is_empty() {
            return Ok(());
        }
        let mut upload =
            Upload { bucket: &shared.bucket, spool: &spool, options: self.upload, done: &mut done };
        let result = upload.run(&changes);
        // If it failed, some of it was done: what is removed now may be in the bucket already.
        shared.bucket.forget();
        result?;
        *done = Done::default();
        closed.committed(self.nothing_written(&shared.bucket));
        Ok(())
    }
}

/// What was written, while it must not change. It may again when this is dropped.
struct Closed<'a> {
    shared: &'a Shared,
    after: State,
}

impl<'a> Closed<'a> {
    /// Waits for the changes that are under way.
    fn new(shared: &'a Shared) -> Self {
        // Whole changes of names are part of the commit, or none of it.
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
