//! A wasmer filesystem as a [`Vfs`]. The relevant properties of virtual-fs 0.704.2:
//!
//! - Its filesystems differ in their checks, and in whether they follow links and replace targets: the one in memory
//!   follows no symbolic links, and renames over folders. This adapter resolves links, and enforces the rules of
//!   POSIX.
//! - A file has one cursor, and its operations are futures.

use std::{
    fmt,
    future::Future,
    io,
    path::Path,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
    time::SystemTime,
};

use parking_lot::Mutex;
use tokio::io::ReadBuf;
use virtual_fs::{FileSystem, FsError, VirtualFile};

use crate::{
    DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs,
    adapter::{
        open_paths::{OpenPath, OpenPaths},
        times::system_time,
    },
    path::is_name,
    resolve::{Node, PathNode, Tree, resolve},
    vfs::checked_len,
};

/// A wasmer filesystem as a [`Vfs`]. Clones share it.
///
/// Futures are polled on the calling thread, which sleeps in between; a future that is never woken blocks forever, and
/// one that needs a runtime must find it. Every handle has a separate wasmer file behind a lock, so threads that share
/// a handle take turns.
///
/// This adapter resolves symbolic links within the filesystem. Appends are atomic among its handles. Metadata is
/// limited by `virtual-fs`: inode numbers are 0, link counts are 1, and a time of 0 counts as missing.
/// [`Vfs::set_times`] is not supported: `virtual-fs` has no such call for folders, and many of its files ignore it.
/// Whether writes update times depends on the filesystem. [`rename`](Vfs::rename) unlinks an open file before
/// replacing it, because its readers would lose it otherwise; between the two steps, neither file is at the path.
///
/// ```
/// use std::sync::Arc;
///
/// use afmpeg_vfs::{VfsExt as _, adapter::wasmer::FromWasmer};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = FromWasmer::new(Arc::new(virtual_fs::mem_fs::FileSystem::default()));
/// fs.write("/note.txt", "stored by wasmer")?;
/// assert_eq!(fs.read("/note.txt")?, "stored by wasmer");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FromWasmer {
    fs: Arc<dyn FileSystem + Send + Sync>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The paths of open files.
    open: OpenPaths,
    /// Locked while the end of a file is read and written.
    appending: Mutex<()>,
}

impl FromWasmer {
    /// Wraps `fs`, from its root.
    pub fn new(fs: Arc<dyn FileSystem + Send + Sync>) -> Self {
        Self { fs, shared: Arc::default() }
    }

    /// Returns the filesystem without its pointer: `virtual-fs` does not forward hard links through pointers.
    fn fs(&self) -> &dyn FileSystem {
        &*self.fs
    }

    /// Resolves `path` to a path without symbolic links, and its metadata, if it exists.
    fn resolve(&self, path: &VPath, follow: bool) -> io::Result<(VPath, Option<virtual_fs::Metadata>)> {
        let place = resolve(self, path, follow)?;
        Ok((place.path()?, place.found.map(|found| found.metadata)))
    }

    /// Returns the path and metadata of an existing path.
    fn find(&self, path: &VPath, follow: bool) -> io::Result<(VPath, virtual_fs::Metadata)> {
        let (path, found) = self.resolve(path, follow)?;
        Ok((path, found.ok_or(io::ErrorKind::NotFound)?))
    }

    /// Returns the resolved path of a missing file in an existing folder.
    fn free(&self, path: &VPath) -> io::Result<VPath> {
        match self.resolve(path, false)? {
            (_, Some(_)) => Err(io::ErrorKind::AlreadyExists.into()),
            (path, None) => Ok(path),
        }
    }

    fn stat(&self, path: &VPath) -> io::Result<virtual_fs::Metadata> {
        self.fs().symlink_metadata(Path::new(path.as_str())).map_err(io_error)
    }

    fn text(&self, path: &VPath) -> io::Result<String> {
        let text = self.fs().readlink(Path::new(path.as_str())).map_err(io_error)?;
        text.into_os_string().into_string().map_err(|_| io::ErrorKind::InvalidData.into())
    }

    fn is_empty(&self, path: &VPath) -> io::Result<bool> {
        Ok(self.fs().read_dir(Path::new(path.as_str())).map_err(io_error)?.is_empty())
    }
}

/// A file, folder or link, and its path without symbolic links.
#[derive(Clone)]
pub(crate) struct Found {
    path: VPath,
    metadata: virtual_fs::Metadata,
}

impl Node for Found {
    fn file_type(&self) -> FileType {
        file_type(&self.metadata.ft)
    }
}

impl PathNode for Found {
    fn path(&self) -> &VPath {
        &self.path
    }
}

impl Tree for FromWasmer {
    type Node = Found;

