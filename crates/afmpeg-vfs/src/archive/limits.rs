use crate::index::NameLimits;

/// Limits on the resources that a hostile archive can use.
///
/// ```
/// use afmpeg_vfs::ArchiveLimits;
///
/// let limits = ArchiveLimits::new().entries(1000).file_len(64 << 20);
/// assert_eq!((limits.entries, limits.inflated_bytes), (1000, 1 << 30));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchiveLimits {
    /// The most files, folders and links, including the folders that longer paths imply. An archive with more cannot
    /// be opened, nor one whose symbolic links have more than 255 bytes of text per entry of this limit. 1,000,000 by
    /// default.
    pub entries: usize,
    /// The longest path, in bytes; a single name is always limited to 255 bytes. An archive with a longer path cannot
    /// be opened. 4096 by default.
    pub path_len: usize,
    /// The longest compressed file, in inflated bytes. A longer file is listed but cannot be opened, nor a file whose
    /// compressed form is longer than twice this limit. Stored files are read in place and are not limited. 256 MiB by
    /// default.
    pub file_len: u64,
    /// The most inflated bytes in memory, of open and cached files. Opening a file beyond it fails. 1 GiB by default.
    pub inflated_bytes: u64,
}

impl ArchiveLimits {
    /// Creates the default limits.
    pub const fn new() -> Self {
        Self { entries: 1_000_000, path_len: 4096, file_len: 256 << 20, inflated_bytes: 1 << 30 }
    }

    /// Limits the number of files, folders and links.
    ///
    /// ```
    /// # use afmpeg_vfs::ArchiveLimits;
    /// assert_eq!(ArchiveLimits::new().entries(10).entries, 10);
    /// ```
    #[must_use]
    pub const fn entries(mut self, entries: usize) -> Self {
        self.entries = entries;
        self
    }

    /// Limits the length of paths, in bytes.
    ///
    /// ```
    /// # use afmpeg_vfs::ArchiveLimits;
    /// assert_eq!(ArchiveLimits::new().path_len(255).path_len, 255);
    /// ```
    #[must_use]
    pub const fn path_len(mut self, bytes: usize) -> Self {
        self.path_len = bytes;
        self
    }

    /// Limits the inflated length of a compressed file, in bytes.
    ///
    /// ```
    /// # use afmpeg_vfs::ArchiveLimits;
    /// assert_eq!(ArchiveLimits::new().file_len(1 << 30).file_len, 1 << 30);
    /// ```
    #[must_use]
    pub const fn file_len(mut self, bytes: u64) -> Self {
        self.file_len = bytes;
        self
    }

    /// Limits the inflated bytes in memory.
    ///
    /// ```
    /// # use afmpeg_vfs::ArchiveLimits;
    /// assert_eq!(ArchiveLimits::new().inflated_bytes(4 << 30).inflated_bytes, 4 << 30);
    /// ```
    #[must_use]
    pub const fn inflated_bytes(mut self, bytes: u64) -> Self {
        self.inflated_bytes = bytes;
        self
    }

    pub(crate) const fn names(self) -> NameLimits {
        NameLimits { entries: self.entries, path: self.path_len }
    }
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self::new()
    }
}
