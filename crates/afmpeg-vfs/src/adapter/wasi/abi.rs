//! The flags and layouts of WASI preview 1 (`typenames.witx`), and the flags that WASIX adds.

use std::time::Duration;

use bitflags::bitflags;

use super::{Errno, Fd};
use crate::{FileType, Metadata, adapter::times::nanoseconds};

bitflags! {
    /// How a path is looked up: `lookupflags`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Lookup: u32 {
        /// Follows a symbolic link in the last component.
        const SYMLINK_FOLLOW = 1;
    }

    /// How a file is opened: `oflags`.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno, OFlags, OpenFlags, Rights}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// let new = OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT | OFlags::EXCL);
    /// fds.open(Descriptors::ROOT, "a", new).unwrap();
    /// assert_eq!(fds.open(Descriptors::ROOT, "a", new), Err(Errno::Exist));
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct OFlags: u16 {
        /// Creates the file if it does not exist.
        const CREAT = 1;
        /// Fails unless the path is a folder.
        const DIRECTORY = 2;
        /// Fails if the file exists.
        const EXCL = 4;
        /// Truncates the file.
        const TRUNC = 8;
    }

    /// The flags of an open file: `fdflags`. Other bits are stored and have no effect.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct FdFlags: u16 {
        /// Every write goes to the end.
        const APPEND = 1;
        /// Calls do not block.
        const NONBLOCK = 4;
    }

    /// The flags of a descriptor: WASIX's `fdflagsext`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct FdFlagsExt: u16 {
        /// Closes the descriptor on `exec`.
        const CLOEXEC = 1;
    }

    /// The times to set: `fstflags`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct FstFlags: u16 {
        /// Sets the access time to the given one.
        const ATIM = 1;
        /// Sets the access time to now.
        const ATIM_NOW = 2;
        /// Sets the modification time to the given one.
        const MTIM = 4;
        /// Sets the modification time to now.
        const MTIM_NOW = 8;
    }

    /// The calls that a descriptor permits: `rights`. The libc derives the access modes of `open` and of `F_GETFL`
    /// from these.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Rights: u64 {
        /// `read`
        const FD_READ = 1 << 1;
        /// `lseek`
        const FD_SEEK = 1 << 2;
        /// `lseek` by 0 from the current offset
        const FD_TELL = 1 << 5;
        /// `write`
        const FD_WRITE = 1 << 6;
        /// `posix_fallocate`
        const FD_ALLOCATE = 1 << 8;
        /// `ftruncate`
        const FD_FILESTAT_SET_SIZE = 1 << 22;
        /// All rights of preview 1.
        const ALL = (1 << 29) - 1;
        /// The rights that only folders have: listing, and every call that takes a path.
        const FOLDER = ((1 << 21) - 1) & !((1 << 9) - 1) | 0b111 << 24;
    }
}

/// The flags of [`Descriptors::open`](super::Descriptors::open).
///
/// ```
/// use afmpeg_vfs::adapter::wasi::{FdFlags, Lookup, OFlags, OpenFlags, Rights};
///
/// let log = OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT).fdflags(FdFlags::APPEND);
/// assert_eq!(log.lookup, Lookup::empty());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct OpenFlags {
    /// How the path is looked up.
    pub lookup: Lookup,
    /// How the file is opened.
    pub oflags: OFlags,
    /// The rights that the guest requests.
    pub rights: Rights,
    /// The flags of the open file.
    pub fdflags: FdFlags,
    /// The flags of the descriptor.
    pub fdflags_ext: FdFlagsExt,
}

impl OpenFlags {
    /// Requests `rights`, with no other flag set.
    pub const fn new(rights: Rights) -> Self {
        Self {
            lookup: Lookup::empty(),
            oflags: OFlags::empty(),
            rights,
            fdflags: FdFlags::empty(),
            fdflags_ext: FdFlagsExt::empty(),
        }
    }

    /// Sets how the path is looked up.
    #[must_use]
    pub const fn lookup(mut self, lookup: Lookup) -> Self {
        self.lookup = lookup;
        self
    }

