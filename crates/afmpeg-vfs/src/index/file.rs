use std::{fmt, io};

use bytes::Bytes;

use crate::{Metadata, VFile};

/// An open file whose contents are one buffer.
pub(crate) struct BytesFile {
    bytes: Bytes,
    metadata: Metadata,
}

impl BytesFile {
    pub(crate) fn new(bytes: Bytes, metadata: Metadata) -> Self {
        Self { bytes, metadata }
    }
}

impl fmt::Debug for BytesFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BytesFile").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl VFile for BytesFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest =
            usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        let len = rest.len().min(buf.len());
        buf[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(self.metadata)
    }

    fn contents(&self) -> io::Result<Bytes> {
        Ok(self.bytes.clone())
    }
}
