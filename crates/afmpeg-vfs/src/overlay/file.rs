//! Open files of an overlay.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, OnceLock, Weak},
};

use bytes::Bytes;
use parking_lot::Mutex;

use super::Inner;
use crate::{Metadata, VFile};

/// The copy of a file of lower, once it has been copied up.
type Moved = OnceLock<Box<dyn VFile>>;

/// The files of lower that are open for reading, by inode number.
#[derive(Debug, Default)]
pub(super) struct Readers(Mutex<HashMap<u64, Weak<Moved>>>);

impl Readers {
    fn join(&self, number: u64) -> Arc<Moved> {
        let mut readers = self.0.lock();
        if let Some(moved) = readers.get(&number).and_then(Weak::upgrade) {
            return moved;
        }
        let moved = Arc::default();
        readers.insert(number, Arc::downgrade(&moved));
        moved
    }

    fn leave(&self, number: u64, moved: &Arc<Moved>) {
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

#[derive(Debug)]
pub(super) struct OverlayFile {
    number: u64,
    file: Box<dyn VFile>,
    /// Set for a reader of a file that was in lower when it was opened.
    reader: Option<Reader>,
}

#[derive(Debug)]
struct Reader {
    overlay: Arc<Inner>,
    moved: Arc<Moved>,
}

impl OverlayFile {
    /// Creates a handle of a file that stays in its filesystem.
    pub(super) fn settled(number: u64, file: Box<dyn VFile>) -> Box<dyn VFile> {
        Box::new(Self { number, file, reader: None })
    }

    /// Creates a reader of a file of lower, which may be copied up.
    pub(super) fn in_lower(overlay: Arc<Inner>, number: u64, file: Box<dyn VFile>) -> Box<dyn VFile> {
        let moved = overlay.readers.join(number);
        Box::new(Self { number, file, reader: Some(Reader { overlay, moved }) })
    }

    fn file(&self) -> &dyn VFile {
        let moved = self.reader.as_ref().and_then(|reader| reader.moved.get());
        &**moved.unwrap_or(&self.file)
    }
}

impl Drop for OverlayFile {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            reader.overlay.readers.leave(self.number, &reader.moved);
        }
    }
}

#[deny(clippy::missing_trait_methods)]
impl VFile for OverlayFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file().read_at(buf, offset)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        let mut metadata = self.file().metadata()?;
        metadata.inode = self.number;
        if let Some(reader) = self.reader.as_ref().filter(|reader| reader.moved.get().is_none()) {
            metadata.nlink = reader.overlay.names_left(metadata.nlink, self.number);
        }
        Ok(metadata)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.file().write_at(bytes, offset)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.file().append(bytes)
    }

    fn len(&self) -> io::Result<u64> {
        self.file().len()
    }

    fn is_empty(&self) -> io::Result<bool> {
        self.file().is_empty()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file().set_len(len)
    }

    fn replace(&self, contents: Bytes) -> io::Result<()> {
        self.file().replace(contents)
    }

    fn contents(&self) -> io::Result<Bytes> {
        self.file().contents()
    }

    fn sync(&self) -> io::Result<()> {
        self.file().sync()
    }

    fn close(&self) -> io::Result<()> {
        self.file().close()
    }
}
