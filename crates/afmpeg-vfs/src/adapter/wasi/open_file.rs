//! Open file descriptions, as POSIX calls them.

use std::{
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU16, AtomicUsize, Ordering},
};

use parking_lot::{Mutex, RwLock};

use super::{FdFlags, listing::Listing};
use crate::{FileType, Metadata, VFile, VPath};

/// What POSIX calls an open file description: what descriptors made by `dup` share.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) kind: Kind,
    /// WASI's `fdflags`.
    pub(super) flags: AtomicU16,
    /// How many descriptors stand for it. The last one that is closed finishes the file, even while another thread
    /// still reads it.
    pub(super) descriptors: AtomicUsize,
}

pub(super) enum Kind {
    File(OpenFile),
    Folder(OpenFolder),
    Input(Mutex<Box<dyn io::Read + Send>>),
    Output(Mutex<Box<dyn io::Write + Send>>),
}

#[derive(Debug)]
pub(super) struct OpenFile {
    pub(super) file: Box<dyn VFile>,
    /// Where it is now; renames move it. For the fault log, and for times, which are set by path.
    pub(super) path: RwLock<VPath>,
    pub(super) cursor: Mutex<u64>,
    pub(super) read: bool,
    pub(super) write: bool,
    /// The backend's handle itself appends.
    pub(super) append: bool,
}

#[derive(Debug)]
pub(super) struct OpenFolder {
    pub(super) path: RwLock<VPath>,
    /// What is in it, as of the last time that it was listed from the start.
    pub(super) listing: Mutex<Listing>,
}

/// A backend that panics when its handle is dropped must not unwind into the guest.
impl Drop for OpenFile {
    fn drop(&mut self) {
        let file = std::mem::replace(&mut self.file, Box::new(Closed));
        let _ = catch_unwind(AssertUnwindSafe(|| drop(file)));
    }
}

/// What is left of a file that is being dropped.
#[derive(Debug)]
struct Closed;

impl VFile for Closed {
    fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
        Ok(0)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(Metadata::new(FileType::File, 0))
    }
}

impl Open {
    pub(super) fn new(kind: Kind, flags: FdFlags) -> Self {
        Self { kind, flags: AtomicU16::new(flags.bits()), descriptors: AtomicUsize::new(0) }
    }

    pub(super) fn flags(&self) -> FdFlags {
        FdFlags::from_bits_retain(self.flags.load(Ordering::Relaxed))
    }

    /// Where it is, unless it is a stream.
    pub(super) fn path(&self) -> Option<&RwLock<VPath>> {
        match &self.kind {
            Kind::File(file) => Some(&file.path),
            Kind::Folder(folder) => Some(&folder.path),
            Kind::Input(_) | Kind::Output(_) => None,
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::File(file) => file.fmt(f),
            Kind::Folder(folder) => folder.fmt(f),
            Kind::Input(_) => f.write_str("Input"),
            Kind::Output(_) => f.write_str("Output"),
        }
    }
}
