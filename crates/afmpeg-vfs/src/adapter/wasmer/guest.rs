//! A [`Vfs`] for a WASI guest in wasmer-wasix. The relevant properties of wasmer-wasix 0.704.2:
//!
//! - Every file operation is polled once and must be ready: otherwise the thread of the guest parks forever.
//! - All descriptors of a path share one [`VirtualFile`], with a seek before every read. When the path is opened again
//!   for writing, the new file replaces the old one for all of them.
//! - Every file is first opened for writing, even for reading. Such a file is opened read-only here, and reopened when
//!   the guest writes, so that the backend can distinguish readers from writers. A refusal to write must be
//!   `PermissionDenied`: only then does wasmer-wasix open the file in the requested mode.
//! - For an existing file, it implements `O_APPEND` itself, by seeking to a stored length. Only a new file is opened
//!   for appending, and then appends atomically.
//! - An open file is unlinked through its handle, which therefore tracks its path across renames.
//! - `close` drops errors, and there are few error numbers: causes are recorded in the [`FaultLog`]. A full filesystem
//!   is reported as `WriteZero`, the only kind that becomes `ENOSPC`.
//! - A panic in the backend is reported as an error.

use std::{
    io,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};
use virtual_fs::{FileOpener, FileSystem, FsError, OpenOptionsConfig, ReadDir, VirtualFile};

use crate::{
    FaultLog, FileType, Metadata, OpenOptions, Operation, SymlinkLoop, VFile, VPath, Vfs,
    adapter::{
        calls::Calls,
        open_paths::{OpenPath, OpenPaths},
        times::{nanoseconds, system_time},
    },
    path::is_name,
    vfs::checked_len,
};

/// A [`Vfs`] as a filesystem of wasmer. Clones share it.
///
/// ```
/// use std::{path::Path, sync::Arc};
///
/// use afmpeg_vfs::{FaultLog, MemFs, VfsExt as _, adapter::wasmer::WasmerFs};
/// use virtual_fs::FileSystem as _;
///
/// let fs = MemFs::new();
/// fs.write("/clip.mp4", "...").unwrap();
/// let guest = WasmerFs::new(Arc::new(fs), FaultLog::new());
/// assert_eq!(guest.metadata(Path::new("/clip.mp4")).unwrap().len(), 3);
/// ```
#[derive(Debug, Clone)]
pub struct WasmerFs {
    fs: Arc<dyn Vfs>,
    calls: Calls,
    cancelled: Arc<AtomicBool>,
    open: OpenPaths,
}

impl WasmerFs {
    /// Wraps `fs` for a guest, and records its faults in `faults`.
    pub fn new(fs: Arc<dyn Vfs>, faults: FaultLog) -> Self {
        Self { fs, calls: Calls::new(faults), cancelled: Arc::default(), open: OpenPaths::default() }
    }

    /// Makes every call fail once `cancelled` is true, so that a guest that reads or writes ends. It gets `EIO`, not
    /// `EINTR`, after which programs retry. These errors are not recorded; a call in progress in the backend is not
    /// interrupted.
    ///
    /// ```
    /// use std::{
    ///     path::Path,
    ///     sync::{Arc, atomic::{AtomicBool, Ordering}},
    /// };
    ///
    /// use afmpeg_vfs::{FaultLog, MemFs, adapter::wasmer::WasmerFs};
    /// use virtual_fs::FileSystem as _;
    ///
    /// let cancelled = Arc::new(AtomicBool::new(false));
    /// let guest = WasmerFs::new(Arc::new(MemFs::new()), FaultLog::new()).cancelled_by(Arc::clone(&cancelled));
    /// assert!(guest.metadata(Path::new("/")).is_ok());
    /// cancelled.store(true, Ordering::Relaxed);
    /// assert!(guest.metadata(Path::new("/")).is_err());
    /// ```
    #[must_use]
    pub fn cancelled_by(mut self, cancelled: Arc<AtomicBool>) -> Self {
        self.cancelled = cancelled;
        self
    }

