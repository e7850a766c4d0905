//! Sparse files of a tar archive: pieces of data with holes between them.

use std::{io, sync::Arc};

use bytes::Bytes;
use tar::{GnuExtSparseHeader, GnuSparseHeader, Header};

use super::{Buffered, Measured, invalid, shorter};
use crate::{Metadata, VFile};

/// The most zeros that [`VFile::contents`] fills into holes, in bytes. The same as for files in memory.
const MAX_HOLES: u64 = 1 << 30;

/// The size of the reads of [`VFile::contents`], in bytes.
const READ_AT_ONCE: u64 = 1 << 20;

const BLOCK: u64 = 512;

/// The most digits of a number in a map.
const MAX_DIGITS: usize = 20;

/// A piece of data of a sparse file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// The offset in the file.
    offset: u64,
    len: u64,
    /// The offset in the archive.
    start: u64,
}

pub(super) fn too_many() -> io::Error {
    invalid("the sparse files exceed the limit on pieces; to permit more, raise the limit on entries")
}

/// Returns the pieces of a header in GNU format, which continue in blocks from `offset` on, and the end of those
/// blocks.
pub(super) fn listed_by_gnu(
    header: &Header,
    archive: &Buffered<'_>,
    mut offset: u64,
    limit: usize,
) -> io::Result<(Vec<Piece>, u64)> {
    let gnu = header.as_gnu().ok_or_else(|| invalid("expected a GNU header for a sparse file"))?;
    let mut numbers = Vec::new();
    let mut take = |listed: &[GnuSparseHeader]| -> io::Result<bool> {
        let before = numbers.len();
        for piece in listed.iter().filter(|piece| !piece.is_empty()) {
            numbers.extend([piece.offset()?, piece.length()?]);
        }
        if numbers.len() / 2 > limit { Err(too_many()) } else { Ok(numbers.len() > before) }
    };
    take(&gnu.sparse)?;
    let mut more = gnu.is_extended();
    while more {
        let mut extended = GnuExtSparseHeader::new();
        archive.read_exact_at(extended.as_mut_bytes(), offset)?;
        offset += BLOCK;
        if !take(extended.sparse())? {
            return Err(invalid("its sparse map continues without a piece"));
        }
        more = extended.is_extended();
    }
    Ok((pieces(&numbers, offset, u64::MAX)?, offset))
}

/// Returns the numbers of the map before the data, and its length.
pub(super) fn listed_in_data(
    archive: &Buffered<'_>,
    start: u64,
    len: u64,
    limit: usize,
) -> io::Result<(Vec<u64>, u64)> {
    let mut found = Vec::new();
    let mut expected = None;
    let mut digits = Vec::new();
    let mut taken = 0;
    while expected.is_none_or(|expected| found.len() < expected) {
        let mut block = [0; 512];
        if len - taken < BLOCK {
            return Err(invalid("its sparse map is truncated"));
        }
        archive.read_exact_at(&mut block, start + taken)?;
        taken += BLOCK;
        for byte in block {
            if expected.is_some_and(|expected| found.len() == expected) {
                break;
            }
            if byte != b'\n' {
                digits.push(byte);
                if digits.len() > MAX_DIGITS {
                    return Err(invalid("expected a number in its sparse map"));
                }
                continue;
            }
            let number = numbers(&digits, b',')?.first().copied().unwrap_or(0);
            digits.clear();
            if expected.is_some() {
                found.push(number);
                continue;
            }
            let pieces =
                usize::try_from(number).ok().filter(|pieces| *pieces <= limit).ok_or_else(too_many)?;
            expected = Some(pieces.saturating_mul(2));
        }
    }
    Ok((found, taken))
}

/// Parses decimal numbers separated by `between`.
pub(super) fn numbers(text: &[u8], between: u8) -> io::Result<Vec<u64>> {
    let number = |text: &[u8]| std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    let numbers: Option<Vec<u64>> = text.split(|byte| *byte == between).map(number).collect();
    numbers.ok_or_else(|| invalid("expected a number in its sparse map"))
}

