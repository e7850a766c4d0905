/// The growth of a filesystem.
///
/// ```
/// # use afmpeg_vfs::{MemFs, Quota};
/// let used = Quota::new(MemFs::new()).used();
/// assert_eq!((used.bytes, used.names), (0, 0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// The growth of the total length of files, in bytes; 0 if it has shrunk.
    pub bytes: u64,
    /// The growth of the number of names; 0 if it has shrunk.
    pub names: u64,
}

/// A limit that refused a change. See [`Quota::refused`](crate::Quota::refused).
///
/// ```
/// # use afmpeg_vfs::{Allowance, MemFs, Quota, VfsExt as _};
/// let fs = Quota::new(MemFs::new()).max_bytes(3);
/// assert!(fs.write("/a", "1234").is_err());
/// assert_eq!(fs.refused(), Some(Allowance::Bytes));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Allowance {
    /// [`Quota::max_bytes`](crate::Quota::max_bytes)
    Bytes,
    /// [`Quota::max_names`](crate::Quota::max_names)
    Names,
    /// [`Quota::memory_budget`](crate::Quota::memory_budget)
    Memory,
}
