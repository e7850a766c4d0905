//! What the guest passes and gets, as numbers and as bytes: WASI preview 1's `typenames.witx`.

use crate::{FileType, Metadata, adapter::times::nanoseconds};

/// How a path is looked up.
pub mod lookup {
    /// Follow a symbolic link at the path's end.
    pub const SYMLINK_FOLLOW: u32 = 1;
}

/// How a file is opened.
///
/// ```
/// # use std::sync::Arc;
/// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno, oflags, rights}};
/// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
/// let new = oflags::CREAT | oflags::EXCL;
/// fds.open(Descriptors::ROOT, 0, "a", new, rights::FD_WRITE, 0, 0).unwrap();
/// assert_eq!(fds.open(Descriptors::ROOT, 0, "a", new, rights::FD_WRITE, 0, 0), Err(Errno::Exist));
/// ```
pub mod oflags {
    /// Make it if there is none.
    pub const CREAT: u16 = 1;
    /// Fail unless it is a folder.
    pub const DIRECTORY: u16 = 2;
    /// Fail if there is one.
    pub const EXCL: u16 = 4;
    /// Empty it.
    pub const TRUNC: u16 = 8;
}

/// How a descriptor behaves.
pub mod fdflags {
    /// Every write goes to the end.
    pub const APPEND: u16 = 1;
    /// Never wait.
    pub const NONBLOCK: u16 = 4;
}

/// Which times to set.
pub mod fstflags {
    /// The access time, to the one given.
    pub const ATIM: u16 = 1;
    /// The access time, to now.
    pub const ATIM_NOW: u16 = 2;
    /// The modification time, to the one given.
    pub const MTIM: u16 = 4;
    /// The modification time, to now.
    pub const MTIM_NOW: u16 = 8;
}

/// What may be done with a descriptor. The libc derives the access modes of `open` and of `F_GETFL` from these.
pub mod rights {
    /// `read`
    pub const FD_READ: u64 = 1 << 1;
    /// `lseek`
    pub const FD_SEEK: u64 = 1 << 2;
    /// `lseek` to where the cursor is
    pub const FD_TELL: u64 = 1 << 5;
    /// `write`
    pub const FD_WRITE: u64 = 1 << 6;
    /// `posix_fallocate`
    pub const FD_ALLOCATE: u64 = 1 << 8;
    /// `ftruncate`
    pub const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
    /// All that preview 1 has.
    pub const ALL: u64 = (1 << 29) - 1;
    /// Those that only folders have: everything that takes a path, and listing.
    pub const FOLDER: u64 = ((1 << 21) - 1) & !((1 << 9) - 1) | 0b111 << 24;
}

/// The type of a stream, which is neither file, folder nor device.
const FILETYPE_UNKNOWN: u8 = 0;

fn filetype(file_type: FileType) -> u8 {
    match file_type {
        FileType::CharDevice => 2,
        FileType::Dir => 3,
        FileType::File => 4,
        FileType::Symlink => 7,
    }
}

/// The answer of `fd_filestat_get` and `path_filestat_get`, in the guest's layout.
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
    /// What is known of a file, as the guest sees it.
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

    /// The 64 bytes of the structure.
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

/// The answer of `fd_fdstat_get`, in the guest's layout.
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
    flags: u16,
    rights: u64,
    inheriting: u64,
}

impl Fdstat {
    pub(super) fn of_file(file_type: FileType, flags: u16, read: bool, write: bool) -> Self {
        let mut rights = rights::ALL & !rights::FOLDER;
        if !read {
            rights &= !rights::FD_READ;
        }
        if !write {
            rights &= !(rights::FD_WRITE | rights::FD_ALLOCATE | rights::FD_FILESTAT_SET_SIZE);
        }
        Self { filetype: filetype(file_type), flags, rights, inheriting: 0 }
    }

    pub(super) fn of_folder(flags: u16) -> Self {
        let not_for_folders = rights::FD_SEEK | rights::FD_TELL | rights::FD_WRITE | rights::FD_ALLOCATE;
        let rights = rights::ALL & !not_for_folders & !rights::FD_FILESTAT_SET_SIZE;
        Self { filetype: filetype(FileType::Dir), flags, rights, inheriting: rights::ALL }
    }

    pub(super) fn of_stream(flags: u16, write: bool) -> Self {
        let seek = rights::FD_SEEK | rights::FD_TELL | rights::FD_ALLOCATE | rights::FD_FILESTAT_SET_SIZE;
        let other = if write { rights::FD_READ } else { rights::FD_WRITE };
        let rights = rights::ALL & !rights::FOLDER & !seek & !other;
        Self { filetype: FILETYPE_UNKNOWN, flags, rights, inheriting: 0 }
    }

    /// The 24 bytes of the structure.
    pub fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[0] = self.filetype;
        bytes[2..4].copy_from_slice(&self.flags.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.rights.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.inheriting.to_le_bytes());
        bytes
    }
}

/// How long a directory entry is before its name, in bytes.
pub(super) const DIRENT: usize = 24;

pub(super) fn dirent(next: u64, inode: u64, name_len: u32, file_type: FileType) -> [u8; DIRENT] {
    let mut bytes = [0; DIRENT];
    bytes[..8].copy_from_slice(&next.to_le_bytes());
    bytes[8..16].copy_from_slice(&inode.to_le_bytes());
    bytes[16..20].copy_from_slice(&name_len.to_le_bytes());
    bytes[20] = filetype(file_type);
    bytes
}
