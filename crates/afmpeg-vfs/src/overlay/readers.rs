//! The open files of lower.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, OnceLock, Weak},
};

use parking_lot::Mutex;

use crate::VFile;

/// The copy of a file of lower, once it has been copied up.
pub(super) type Moved = OnceLock<Box<dyn VFile>>;

/// The files of lower that are open for reading, by inode number.
#[derive(Debug, Default)]
pub(super) struct Readers(Mutex<HashMap<u64, Weak<Moved>>>);

impl Readers {
    pub(super) fn join(&self, number: u64) -> Arc<Moved> {
        let mut readers = self.0.lock();
        if let Some(moved) = readers.get(&number).and_then(Weak::upgrade) {
            return moved;
        }
        let moved = Arc::default();
        readers.insert(number, Arc::downgrade(&moved));
        moved
    }

    pub(super) fn leave(&self, number: u64, moved: &Arc<Moved>) {
        let mut readers = self.0.lock();
        // No reader joins under the lock. If two leave at once, the last one removes the entry.
        if Arc::strong_count(moved) == 1
            && readers.get(&number).is_some_and(|entry| std::ptr::eq(entry.as_ptr(), Arc::as_ptr(moved)))
        {
            readers.remove(&number);
        }
    }

    /// Switches the readers of a file to the one that `open` opens, if there are any.
    pub(super) fn follow(
        &self,
        number: u64,
        open: impl FnOnce() -> io::Result<Box<dyn VFile>>,
    ) -> io::Result<()> {
        let moved = self.0.lock().get(&number).and_then(Weak::upgrade);
        if let Some(moved) = moved {
            let file = open()?;
            let _ = moved.set(file);
            self.0.lock().remove(&number);
        }
        Ok(())
    }
}