    /// Sets how the file is opened.
    #[must_use]
    pub const fn oflags(mut self, oflags: OFlags) -> Self {
        self.oflags = oflags;
        self
    }

    /// Sets the flags of the open file.
    #[must_use]
    pub const fn fdflags(mut self, fdflags: FdFlags) -> Self {
        self.fdflags = fdflags;
        self
    }

    /// Sets the flags of the descriptor.
    #[must_use]
    pub const fn fdflags_ext(mut self, fdflags_ext: FdFlagsExt) -> Self {
        self.fdflags_ext = fdflags_ext;
        self
    }
}

/// The file type of a stream, which is not a file, a folder or a device.
const FILETYPE_UNKNOWN: u8 = 0;

fn filetype(file_type: FileType) -> u8 {
    match file_type {
        FileType::CharDevice => 2,
        FileType::Dir => 3,
        FileType::File => 4,
        FileType::Symlink => 7,
    }
}

/// The result of `fd_filestat_get` and `path_filestat_get`.
///
/// ```
/// use afmpeg_vfs::{FileType, Metadata, adapter::wasi::Filestat};
///
/// let bytes = Filestat::of(&Metadata::new(FileType::File, 9)).to_bytes();
/// assert_eq!((bytes[16], bytes[32]), (4, 9));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filestat {
    filetype: u8,
    inode: u64,
    nlink: u64,
    size: u64,
    accessed: u64,
    modified: u64,
    changed: u64,
}

impl Filestat {
    /// Converts the metadata of a file.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = nanoseconds(metadata.modified);
        Self {
            filetype: filetype(metadata.file_type),
            inode: metadata.inode,
            nlink: metadata.nlink,
            size: metadata.len,
            accessed: metadata.accessed.map_or(modified, |time| nanoseconds(Some(time))),
            modified,
            changed: modified,
        }
    }

    pub(super) fn of_stream() -> Self {
        Self { filetype: FILETYPE_UNKNOWN, inode: 0, nlink: 1, size: 0, accessed: 0, modified: 0, changed: 0 }
    }

    /// Returns the 64 bytes of the structure in the guest's layout.
    pub fn to_bytes(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[8..16].copy_from_slice(&self.inode.to_le_bytes());
        bytes[16] = self.filetype;
        bytes[24..32].copy_from_slice(&self.nlink.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.size.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.accessed.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.modified.to_le_bytes());
        bytes[56..64].copy_from_slice(&self.changed.to_le_bytes());
        bytes
    }
}

/// The result of `fd_fdstat_get`.
///
/// ```
/// use std::sync::Arc;
///
/// use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::Descriptors};
///
/// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
/// let root = fds.fdstat(Descriptors::ROOT).unwrap().to_bytes();
/// assert_eq!(root[0], 3, "a folder");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fdstat {
    filetype: u8,
    flags: FdFlags,
    rights: Rights,
    inheriting: Rights,
}

impl Fdstat {
    pub(super) fn of_file(file_type: FileType, flags: FdFlags, read: bool, write: bool) -> Self {
        let mut rights = Rights::ALL - Rights::FOLDER;
        rights.set(Rights::FD_READ, read);
        rights.set(Rights::FD_WRITE | Rights::FD_ALLOCATE | Rights::FD_FILESTAT_SET_SIZE, write);
        Self { filetype: filetype(file_type), flags, rights, inheriting: Rights::empty() }
    }

    pub(super) fn of_folder(flags: FdFlags) -> Self {
        let only_files = Rights::FD_SEEK
            | Rights::FD_TELL
            | Rights::FD_WRITE
            | Rights::FD_ALLOCATE
            | Rights::FD_FILESTAT_SET_SIZE;
        let rights = Rights::ALL - only_files;
        Self { filetype: filetype(FileType::Dir), flags, rights, inheriting: Rights::ALL }
    }

    pub(super) fn of_stream(flags: FdFlags, write: bool) -> Self {
        let seek = Rights::FD_SEEK | Rights::FD_TELL | Rights::FD_ALLOCATE | Rights::FD_FILESTAT_SET_SIZE;
        let other = if write { Rights::FD_READ } else { Rights::FD_WRITE };
        let rights = Rights::ALL - Rights::FOLDER - seek - other;
        Self { filetype: FILETYPE_UNKNOWN, flags, rights, inheriting: Rights::empty() }
    }

