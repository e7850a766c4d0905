//! Files of a zip archive that had to be inflated, as long as they are worth their memory.

use std::{
    collections::{HashMap, VecDeque},
    io,
    sync::{Arc, Weak},
};

use bytes::Bytes;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use parking_lot::Mutex;

use super::{ArchiveLimits, Measured, invalid};

/// No deflated byte becomes more bytes than this.
const MAX_RATIO: u64 = 1032;

/// How much of the archive is read at once, in bytes.
const PIECE: usize = 64 << 10;

/// How many files are kept that nobody has open: small ones cost more than their bytes.
const MAX_KEPT: usize = 1024;

/// A deflated file: where it is, and what the archive claims it to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deflated {
    pub(super) start: u64,
    pub(super) compressed: u64,
    pub(super) len: u64,
    pub(super) crc: u32,
}

/// What is held, and what may be.
#[derive(Debug)]
pub(super) struct Inflater {
    limits: ArchiveLimits,
    held: Arc<Held>,
    /// By inode number. Whoever inflates a file holds its slot: a second opening waits instead of doing it again.
    slots: Mutex<HashMap<u64, Arc<Mutex<Weak<Inflated>>>>>,
    /// Those opened last, the last at the end: they stay until their memory is wanted.
    kept: Mutex<VecDeque<Arc<Inflated>>>,
}

#[derive(Debug, Default)]
struct Held(Mutex<u64>);

/// Bytes that count as held for as long as anybody has them.
struct Inflated {
    bytes: Vec<u8>,
    _claim: Claim,
}

impl std::fmt::Debug for Inflated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflated").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}

struct Claim {
    held: Arc<Held>,
    bytes: u64,
}

impl Drop for Claim {
    fn drop(&mut self) {
        *self.held.0.lock() -= self.bytes;
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
        Self { limits, held: Arc::default(), slots: Mutex::default(), kept: Mutex::default() }
    }

    pub(super) fn held(&self) -> u64 {
        *self.held.0.lock()
    }

    /// The file's contents, inflated now if they are not held.
    pub(super) fn contents(&self, archive: &Measured, inode: u64, file: Deflated) -> io::Result<Bytes> {
        let slot = Arc::clone(self.slots.lock().entry(inode).or_default());
        let mut slot = slot.lock();
        let inflated = match slot.upgrade() {
            Some(held) => held,
            None => {
                let claim = self.claim(file)?;
                let bytes = inflate(archive, file)?;
                let inflated = Arc::new(Inflated { bytes, _claim: claim });
                *slot = Arc::downgrade(&inflated);
                inflated
            }
        };
        drop(slot);
        let mut kept = self.kept.lock();
        kept.retain(|other| !Arc::ptr_eq(other, &inflated));
        if kept.len() == MAX_KEPT {
            kept.pop_front();
        }
        kept.push_back(Arc::clone(&inflated));
        drop(kept);
        Ok(Bytes::from_owner(Owner(inflated)))
    }

    /// Room for the file, made by letting go of what nobody has open, the longest unused first.
    fn claim(&self, file: Deflated) -> io::Result<Claim> {
        let ArchiveLimits { file_len, held: limit, .. } = self.limits;
        if file.len > file_len {
            let text = format!("{} bytes inflated, more than the limit of {file_len} on a file", file.len);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        // Blocks of nothing would be read for as long as the archive claims to be.
        let longest = file_len.saturating_mul(2).saturating_add(PIECE as u64);
        if file.compressed > longest {
            let text = format!("{} bytes deflated, more than any of {file_len} bytes needs", file.compressed);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        if file.len > file.compressed.saturating_mul(MAX_RATIO) {
            return Err(invalid(format!(
                "{} bytes cannot come of {} deflated ones",
                file.len, file.compressed
            )));
        }
        // Held until there is room, so that nobody finds it empty while its last one is still being let go.
        let mut kept = self.kept.lock();
        loop {
            {
                let mut held = self.held.0.lock();
                if held.saturating_add(file.len) <= limit {
                    *held += file.len;
                    return Ok(Claim { held: Arc::clone(&self.held), bytes: file.len });
                }
            }
            if kept.pop_front().is_none() {
                let text = format!(
                    "{} bytes more than the limit of {limit} on what is inflated at once; close other files first",
                    self.held().saturating_add(file.len).saturating_sub(limit)
                );
                return Err(io::Error::new(io::ErrorKind::OutOfMemory, text));
            }
        }
    }
}

/// Inflates a file whose claimed length there is room for. Another length or checksum than is claimed is an error.
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
        // At the end of the room, one byte more shows that the claim was too small.
        let mut beyond = [0];
        let buf = if filled < len { &mut bytes[filled..] } else { &mut beyond[..] };
        let status = stream
            .decompress(&piece[input.clone()], buf, FlushDecompress::None)
            .map_err(|_| invalid("the deflated bytes are damaged"))?;
        let took = usize::try_from(stream.total_in() - consumed).map_err(io::Error::other)?;
        let gave = usize::try_from(stream.total_out() - produced).map_err(io::Error::other)?;
        input.start += took;
        if filled == len && gave > 0 {
            return Err(invalid(format!("it inflates to more than the {len} bytes that are claimed")));
        }
        filled += gave;
        if status == Status::StreamEnd {
            break;
        }
        if took == 0 && gave == 0 && input.is_empty() && next >= end {
            return Err(invalid("the deflated bytes end too early"));
        }
        if took == 0 && gave == 0 && !input.is_empty() {
            return Err(invalid("the deflated bytes are damaged"));
        }
    }
    if filled != len {
        return Err(invalid(format!("it inflates to {filled} bytes, and {len} are claimed")));
    }
    check(&bytes, file.crc)?;
    Ok(bytes)
}

fn check(bytes: &[u8], claimed: u32) -> io::Result<()> {
    let mut crc = Crc::new();
    crc.update(bytes);
    if crc.sum() != claimed {
        return Err(invalid(format!("its checksum is {:08x}, and {claimed:08x} is claimed", crc.sum())));
    }
    Ok(())
}

/// A small stored or deflated file, such as the text of a symbolic link.
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
    fn small_files_are_kept_up_to_a_number() {
        let archive = Archive::from(b"\x01\x01\0\xfe\xffx".to_vec()).measure().unwrap();
        let mut crc = Crc::new();
        crc.update(b"x");
        let file = Deflated { start: 0, compressed: archive.len, len: 1, crc: crc.sum() };
        let inflater = Inflater::new(ArchiveLimits::new());
        for inode in 0..2 * MAX_KEPT as u64 {
            assert_eq!(inflater.contents(&archive, inode, file).unwrap(), "x");
        }
        assert_eq!((inflater.kept.lock().len(), inflater.held()), (MAX_KEPT, MAX_KEPT as u64));
    }
}
