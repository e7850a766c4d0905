use std::io;

use bytes::Bytes;

use crate::{Metadata, VFile};

/// A file that was downloaded whole.
#[derive(Debug)]
pub(super) struct WholeFile {
    pub(super) contents: Bytes,
    pub(super) metadata: Metadata,
}

impl VFile for WholeFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = self.contents.get(from..).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(self.metadata)
    }

    fn contents(&self) -> io::Result<Bytes> {
        Ok(self.contents.clone())
    }
}
