use std::{io, sync::Arc};

use afmpeg::vfs::{Metadata, OpenOptions, VFile, forward};
use parking_lot::RwLock;

use crate::cipher::{BLOCK, Cipher, STORED_BLOCK, len_of, stored_len};

/// The longest file, in bytes: 4 TiB.
const MAX_LEN: u64 = 4 << 40;

/// An open file. Its contents are on the filesystem inside alone, so that all handles share them.
#[derive(Debug)]
pub(crate) struct EncryptedFile {
    inner: Box<dyn VFile>,
    cipher: Arc<Cipher>,
    lock: Arc<RwLock<()>>,
    options: OpenOptions,
}

impl EncryptedFile {
    pub(crate) fn new(
        inner: Box<dyn VFile>,
        cipher: Arc<Cipher>,
        lock: Arc<RwLock<()>>,
        options: OpenOptions,
    ) -> Self {
        Self { inner, cipher, lock, options }
    }

    /// The length, for a caller that holds the lock.
    fn current_len(&self) -> io::Result<u64> {
        len_of(self.inner.len()?)
    }

    /// Returns the decrypted block with this number, which is empty at the end of the file.
    fn block(&self, number: u64) -> io::Result<Vec<u8>> {
        let (mut stored, mut filled) = (vec![0; STORED_BLOCK], 0);
        while filled < stored.len() {
            let offset = number * STORED_BLOCK as u64 + filled as u64;
            match self.inner.read_at(&mut stored[filled..], offset) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        stored.truncate(filled);
        if stored.is_empty() { Ok(stored) } else { self.cipher.open(number, stored) }
    }

    fn set_block(&self, number: u64, block: &[u8]) -> io::Result<()> {
        let stored = self.cipher.seal(number, block)?;
        let mut written = 0;
        while written < stored.len() {
            let offset = number * STORED_BLOCK as u64 + written as u64;
            match self.inner.write_at(&stored[written..], offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes at or before the end of the file.
    fn overwrite(&self, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            let (number, start) = place(offset);
            let (part, rest) = bytes.split_at(bytes.len().min(BLOCK - start));
            // A block that is written whole is not read.
            let mut block = if part.len() == BLOCK { Vec::new() } else { self.block(number)? };
            block.resize(block.len().max(start + part.len()), 0);
            block[start..start + part.len()].copy_from_slice(part);
            self.set_block(number, &block)?;
            (bytes, offset) = (rest, offset + part.len() as u64);
        }
        Ok(())
    }

    /// Extends the file to `len` with zeros, which are encrypted too. Does nothing if it is longer.
    fn extend(&self, len: u64) -> io::Result<()> {
        let mut end = self.current_len()?;
        while end < len {
            let (_, start) = place(end);
            let room = (BLOCK - start) as u64;
            let zeros = &[0; BLOCK][..usize::try_from(room.min(len - end)).unwrap_or(BLOCK)];
            self.overwrite(zeros, end)?;
            end += zeros.len() as u64;
        }
        Ok(())
    }

    /// Fails unless the handle is open for writing, and the file may end at `offset + len`.
    fn check_write(&self, offset: u64, len: u64) -> io::Result<()> {
        if !self.options.writes() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        match offset.checked_add(len) {
            Some(end) if end <= MAX_LEN => Ok(()),
            _ => Err(io::ErrorKind::FileTooLarge.into()),
        }
    }
}

/// Returns the number of the block at `offset`, and the offset in that block.
fn place(offset: u64) -> (u64, usize) {
    let block = BLOCK as u64;
    (offset / block, usize::try_from(offset % block).unwrap_or_default())
}

impl VFile for EncryptedFile {
    forward!(inner: sync);

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if !self.options.read {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let _reading = self.lock.read();
        let len = self.current_len()?;
        let mut filled = 0;
        while filled < buf.len() {
            let at = offset.saturating_add(filled as u64);
            if at >= len {
                break;
            }
            let (number, start) = place(at);
            let block = self.block(number)?;
            let part = block.get(start..).unwrap_or_default();
            let count = part.len().min(buf.len() - filled);
            if count == 0 {
                break;
            }
            buf[filled..filled + count].copy_from_slice(&part[..count]);
            filled += count;
        }
        Ok(filled)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        let _reading = self.lock.read();
        decrypted(self.inner.metadata()?)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        if self.options.append {
            return self.append(bytes).map(|_| bytes.len());
        }
        self.check_write(offset, bytes.len() as u64)?;
        if bytes.is_empty() {
            return Ok(0);
        }
        let _changing = self.lock.write();
        self.extend(offset)?;
        self.overwrite(bytes, offset)?;
        Ok(bytes.len())
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.check_write(0, 0)?;
        let _changing = self.lock.write();
        let end = self.current_len()?;
        self.check_write(end, bytes.len() as u64)?;
        self.overwrite(bytes, end)?;
        Ok(end)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check_write(len, 0)?;
        let _changing = self.lock.write();
        if len > self.current_len()? {
            return self.extend(len);
        }
        let (number, rest) = place(len);
        // The last block becomes shorter, so it is encrypted again.
        let last = if rest == 0 { None } else { Some(self.block(number)?) };
        self.inner.set_len(stored_len(len))?;
        match last {
            Some(block) => self.set_block(number, block.get(..rest).unwrap_or(&block)),
            None => Ok(()),
        }
    }
}

/// Returns the metadata with the length of the decrypted file.
pub(crate) fn decrypted(stored: Metadata) -> io::Result<Metadata> {
    let mut metadata = stored;
    if metadata.is_file() {
        metadata.len = len_of(stored.len)?;
    }
    Ok(metadata)
}
