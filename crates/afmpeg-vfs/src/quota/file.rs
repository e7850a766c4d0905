//! An open file with an accounted length.

use std::io;

use bytes::Bytes;

use super::reservation::Reservation;
use crate::{OpenOptions, VFile, VPath, forward};

#[derive(Debug)]
pub(super) struct QuotaFile {
    /// Dropped before the account: the bytes of an unlinked file are in use until then.
    file: Box<dyn VFile>,
    account: Reservation,
    options: OpenOptions,
    path: VPath,
    max_len: u64,
}

/// A change in progress, which ends even in a panic.
struct Pending<'a> {
    file: &'a QuotaFile,
    /// Whether the file has the charged length.
    exact: bool,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.file.account.end(self.exact, || self.file.file.len());
    }
}

impl QuotaFile {
    pub(super) fn new(
        file: Box<dyn VFile>,
        account: Reservation,
        options: OpenOptions,
        path: VPath,
        max_len: u64,
    ) -> Self {
        Self { file, account, options, path, max_len }
    }

    fn check_writable(&self) -> io::Result<()> {
        if self.options.writes() { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }

    fn begin(&self, end: impl FnOnce(u64) -> Option<u64>) -> io::Result<(u64, Pending<'_>)> {
        let end = self.account.begin(&self.path, self.max_len, end)?;
        Ok((end, Pending { file: self, exact: false }))
    }

    /// Updates the accounted length after a change that was not charged.
    pub(super) fn settle(&self) {
        // A change to length 0 exceeds no limit.
        let _ = self.begin(|_| Some(0)).map(drop);
    }
}

#[deny(clippy::missing_trait_methods)]
impl VFile for QuotaFile {
    forward!(file: read len sync);

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.check_writable()?;
        let count = bytes.len() as u64;
        if count == 0 {
            return self.file.write_at(bytes, offset);
        }
        let append = self.options.append;
        let (_, mut pending) = self.begin(|len| (if append { len } else { offset }).checked_add(count))?;
        let written = self.file.write_at(bytes, offset)?;
        // The offset of an append is unknown, because other appends may precede it.
        pending.exact = written == bytes.len() && !append;
        Ok(written)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.check_writable()?;
        let count = bytes.len() as u64;
        let (end, mut pending) = self.begin(|len| len.checked_add(count))?;
        let offset = self.file.append(bytes)?;
        pending.exact = offset.checked_add(count) == Some(end);
        Ok(offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check_writable()?;
        let (_, _pending) = self.begin(|_| Some(len))?;
        self.file.set_len(len)
    }

    fn replace(&self, contents: Bytes) -> io::Result<()> {
        self.check_writable()?;
        let count = contents.len() as u64;
        let (_, _pending) = self.begin(|_| Some(count))?;
        self.file.replace(contents)
    }
}
