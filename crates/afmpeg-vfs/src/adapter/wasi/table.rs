//! Open files, and the numbers that stand for them.

use std::sync::{Arc, atomic::Ordering};

use parking_lot::RwLock;

use super::{Errno, Fd, FdFlagsExt, open_file::Open};
use crate::{VPath, adapter::rename_prefix};

/// How many descriptors a guest may have.
const MAX_DESCRIPTORS: usize = 4096;

#[derive(Debug, Clone)]
struct Descriptor {
    open: Arc<Open>,
    /// WASIX's `fdflagsext`, of which there is one: close on exec. It belongs to the descriptor.
    flags_ext: FdFlagsExt,
}

/// The numbers. The lowest that is free is given next, as POSIX has it.
#[derive(Debug, Default)]
pub(super) struct Table(RwLock<Vec<Option<Descriptor>>>);

impl Table {
    pub(super) fn get(&self, fd: Fd) -> Result<Arc<Open>, Errno> {
        Self::at(&self.0.read(), fd).map(|descriptor| Arc::clone(&descriptor.open))
    }

    /// Gives `open` the lowest free number.
    pub(super) fn add(&self, open: Arc<Open>, flags_ext: FdFlagsExt) -> Result<Fd, Errno> {
        Self::add_from(&mut self.0.write(), open, 0, flags_ext)
    }

    /// Gives `open` the lowest free number that is at least `min`.
    pub(super) fn add_above(&self, open: Arc<Open>, min: Fd, flags_ext: FdFlagsExt) -> Result<Fd, Errno> {
        Self::add_from(&mut self.0.write(), open, min, flags_ext)
    }

    /// Gives `open` the number `fd`, if a guest can have that and it is free.
    pub(super) fn place(&self, fd: Fd, open: Arc<Open>) {
        let mut table = self.0.write();
        let is_free = Self::at(&table, fd).is_err();
        if is_free {
            // A number that is too high fails.
            let _ = Self::add_from(&mut table, open, fd, FdFlagsExt::empty());
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
    pub(super) fn duplicate(&self, fd: Fd, min: Fd, flags_ext: FdFlagsExt) -> Result<Fd, Errno> {
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

    /// Frees every number.
    pub(super) fn clear(&self) -> Vec<Arc<Open>> {
        std::mem::take(&mut *self.0.write()).into_iter().flatten().filter_map(last).collect()
    }

    /// Every open file and folder moves along with a rename.
    pub(super) fn rename(&self, from: &VPath, to: &VPath) {
        for descriptor in self.0.read().iter().flatten() {
            let Some(path) = descriptor.open.path() else { continue };
            rename_prefix(&mut path.write(), from, to);
        }
    }
}

/// What a descriptor stood for, if it was the last one.
fn last(descriptor: Descriptor) -> Option<Arc<Open>> {
    let was = descriptor.open.descriptors.fetch_sub(1, Ordering::AcqRel);
    (was == 1).then_some(descriptor.open)
}
