//! The filesystem that a guest sees.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use afmpeg_vfs::{Allowance, DevFs, MemFs, Mount, Quota, VPath, Vfs};

use crate::{Job, Limits};

/// How many files and folders a job may have in its private `/tmp`.
const TMP_NAMES: u64 = 65_536;

/// The caller's filesystem at `/`, within the job's limits, with `/dev` and, where the caller has none, a private
/// `/tmp`.
#[derive(Debug, Clone)]
pub(super) struct GuestRoot {
    pub(super) fs: Arc<dyn Vfs>,
    quota: Quota<Arc<dyn Vfs>>,
}

impl GuestRoot {
    pub(super) fn new(job: &Job, dev: DevFs) -> io::Result<Self> {
        let tmp = VPath::new("/tmp")?;
        let has_tmp = unpanicked("filesystem", || job.fs.metadata(&tmp)).is_ok();
        let Limits { output, files, tmp: tmp_limit, .. } = job.limits;
        let quota = Quota::new(Arc::clone(&job.fs)).max_bytes(output).max_names(files);
        let counted = job.progress.observe(quota.clone());
        let mut root = Mount::new(Arc::new(counted)).mount(VPath::new("/dev")?, Arc::new(dev));
        if !has_tmp {
            root = root.mount(tmp, Arc::new(MemFs::with_limits(tmp_limit, TMP_NAMES)));
        }
        Ok(Self { fs: Arc::new(root), quota })
    }

    /// The limit that has refused the job something, if one has.
    pub(super) fn refused(&self) -> Option<Allowance> {
        self.quota.refused()
    }

    /// Removes what a failed job has written. What cannot be removed stays, and the job's own error is reported.
    pub(super) fn remove_all(&self, paths: &[VPath]) {
        for path in paths {
            if let Err(error) = unpanicked("filesystem", || self.fs.remove_file(path)) {
                tracing::warn!(%path, %error, "cannot remove a partial output");
            }
        }
    }
}

/// What the caller gave, a filesystem or a stream, has failed when it panics, and nothing else has.
pub(super) fn unpanicked<T>(what: &str, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(io::Error::other(format!("the {what} panicked"))))
}
