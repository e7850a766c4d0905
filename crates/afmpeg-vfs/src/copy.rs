//! Copying what a file holds from one filesystem to another.

use std::io;

use crate::{
    VFile,
    vfs::{checked_len, write_all_at},
};

/// How much is copied at a time, in bytes. A file that is no longer goes over as the buffer that lower gives.
const PIECE: usize = 1 << 20;

/// Makes `to`, which is empty, hold what `from` holds. Returns how many bytes that are.
///
/// What fits in one piece goes over as one buffer, without a copy where a backend keeps it in memory.
pub(crate) fn copy_contents(from: &dyn VFile, to: &dyn VFile) -> io::Result<u64> {
    let len = from.len()?;
    if len <= PIECE as u64 {
        let contents = from.contents()?;
        let len = contents.len() as u64;
        to.replace(contents)?;
        return Ok(len);
    }
    copy_in_pieces(from, to, len)
}

/// Copies `len` bytes of a file, or all if there are fewer, without its runs of zeros: they would fill the holes of a
/// sparse one. Whoever has zeros without an end is not followed there.
fn copy_in_pieces(from: &dyn VFile, to: &dyn VFile, len: u64) -> io::Result<u64> {
    let mut piece = vec![0; PIECE];
    let mut offset = 0;
    let mut written = 0;
    while offset < len {
        let wanted = usize::try_from(len - offset).map_or(PIECE, |left| left.min(PIECE));
        let read = match from.read_at(&mut piece[..wanted], offset) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = &piece[..checked_len(read, wanted)?];
        let end = offset.saturating_add(read as u64);
        if bytes.iter().any(|byte| *byte != 0) {
            write_all_at(to, bytes, offset)?;
            written = end;
        }
        offset = end;
    }
    if written < offset {
        to.set_len(offset)?;
    }
    Ok(offset)
}