    /// Calls the backend, unless the guest is cancelled.
    fn call<T>(
        &self,
        operation: Operation,
        path: impl FnOnce() -> VPath,
        call: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(io::Error::other("the job is cancelled"));
        }
        self.calls.call(operation, path, |error| guest_kind(error).into(), call)
    }

    fn call_fs<T>(
        &self,
        operation: Operation,
        path: &Path,
        call: impl FnOnce(&VPath) -> io::Result<T>,
    ) -> virtual_fs::Result<T> {
        let path = vpath(path)?;
        self.call(operation, || path.clone(), || call(&path)).map_err(|error| fs_error(error.kind()))
    }
}

fn vpath(path: &Path) -> virtual_fs::Result<VPath> {
    path.to_str().and_then(|path| VPath::new(path).ok()).ok_or(FsError::InvalidInput)
}

/// Returns the kind that wasmer-wasix converts to the POSIX error number of `error`, if there is one.
fn guest_kind(error: &io::Error) -> io::ErrorKind {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            io::ErrorKind::WriteZero
        }
        io::ErrorKind::ReadOnlyFilesystem => io::ErrorKind::PermissionDenied,
        // There is no number for a loop; the target does not exist.
        _ if SymlinkLoop::is(error) => io::ErrorKind::NotFound,
        kind => kind,
    }
}

fn fs_error(kind: io::ErrorKind) -> FsError {
    match kind {
        io::ErrorKind::NotFound => FsError::EntryNotFound,
        io::ErrorKind::AlreadyExists => FsError::AlreadyExists,
        io::ErrorKind::PermissionDenied => FsError::PermissionDenied,
        io::ErrorKind::NotADirectory => FsError::BaseNotDirectory,
        io::ErrorKind::IsADirectory => FsError::NotAFile,
        io::ErrorKind::DirectoryNotEmpty => FsError::DirectoryNotEmpty,
        io::ErrorKind::WriteZero => FsError::WriteZero,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidFilename => FsError::InvalidInput,
        // There is no `EXDEV`; programs copy instead when a rename is not supported.
        io::ErrorKind::Unsupported | io::ErrorKind::CrossesDevices => FsError::Unsupported,
        io::ErrorKind::TimedOut => FsError::TimedOut,
        io::ErrorKind::Interrupted => FsError::Interrupted,
        io::ErrorKind::WouldBlock => FsError::WouldBlock,
        _ => FsError::IOError,
    }
}

fn guest_metadata(metadata: &Metadata) -> virtual_fs::Metadata {
    let mut ft = virtual_fs::FileType::default();
    match metadata.file_type {
        FileType::File => ft.file = true,
        FileType::Dir => ft.dir = true,
        FileType::Symlink => ft.symlink = true,
        FileType::CharDevice => ft.char_device = true,
    }
    let modified = nanoseconds(metadata.modified);
    virtual_fs::Metadata {
        ft,
        accessed: metadata.accessed.map_or(modified, |time| nanoseconds(Some(time))),
        created: nanoseconds(metadata.created),
        modified,
        len: metadata.len,
    }
}

impl FileSystem for WasmerFs {
    fn readlink(&self, path: &Path) -> virtual_fs::Result<PathBuf> {
        self.call_fs(Operation::Stat, path, |path| self.fs.read_link(path)).map(PathBuf::from)
    }

    fn read_dir(&self, path: &Path) -> virtual_fs::Result<ReadDir> {
        let listed = self.call_fs(Operation::List, path, |path| self.fs.read_dir(path))?;
        let named = listed.into_iter().filter(|entry| is_name(&entry.name));
        let entries = named.map(|entry| virtual_fs::DirEntry {
            path: path.join(&entry.name),
            // Listings need only names and types; a length would cost another call.
            metadata: Ok(guest_metadata(&Metadata::new(entry.file_type, 0))),
        });
        Ok(ReadDir::new(entries.collect()))
    }

    fn create_dir(&self, path: &Path) -> virtual_fs::Result<()> {
        self.call_fs(Operation::Create, path, |path| self.fs.create_dir(path))
    }

    fn create_symlink(&self, target: &Path, link: &Path) -> virtual_fs::Result<()> {
        let target = target.to_str().ok_or(FsError::InvalidInput)?;
        self.call_fs(Operation::Create, link, |link| self.fs.symlink(target, link))
    }

    fn hard_link(&self, original: &Path, link: &Path) -> virtual_fs::Result<()> {
        let original = vpath(original)?;
        self.call_fs(Operation::Create, link, |link| self.fs.hard_link(&original, link))
    }

