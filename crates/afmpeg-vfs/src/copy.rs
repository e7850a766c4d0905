//! Copying the contents of a file to another filesystem.

use std::io;

use crate::{
    VFile,
    vfs::{checked_len, write_all_at},
};

/// The size of the copy buffer, in bytes. A file up to this length is copied as one buffer.
const PIECE: usize = 1 << 20;

/// Copies the contents of `from` to `to`, which is empty. Returns the number of bytes.
///
/// A file that fits in one buffer is not copied if both backends store it in memory.
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

/// Copies `len` bytes of a file, or all if it is shorter. Runs of zeros are skipped, so that sparse files stay sparse.
/// A device with endless zeros ends at `len`.
fn copy_in_pieces(from: &dyn VFile, to: &dyn VFile, len: u64) -> io::Result<u64> {
    let mut piece = vec![0; PIECE];
    let mut offset = 0;
    let mut written = 0;
    while offset < len {
        let room = usize::try_from(len - offset).map_or(PIECE, |left| left.min(PIECE));
        let read = match from.read_at(&mut piece[..room], offset) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = &piece[..checked_len(read, room)?];
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
