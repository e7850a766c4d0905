//! Open file descriptions.

use std::{
    fmt, io,
    sync::atomic::{AtomicU16, AtomicUsize, Ordering},
};

use parking_lot::{Mutex, RwLock};

use super::{FdFlags, PollRead, listing::Listing, poll_read::AlwaysReady};
use crate::{FileType, Metadata, VFile, VPath, adapter::calls::catch_fs_panic};

/// An open file description of POSIX: the state that descriptors made by `dup` share.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) kind: Kind,
    /// The bits of [`FdFlags`].
    pub(super) flags: AtomicU16,
    /// The number of descriptors. Closing the last one closes the file, even while another thread reads it.
    pub(super) descriptors: AtomicUsize,
}

pub(super) enum Kind {
    File(OpenFile),
    Folder(OpenFolder),
    Input(Mutex<Box<dyn PollRead + Send>>),
    Output(Mutex<Box<dyn io::Write + Send>>),
}

#[derive(Debug)]
pub(super) struct OpenFile {
    pub(super) file: Box<dyn VFile>,
    /// The current path, updated by renames; for the fault log, and for times, which are set by path.
    pub(super) path: RwLock<VPath>,
    pub(super) cursor: Mutex<u64>,
    pub(super) read: bool,
    pub(super) write: bool,
    /// Whether the handle of the backend appends.
    pub(super) append: bool,
}

#[derive(Debug)]
pub(super) struct OpenFolder {
    pub(super) path: RwLock<VPath>,
    /// The entries at the last listing from the start.
    pub(super) listing: Mutex<Listing>,
}

/// Dropping the handle calls the backend, which must not unwind into the guest.
impl Drop for OpenFile {
    fn drop(&mut self) {
        let file = std::mem::replace(&mut self.file, Box::new(Closed));
        let _ = catch_fs_panic(|| {
            drop(file);
            Ok(())
        });
    }
}

/// A placeholder for the handle that is dropped.
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

    /// Returns the path, unless this is a stream.
    pub(super) fn path(&self) -> Option<&RwLock<VPath>> {
        match &self.kind {
            Kind::File(file) => Some(&file.path),
            Kind::Folder(folder) => Some(&folder.path),
            Kind::Input(_) | Kind::Output(_) => None,
        }
    }
}

impl Kind {
    /// An input of which only the reads are known.
    pub(super) fn input(stream: impl io::Read + Send + 'static) -> Self {
        Self::polled_input(AlwaysReady(stream))
    }

    pub(super) fn polled_input(stream: impl PollRead + Send + 'static) -> Self {
        Self::Input(Mutex::new(Box::new(stream)))
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
