//! Pages in an anonymous temporary file.

use std::{collections::BTreeMap, fs::File, io, sync::Arc, time::SystemTime};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};

use crate::positional::{read_at, write_at};

/// The unit of allocation in the temporary file, in bytes.
pub(super) const PAGE_LEN: usize = 64 << 10;

const PAGE: u64 = PAGE_LEN as u64;

static ZEROS: [u8; PAGE_LEN] = [0; PAGE_LEN];

/// A temporary file for the pages of all files: with a temporary file each, a job of ten thousand segments would run
/// out of descriptors. The host removes it when the process ends.
#[derive(Debug)]
pub(super) struct Disk {
    file: RwLock<Option<Arc<File>>>,
    slots: Mutex<Slots>,
    /// The most pages.
    limit: u64,
}

#[derive(Debug, Default)]
struct Slots {
    /// The number of pages in the temporary file.
    made: u64,
    free: Vec<u64>,
}

impl Disk {
    pub(super) fn new(limit: u64) -> Self {
        Self { file: RwLock::new(None), slots: Mutex::default(), limit: limit / PAGE }
    }

    fn file(&self) -> io::Result<Arc<File>> {
        if let Some(file) = &*self.file.read() {
            return Ok(Arc::clone(file));
        }
        let mut file = self.file.write();
        if file.is_none() {
            *file = Some(Arc::new(tempfile::tempfile()?));
        }
        file.as_ref().map(Arc::clone).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Returns a free page, and whether it holds zeros.
    fn take(&self) -> io::Result<(u64, bool)> {
        let mut slots = self.slots.lock();
        if let Some(slot) = slots.free.pop() {
            return Ok((slot, false));
        }
        if slots.made >= self.limit {
            let message =
                format!("the limit of {} bytes on spooled files on disk is reached", self.limit * PAGE);
            return Err(io::Error::new(io::ErrorKind::StorageFull, message));
        }
        slots.made += 1;
        Ok((slots.made - 1, true))
    }

    fn give_back(&self, freed: impl IntoIterator<Item = u64>) {
        self.slots.lock().free.extend(freed);
    }

    #[cfg(test)]
    pub(super) fn pages_in_use(&self) -> u64 {
        let slots = self.slots.lock();
        slots.made - slots.free.len() as u64
    }
}

/// The contents of a file. Pages that were never written are zeros, and not on disk.
#[derive(Debug)]
pub(super) struct Pages {
    disk: Arc<Disk>,
    slots: BTreeMap<u64, u64>,
    len: u64,
    pub(super) modified: SystemTime,
}

impl Pages {
    pub(super) fn new(disk: &Arc<Disk>) -> Self {
        Self { disk: Arc::clone(disk), slots: BTreeMap::new(), len: 0, modified: SystemTime::now() }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = self.len.saturating_sub(offset);
        let want = buf.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let file = self.disk.file()?;
        let mut filled = 0;
        while filled < want {
            let place = offset + filled as u64;
            let within = place % PAGE;
            let count = (want - filled).min(to_usize(PAGE - within));
            let part = &mut buf[filled..filled + count];
            match self.slots.get(&(place / PAGE)) {
                None => part.fill(0),
                Some(slot) => read_or_zeros(&file, part, slot * PAGE + within)?,
            }
            filled += count;
        }
        Ok(want)
    }

    pub(super) fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let file = self.disk.file()?;
        let mut written = 0;
        while written < bytes.len() {
            let place = offset + written as u64;
            let within = place % PAGE;
            let part = &bytes[written..bytes.len().min(written + to_usize(PAGE - within))];
            match self.slots.get(&(place / PAGE)) {
                Some(slot) => write_all(&file, part, slot * PAGE + within)?,
                None => {
                    let (slot, is_zero) = self.disk.take()?;
                    let filled = if is_zero || part.len() == PAGE_LEN {
                        Ok(())
                    } else {
                        write_all(&file, &ZEROS, slot * PAGE)
                    };
                    // A page that was not written may hold bytes of another file, and must not become visible.
                    if let Err(error) = filled.and_then(|()| write_all(&file, part, slot * PAGE + within)) {
                        self.disk.give_back([slot]);
                        return Err(error);
                    }
                    self.slots.insert(place / PAGE, slot);
                }
            }
            written += part.len();
            self.len = self.len.max(place + part.len() as u64);
        }
        self.modified = SystemTime::now();
        Ok(())
    }

    pub(super) fn set_len(&mut self, len: u64) -> io::Result<()> {
        if len < self.len {
            // Truncated bytes must not reappear when the file grows.
            if let Some(slot) = self.slots.get(&(len / PAGE)).filter(|_| !len.is_multiple_of(PAGE)) {
                let zeros = vec![0; to_usize(PAGE - len % PAGE)];
                write_all(&*self.disk.file()?, &zeros, slot * PAGE + len % PAGE)?;
            }
            let cut = self.slots.split_off(&len.div_ceil(PAGE));
            self.disk.give_back(cut.into_values());
        }
        self.len = len;
        self.modified = SystemTime::now();
        Ok(())
    }

    pub(super) fn contents(&self) -> io::Result<Bytes> {
        let out_of_memory = || io::Error::from(io::ErrorKind::OutOfMemory);
        let len = usize::try_from(self.len).map_err(|_| out_of_memory())?;
        let mut contents = Vec::new();
        contents.try_reserve_exact(len).map_err(|_| out_of_memory())?;
        contents.resize(len, 0);
        self.read_at(&mut contents, 0)?;
        Ok(contents.into())
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.disk.give_back(std::mem::take(&mut self.slots).into_values());
    }
}

/// Converts a length of at most a page.
fn to_usize(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Reads a part of a page; the end of the last page of the temporary file may not exist.
fn read_or_zeros(file: &File, mut buf: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buf.is_empty() {
        match read_at(file, buf, offset) {
            Ok(0) => {
                buf.fill(0);
                return Ok(());
            }
            Ok(read) => {
                buf = &mut buf[read..];
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn write_all(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match write_at(file, bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
