//! Open remote files.

use std::{io, sync::Arc};

use parking_lot::Mutex;

use super::{cache::Cache, source::Source, streams::Streams};
use crate::{Metadata, VFile};

/// A file that is read in ranges through the block cache.
#[derive(Debug)]
pub(super) struct RangedFile {
    pub(super) cache: Arc<Cache>,
    pub(super) source: Arc<dyn Source>,
    pub(super) metadata: Metadata,
    streams: Mutex<Streams>,
}

impl RangedFile {
    pub(super) fn new(cache: &Arc<Cache>, source: Arc<dyn Source>, metadata: Metadata) -> Self {
        let streams = Mutex::new(Streams::new(cache.max_window()));
        Self { cache: Arc::clone(cache), source, metadata, streams }
    }
}

impl VFile for RangedFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.cache.read_at(&self.source, &self.streams, buf, offset)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(self.metadata)
    }
}
