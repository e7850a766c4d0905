//! The filesystem that a guest sees.

use std::{io, sync::Arc};

use afmpeg_vfs::{
    Allowance, DevFs, MemFs, MemoryBudget, Mount, Quota, ReadOnly, VPath, Vfs, VfsExt as _, catch_panic,
};

use super::job::GuestJob;
use crate::{input_path, limit_error::Limit, limits::Limits};

/// The number of files and folders that a job may have in its private `/tmp`.
const TMP_NAMES: u64 = 65_536;

/// The caller's filesystem at `/`, within the limits of the job, with `/dev` and, unless the caller has one, a private
/// `/tmp`.
#[derive(Debug, Clone)]
pub(super) struct GuestRoot {
    pub(super) fs: Arc<dyn Vfs>,
    quota: Quota<Arc<dyn Vfs>>,
    /// The private `/tmp`, if there is one.
    tmp: Option<Quota<MemFs>>,
}

impl GuestRoot {
    /// Counts the bytes that stay in memory against `budget`.
    pub(super) fn new(job: &GuestJob, dev: DevFs, budget: &MemoryBudget) -> io::Result<Self> {
        let tmp = VPath::new("/tmp")?;
        let has_tmp = catch_panic("filesystem", || job.fs.metadata(&tmp)).is_ok();
        let Limits { output, files, tmp: tmp_limit, .. } = job.limits;
        let quota = Quota::new(Arc::clone(&job.fs)).max_bytes(output).max_names(files).memory_budget(budget);
        let counted = job.progress.observe(quota.clone());
        let mut root = Mount::new(counted).mount(VPath::new("/dev")?, dev);
        if job.spec.args.iter().any(|arg| arg.starts_with(input_path::NUMBERED)) {
            root = root.mount(VPath::new(input_path::NUMBERED)?, ReadOnly::new(MemFs::new()));
        }
        let private = (!has_tmp).then(|| {
            Quota::new(MemFs::new()).max_bytes(tmp_limit).max_names(TMP_NAMES).memory_budget(budget)
        });
        if let Some(private) = &private {
            root = root.mount(tmp, private.clone());
        }
        Ok(Self { fs: Arc::new(root), quota, tmp: private })
    }

    /// A file that is left in the private `/tmp`.
    pub(super) fn left_in_tmp(&self) -> Option<VPath> {
        let tmp = self.tmp.as_ref()?;
        let left = tmp.walk("/").ok()?;
        let is_folder = |path: &VPath| tmp.symlink_metadata(path).is_ok_and(|found| found.is_dir());
        let file = left.iter().filter_map(|path| VPath::new(path).ok()).find(|path| !is_folder(path))?;
        VPath::new(format!("/tmp{file}")).ok()
    }

    /// Whether a limit has refused an operation of the job.
    pub(super) fn has_refused(&self) -> bool {
        self.quota.refused().is_some() || self.tmp_refused().is_some()
    }

    fn tmp_refused(&self) -> Option<Allowance> {
        self.tmp.as_ref()?.refused()
    }

    /// The limit that has refused an operation of the job, if one has.
    pub(super) fn met_limit(&self, limits: &Limits) -> Option<Limit> {
        if let Some(refused) = self.quota.refused() {
            return Some(match refused {
                Allowance::Names => Limit::Files(limits.files),
                Allowance::Memory => Limit::HostMemory(limits.host_memory),
                _ => Limit::Output(limits.output),
            });
        }
        Some(match self.tmp_refused()? {
            Allowance::Memory => Limit::HostMemory(limits.host_memory),
            Allowance::Names => Limit::TmpFiles(TMP_NAMES),
            _ => Limit::Tmp(limits.tmp),
        })
    }

    /// Removes the files that a failed job has written. Files that cannot be removed stay, with a warning.
    pub(super) fn remove_all(&self, paths: &[VPath]) {
        for path in paths {
            if let Err(error) = catch_panic("filesystem", || self.fs.remove_file(path)) {
                tracing::warn!(%path, %error, "cannot remove a partial output");
            }
        }
    }
}
