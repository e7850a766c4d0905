//! The state that the slots of a worker share.

use afmpeg_engine::{Limits, Runtime};
use afmpeg_vfs::SpoolLimits;

use super::{active::Active, files::Readers};
use crate::{fleet::Fleet, stores::Stores};

/// The state that the slots of a worker share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) fleet: Fleet,
    pub(super) runtime: Runtime,
    pub(super) stores: Stores,
    pub(super) name: String,
    /// The largest limits of a job.
    pub(super) limits: Limits,
    pub(super) spool: SpoolLimits,
    pub(super) readers: Readers,
    pub(super) active: Active,
}

/// How far a worker is on its way to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stop {
    /// It runs.
    No,
    /// It takes no further jobs.
    AfterJobs,
    /// It hands back the jobs that it runs.
    Now,
}
