//! A budget for files in memory.

use std::{fmt, sync::Arc};

use parking_lot::Mutex;

/// A budget of memory of this process, in bytes, shared by several users: see [`Quota::memory_budget`]. Clones are the
/// same budget.
///
/// ```
/// use afmpeg_vfs::{MemFs, MemoryBudget, Quota, VfsExt as _};
///
/// let budget = MemoryBudget::new(10);
/// let (one, two) = (MemFs::new(), MemFs::new());
/// Quota::new(one).memory_budget(&budget).write("/a", "12345678").unwrap();
/// let full = Quota::new(two).memory_budget(&budget).write("/b", "1234").unwrap_err();
/// assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
/// assert!(budget.has_refused());
/// ```
///
/// [`Quota::memory_budget`]: crate::Quota::memory_budget
#[derive(Clone)]
pub struct MemoryBudget(Arc<Shared>);

struct Shared {
    limit: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    // Negative if more was removed than written.
    used: i128,
    has_refused: bool,
}

impl MemoryBudget {
    /// Creates a budget of `bytes`.
    ///
    /// ```
    /// # use afmpeg_vfs::MemoryBudget;
    /// assert_eq!(MemoryBudget::new(1 << 30).limit(), 1 << 30);
    /// ```
    pub fn new(bytes: u64) -> Self {
        Self(Arc::new(Shared { limit: bytes, state: Mutex::default() }))
    }

    /// Returns the limit in bytes.
    ///
    /// ```
    /// # use afmpeg_vfs::MemoryBudget;
    /// assert_eq!(MemoryBudget::new(5).limit(), 5);
    /// ```
    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    /// Returns the number of bytes in use; 0 if more were released than taken.
    ///
    /// ```
    /// # use afmpeg_vfs::MemoryBudget;
    /// let budget = MemoryBudget::new(10);
    /// assert!(budget.take(4));
    /// budget.give_back(1);
    /// assert_eq!(budget.used(), 3);
    /// ```
    pub fn used(&self) -> u64 {
        u64::try_from(self.0.state.lock().used.max(0)).unwrap_or(u64::MAX)
    }

    /// Whether the budget has refused a request.
    ///
    /// ```
    /// # use afmpeg_vfs::MemoryBudget;
    /// let budget = MemoryBudget::new(10);
    /// assert!(!budget.take(11));
    /// assert!(budget.has_refused());
    /// ```
    pub fn has_refused(&self) -> bool {
        self.0.state.lock().has_refused
    }

    /// Takes `bytes`, all or nothing. Returns whether they were available.
    ///
    /// ```
    /// # use afmpeg_vfs::MemoryBudget;
    /// let budget = MemoryBudget::new(10);
    /// assert!(budget.take(10) && !budget.take(1));
    /// ```
    #[must_use = "false means that nothing was taken"]
    pub fn take(&self, bytes: u64) -> bool {
        let mut state = self.0.state.lock();
        let after = state.used + i128::from(bytes);
        if after > i128::from(self.0.limit) && self.0.limit < u64::MAX {
            state.has_refused = true;
            return false;
        }
        state.used = after;
        true
    }

    /// Releases `bytes`.
    ///
    /// ```
    /// # use afmpeg_vfs::MemoryBudget;
    /// let budget = MemoryBudget::new(10);
    /// assert!(budget.take(10));
    /// budget.give_back(5);
    /// assert!(budget.take(5));
    /// ```
    pub fn give_back(&self, bytes: u64) {
        self.settle(bytes, 0);
    }

    /// Accounts for a completed change.
    pub(super) fn settle(&self, before: u64, after: u64) {
        self.0.state.lock().used += i128::from(after) - i128::from(before);
    }
}

impl fmt::Debug for MemoryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBudget")
            .field("limit", &self.limit())
            .field("used", &self.used())
            .finish_non_exhaustive()
    }
}
