use std::sync::Arc;

use super::{disk::Disk, gate::Gate};
use crate::MemFs;

/// The limits on memory and disk space.
#[derive(Debug, Clone, Copy)]
pub(in crate::remote) struct SpoolLimits {
    /// The longest file in memory, in bytes.
    pub(in crate::remote) file_bytes: u64,
    /// The most bytes of files in memory.
    pub(in crate::remote) memory_bytes: u64,
    /// The most bytes on disk.
    pub(in crate::remote) disk_bytes: u64,
}

impl Default for SpoolLimits {
    fn default() -> Self {
        Self { file_bytes: 64 << 20, memory_bytes: 256 << 20, disk_bytes: 256 << 30 }
    }
}

/// The state that a spool shares with its open files.
pub(super) struct Shared {
    pub(super) names: MemFs,
    pub(super) disk: Arc<Disk>,
    pub(super) limits: SpoolLimits,
    pub(super) gate: Gate,
}
