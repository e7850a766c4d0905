/// The limits of a [`SpoolFs`](crate::SpoolFs) on memory and disk space.
///
/// ```
/// use afmpeg_vfs::SpoolLimits;
///
/// let on_disk = SpoolLimits { memory_bytes: 0, ..SpoolLimits::default() };
/// assert_eq!(on_disk.file_bytes, 64 << 20);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpoolLimits {
    /// The longest file that is kept in memory, in bytes. Default: 64 MiB.
    pub file_bytes: u64,
    /// The total length of the files in memory, in bytes. A file that is written beyond the limit moves to the temporary
    /// file. Default: 256 MiB.
    pub memory_bytes: u64,
    /// The length of the temporary file, in bytes. A write beyond the limit fails with
    /// [`StorageFull`](std::io::ErrorKind::StorageFull). Default: 256 GiB.
    pub disk_bytes: u64,
}

impl Default for SpoolLimits {
    fn default() -> Self {
        Self { file_bytes: 64 << 20, memory_bytes: 256 << 20, disk_bytes: 256 << 30 }
    }
}