    fn remove_dir(&self, path: &Path) -> virtual_fs::Result<()> {
        self.call_fs(Operation::Remove, path, |path| self.fs.remove_dir(path))
    }

    fn rename<'a>(
        &'a self,
        from: &'a Path,
        to: &'a Path,
    ) -> Pin<Box<dyn Future<Output = virtual_fs::Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let to = vpath(to)?;
            self.call_fs(Operation::Rename, from, |from| {
                self.fs.rename(from, &to)?;
                self.open.rename(from, &to);
                Ok(())
            })
        })
    }

    fn metadata(&self, path: &Path) -> virtual_fs::Result<virtual_fs::Metadata> {
        self.call_fs(Operation::Stat, path, |path| self.fs.metadata(path)).map(|found| guest_metadata(&found))
    }

    fn symlink_metadata(&self, path: &Path) -> virtual_fs::Result<virtual_fs::Metadata> {
        self.call_fs(Operation::Stat, path, |path| self.fs.symlink_metadata(path))
            .map(|found| guest_metadata(&found))
    }

    fn remove_file(&self, path: &Path) -> virtual_fs::Result<()> {
        self.call_fs(Operation::Remove, path, |path| self.fs.remove_file(path))
    }

    fn new_open_options(&self) -> virtual_fs::OpenOptions<'_> {
        virtual_fs::OpenOptions::new(self)
    }
}

impl FileOpener for WasmerFs {
    fn open(
        &self,
        path: &Path,
        config: &OpenOptionsConfig,
    ) -> virtual_fs::Result<Box<dyn VirtualFile + Send + Sync + 'static>> {
        let mut options = OpenOptions::new()
            .read(config.read)
            .write(config.write)
            .append(config.append)
            .create(config.create)
            .create_new(config.create_new)
            .truncate(config.truncate);
        // A descriptor for metadata only.
        options.read |= options.check().is_err();
        let may_write = options.writes();
        let write_later =
            options.read && may_write && !options.create && !options.create_new && !options.truncate;
        let append = options.append;
        if write_later {
            options = OpenOptions::new().read(true);
        }

        let file = self.call_fs(Operation::Open, path, |path| self.fs.open(path, options))?;
        Ok(Box::new(GuestFile {
            fs: self.clone(),
            path: self.open.add(vpath(path)?),
            file: Some(file),
            access: match (may_write, write_later) {
                (false, _) => Access::Read,
                (true, true) => Access::WriteLater,
                (true, false) => Access::Write,
            },
            append,
            cursor: 0,
        }))
    }
}

/// The access of a backend handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    /// Read access; the file is reopened when the guest writes.
    WriteLater,
    Write,
}

/// An open file of the guest: a backend handle, and the cursor that wasmer requires.
#[derive(Debug)]
struct GuestFile {
    fs: WasmerFs,
    path: OpenPath,
    /// Set until the file is closed.
    file: Option<Box<dyn VFile>>,
    access: Access,
    append: bool,
    cursor: u64,
}

impl GuestFile {
    fn call<T>(&self, operation: Operation, call: impl FnOnce(&dyn VFile) -> io::Result<T>) -> io::Result<T> {
        let file = self.file.as_deref().ok_or(io::ErrorKind::NotFound)?;
        self.fs.call(operation, || self.path.get(), || call(file))
    }

    fn metadata(&self) -> Option<Metadata> {
        self.call(Operation::Stat, |file| file.metadata()).ok()
    }

    fn make_writable(&mut self) -> io::Result<()> {
        match self.access {
            Access::Write => return Ok(()),
            Access::Read => return Err(io::ErrorKind::PermissionDenied.into()),
            Access::WriteLater => {}
        }
        let options = OpenOptions::new().read(true).write(!self.append).append(self.append);
        let path = self.path.get();
        let read_only = self.file.as_deref();
        let writable = self.fs.call(
            Operation::Open,
            || path.clone(),
            || {
                let writable = self.fs.fs.open(&path, options)?;
                // Another file may have replaced the one that the guest opened.
                let numbers = (read_only.map(|file| file.metadata()).transpose()?, writable.metadata()?);
                match numbers {
                    (Some(before), now) if before.inode != now.inode => Err(io::ErrorKind::NotFound.into()),
                    _ => Ok(writable),
                }
            },
        )?;
        self.close();
        self.file = Some(writable);
        self.access = Access::Write;
        Ok(())
    }