    fn root(&self) -> io::Result<Found> {
        let path = VPath::root();
        Ok(Found { metadata: self.stat(&path)?, path })
    }

    fn look(&self, dir: &Found, name: &str) -> io::Result<Option<Found>> {
        let path = dir.path.join(name)?;
        match self.stat(&path) {
            Ok(metadata) => Ok(Some(Found { path, metadata })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn link_text(&self, link: &Found) -> io::Result<String> {
        self.text(&link.path)
    }
}

impl fmt::Debug for FromWasmer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromWasmer").finish_non_exhaustive()
    }
}

fn io_error(error: FsError) -> io::Error {
    match error {
        FsError::BaseNotDirectory => io::ErrorKind::NotADirectory.into(),
        FsError::NotAFile => io::ErrorKind::IsADirectory.into(),
        FsError::DirectoryNotEmpty => io::ErrorKind::DirectoryNotEmpty.into(),
        FsError::StorageFull | FsError::WriteZero => io::ErrorKind::StorageFull.into(),
        // The error is more specific than its kind.
        FsError::InvalidFd | FsError::Lock | FsError::NoDevice | FsError::UnknownError => {
            io::Error::other(error)
        }
        error => error.into(),
    }
}

/// Converts the error of a full filesystem, which `virtual-fs` reports as `WriteZero`.
fn write_error(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WriteZero { io::ErrorKind::StorageFull.into() } else { error }
}

fn file_type(ft: &virtual_fs::FileType) -> FileType {
    if ft.is_dir() {
        FileType::Dir
    } else if ft.is_symlink() {
        FileType::Symlink
    } else if ft.is_char_device() || ft.is_block_device() || ft.is_socket() || ft.is_fifo() {
        FileType::CharDevice
    } else {
        FileType::File
    }
}

fn time(nanoseconds: u64) -> Option<SystemTime> {
    (nanoseconds != 0).then(|| system_time(nanoseconds))
}

fn metadata_of(found: &virtual_fs::Metadata) -> Metadata {
    let file_type = file_type(&found.ft);
    let len = if matches!(file_type, FileType::File | FileType::Symlink) { found.len } else { 0 };
    Metadata {
        modified: time(found.modified),
        accessed: time(found.accessed),
        created: time(found.created),
        ..Metadata::new(file_type, len)
    }
}

/// A waker that unparks a waiting thread.
struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls until the result is ready, and sleeps in between.
fn wait<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
    let waker = Waker::from(Arc::new(Sleeper(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

impl Vfs for FromWasmer {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        options.check()?;
        let (path, found) = self.resolve(path, !options.create_new)?;
        match &found {
            Some(_) if options.create_new => return Err(io::ErrorKind::AlreadyExists.into()),
            Some(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            None if !(options.create || options.create_new) => return Err(io::ErrorKind::NotFound.into()),
            _ => {}
        }
        // virtual-fs needs write access for every change; the options apply to this handle.
        let creates = found.is_none();
        let changes = options.writes() || options.truncate || creates;
        let mut opener = self.fs().new_open_options();
        opener
            .read(options.read)
            .write(changes)
            .create(creates)
            .create_new(options.create_new)
            .truncate(options.truncate && !creates);
        let mut file = opener.open(Path::new(path.as_str())).map_err(io_error)?;
        if options.writes() {
            // A file that opens lazily is opened now, while it has this path.
            wait(|context| Pin::new(&mut *file).poll_write(context, &[]))?;
        }
        let path = self.shared.open.add(path);
        Ok(Box::new(WasmerFile { file: Mutex::new(file), options, shared: Arc::clone(&self.shared), path }))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        Ok(metadata_of(&self.find(path, true)?.1))
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        Ok(metadata_of(&self.find(path, false)?.1))
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let (path, found) = self.find(path, true)?;
        if !found.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let mut entries = Vec::new();
        for entry in self.fs().read_dir(Path::new(path.as_str())).map_err(io_error)? {
            let entry = entry.map_err(io_error)?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if is_name(&name) {
                let file_type = entry.file_type().map_or(FileType::File, |ft| file_type(&ft));
                entries.push(DirEntry::new(name, file_type));
            }
        }
        Ok(entries)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        let path = self.free(path)?;
        self.fs().create_dir(Path::new(path.as_str())).map_err(io_error)
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        let (path, found) = self.find(path, false)?;
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        self.fs().remove_file(Path::new(path.as_str())).map_err(io_error)
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        let (path, found) = self.find(path, false)?;
        if path.is_root() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        if !found.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        if !self.is_empty(&path)? {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        self.fs().remove_dir(Path::new(path.as_str())).map_err(io_error)
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        let (from, moved) = self.find(from, false)?;
        let (to, replaced) = self.resolve(to, false)?;
        if from.is_root() || to.is_root() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        if from == to {
            return Ok(());
        }
        if moved.is_dir() && to.starts_with(&from) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "cannot move a folder into itself"));
        }
        match replaced.map(|replaced| replaced.is_dir()) {
            None => {}
            Some(true) if !moved.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Some(false) if moved.is_dir() => return Err(io::ErrorKind::NotADirectory.into()),
            Some(true) if !self.is_empty(&to)? => return Err(io::ErrorKind::DirectoryNotEmpty.into()),
            Some(true) => self.fs().remove_dir(Path::new(to.as_str())).map_err(io_error)?,
            // Open handles keep an unlinked file, but lose a replaced one.
            Some(false) if self.shared.open.has(&to) => {
                self.fs().remove_file(Path::new(to.as_str())).map_err(io_error)?;
            }
            Some(false) => {}
        }
        let mut renaming = pin!(self.fs().rename(Path::new(from.as_str()), Path::new(to.as_str())));
        wait(|context| renaming.as_mut().poll(context)).map_err(io_error)?;
        self.shared.open.rename(&from, &to);
        Ok(())
    }

    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        if target.is_empty() || target.contains('\0') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let link = self.free(link)?;
        self.fs().create_symlink(Path::new(target), Path::new(link.as_str())).map_err(io_error)
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        let (path, found) = self.find(path, false)?;
        if !found.ft.is_symlink() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.text(&path)
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        let (original, found) = self.find(original, false)?;
        if found.is_dir() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let link = self.free(link)?;
        self.fs().hard_link(Path::new(original.as_str()), Path::new(link.as_str())).map_err(io_error)
    }
}

/// An open wasmer file.
struct WasmerFile {
    /// It has a single cursor.
    file: Mutex<Box<dyn VirtualFile + Send + Sync>>,
    options: OpenOptions,
    shared: Arc<Shared>,
    path: OpenPath,
}

impl fmt::Debug for WasmerFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasmerFile")
            .field("path", &self.path.get())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

type Opened = dyn VirtualFile + Send + Sync;

/// Whether the offset is valid as a signed integer, which some filesystems use.
fn is_countable(offset: u64) -> bool {
    i64::try_from(offset).is_ok()
}

fn seek(file: &mut Opened, offset: u64) -> io::Result<()> {
    Pin::new(&mut *file).start_seek(io::SeekFrom::Start(offset))?;
    wait(|context| Pin::new(&mut *file).poll_complete(context)).map(drop)
}

fn write(file: &mut Opened, bytes: &[u8], offset: u64) -> io::Result<usize> {
    if offset.checked_add(bytes.len() as u64).is_none_or(|end| !is_countable(end)) {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    if offset > file.size() && !bytes.is_empty() {
        // Some files do not fill the gap with zeros.
        file.set_len(offset).map_err(io_error)?;
    }
    seek(file, offset)?;
    let written = wait(|context| Pin::new(&mut *file).poll_write(context, bytes)).map_err(write_error)?;
    checked_len(written, bytes.len())
}

impl WasmerFile {
    fn check_writable(&self) -> io::Result<()> {
        if self.options.writes() { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }
}

impl VFile for WasmerFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if !self.options.read {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut file = self.file.lock();
        // Some files do not support a cursor beyond the end.
        if buf.is_empty() || offset >= file.size() {
            return Ok(0);
        }
        seek(&mut **file, offset)?;
        let mut buffer = ReadBuf::new(buf);
        wait(|context| Pin::new(&mut **file).poll_read(context, &mut buffer))?;
        Ok(buffer.filled().len())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.check_writable()?;
        let _appending = self.options.append.then(|| self.shared.appending.lock());
        let mut file = self.file.lock();
        let offset = if self.options.append { file.size() } else { offset };
        write(&mut **file, bytes, offset)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.check_writable()?;
        let _appending = self.shared.appending.lock();
        let mut file = self.file.lock();
        let end = file.size();
        let mut done = 0;
        while done < bytes.len() {
            match write(&mut **file, &bytes[done..], end.saturating_add(done as u64)) {
                Ok(0) => return Err(io::ErrorKind::StorageFull.into()),
                Ok(written) => done += written,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(end)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        let file = self.file.lock();
        Ok(Metadata {
            modified: time(file.last_modified()),
            accessed: time(file.last_accessed()),
            created: time(file.created_time()),
            ..Metadata::new(FileType::File, file.size())
        })
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.lock().size())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check_writable()?;
        if !is_countable(len) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.file.lock().set_len(len).map_err(io_error)
    }

    fn sync(&self) -> io::Result<()> {
        let mut file = self.file.lock();
        wait(|context| Pin::new(&mut **file).poll_flush(context)).map_err(write_error)
    }

    fn close(&self) -> io::Result<()> {
        self.sync()
    }
}
