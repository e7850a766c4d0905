//! Spooled files, and their handles.

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use bytes::Bytes;
use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{
    disk::{PAGE_LEN, Pages},
    shared::Shared,
};
use crate::{Metadata, OpenOptions, VFile};

/// The size of the buffer for moving a file to disk, in bytes.
const MOVED: usize = 1 << 20;

/// The largest length of a file: the largest signed offset, as on hosts.
const MAX_LEN: u64 = i64::MAX as u64;

/// The storage of a file: the pages on disk if there are any, else the file in memory.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pages: RwLock<Option<Pages>>,
    /// The number of changes, incremented after each change: a reader that loads the count before the contents never
    /// takes older contents for the counted version.
    changes: AtomicU64,
}

impl Stored {
    #[cfg(feature = "object-store")]
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Corrects the metadata of the empty file in memory that represents a file on disk.
    pub(super) fn described(&self, found: impl FnOnce() -> io::Result<Metadata>) -> io::Result<Metadata> {
        // Locked first: otherwise the file could move back to memory in between.
        let pages = self.pages.read();
        let mut metadata = found()?;
        if let Some(pages) = &*pages {
            metadata.len = pages.len();
            metadata.modified = Some(pages.modified);
        }
        Ok(metadata)
    }

    pub(super) fn set_modified(&self, modified: SystemTime) {
        if let Some(pages) = &mut *self.pages.write() {
            pages.modified = modified;
        }
    }
}

/// A handle of a spooled file.
pub(super) struct SpoolFile {
    /// The file in memory, opened for reading and writing.
    pub(super) in_memory: Box<dyn VFile>,
    pub(super) stored: Arc<Stored>,
    pub(super) shared: Arc<Shared>,
    /// The options of this handle.
    pub(super) options: OpenOptions,
}

/// The storage of a file, locked for a change that fits there.
enum Place<'a> {
    /// Shared, because the file in memory serialises writes itself.
    Memory(RwLockReadGuard<'a, Option<Pages>>),
    Disk(RwLockWriteGuard<'a, Option<Pages>>),
}

impl SpoolFile {
    fn check(&self, allowed: bool) -> io::Result<()> {
        if allowed { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }

    /// Makes a change to the contents. After an error, part of it may have been made.
    fn changing<T>(&self, change: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let _passed = self.shared.gate.pass()?;
        let result = change();
        self.stored.changes.fetch_add(1, Ordering::Release);
        result
    }

    /// Whether a file of `len` bytes, `more` of them new, may be in memory.
    fn fits_memory(&self, len: u64, more: u64) -> bool {
        let limits = &self.shared.limits;
        len <= limits.file_bytes && self.shared.names.used().saturating_add(more) <= limits.memory_bytes
    }

    /// Locks the storage for a change to `len` bytes, `more` of them new, moving the file to disk if it does not fit
    /// in memory.
    fn place(&self, len: u64, more: u64) -> io::Result<Place<'_>> {
        let stored = self.stored.pages.read();
        if stored.is_none() && self.fits_memory(len, more) {
            return Ok(Place::Memory(stored));
        }
        drop(stored);
        let mut stored = self.stored.pages.write();
        if stored.is_none() {
            *stored = Some(self.moved()?);
            if let Err(error) = self.in_memory.set_len(0) {
                *stored = None;
                return Err(error);
            }
        }
        Ok(Place::Disk(stored))
    }

    /// Copies the file from memory to disk.
    fn moved(&self) -> io::Result<Pages> {
        let mut pages = Pages::new(&self.shared.disk);
        let mut buffer = vec![0; MOVED];
        let mut offset = 0;
        loop {
            let count = self.in_memory.read_at(&mut buffer, offset)?;
            if count == 0 {
                break;
            }
            for (part, offset) in buffer[..count].chunks(PAGE_LEN).zip((offset..).step_by(PAGE_LEN)) {
                // Holes stay holes.
                if part.iter().any(|byte| *byte != 0) {
                    pages.write_at(part, offset)?;
                }
            }
            offset += count as u64;
        }
        if pages.len() < offset {
            pages.set_len(offset)?;
        }
        Ok(pages)
    }

    /// Truncates the file to length 0, whatever the options of the handle.
    pub(super) fn clear(&self) -> io::Result<()> {
        self.changing(|| self.truncate(0))
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        if len > MAX_LEN {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if len == 0 {
            // An empty file is stored in memory.
            let mut stored = self.stored.pages.write();
            self.in_memory.set_len(0)?;
            let pages = stored.take();
            drop(stored);
            drop(pages);
            return Ok(());
        }
        match self.place(len, 0)? {
            Place::Memory(_held) => self.in_memory.set_len(len),
            Place::Disk(mut stored) => stored.as_mut().map_or(Ok(()), |pages| pages.set_len(len)),
        }
    }

    /// Writes at `offset`, or at the end if it is `None`. Returns the offset.
    fn put(&self, bytes: &[u8], offset: Option<u64>) -> io::Result<u64> {
        let more = bytes.len() as u64;
        let from = match offset {
            Some(offset) => offset,
            None => self.metadata()?.len,
        };
        let end = from.checked_add(more).filter(|end| *end <= MAX_LEN).ok_or(io::ErrorKind::FileTooLarge)?;
        match self.place(end, more)? {
            Place::Memory(_held) => match offset {
                None => self.in_memory.append(bytes),
                Some(offset) => {
                    let mut written = 0;
                    while written < bytes.len() {
                        match self.in_memory.write_at(&bytes[written..], offset + written as u64)? {
                            0 => return Err(io::ErrorKind::WriteZero.into()),
                            count => written += count,
                        }
                    }
                    Ok(offset)
                }
            },
            Place::Disk(mut stored) => {
                let pages = stored.as_mut().ok_or(io::ErrorKind::NotFound)?;
                let offset = offset.unwrap_or(pages.len());
                pages.write_at(bytes, offset)?;
                Ok(offset)
            }
        }
    }
}

impl fmt::Debug for SpoolFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpoolFile").field("options", &self.options).finish_non_exhaustive()
    }
}

impl VFile for SpoolFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.check(self.options.read)?;
        match &*self.stored.pages.read() {
            None => self.in_memory.read_at(buf, offset),
            Some(pages) => pages.read_at(buf, offset),
        }
    }

    fn metadata(&self) -> io::Result<Metadata> {
        self.stored.described(|| self.in_memory.metadata())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.check(self.options.writes())?;
        if !bytes.is_empty() {
            self.changing(|| self.put(bytes, if self.options.append { None } else { Some(offset) }))?;
        }
        Ok(bytes.len())
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.check(self.options.writes())?;
        self.changing(|| self.put(bytes, None))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check(self.options.writes())?;
        self.changing(|| self.truncate(len))
    }

    fn replace(&self, contents: Bytes) -> io::Result<()> {
        self.check(self.options.writes())?;
        self.changing(|| {
            let len = contents.len() as u64;
            let mut stored = self.stored.pages.write();
            if !self.fits_memory(len, len) {
                let mut pages = Pages::new(&self.shared.disk);
                pages.write_at(&contents, 0)?;
                self.in_memory.set_len(0)?;
                *stored = Some(pages);
                return Ok(());
            }
            self.in_memory.replace(contents)?;
            *stored = None;
            Ok(())
        })
    }

    fn contents(&self) -> io::Result<Bytes> {
        self.check(self.options.read)?;
        match &*self.stored.pages.read() {
            None => self.in_memory.contents(),
            Some(pages) => pages.contents(),
        }
    }
}
