use std::sync::Arc;

use super::{disk::Disk, gate::Gate, limits::SpoolLimits};
use crate::MemFs;

/// The state that a spool shares with its open files.
pub(super) struct Shared {
    pub(super) names: MemFs,
    pub(super) disk: Arc<Disk>,
    pub(super) limits: SpoolLimits,
    pub(super) gate: Gate,
}
