use std::{fmt, io};

use parking_lot::MutexGuard;

use super::{
    Errno, FdFlags, PollRead,
    open_file::{Kind, Open, OpenFile},
};
use crate::{
    Operation,
    adapter::calls::{Calls, catch_fs_panic},
    vfs::checked_len,
};

/// The position of a read or write: the offset of an open file, or an explicit one. While the cursor exists, other
/// calls cannot move that offset, so that the buffers of one call are contiguous.
///
/// ```
/// # use std::sync::Arc;
/// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno}};
/// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new()).stdin(&b"two buffers"[..]);
/// let (mut first, mut second) = ([0; 4], [0; 16]);
/// let read = fds.at_cursor(0, |cursor| Ok(cursor.read(&mut first)? + cursor.read(&mut second)?));
/// assert_eq!((read, &first, &second[..7]), (Ok(11), b"two ", &b"buffers"[..]));
/// assert_eq!(fds.at_cursor(0, |cursor| cursor.write(b"x")), Err(Errno::Badf));
/// ```
pub struct Cursor<'a> {
    calls: &'a Calls,
    place: Place<'a>,
}

enum Place<'a> {
    /// The offset of the open file.
    At {
        file: &'a OpenFile,
        cursor: MutexGuard<'a, u64>,
        append: bool,
    },
    /// An offset passed by the guest.
    Offset {
        file: &'a OpenFile,
        offset: u64,
    },
    Input(MutexGuard<'a, Box<dyn PollRead + Send>>),
    Output(MutexGuard<'a, Box<dyn io::Write + Send>>),
}

impl<'a> Cursor<'a> {
    pub(super) fn of(open: &'a Open, calls: &'a Calls) -> Result<Self, Errno> {
        let place = match &open.kind {
            Kind::File(file) => Place::At {
                file,
                cursor: file.cursor.lock(),
                append: file.append || open.flags().contains(FdFlags::APPEND),
            },
            Kind::Folder(_) => return Err(Errno::Isdir),
            Kind::Input(stream) => Place::Input(stream.lock()),
            Kind::Output(stream) => Place::Output(stream.lock()),
        };
        Ok(Self { calls, place })
    }

    pub(super) fn at(open: &'a Open, offset: u64, calls: &'a Calls) -> Result<Self, Errno> {
        match &open.kind {
            Kind::File(_) if i64::try_from(offset).is_err() => Err(Errno::Inval),
            Kind::File(file) => Ok(Self { calls, place: Place::Offset { file, offset } }),
            Kind::Folder(_) => Err(Errno::Isdir),
            Kind::Input(_) | Kind::Output(_) => Err(Errno::Spipe),
        }
    }

    /// Whether this is a stream of the caller: each read may block until bytes are available.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, OFlags, OpenFlags, Rights}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// let file = fds.open(Descriptors::ROOT, "a", OpenFlags::new(Rights::FD_READ).oflags(OFlags::CREAT)).unwrap();
    /// assert_eq!(fds.at_cursor(0, |cursor| Ok(cursor.is_stream())), Ok(true));
    /// assert_eq!(fds.at_cursor(file, |cursor| Ok(cursor.is_stream())), Ok(false));
    /// ```
    pub fn is_stream(&self) -> bool {
        matches!(self.place, Place::Input(_) | Place::Output(_))
    }

    /// Reads into `buf` and advances. Returns the number of bytes, which may be less than the length of `buf`; 0 at
    /// the end of the file.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`] if the file was not opened for reading; errors of the backend.
    pub fn read(&mut self, buf: &mut [u8]) -> Result<usize, Errno> {
        let (file, offset) = match &mut self.place {
            Place::At { file, cursor, .. } => (*file, &mut **cursor),
            Place::Offset { file, offset } => (*file, offset),
            Place::Input(stream) => {
                let read = catch_fs_panic(|| checked_len(retried(|| stream.read(buf))?, buf.len()));
                return read.map_err(|error| Errno::of(&error));
            }
            Place::Output(_) => return Err(Errno::Badf),
        };
        if !file.read {
            return Err(Errno::Badf);
        }
        let start = *offset;
        let read = self.calls.call(
            Operation::Read,
            || file.path.read().clone(),
            Errno::of,
            || checked_len(retried(|| file.file.read_at(buf, start))?, buf.len()),
        )?;
        *offset = start.saturating_add(read as u64);
        Ok(read)
    }

    /// Writes from `bytes` and advances. Returns the number of bytes, which may be less than the length of `bytes`.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`] if the file was not opened for writing; errors of the backend.
    pub fn write(&mut self, bytes: &[u8]) -> Result<usize, Errno> {
        let (file, offset, append) = match &mut self.place {
            Place::At { file, cursor, append } => (*file, &mut **cursor, *append),
            Place::Offset { file, offset } => (*file, offset, false),
            Place::Output(stream) => {
                let written = catch_fs_panic(|| progress(retried(|| stream.write(bytes))?, bytes.len()));
                return written.map_err(|error| Errno::of(&error));
            }
            Place::Input(_) => return Err(Errno::Badf),
        };
        if !file.write {
            return Err(Errno::Badf);
        }
        let current = *offset;
        let (start, written) = self.calls.call(
            Operation::Write,
            || file.path.read().clone(),
            Errno::of,
            || {
                if append {
                    return Ok((retried(|| file.file.append(bytes))?, bytes.len()));
                }
                Ok((current, progress(retried(|| file.file.write_at(bytes, current))?, bytes.len())?))
            },
        )?;
        *offset = start.saturating_add(written as u64);
        Ok(written)
    }
}

impl fmt::Debug for Cursor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.place {
            Place::At { .. } => "Cursor(at the file's offset)",
            Place::Offset { .. } => "Cursor(at an explicit offset)",
            Place::Input(_) | Place::Output(_) => "Cursor(stream)",
        })
    }
}

/// A write of no bytes is an error, because the guest would retry endlessly.
fn progress(written: usize, len: usize) -> io::Result<usize> {
    if written == 0 && len > 0 { Err(io::ErrorKind::WriteZero.into()) } else { checked_len(written, len) }
}

/// Retries interrupted calls, because the guest has no signals.
pub(super) fn retried<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
