//! The cache of inflated files of a zip archive.

use std::{
    collections::{HashMap, VecDeque},
    io,
    sync::{Arc, Weak},
};

use bytes::Bytes;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use parking_lot::Mutex;

use super::{ArchiveLimits, Measured, invalid};

/// The highest compression ratio of deflate.
const MAX_RATIO: u64 = 1032;

/// The size of reads from the archive, in bytes.
const PIECE: usize = 64 << 10;

/// The most inflated files that are cached without being open: small files cost more than their bytes.
const MAX_RECENT: usize = 1024;

/// The location of a deflated file, and its length and checksum according to the archive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deflated {
    pub(super) start: u64,
    pub(super) compressed: u64,
    pub(super) len: u64,
    pub(super) crc: u32,
}

/// The cache, and its limits.
#[derive(Debug)]
pub(super) struct Inflater {
    limits: ArchiveLimits,
    total: Arc<Total>,
    /// By inode number. A slot is locked while its file is inflated: a second open waits instead of inflating it
    /// again.
    slots: Mutex<HashMap<u64, Arc<Mutex<Weak<Inflated>>>>>,
    /// The files that were opened most recently, the latest last; evicted when memory is needed.
    recent: Mutex<VecDeque<Arc<Inflated>>>,
}

#[derive(Debug, Default)]
struct Total(Mutex<u64>);

/// Inflated bytes, which count in the total until they are dropped.
struct Inflated {
    bytes: Vec<u8>,
    _reservation: Reservation,
}

impl std::fmt::Debug for Inflated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflated").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}

struct Reservation {
    total: Arc<Total>,
    bytes: u64,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        *self.total.0.lock() -= self.bytes;
    }
}

struct Owner(Arc<Inflated>);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl Inflater {
    pub(super) fn new(limits: ArchiveLimits) -> Self {
        Self { limits, total: Arc::default(), slots: Mutex::default(), recent: Mutex::default() }
    }

    pub(super) fn inflated_bytes(&self) -> u64 {
        *self.total.0.lock()
    }

    /// Returns the contents of a file, inflating it if it is not cached.
    pub(super) fn contents(&self, archive: &Measured, inode: u64, file: Deflated) -> io::Result<Bytes> {
        let slot = Arc::clone(self.slots.lock().entry(inode).or_default());
        let mut slot = slot.lock();
        let inflated = match slot.upgrade() {
            Some(inflated) => inflated,
            None => {
                let reservation = self.reserve(file)?;
                let bytes = inflate(archive, file)?;
                let inflated = Arc::new(Inflated { bytes, _reservation: reservation });
                *slot = Arc::downgrade(&inflated);
                inflated
            }
        };
        drop(slot);
        let mut recent = self.recent.lock();
        recent.retain(|other| !Arc::ptr_eq(other, &inflated));
        if recent.len() == MAX_RECENT {
            recent.pop_front();
        }
        recent.push_back(Arc::clone(&inflated));
        drop(recent);
        Ok(Bytes::from_owner(Owner(inflated)))
    }

