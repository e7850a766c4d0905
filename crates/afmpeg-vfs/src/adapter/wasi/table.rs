//! The descriptor table.

use std::sync::{Arc, atomic::Ordering};

use parking_lot::RwLock;

use super::{Errno, Fd, FdFlagsExt, open_file::Open};
use crate::{VPath, adapter::rename_prefix};

/// The most descriptors of a guest.
const MAX_DESCRIPTORS: usize = 4096;

#[derive(Debug, Clone)]
struct Descriptor {
    open: Arc<Open>,
    /// Belongs to the descriptor, not to the open file.
    flags_ext: FdFlagsExt,
}

/// A table of descriptors, which assigns the lowest free number, as in POSIX.
#[derive(Debug, Default)]
pub(super) struct Table(RwLock<Vec<Option<Descriptor>>>);

impl Table {
    pub(super) fn get(&self, fd: Fd) -> Result<Arc<Open>, Errno> {
        Self::at(&self.0.read(), fd).map(|descriptor| Arc::clone(&descriptor.open))
    }

    /// Assigns the lowest free number to `open`.
    pub(super) fn add(&self, open: Arc<Open>, flags_ext: FdFlagsExt) -> Result<Fd, Errno> {
        Self::add_from(&mut self.0.write(), open, 0, flags_ext)
    }

    /// Assigns the lowest free number from `min` on to `open`.
    pub(super) fn add_above(&self, open: Arc<Open>, min: Fd, flags_ext: FdFlagsExt) -> Result<Fd, Errno> {
        Self::add_from(&mut self.0.write(), open, min, flags_ext)
    }

    /// Assigns the number `fd` to `open`, if it is valid and free.
    pub(super) fn place(&self, fd: Fd, open: Arc<Open>) {
        let mut table = self.0.write();
        let is_free = Self::at(&table, fd).is_err();
        if is_free {
            // Fails for a number beyond the limit.
            let _ = Self::add_from(&mut table, open, fd, FdFlagsExt::empty());
        }
    }

    /// Fails if the table is full.
    pub(super) fn check_room(&self) -> Result<(), Errno> {
        let table = self.0.read();
        if table.len() < MAX_DESCRIPTORS || table.iter().any(Option::is_none) {
            Ok(())
        } else {
            Err(Errno::Mfile)
        }
    }

    /// Duplicates `fd` to the lowest free number from `min` on.
    pub(super) fn duplicate(&self, fd: Fd, min: Fd, flags_ext: FdFlagsExt) -> Result<Fd, Errno> {
        // Under one lock: a concurrent close could otherwise close the file.
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
        flags_ext: FdFlagsExt,
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

    /// Removes a descriptor. Returns its open file if this was the last descriptor.
    pub(super) fn remove(&self, fd: Fd) -> Result<Option<Arc<Open>>, Errno> {
        let mut table = self.0.write();
        let slot = usize::try_from(fd).ok().and_then(|fd| table.get_mut(fd)).ok_or(Errno::Badf)?;
        Ok(last(slot.take().ok_or(Errno::Badf)?))
    }

    /// Makes `to` a duplicate of `from`. Returns the old open file of `to` if this was its last descriptor.
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
        Ok(table[to].replace(Descriptor { open, flags_ext: FdFlagsExt::empty() }).and_then(last))
    }

    pub(super) fn flags_ext(&self, fd: Fd) -> Result<FdFlagsExt, Errno> {
        Self::at(&self.0.read(), fd).map(|descriptor| descriptor.flags_ext)
    }

    pub(super) fn set_flags_ext(&self, fd: Fd, flags: FdFlagsExt) -> Result<(), Errno> {
        let mut table = self.0.write();
        let slot = usize::try_from(fd).ok().and_then(|fd| table.get_mut(fd)).ok_or(Errno::Badf)?;
        slot.as_mut().ok_or(Errno::Badf)?.flags_ext = flags;
        Ok(())
    }

    /// Removes every descriptor. Returns the open files.
    pub(super) fn clear(&self) -> Vec<Arc<Open>> {
        std::mem::take(&mut *self.0.write()).into_iter().flatten().filter_map(last).collect()
    }

    /// Updates the paths of open files and folders after a rename.
    pub(super) fn rename(&self, from: &VPath, to: &VPath) {
        for descriptor in self.0.read().iter().flatten() {
            let Some(path) = descriptor.open.path() else { continue };
            rename_prefix(&mut path.write(), from, to);
        }
    }
}

/// Returns the open file of a removed descriptor, if it was the last one.
fn last(descriptor: Descriptor) -> Option<Arc<Open>> {
    let was = descriptor.open.descriptors.fetch_sub(1, Ordering::AcqRel);
    (was == 1).then_some(descriptor.open)
}
