//! The totals of a quota.

use std::{io, sync::OnceLock};

use parking_lot::Mutex;

use super::{
    account::Accounts,
    budget::MemoryBudget,
    usage::{Allowance, Usage},
};
use crate::VPath;

/// The state that clones share.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) totals: Mutex<Totals>,
    pub(super) accounts: Accounts,
    /// The budget of files in memory, which count there as well.
    pub(super) memory: OnceLock<MemoryBudget>,
    /// Locked while names change, so that each is counted once.
    pub(super) naming: Mutex<()>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Totals {
    // Wide enough for the total length of any number of files, in both directions.
    pub(super) bytes: i128,
    pub(super) names: i128,
    pub(super) max_bytes: u64,
    pub(super) max_names: u64,
    pub(super) refused: Option<Allowance>,
}

impl Totals {
    pub(super) fn usage(&self) -> Usage {
        let count = |total: i128| u64::try_from(total.max(0)).unwrap_or(u64::MAX);
        Usage { bytes: count(self.bytes), names: count(self.names) }
    }
}

impl Ledger {
    pub(super) fn charge_bytes(&self, more: u64, path: &VPath, in_memory: bool) -> io::Result<()> {
        let mut totals = self.totals.lock();
        let after = totals.bytes + i128::from(more);
        if after > i128::from(totals.max_bytes) && totals.max_bytes < u64::MAX {
            let (limit, used) = (totals.max_bytes, totals.usage().bytes);
            totals.refused.get_or_insert(Allowance::Bytes);
            let text =
                format!("{path}: {more} more bytes would exceed the limit of {limit} bytes, {used} in use");
            return Err(io::Error::new(io::ErrorKind::StorageFull, text));
        }
        if let Some(budget) = self.budget(in_memory)
            && !budget.take(more)
        {
            totals.refused.get_or_insert(Allowance::Memory);
            let text = format!(
                "{path}: {more} more bytes would exceed the limit of {} bytes for files in memory, {} in use",
                budget.limit(),
                budget.used()
            );
            return Err(io::Error::new(io::ErrorKind::StorageFull, text));
        }
        totals.bytes = after;
        Ok(())
    }

    /// Accounts for a completed change.
    pub(super) fn settle_bytes(&self, before: u64, after: u64, in_memory: bool) {
        self.totals.lock().bytes += i128::from(after) - i128::from(before);
        if let Some(budget) = self.budget(in_memory) {
            budget.settle(before, after);
        }
    }

    pub(super) fn budget(&self, in_memory: bool) -> Option<&MemoryBudget> {
        self.memory.get().filter(|_| in_memory)
    }

    pub(super) fn charge_name(&self, path: &VPath) -> io::Result<()> {
        let mut totals = self.totals.lock();
        let after = totals.names + 1;
        if after > i128::from(totals.max_names) && totals.max_names < u64::MAX {
            let limit = totals.max_names;
            totals.refused.get_or_insert(Allowance::Names);
            let text = format!("{path}: one more name would exceed the limit of {limit} files and folders");
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, text));
        }
        totals.names = after;
        Ok(())
    }

    pub(super) fn settle_name(&self) {
        self.totals.lock().names -= 1;
    }

    /// Counts a name that `make` creates, unless it fails.
    pub(super) fn naming<T>(&self, path: &VPath, make: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.charge_name(path)?;
        make().inspect_err(|_| self.settle_name())
    }
}
