use crate::index::NameLimits;

/// What an archive may make this process hold, whatever the archive claims.
///
/// ```
/// use afmpeg_vfs::ArchiveLimits;
///
/// let limits = ArchiveLimits::new().entries(1000).file_len(64 << 20);
/// assert_eq!((limits.entries, limits.held), (1000, 1 << 30));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchiveLimits {
    /// How many files, folders and links it may have, those folders that are only implied by longer paths too. An
    /// archive with more is not opened, nor one whose symbolic links have more than 255 bytes of text for each of
    /// these. By default 1,000,000.
    pub entries: usize,
    /// How long a path in it may be, in bytes; a single name has 255 bytes at most in any case. An archive with a
    /// longer one is not opened. By default 4096.
    pub path_len: usize,
    /// How long a file may be that is kept compressed, in bytes. A longer one is listed and cannot be opened. By
    /// default 256 MiB. Nor can one whose compressed form is more than twice as long as this. Files that are kept as they are have no limit: they are read in place.
    pub file_len: u64,
    /// How many bytes of inflated files are held at most, in all, whether they are open or kept for the next time.
    /// An opening that would lead beyond it fails. By default 1 GiB.
    pub held: u64,
}

impl ArchiveLimits {
    /// The defaults.
    pub const fn new() -> Self {
        Self { entries: 1_000_000, path_len: 4096, file_len: 256 << 20, held: 1 << 30 }
    }

    /// With so many files, folders and links at most.
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

    /// With paths of so many bytes at most.
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

    /// With so many bytes at most in a file that has to be inflated.
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

    /// With so many inflated bytes at most in memory.
    ///
    /// ```
    /// # use afmpeg_vfs::ArchiveLimits;
    /// assert_eq!(ArchiveLimits::new().held(4 << 30).held, 4 << 30);
    /// ```
    #[must_use]
    pub const fn held(mut self, bytes: u64) -> Self {
        self.held = bytes;
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