/// Converts pairs of offset and length to pieces, whose data is contiguous from `start` on.
pub(super) fn pieces(numbers: &[u64], mut start: u64, len: u64) -> io::Result<Vec<Piece>> {
    let mut left = len;
    let (pairs, rest) = numbers.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(invalid("its sparse map has an offset without a length"));
    }
    let mut pieces = Vec::with_capacity(pairs.len());
    for [offset, len] in pairs {
        left =
            left.checked_sub(*len).ok_or_else(|| invalid("its sparse map has more data than the entry"))?;
        pieces.push(Piece { offset: *offset, len: *len, start });
        start =
            start.checked_add(*len).ok_or_else(|| invalid("its sparse map has more data than the entry"))?;
    }
    Ok(pieces)
}

/// Returns the pieces without empty ones. Fails unless they are in order, within `real_len`, and within the data.
pub(super) fn checked(
    mut pieces: Vec<Piece>,
    start: u64,
    len: u64,
    real_len: u64,
) -> io::Result<Arc<[Piece]>> {
    pieces.retain(|piece| piece.len > 0);
    let mut end = 0;
    for piece in &pieces {
        let next =
            piece.offset.checked_add(piece.len).filter(|next| *next <= real_len && piece.offset >= end);
        end =
            next.ok_or_else(|| invalid("its sparse map is out of order, or exceeds the length of the file"))?;
        if piece.start + piece.len > start.saturating_add(len) {
            return Err(invalid("its sparse map has more data than the entry"));
        }
    }
    Ok(pieces.into())
}

/// An open sparse file.
#[derive(Debug)]
pub(super) struct SparseFile {
    archive: Measured,
    pieces: Arc<[Piece]>,
    metadata: Metadata,
}

impl SparseFile {
    pub(super) fn new(archive: Measured, pieces: Arc<[Piece]>, metadata: Metadata) -> Self {
        Self { archive, pieces, metadata }
    }
}

impl VFile for SparseFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.metadata.len.saturating_sub(offset);
        let room = buf.len() as u64;
        // The first piece that does not end before the offset.
        let place = self.pieces.partition_point(|piece| piece.offset + piece.len <= offset);
        let len_until = |end: u64| usize::try_from((end - offset).min(rest).min(room)).unwrap_or(buf.len());
        match self.pieces.get(place) {
            Some(piece) if piece.offset <= offset => {
                let len = len_until(piece.offset + piece.len);
                let start = piece.start + (offset - piece.offset);
                match self.archive.read_at(&mut buf[..len], start)? {
                    0 if len > 0 => Err(shorter(start)),
                    read => Ok(read),
                }
            }
            next => {
                let len = len_until(next.map_or(self.metadata.len.max(offset), |piece| piece.offset));
                buf[..len].fill(0);
                Ok(len)
            }
        }
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(self.metadata)
    }

    fn contents(&self) -> io::Result<Bytes> {
        let data: u64 = self.pieces.iter().map(|piece| piece.len).sum();
        let too_much = || {
            let text =
                format!("cannot read a sparse file of {} bytes whole; read it in pieces", self.metadata.len);
            io::Error::new(io::ErrorKind::OutOfMemory, text)
        };
        if self.metadata.len - data > MAX_HOLES {
            return Err(too_much());
        }
        let grow = |bytes: &mut Vec<u8>, len: u64| -> io::Result<()> {
            let len = usize::try_from(len).map_err(|_| too_much())?;
            bytes.try_reserve(len.saturating_sub(bytes.len())).map_err(|_| too_much())?;
            bytes.resize(len, 0);
            Ok(())
        };
        let mut bytes = Vec::new();
        for piece in self.pieces.iter() {
            grow(&mut bytes, piece.offset)?;
            let mut done = 0;
            // The length may be wrong: memory is reserved only as bytes arrive.
            while done < piece.len {
                let (from, step) = (bytes.len(), READ_AT_ONCE.min(piece.len - done));
                grow(&mut bytes, piece.offset + done + step)?;
                self.archive.read_exact_at(&mut bytes[from..], piece.start + done)?;
                done += step;
            }
        }
        grow(&mut bytes, self.metadata.len)?;
        Ok(bytes.into())
    }
}
