use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    sync::Arc,
    time::SystemTime,
};

use vfs::{
    FileSystem, SeekAndRead, SeekAndWrite, VfsError, VfsFileType, VfsMetadata, VfsResult, error::VfsErrorKind,
};

use crate::{OpenOptions, VFile, VPath, Vfs, adapter::believable, path::is_name};

/// A [`Vfs`] as a filesystem of the crate [`vfs`]. Clones are the same one.
///
/// Symbolic links are followed, and show as what they lead to; a device shows as a file. A file that was written is
/// [finished](VFile::finish) when its writer is dropped, which can tell nobody of errors; flushing it before
/// [syncs](VFile::sync) it, and tells. What is opened to append is written at the end wherever its cursor is.
///
/// ```
/// use std::sync::Arc;
///
/// use afmpeg_vfs::{MemFs, VfsExt as _, adapter::vfs::ToVfs};
/// use vfs::VfsPath;
///
/// let fs = MemFs::new();
/// let root = VfsPath::new(ToVfs::new(Arc::new(fs.clone())));
/// root.join("note.txt").unwrap().create_file().unwrap().write_all(b"shared").unwrap();
/// assert_eq!(fs.read("/note.txt").unwrap(), "shared");
/// ```
#[derive(Debug, Clone)]
pub struct ToVfs(Arc<dyn Vfs>);

impl ToVfs {
    /// Wraps `fs`.
    pub fn new(fs: Arc<dyn Vfs>) -> Self {
        Self(fs)
    }

    fn open(&self, path: &str, how: OpenOptions) -> VfsResult<Cursor> {
        let file = self.0.open(&vpath(path)?, how).map_err(vfs_error)?;
        Ok(Cursor { file, at: 0, how })
    }

    fn set_times(
        &self,
        path: &str,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> VfsResult<()> {
        self.0.set_times(&vpath(path)?, accessed, modified).map_err(vfs_error)
    }
}

fn vpath(path: &str) -> VfsResult<VPath> {
    VPath::new(path).map_err(|_| VfsErrorKind::InvalidPath.into())
}

fn vfs_error(error: io::Error) -> VfsError {
    match error.kind() {
        io::ErrorKind::Unsupported => VfsErrorKind::NotSupported.into(),
        io::ErrorKind::AlreadyExists => VfsErrorKind::FileExists.into(),
        _ => error.into(),
    }
}

impl FileSystem for ToVfs {
    fn read_dir(&self, path: &str) -> VfsResult<Box<dyn Iterator<Item = String> + Send>> {
        let entries = self.0.read_dir(&vpath(path)?).map_err(vfs_error)?;
        // Whoever walks is not to be led in circles.
        Ok(Box::new(entries.into_iter().map(|entry| entry.name).filter(|name| is_name(name))))
    }

    fn create_dir(&self, path: &str) -> VfsResult<()> {
        let path = vpath(path)?;
        self.0.create_dir(&path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists if self.0.metadata(&path).is_ok_and(|found| found.is_dir()) => {
                VfsErrorKind::DirectoryExists.into()
            }
            _ => vfs_error(error),
        })
    }

    fn open_file(&self, path: &str) -> VfsResult<Box<dyn SeekAndRead + Send>> {
        Ok(Box::new(self.open(path, OpenOptions::new().read(true))?))
    }

    fn create_file(&self, path: &str) -> VfsResult<Box<dyn SeekAndWrite + Send>> {
        Ok(Box::new(self.open(path, OpenOptions::new().write(true).create(true).truncate(true))?))
    }

    fn append_file(&self, path: &str) -> VfsResult<Box<dyn SeekAndWrite + Send>> {
        let mut cursor = self.open(path, OpenOptions::new().append(true))?;
        cursor.at = cursor.file.len().map_err(vfs_error)?;
        Ok(Box::new(cursor))
    }

    fn metadata(&self, path: &str) -> VfsResult<VfsMetadata> {
        let found = self.0.metadata(&vpath(path)?).map_err(vfs_error)?;
        Ok(VfsMetadata {
            file_type: if found.is_dir() { VfsFileType::Directory } else { VfsFileType::File },
            len: found.len,
            created: found.created,
            modified: found.modified,
            accessed: found.accessed,
        })
    }

    fn set_modification_time(&self, path: &str, time: SystemTime) -> VfsResult<()> {
        self.set_times(path, None, Some(time))
    }

    fn set_access_time(&self, path: &str, time: SystemTime) -> VfsResult<()> {
        self.set_times(path, Some(time), None)
    }

    fn exists(&self, path: &str) -> VfsResult<bool> {
        match self.0.metadata(&vpath(path)?) {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(false)
            }
            Err(error) => Err(vfs_error(error)),
        }
    }

    fn remove_file(&self, path: &str) -> VfsResult<()> {
        self.0.remove_file(&vpath(path)?).map_err(vfs_error)
    }

    fn remove_dir(&self, path: &str) -> VfsResult<()> {
        self.0.remove_dir(&vpath(path)?).map_err(vfs_error)
    }

    fn move_file(&self, from: &str, to: &str) -> VfsResult<()> {
        self.0.rename(&vpath(from)?, &vpath(to)?).map_err(move_error)
    }

    fn move_dir(&self, from: &str, to: &str) -> VfsResult<()> {
        self.0.rename(&vpath(from)?, &vpath(to)?).map_err(move_error)
    }
}

/// From one mounted filesystem to another, what is not supported is copied.
fn move_error(error: io::Error) -> VfsError {
    match error.kind() {
        io::ErrorKind::CrossesDevices => VfsErrorKind::NotSupported.into(),
        _ => vfs_error(error),
    }
}

/// A file with a cursor.
#[derive(Debug)]
struct Cursor {
    file: Box<dyn VFile>,
    at: u64,
    how: OpenOptions,
}

impl Read for Cursor {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = believable(self.file.read_at(into, self.at)?, into.len())?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

impl Write for Cursor {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.how.append {
            // Others may have made the file longer since.
            self.at = self.file.append(bytes)?.saturating_add(bytes.len() as u64);
            return Ok(bytes.len());
        }
        let written = believable(self.file.write_at(bytes, self.at)?, bytes.len())?;
        self.at = self.at.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.sync()
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.len()?.checked_add_signed(by),
        };
        let outside = || io::Error::new(io::ErrorKind::InvalidInput, "a place before the file's beginning");
        self.at = place.ok_or_else(outside)?;
        Ok(self.at)
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        if self.how.writes() {
            // Nobody can be told.
            let _ = self.file.finish();
        }
    }
}
