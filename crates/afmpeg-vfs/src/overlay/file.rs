//! Open files of an overlay.

use std::{io, sync::Arc};

use bytes::Bytes;

use super::{layers::Layers, readers::Moved};
use crate::{Metadata, VFile};

#[derive(Debug)]
pub(super) struct OverlayFile {
    number: u64,
    file: Box<dyn VFile>,
    /// Set for a reader of a file that was in lower when it was opened.
    reader: Option<Reader>,
}

#[derive(Debug)]
struct Reader {
    overlay: Arc<Layers>,
    moved: Arc<Moved>,
}

impl OverlayFile {
    /// Creates a handle of a file that stays in its filesystem.
    pub(super) fn settled(number: u64, file: Box<dyn VFile>) -> Box<dyn VFile> {
        Box::new(Self { number, file, reader: None })
    }

    /// Creates a reader of a file of lower, which may be copied up.
    pub(super) fn in_lower(overlay: Arc<Layers>, number: u64, file: Box<dyn VFile>) -> Box<dyn VFile> {
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