    /// Reserves memory for a file, evicting files that are not open, the least recently used first.
    fn reserve(&self, file: Deflated) -> io::Result<Reservation> {
        let ArchiveLimits { file_len, inflated_bytes: limit, .. } = self.limits;
        if file.len > file_len {
            let text =
                format!("its {} inflated bytes exceed the limit of {file_len} bytes for a file", file.len);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        // Otherwise empty blocks would be read for as long as the archive specifies.
        let longest = file_len.saturating_mul(2).saturating_add(PIECE as u64);
        if file.compressed > longest {
            let text = format!("its {} deflated bytes exceed any file of {file_len} bytes", file.compressed);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        if file.len > file.compressed.saturating_mul(MAX_RATIO) {
            return Err(invalid(format!(
                "{} deflated bytes cannot inflate to {} bytes",
                file.compressed, file.len
            )));
        }
        // Locked until there is room, so that no other thread finds the cache empty while its last file is being
        // dropped.
        let mut recent = self.recent.lock();
        loop {
            {
                let mut total = self.total.0.lock();
                if total.saturating_add(file.len) <= limit {
                    *total += file.len;
                    return Ok(Reservation { total: Arc::clone(&self.total), bytes: file.len });
                }
            }
            if recent.pop_front().is_none() {
                let text = format!(
                    "the inflated files exceed the limit of {limit} bytes by {} bytes; close other files first",
                    self.inflated_bytes().saturating_add(file.len).saturating_sub(limit)
                );
                return Err(io::Error::new(io::ErrorKind::OutOfMemory, text));
            }
        }
    }
}

/// Inflates a file, and checks its length and checksum. The memory is reserved by the caller.
pub(super) fn inflate(archive: &Measured, file: Deflated) -> io::Result<Vec<u8>> {
    let len = usize::try_from(file.len).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| io::ErrorKind::OutOfMemory)?;
    bytes.resize(len, 0);

    let mut stream = Decompress::new(false);
    let mut piece = vec![0; PIECE];
    let (mut next, end) = (file.start, file.start.saturating_add(file.compressed));
    let mut input = 0..0;
    let mut filled = 0;
    loop {
        if input.is_empty() && next < end {
            let want = usize::try_from(end - next).unwrap_or(PIECE).min(PIECE);
            archive.read_exact_at(&mut piece[..want], next)?;
            next += want as u64;
            input = 0..want;
        }
        let (consumed, produced) = (stream.total_in(), stream.total_out());
        // One extra byte detects that the file is longer than specified.
        let mut beyond = [0];
        let buf = if filled < len { &mut bytes[filled..] } else { &mut beyond[..] };
        let status = stream
            .decompress(&piece[input.clone()], buf, FlushDecompress::None)
            .map_err(|_| invalid("the deflated data is damaged"))?;
        let took = usize::try_from(stream.total_in() - consumed).map_err(io::Error::other)?;
        let gave = usize::try_from(stream.total_out() - produced).map_err(io::Error::other)?;
        input.start += took;
        if filled == len && gave > 0 {
            return Err(invalid(format!("expected {len} inflated bytes, found more")));
        }
        filled += gave;
        if status == Status::StreamEnd {
            break;
        }
        if took == 0 && gave == 0 && input.is_empty() && next >= end {
            return Err(invalid("the deflated data ends early"));
        }
        if took == 0 && gave == 0 && !input.is_empty() {
            return Err(invalid("the deflated data is damaged"));
        }
    }
    if filled != len {
        return Err(invalid(format!("expected {len} inflated bytes, found {filled}")));
    }
    check(&bytes, file.crc)?;
    Ok(bytes)
}

fn check(bytes: &[u8], expected: u32) -> io::Result<()> {
    let mut crc = Crc::new();
    crc.update(bytes);
    if crc.sum() != expected {
        return Err(invalid(format!("expected checksum {expected:08x}, found {:08x}", crc.sum())));
    }
    Ok(())
}

/// Reads a small stored or deflated file, such as the text of a symbolic link.
pub(super) fn small(archive: &Measured, stored: bool, file: Deflated) -> io::Result<Vec<u8>> {
    if !stored {
        return inflate(archive, file);
    }
    let mut bytes = vec![0; usize::try_from(file.len).map_err(io::Error::other)?];
    archive.read_exact_at(&mut bytes, file.start)?;
    check(&bytes, file.crc)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Archive;

    #[test]
    fn number_of_cached_small_files_is_limited() {
        let archive = Archive::from(b"\x01\x01\0\xfe\xffx".to_vec()).measure().unwrap();
        let mut crc = Crc::new();
        crc.update(b"x");
        let file = Deflated { start: 0, compressed: archive.len, len: 1, crc: crc.sum() };
        let inflater = Inflater::new(ArchiveLimits::new());
        for inode in 0..2 * MAX_RECENT as u64 {
            assert_eq!(inflater.contents(&archive, inode, file).unwrap(), "x");
        }
        assert_eq!(
            (inflater.recent.lock().len(), inflater.inflated_bytes()),
            (MAX_RECENT, MAX_RECENT as u64)
        );
    }
}
