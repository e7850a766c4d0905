//! Archives as read-only filesystems.

#[cfg(feature = "zip")]
mod inflate;
mod limits;
#[cfg(feature = "tar")]
mod sparse;
#[cfg(feature = "tar")]
pub(crate) mod tar;
#[cfg(feature = "zip")]
pub(crate) mod zip;

use std::{fmt, io, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;

pub use self::limits::ArchiveLimits;
use crate::{Metadata, OpenOptions, VFile, VPath, Vfs, index::BytesFile, vfs::checked_len};

/// The bytes of an archive, in memory or in an open file. Clones share them.
///
/// From [`Bytes`], a `Vec<u8>` or a `&'static [u8]`, stored files are returned without a copy. From an open file, only
/// the requested pieces are read. The archive must not change while it is in use.
///
/// ```
/// use std::sync::Arc;
///
/// use afmpeg_vfs::{Archive, VFile};
///
/// # fn takes(_: [Archive; 3]) {}
/// # fn example(file: Box<dyn VFile>, shared: Arc<dyn VFile>) {
/// # takes(
/// [Archive::from(vec![0; 1024]), Archive::from(file), Archive::from(shared)]
/// # );
/// # }
/// ```
#[derive(Clone)]
pub struct Archive(Source);

#[derive(Clone)]
enum Source {
    Memory(Bytes),
    File(Arc<dyn VFile>),
}

impl Archive {
    /// Opens the archive at `path` on `fs`.
    ///
    /// # Errors
    ///
    /// As [`Vfs::open`].
    ///
    /// ```
    /// # use afmpeg_vfs::{Archive, MemFs, VPath, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// let fs = MemFs::new();
    /// fs.write("/a.zip", "PK")?;
    /// let archive = Archive::at(&fs, &VPath::new("/a.zip")?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn at(fs: &dyn Vfs, path: &VPath) -> io::Result<Self> {
        Ok(fs.open(path, OpenOptions::new().read(true))?.into())
    }

    /// Reads the length, once, so that every offset is checked against the same length.
    fn measure(self) -> io::Result<Measured> {
        let len = match &self.0 {
            Source::Memory(bytes) => bytes.len() as u64,
            Source::File(file) => file.len()?,
        };
        Ok(Measured { source: self.0, len })
    }
}

impl From<Bytes> for Archive {
    fn from(bytes: Bytes) -> Self {
        Self(Source::Memory(bytes))
    }
}

impl From<Vec<u8>> for Archive {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<&'static [u8]> for Archive {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}

impl From<Box<dyn VFile>> for Archive {
    fn from(file: Box<dyn VFile>) -> Self {
        Self(Source::File(file.into()))
    }
}

impl From<Arc<dyn VFile>> for Archive {
    fn from(file: Arc<dyn VFile>) -> Self {
        Self(Source::File(file))
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Memory(bytes) => write!(f, "Archive({} bytes)", bytes.len()),
            Source::File(file) => f.debug_tuple("Archive").field(file).finish(),
        }
    }
}

/// An archive with its length.
#[derive(Clone)]
struct Measured {
    source: Source,
    /// The length in bytes.
    len: u64,
}

impl Measured {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        match &self.source {
            Source::Memory(bytes) => {
                let rest =
                    usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
                let len = rest.len().min(buf.len());
                buf[..len].copy_from_slice(&rest[..len]);
                Ok(len)
            }
            Source::File(file) => checked_len(file.read_at(buf, offset)?, buf.len()),
        }
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        read_exact(buf, offset, |buf, offset| self.read_at(buf, offset))
    }

    /// Opens a range of the archive as a file. The range is within the archive.
    fn open_range(&self, start: u64, len: u64, metadata: Metadata) -> Box<dyn VFile> {
        if let Source::Memory(bytes) = &self.source
            && let (Ok(start), Ok(len)) = (usize::try_from(start), usize::try_from(len))
            && let Some(end) = start.checked_add(len)
            && end <= bytes.len()
        {
            return Box::new(BytesFile::new(bytes.slice(start..end), metadata));
        }
        Box::new(RangeFile { archive: self.clone(), start, len, metadata })
    }
}

fn shorter(offset: u64) -> io::Error {
    let text = format!("the archive ends at byte {offset}, within its contents; it was truncated or changed");
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

impl fmt::Debug for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("len", &self.len).finish_non_exhaustive()
    }
}

/// A file that is a range of the archive.
#[derive(Debug)]
struct RangeFile {
    archive: Measured,
    start: u64,
    len: u64,
    metadata: Metadata,
}

impl VFile for RangeFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.len.saturating_sub(offset);
        let len = usize::try_from(rest).unwrap_or(usize::MAX).min(buf.len());
        if len == 0 {
            return Ok(0);
        }
        match self.archive.read_at(&mut buf[..len], self.start.saturating_add(offset))? {
            0 => Err(shorter(self.start.saturating_add(offset))),
            read => Ok(read),
        }
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(self.metadata)
    }
}

/// The size of the read-ahead buffer for the index, in bytes.
const READ_AHEAD: u64 = 64 << 10;

/// An archive whose index is being read: many small reads near each other become one read of the file.
struct Buffered<'a> {
    archive: &'a Measured,
    block: Mutex<Block>,
}

#[derive(Default)]
struct Block {
    start: u64,
    bytes: Vec<u8>,
}

impl<'a> Buffered<'a> {
    fn new(archive: &'a Measured) -> Self {
        Self { archive, block: Mutex::default() }
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if let Source::Memory(_) = self.archive.source {
            return self.archive.read_at(buf, offset);
        }
        if offset >= self.archive.len || buf.is_empty() {
            return Ok(0);
        }
        let mut block = self.block.lock();
        if offset < block.start || offset - block.start >= block.bytes.len() as u64 {
            let len = usize::try_from(READ_AHEAD.min(self.archive.len - offset)).map_err(io::Error::other)?;
            block.bytes.resize(len, 0);
            let read = self.archive.read_at(&mut block.bytes, offset);
            // Bytes that were not read must not be used later.
            block.bytes.truncate(*read.as_ref().unwrap_or(&0));
            block.start = offset;
            read?;
        }
        let skip = usize::try_from(offset - block.start).map_err(io::Error::other)?;
        let rest = block.bytes.get(skip..).unwrap_or_default();
        let len = rest.len().min(buf.len());
        buf[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    #[cfg(feature = "tar")]
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        read_exact(buf, offset, |buf, offset| self.read_at(buf, offset))
    }
}

/// Fills `buf` from `offset` on, with as many reads as necessary.
fn read_exact(
    buf: &mut [u8],
    offset: u64,
    read: impl Fn(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<()> {
    let mut filled = 0;
    while filled < buf.len() {
        match read(&mut buf[filled..], offset.saturating_add(filled as u64)) {
            Ok(0) => return Err(shorter(offset.saturating_add(filled as u64))),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
