use std::{fmt, io};

use bytes::Bytes;

use crate::{Metadata, VFile};

/// An open file whose contents are in memory, in one piece.
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
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let rest = usize::try_from(at).ok().and_then(|at| self.bytes.get(at..)).unwrap_or_default();
        let len = rest.len().min(into.len());
        into[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(self.metadata)
    }

    fn contents(&self) -> io::Result<Bytes> {
        Ok(self.bytes.clone())
    }
}
