//! Directory listings of a guest.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::Errno;
use crate::DirEntry;

/// The most names in the listings of a guest before another listing fails: a guest can open a large folder many times.
const MAX_LISTED: usize = 1 << 20;

/// The names in a folder, with a shared count of the names in all listings.
#[derive(Debug)]
pub(super) struct Listing {
    entries: Vec<DirEntry>,
    in_all: Arc<AtomicUsize>,
}

impl Listing {
    pub(super) fn new(in_all: &Arc<AtomicUsize>) -> Self {
        Self { entries: Vec::new(), in_all: Arc::clone(in_all) }
    }

    pub(super) fn entries(&self) -> &[DirEntry] {
        &self.entries
    }

    /// Drops the entries. Fails if all listings together exceed the limit.
    pub(super) fn clear(&mut self) -> Result<(), Errno> {
        let before = std::mem::take(&mut self.entries).len();
        let in_all = self.in_all.fetch_sub(before, Ordering::Relaxed) - before;
        if in_all > MAX_LISTED { Err(Errno::Nomem) } else { Ok(()) }
    }

    pub(super) fn fill(&mut self, entries: Vec<DirEntry>) {
        self.in_all.fetch_add(entries.len(), Ordering::Relaxed);
        self.entries = entries;
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        let _ = self.clear();
    }
}
