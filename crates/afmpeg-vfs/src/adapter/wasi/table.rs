//! Open files, and the numbers that stand for them.

use std::{
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU16, AtomicUsize, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};

use super::{Errno, Fd, listing::Listing};
use crate::{FileType, Metadata, VFile, VPath, adapter::follow};

/// How many descriptors a guest may have.
const MAX_DESCRIPTORS: usize = 4096;

/// What POSIX calls an open file description: what descriptors made by `dup` share.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) kind: Kind,
    /// WASI's `fdflags`.
    pub(super) flags: AtomicU16,
    /// How many descriptors stand for it. The last one that is closed finishes the file, even while another thread
    /// still reads it.
    descriptors: AtomicUsize,
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
    pub(super) fn new(kind: Kind, flags: u16) -> Self {
        Self { kind, flags: AtomicU16::new(flags), descriptors: AtomicUsize::new(0) }
    }

    pub(super) fn flags(&self) -> u16 {
        self.flags.load(Ordering::Relaxed)
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

#[derive(Debug, Clone)]
struct Descriptor {
    open: Arc<Open>,
    /// WASIX's `fdflagsext`, of which there is one: close on exec. It belongs to the descriptor.
    flags_ext: u16,
}

/// The numbers. The lowest that is free is given next, as POSIX has it.
#[derive(Debug, Default)]
pub(super) struct Table(RwLock<Vec<Option<Descriptor>>>);

impl Table {
    pub(super) fn get(&self, fd: Fd) -> Result<Arc<Open>, Errno> {
        Self::at(&self.0.read(), fd).map(|descriptor| Arc::clone(&descriptor.open))
    }

    /// Gives `open` the lowest free number.
    pub(super) fn add(&self, open: Arc<Open>, flags_ext: u16) -> Result<Fd, Errno> {
        Self::add_from(&mut self.0.write(), open, 0, flags_ext)
    }

    /// Gives `open` the lowest free number that is at least `min`.
    pub(super) fn add_above(&self, open: Arc<Open>, min: Fd, flags_ext: u16) -> Result<Fd, Errno> {
        Self::add_from(&mut self.0.write(), open, min, flags_ext)
    }

    /// Gives `open` the number `fd`, if a guest can have that and it is free.
    pub(super) fn place(&self, fd: Fd, open: Arc<Open>) {
        let mut table = self.0.write();
        let is_free = Self::at(&table, fd).is_err();
        if is_free {
            // A number that is too high fails.
            let _ = Self::add_from(&mut table, open, fd, 0);
        }
    }

    /// Fails if every number is taken.
    pub(super) fn check_room(&self) -> Result<(), Errno> {
        let table = self.0.read();
        if table.len() < MAX_DESCRIPTORS || table.iter().any(Option::is_none) {
            Ok(())
        } else {
            Err(Errno::Mfile)
        }
    }

    /// Gives what `fd` stands for another number, the lowest free one that is at least `min`.
    pub(super) fn duplicate(&self, fd: Fd, min: Fd, flags_ext: u16) -> Result<Fd, Errno> {
        // Under one lock: a close in between would have finished the file.
        let mut table = self.0.write();
        let open = Arc::clone(&Self::at(&table, fd)?.open);
        Self::add_from(&mut table, open, min, flags_ext)
    }

    fn at(table: &[Option<Descriptor>], fd: Fd) -> Result<&Descriptor, Errno> {
        usize::try_from(fd).ok().and_then(|fd| table.get(fd)).and_then(Option::as_ref).ok_or(Errno::Badf)
    }

    fn add_from(
        table: &mut Vec<Option<Descriptor>>,
        open: Arc<Open>,
        min: Fd,
        flags_ext: u16,
    ) -> Result<Fd, Errno> {
        let min = usize::try_from(min).map_err(|_| Errno::Inval)?;
        let free = table.iter().skip(min).position(Option::is_none).map(|free| min + free);
        let number = free.unwrap_or(table.len().max(min));
        if number >= MAX_DESCRIPTORS {
            return Err(if min >= MAX_DESCRIPTORS { Errno::Inval } else { Errno::Mfile });
        }
        if table.len() <= number {
            table.resize(number + 1, None);
        }
        open.descriptors.fetch_add(1, Ordering::Relaxed);
        table[number] = Some(Descriptor { open, flags_ext });
        Fd::try_from(number).map_err(|_| Errno::Mfile)
    }

    /// Frees a number. Gives what it stood for if nothing else stands for it.
    pub(super) fn remove(&self, fd: Fd) -> Result<Option<Arc<Open>>, Errno> {
        let mut table = self.0.write();
        let slot = usize::try_from(fd).ok().and_then(|fd| table.get_mut(fd)).ok_or(Errno::Badf)?;
        Ok(last(slot.take().ok_or(Errno::Badf)?))
    }

    /// Makes `to` stand for what `from` stands for. Gives what `to` stood for if nothing else stands for it.
    pub(super) fn copy(&self, from: Fd, to: Fd) -> Result<Option<Arc<Open>>, Errno> {
        let mut table = self.0.write();
        let index = |fd: Fd| usize::try_from(fd).ok().filter(|fd| *fd < MAX_DESCRIPTORS).ok_or(Errno::Badf);
        let (from, to) = (index(from)?, index(to)?);
        let source = table.get(from).and_then(Option::as_ref).ok_or(Errno::Badf)?;
        if from == to {
            return Ok(None);
        }
        let open = Arc::clone(&source.open);
        if table.len() <= to {
            table.resize(to + 1, None);
        }
        open.descriptors.fetch_add(1, Ordering::Relaxed);
        Ok(table[to].replace(Descriptor { open, flags_ext: 0 }).and_then(last))
    }

    pub(super) fn flags_ext(&self, fd: Fd) -> Result<u16, Errno> {
        Self::at(&self.0.read(), fd).map(|descriptor| descriptor.flags_ext)
    }

    pub(super) fn set_flags_ext(&self, fd: Fd, flags: u16) -> Result<(), Errno> {
        let mut table = self.0.write();
        let slot = usize::try_from(fd).ok().and_then(|fd| table.get_mut(fd)).ok_or(Errno::Badf)?;
        slot.as_mut().ok_or(Errno::Badf)?.flags_ext = flags;
        Ok(())
    }

    /// Frees every number.
    pub(super) fn clear(&self) -> Vec<Arc<Open>> {
        std::mem::take(&mut *self.0.write()).into_iter().flatten().filter_map(last).collect()
    }

    /// Every open file and folder moves along with a rename.
    pub(super) fn rename(&self, from: &VPath, to: &VPath) {
        for descriptor in self.0.read().iter().flatten() {
            let Some(path) = descriptor.open.path() else { continue };
            follow(&mut path.write(), from, to);
        }
    }
}

/// What a descriptor stood for, if it was the last one.
fn last(descriptor: Descriptor) -> Option<Arc<Open>> {
    let was = descriptor.open.descriptors.fetch_sub(1, Ordering::AcqRel);
    (was == 1).then_some(descriptor.open)
}