    /// Returns the 24 bytes of the structure in the guest's layout.
    pub fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[0] = self.filetype;
        bytes[2..4].copy_from_slice(&self.flags.bits().to_le_bytes());
        bytes[8..16].copy_from_slice(&self.rights.bits().to_le_bytes());
        bytes[16..24].copy_from_slice(&self.inheriting.bits().to_le_bytes());
        bytes
    }
}

/// The length of a directory entry without its name, in bytes.
pub(super) const DIRENT: usize = 24;

pub(super) fn dirent(next: u64, inode: u64, name_len: u32, file_type: FileType) -> [u8; DIRENT] {
    let mut bytes = [0; DIRENT];
    bytes[..8].copy_from_slice(&next.to_le_bytes());
    bytes[8..16].copy_from_slice(&inode.to_le_bytes());
    bytes[16..20].copy_from_slice(&name_len.to_le_bytes());
    bytes[20] = filetype(file_type);
    bytes
}

/// A subscription of `poll_oneoff`, in the guest's layout.
///
/// ```
/// use afmpeg_vfs::adapter::wasi::Subscription;
///
/// let mut bytes = [0; Subscription::LEN];
/// bytes[8] = 1;
/// bytes[16] = 4;
/// let read = Subscription(bytes);
/// assert_eq!((read.is_clock(), read.fd()), (false, 4));
/// assert_eq!(read.ready(None)[10], 1, "the type of the subscription");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Subscription(pub [u8; Self::LEN]);

impl Subscription {
    /// The length of a subscription, in bytes.
    pub const LEN: usize = 48;

    /// The length of an event, in bytes.
    pub const EVENT_LEN: usize = 32;

    /// The offset of the type.
    const TYPE: usize = 8;

    /// The offset of the descriptor, or of the clock.
    const FD: usize = 16;

    /// The offset of a clock's time.
    const TIME: usize = 24;

    /// The offset of a clock's flags.
    const CLOCK_FLAGS: usize = 40;

    /// Whether this waits for a clock, not for a descriptor.
    pub const fn is_clock(&self) -> bool {
        self.0[Self::TYPE] == 0
    }

    /// Whether this waits until a descriptor can be read.
    pub const fn is_read(&self) -> bool {
        self.0[Self::TYPE] == 1
    }

    /// Returns the duration that this waits for a clock; `None` if it waits for a time of day, or for a descriptor.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use afmpeg_vfs::adapter::wasi::Subscription;
    ///
    /// let mut bytes = [0; Subscription::LEN];
    /// bytes[24] = 100;
    /// assert_eq!(Subscription(bytes).duration(), Some(Duration::from_nanos(100)));
    /// bytes[40] = 1;
    /// assert_eq!(Subscription(bytes).duration(), None);
    /// ```
    pub fn duration(&self) -> Option<Duration> {
        let is_relative = self.0[Self::CLOCK_FLAGS] & 1 == 0;
        let nanoseconds = self.0[Self::TIME..].first_chunk().copied().map(u64::from_le_bytes)?;
        (self.is_clock() && is_relative).then_some(Duration::from_nanos(nanoseconds))
    }

    /// Returns the descriptor that this waits for.
    pub const fn fd(&self) -> Fd {
        let Self(bytes) = self;
        let start = Self::FD;
        Fd::from_le_bytes([bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3]])
    }

    /// Returns the event that the descriptor is ready, that the time is over, or that waiting failed. At least one byte can
    /// be read or written.
    pub fn ready(&self, error: Option<Errno>) -> [u8; Self::EVENT_LEN] {
        let mut event = [0; Self::EVENT_LEN];
        event[..8].copy_from_slice(&self.0[..8]);
        event[8..10].copy_from_slice(&error.map_or(0, Errno::raw).to_le_bytes());
        event[10] = self.0[Self::TYPE];
        event[16] = 1;
        event
    }
}
