use std::{num::NonZero, sync::Arc};

use afmpeg_vfs::Vfs;

use crate::{cancel::CancelToken, limits::Limits, progress::ProgressSender, runtime::Inner, spec::JobSpec};

/// A job that has a slot.
pub(crate) struct GuestJob {
    pub(crate) runtime: Arc<Inner>,
    pub(crate) fs: Arc<dyn Vfs>,
    pub(crate) spec: JobSpec,
    /// The limits of the spec, or else those of the runtime.
    pub(crate) limits: Limits,
    pub(crate) cancel: CancelToken,
    pub(crate) progress: ProgressSender,
}

/// The most processors that a guest has by default: threads beyond them cost memory, and bring an encoder little.
const MAX_DEFAULT_PROCESSORS: NonZero<usize> = NonZero::new(8).unwrap();

impl GuestJob {
    pub(super) fn processors(&self) -> NonZero<usize> {
        self.spec.processors.unwrap_or_else(|| {
            let available = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
            available.min(MAX_DEFAULT_PROCESSORS)
        })
    }

    /// The bound of the guest's memory, in bytes.
    pub(super) fn max_memory(&self) -> u64 {
        self.limits.resolved_memory(self.processors())
    }

    /// The bound of the number of the guest's threads.
    pub(super) fn max_threads(&self) -> usize {
        self.limits.resolved_threads(self.processors())
    }
}