    fn read(&mut self, buf: &mut ReadBuf<'_>) -> io::Result<()> {
        // The rest of the guest's buffer, which wasmer has initialised: nothing is cleared or copied.
        let buffer = buf.initialize_unfilled();
        let room = buffer.len();
        let read =
            self.call(Operation::Read, |file| checked_len(file.read_at(buffer, self.cursor)?, room))?;
        buf.advance(read);
        self.cursor = self.cursor.saturating_add(read as u64);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.make_writable()?;
        if self.append {
            let offset = self.call(Operation::Write, |file| file.append(bytes))?;
            self.cursor = offset.saturating_add(bytes.len() as u64);
            return Ok(bytes.len());
        }
        let written =
            self.call(Operation::Write, |file| checked_len(file.write_at(bytes, self.cursor)?, bytes.len()))?;
        self.cursor = self.cursor.saturating_add(written as u64);
        Ok(written)
    }

    fn seek(&mut self, to: io::SeekFrom) -> io::Result<()> {
        let place = match to {
            io::SeekFrom::Start(offset) => Some(offset),
            io::SeekFrom::Current(offset) => self.cursor.checked_add_signed(offset),
            io::SeekFrom::End(offset) => {
                self.call(Operation::Stat, |file| file.len())?.checked_add_signed(offset)
            }
        };
        self.cursor = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(())
    }

    /// Drops the backend handle, which may panic like any other call.
    fn close(&mut self) {
        if let Some(file) = self.file.take() {
            let drop = || {
                drop(file);
                Ok(())
            };
            let _: Result<(), ()> = self.fs.calls.call(Operation::Close, || self.path.get(), |_| (), drop);
        }
    }
}

impl Drop for GuestFile {
    fn drop(&mut self) {
        if self.access == Access::Write {
            // Errors are recorded in the log only.
            let _ = self.call(Operation::Close, |file| file.close());
        }
        self.close();
    }
}

impl AsyncRead for GuestFile {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(self.read(buf))
    }
}

impl AsyncWrite for GuestFile {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // There is no buffer to flush; syncing on each flush by wasmer would cost a system call per write.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncSeek for GuestFile {
    fn start_seek(mut self: Pin<&mut Self>, to: io::SeekFrom) -> io::Result<()> {
        self.seek(to)
    }

    fn poll_complete(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(self.cursor))
    }
}

impl VirtualFile for GuestFile {
    fn last_accessed(&self) -> u64 {
        self.metadata().map_or(0, |metadata| nanoseconds(metadata.accessed.or(metadata.modified)))
    }

    fn last_modified(&self) -> u64 {
        self.metadata().map_or(0, |metadata| nanoseconds(metadata.modified))
    }

    fn created_time(&self) -> u64 {
        self.metadata().map_or(0, |metadata| nanoseconds(metadata.created))
    }

    fn set_times(&mut self, accessed: Option<u64>, modified: Option<u64>) -> virtual_fs::Result<()> {
        let path = self.path.get();
        let (accessed, modified) = (accessed.map(system_time), modified.map(system_time));
        self.fs
            .call(Operation::Write, || path.clone(), || self.fs.fs.set_times(&path, accessed, modified))
            .map_err(|error| fs_error(error.kind()))
    }

    fn size(&self) -> u64 {
        self.metadata().map_or(0, |metadata| metadata.len)
    }

    fn set_len(&mut self, len: u64) -> virtual_fs::Result<()> {
        self.make_writable()
            .and_then(|()| self.call(Operation::Truncate, |file| file.set_len(len)))
            .map_err(|error| fs_error(error.kind()))
    }

    fn unlink(&mut self) -> virtual_fs::Result<()> {
        // After the unlink, it could not be reopened for writing. A file without write access loses nothing.
        let _ = self.make_writable();
        let path = self.path.get();
        self.fs
            .call(Operation::Remove, || path.clone(), || self.fs.fs.remove_file(&path))
            .map_err(|error| fs_error(error.kind()))
    }

    fn poll_read_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<usize>> {
        // A file is always ready, even at its end.
        Poll::Ready(Ok(1))
    }

    fn poll_write_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(1 << 16))
    }
}
