use std::{io, sync::Arc, time::Duration};

use object_store::{ObjectStore, path::Path};

use super::{
    ObjectFs,
    upload::{MIN_PART_BYTES, UploadOptions},
};
use crate::{
    SpoolLimits, VPath,
    remote::{Tuning, tuning_methods},
};

/// Builds an [`ObjectFs`]. Errors are reported by [`build`](Self::build).
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use afmpeg_vfs::ObjectFs;
/// use object_store::memory::InMemory;
///
/// # fn main() -> std::io::Result<()> {
/// let fs = ObjectFs::builder(Arc::new(InMemory::new()))
///     .prefix("jobs/7")
///     .timeout(Duration::from_secs(5))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ObjectFsBuilder {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    tuning: Tuning,
    limits: SpoolLimits,
    upload: UploadOptions,
}

impl ObjectFs {
    /// Creates a filesystem of all objects in `store`, with default options.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{ObjectFs, VfsExt as _};
    /// let fs = ObjectFs::new(Arc::new(object_store::memory::InMemory::new()));
    /// assert!(fs.walk("/").unwrap().is_empty());
    /// ```
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self::builder(store).build_at(Path::default())
    }

    /// Returns a builder for a filesystem in `store`.
    pub fn builder(store: Arc<dyn ObjectStore>) -> ObjectFsBuilder {
        ObjectFsBuilder::new(store)
    }
}

impl ObjectFsBuilder {
    pub(super) fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
            prefix: String::new(),
            tuning: Tuning::default(),
            limits: SpoolLimits::default(),
            upload: UploadOptions::default(),
        }
    }

    /// Shows only the objects below `prefix`, which becomes the root. It need not exist.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{ObjectFs, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// let bucket = Arc::new(object_store::memory::InMemory::new());
    /// let fs = ObjectFs::builder(bucket.clone()).prefix("jobs/7").build()?;
    /// fs.write("/out.mp4", "...")?;
    /// fs.commit()?;
    /// assert_eq!(ObjectFs::new(bucket).walk("/")?, ["/jobs", "/jobs/7", "/jobs/7/out.mp4"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn prefix(mut self, prefix: impl AsRef<str>) -> Self {
        prefix.as_ref().clone_into(&mut self.prefix);
        self
    }

    /// Sets whether `commit` refuses to replace an object: it then fails with
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) and names the key. By default objects are replaced.
    ///
    /// The store itself checks files of one part. For longer files, `commit` checks right before they become visible.
    ///
    /// ```
    /// # use std::{io::ErrorKind, sync::Arc};
    /// # use afmpeg_vfs::{ObjectFs, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// let bucket = Arc::new(object_store::memory::InMemory::new());
    /// let fs = ObjectFs::builder(bucket).create_only(true).build()?;
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
        self
    }

    /// Sets the length of a part of an upload, in bytes, up to which a file is uploaded whole: 8 MiB by default, and at
    /// least 5 MiB. Four parts are in memory at once. The parts of a file are longer if it would otherwise have more
    /// than 10,000 of them.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::ObjectFs;
    /// # let bucket = Arc::new(object_store::memory::InMemory::new());
    /// let fs = ObjectFs::builder(bucket).part_bytes(32 << 20).build().unwrap();
    /// ```
    #[must_use]
    pub fn part_bytes(mut self, bytes: u64) -> Self {
        self.upload.part_bytes = bytes.max(MIN_PART_BYTES);
        self
    }

    /// Limits the time of the request that completes an upload in parts, including retries: 10 minutes by default. The
    /// store joins the parts in this request, which takes S3 minutes for a long object. Other requests are limited by
    /// [`timeout`](Self::timeout).
    ///
    /// After a timeout or an error, the object is looked up, and the upload succeeds if it exists. Otherwise `commit`
    /// fails with [`TimedOut`](io::ErrorKind::TimedOut), or with that error.
    ///
    /// ```
    /// # use std::{sync::Arc, time::Duration};
    /// # use afmpeg_vfs::ObjectFs;
    /// # let bucket = Arc::new(object_store::memory::InMemory::new());
    /// let fs = ObjectFs::builder(bucket).complete_timeout(Duration::from_secs(3600)).build().unwrap();
    /// ```
    #[must_use]
    pub fn complete_timeout(mut self, timeout: Duration) -> Self {
        self.upload.complete_timeout = timeout;
        self
    }

    /// Limits the length in bytes of a file that is spooled in memory until its upload: 64 MiB by default. Longer files
    /// are spooled in a temporary file.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::ObjectFs;
    /// # let bucket = Arc::new(object_store::memory::InMemory::new());
    /// let fs = ObjectFs::builder(bucket).spool_file_bytes(1 << 20).build().unwrap();
    /// ```
    #[must_use]
    pub fn spool_file_bytes(mut self, bytes: u64) -> Self {
        self.limits.file_bytes = bytes;
        self
    }

    /// Limits the total length in bytes of files that are spooled in memory: 256 MiB by default. A file that is written
    /// beyond the limit is spooled in a temporary file.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::ObjectFs;
    /// # let bucket = Arc::new(object_store::memory::InMemory::new());
    /// let fs = ObjectFs::builder(bucket).spool_memory_bytes(64 << 20).build().unwrap();
    /// ```
    #[must_use]
    pub fn spool_memory_bytes(mut self, bytes: u64) -> Self {
        self.limits.memory_bytes = bytes;
        self
    }

    /// Limits the length of the temporary file, in bytes: 256 GiB by default. A write beyond the limit fails with
    /// [`StorageFull`](io::ErrorKind::StorageFull).
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::ObjectFs;
    /// # let bucket = Arc::new(object_store::memory::InMemory::new());
    /// let fs = ObjectFs::builder(bucket).spool_disk_bytes(1 << 40).build().unwrap();
    /// ```
    #[must_use]
    pub fn spool_disk_bytes(mut self, bytes: u64) -> Self {
        self.limits.disk_bytes = bytes;
        self
    }

    tuning_methods!(
        "afmpeg_vfs::ObjectFs::builder(std::sync::Arc::new(object_store::memory::InMemory::new()))"
    );

    /// Builds the filesystem. No request is sent.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the prefix is not a valid key.
    pub fn build(self) -> io::Result<ObjectFs> {
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
        let prefix = Path::parse(VPath::new(&self.prefix)?.as_str()).map_err(invalid)?;
        Ok(self.build_at(prefix))
    }

    /// Builds the filesystem of the objects below `prefix`.
    pub(super) fn build_at(self, prefix: Path) -> ObjectFs {
        ObjectFs::assemble(self.store, prefix, &self.tuning, self.limits, self.upload)
    }
}
