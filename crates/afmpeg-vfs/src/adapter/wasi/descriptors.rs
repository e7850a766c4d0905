use std::{
    io,
    sync::{Arc, OnceLock, atomic::AtomicUsize},
};

use parking_lot::{Mutex, RwLock};

use super::{
    Cursor, Errno, Fd, FdFlags, FdFlagsExt, PollRead,
    caller_streams::{CallerStreams, file_to_read, standard_stream},
    cursor::retried,
    listing::Listing,
    open_file::{Kind, Open, OpenFolder},
    table::Table,
    written_paths::WrittenPaths,
};
use crate::{
    FaultLog, FileType, OpenOptions, Operation, VFile, VPath, Vfs,
    adapter::{
        calls::{Calls, catch_fs_panic},
        rename_prefix,
    },
    vfs::checked_len,
};

/// The base of an offset.
///
/// ```
/// # use std::sync::Arc;
/// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno, Whence}};
/// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
/// assert_eq!(fds.seek(0, 0, Whence::Current), Err(Errno::Spipe), "a stream has no offset");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Whence {
    /// The start of the file.
    Start,
    /// The current offset.
    Current,
    /// The end of the file.
    End,
}

/// The files of a guest: its descriptors, its working directory, and its filesystem.
///
/// Descriptors 0, 1 and 2 are the standard streams, which are empty unless set by [`stdin`](Descriptors::stdin) and
/// the like; 3 is the root.
///
/// ```
/// use std::sync::Arc;
///
/// use afmpeg_vfs::{
///     FaultLog, MemFs, VfsExt as _,
///     adapter::wasi::{Descriptors, Lookup, OpenFlags, Rights, Whence},
/// };
///
/// let fs = MemFs::new();
/// fs.write("/clip.mp4", "0123456789").unwrap();
/// let fds = Descriptors::new(Arc::new(fs), FaultLog::new());
///
/// let clip = fds
///     .open(Descriptors::ROOT, "clip.mp4", OpenFlags::new(Rights::FD_READ).lookup(Lookup::SYMLINK_FOLLOW))
///     .unwrap();
/// assert_eq!(fds.seek(clip, -3, Whence::End), Ok(7));
/// let mut tail = [0; 8];
/// assert_eq!(fds.at_cursor(clip, |cursor| cursor.read(&mut tail)), Ok(3));
/// assert_eq!(&tail[..3], b"789");
/// fds.close(clip).unwrap();
/// ```
#[derive(Debug)]
pub struct Descriptors {
    pub(super) fs: Arc<dyn Vfs>,
    pub(super) calls: Calls,
    pub(super) table: Table,
    pub(super) written: WrittenPaths,
    /// The number of names in listings.
    pub(super) listed: Arc<AtomicUsize>,
    current_dir: RwLock<VPath>,
    /// The file of descriptor 0, if it is one.
    stdin_file: Option<Arc<dyn VFile>>,
    pub(super) caller_streams: CallerStreams,
    /// `/dev/urandom`, opened on first use.
    random: OnceLock<Option<Box<dyn VFile>>>,
}

impl Descriptors {
    /// The descriptor of the root, which is preopened.
    pub const ROOT: Fd = 3;

    /// Creates the descriptors of a guest with `fs` as its root. The causes of errors are recorded in `faults`.
    pub fn new(fs: Arc<dyn Vfs>, faults: FaultLog) -> Self {
        let fds = Self {
            fs,
            calls: Calls::new(faults),
            table: Table::default(),
            written: WrittenPaths::default(),
            listed: Arc::default(),
            current_dir: RwLock::new(VPath::root()),
            stdin_file: None,
            caller_streams: CallerStreams::default(),
            random: OnceLock::new(),
        };
        let listing = Mutex::new(Listing::new(&fds.listed));
        let root = OpenFolder { path: RwLock::new(VPath::root()), listing };
        let standard = [
            Kind::input(io::empty()),
            Kind::Output(Mutex::new(Box::new(io::sink()))),
            Kind::Output(Mutex::new(Box::new(io::sink()))),
            Kind::Folder(root),
        ];
        for kind in standard {
            fds.add(kind);
        }
        fds
    }

    fn add(&self, kind: Kind) {
        // The table of a new guest is not full.
        let _ = self.table.add(Arc::new(Open::new(kind, FdFlags::empty())), FdFlagsExt::empty());
    }

    fn replace(self, fd: Fd, kind: Kind) -> Self {
        let _ = self.table.remove(fd);
        self.add(kind);
        self
    }

    /// Sets the stream that descriptor 0 reads.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::Descriptors};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new()).stdin(&b"hello"[..]);
    /// let mut bytes = [0; 8];
    /// assert_eq!(fds.at_cursor(0, |cursor| cursor.read(&mut bytes)), Ok(5));
    /// ```
    #[must_use]
    pub fn stdin(self, stream: impl io::Read + Send + 'static) -> Self {
        self.replace(0, Kind::input(stream))
    }

    /// Sets the stream that descriptor 0 reads, whose state [`is_readable`](Self::is_readable) returns.
    #[must_use]
    pub fn polled_stdin(self, stream: impl PollRead + Send + 'static) -> Self {
        self.replace(0, Kind::polled_input(stream))
    }

    /// Sets the file that descriptor 0 reads, from its start. The guest can seek in it.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # use afmpeg_vfs::adapter::wasi::{Descriptors, Whence};
    /// let fs = MemFs::new();
    /// fs.write("/clip", "0123456789").unwrap();
    /// let clip = fs.open(&VPath::new("/clip").unwrap(), OpenOptions::new().read(true)).unwrap();
    /// let fds = Descriptors::new(Arc::new(fs), FaultLog::new()).stdin_file(clip.into());
    /// assert_eq!(fds.seek(0, -3, Whence::End), Ok(7));
    /// ```
    #[must_use]
    pub fn stdin_file(mut self, file: Arc<dyn VFile>) -> Self {
        self.stdin_file = Some(Arc::clone(&file));
        self.replace(0, stdin_of(file))
    }

    /// Opens a standard stream, if `path` names one: as a duplicate of its descriptor, except that a file is reopened
    /// at its start.
    pub(super) fn open_stream(
        &self,
        path: &VPath,
        (read, write): (bool, bool),
        flags_ext: FdFlagsExt,
    ) -> Option<Result<Fd, Errno>> {
        let (fd, device) = standard_stream(path)?;
        // The filesystem may not have the device, or have another file at the path.
        let found = catch_fs_panic(|| self.fs.metadata(&device)).ok()?;
        if found.file_type != FileType::CharDevice {
            return None;
        }
        let fits = if fd == 0 { read || !write } else { write || !read };
        Some(match &self.stdin_file {
            _ if !fits => Err(Errno::Acces),
            Some(file) if fd == 0 => {
                let open = Open::new(stdin_of(Arc::clone(file)), FdFlags::empty());
                self.table.add(Arc::new(open), flags_ext)
            }
            _ => self.table.duplicate(fd, 0, flags_ext),
        })
    }

    /// Sets the stream that descriptor 1 writes.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::Descriptors};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new()).stdout(std::io::sink());
    /// assert_eq!(fds.at_cursor(1, |cursor| cursor.write(b"hello")), Ok(5));
    /// ```
    #[must_use]
    pub fn stdout(self, stream: impl io::Write + Send + 'static) -> Self {
        self.replace(1, Kind::Output(Mutex::new(Box::new(stream))))
    }

    /// Sets the stream that descriptor 2 writes.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::Descriptors};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new()).stderr(std::io::sink());
    /// ```
    #[must_use]
    pub fn stderr(self, stream: impl io::Write + Send + 'static) -> Self {
        self.replace(2, Kind::Output(Mutex::new(Box::new(stream))))
    }

    /// `getcwd`: returns the folder that relative paths start from; initially the root.
    pub fn current_dir(&self) -> VPath {
        self.current_dir.read().clone()
    }

    /// `chdir`.
    ///
    /// # Errors
    ///
    /// [`Errno::Noent`], [`Errno::Notdir`].
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, VfsExt as _, adapter::wasi::{Descriptors, Errno}};
    /// let fs = MemFs::new();
    /// fs.create_dir_all("/media").unwrap();
    /// let fds = Descriptors::new(Arc::new(fs), FaultLog::new());
    /// fds.set_current_dir("media").unwrap();
    /// assert_eq!(fds.current_dir().as_str(), "/media");
    /// assert_eq!(fds.set_current_dir("none"), Err(Errno::Noent));
    /// ```
    pub fn set_current_dir(&self, path: &str) -> Result<(), Errno> {
        let base = self.current_dir();
        let path = self.walk(&base, path)?.path;
        if !self.path_call(Operation::Stat, &path, || self.fs.metadata(&path))?.is_dir() {
            return Err(Errno::Notdir);
        }
        *self.current_dir.write() = self.real_folder(&path);
        Ok(())
    }

    /// Updates open paths and the working directory after a rename.
    pub(super) fn renamed(&self, from: &VPath, to: &VPath) {
        self.table.rename(from, to);
        rename_prefix(&mut self.current_dir.write(), from, to);
        self.written.rename(from, to);
    }

    /// `fd_read` and `fd_write`: calls `run` with a cursor at the offset of the file.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; [`Errno::Isdir`] for a folder.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// assert_eq!(fds.at_cursor(0, |cursor| cursor.read(&mut [0; 8])), Ok(0));
    /// assert_eq!(fds.at_cursor(9, |cursor| cursor.read(&mut [0; 8])), Err(Errno::Badf));
    /// ```
    pub fn at_cursor<T>(
        &self,
        fd: Fd,
        run: impl FnOnce(&mut Cursor<'_>) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let open = self.table.get(fd)?;
        run(&mut Cursor::of(&open, &self.calls)?)
    }

    /// `fd_pread` and `fd_pwrite`: calls `run` with a cursor at `offset`, in bytes. The offset of the file does not
    /// move.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; [`Errno::Isdir`] for a folder; [`Errno::Spipe`] for a stream; [`Errno::Inval`] for an offset
    /// that is negative in C.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// assert_eq!(fds.at_offset(0, 7, |cursor| cursor.read(&mut [0; 8])), Err(Errno::Spipe));
    /// ```
    pub fn at_offset<T>(
        &self,
        fd: Fd,
        offset: u64,
        run: impl FnOnce(&mut Cursor<'_>) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let open = self.table.get(fd)?;
        run(&mut Cursor::at(&open, offset, &self.calls)?)
    }

    /// `fd_seek`: moves the offset of the file, and returns it. It may be beyond the end.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; [`Errno::Spipe`] for a stream; [`Errno::Inval`] for an offset before the start;
    /// [`Errno::Overflow`].
    pub fn seek(&self, fd: Fd, by: i64, whence: Whence) -> Result<u64, Errno> {
        let open = self.table.get(fd)?;
        let Kind::File(file) = &open.kind else { return Err(not_a_file(&open)) };
        let mut cursor = file.cursor.lock();
        let from = match whence {
            Whence::Start => 0,
            Whence::Current => *cursor,
            Whence::End => self.file_call(Operation::Stat, &open, || file.file.len())?,
        };
        let place = i128::from(from) + i128::from(by);
        if place < 0 {
            return Err(Errno::Inval);
        }
        let place = i64::try_from(place).map_err(|_| Errno::Overflow)?;
        *cursor = place.unsigned_abs();
        Ok(*cursor)
    }

    /// `fd_close`. The last descriptor of a file opened for writing closes the file.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; errors of the backend from closing the file. The descriptor is closed in any case.
    pub fn close(&self, fd: Fd) -> Result<(), Errno> {
        self.table.remove(fd)?.map_or(Ok(()), |open| self.close_file(&open))
    }

    /// Closes every descriptor, at the end of the guest. Errors are in the fault log.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// fds.close_all();
    /// assert_eq!(fds.close(0), Err(Errno::Badf));
    /// ```
    pub fn close_all(&self) {
        for open in self.table.clear() {
            let _ = self.close_file(&open);
        }
    }

    /// Returns the current paths of the files that the guest opened for writing and has not removed, sorted, at most
    /// 1,048,576.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, OFlags, OpenFlags, Rights}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// fds.open(Descriptors::ROOT, "out.tmp", OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT)).unwrap();
    /// fds.rename(Descriptors::ROOT, "out.tmp", Descriptors::ROOT, "out").unwrap();
    /// assert_eq!(fds.written()[0].as_str(), "/out");
    /// ```
    pub fn written(&self) -> Vec<VPath> {
        self.written.paths()
    }

    pub(super) fn close_file(&self, open: &Open) -> Result<(), Errno> {
        match &open.kind {
            Kind::File(file) if file.write => self.file_call(Operation::Close, open, || file.file.close()),
            Kind::Output(stream) => {
                catch_fs_panic(|| stream.lock().flush()).map_err(|error| Errno::of(&error))
            }
            _ => Ok(()),
        }
    }

    /// `fd_prestat_get` and `fd_prestat_dir_name`: returns the path of a preopened descriptor, which only the root is.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`], which ends the search of the guest.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno}};
    /// # let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// assert_eq!(fds.preopened(Descriptors::ROOT), Ok("/"));
    /// assert_eq!(fds.preopened(4), Err(Errno::Badf));
    /// ```
    pub fn preopened(&self, fd: Fd) -> Result<&'static str, Errno> {
        if fd == Self::ROOT && self.table.get(fd).is_ok() { Ok("/") } else { Err(Errno::Badf) }
    }

    /// Whether a descriptor is open.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::Descriptors};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// assert!(fds.is_open(Descriptors::ROOT) && !fds.is_open(9));
    /// ```
    pub fn is_open(&self, fd: Fd) -> bool {
        self.table.get(fd).is_ok()
    }

    /// `poll_oneoff`: returns whether a read of a descriptor returns immediately. Files and folders are always ready, and
    /// so are streams of [`stdin`](Self::stdin) and [`input_stream`](Self::input_stream), whose reads may block. A stream
    /// that another thread of the guest reads is not.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`].
    ///
    /// ```
    /// # use std::{io::{self, Read}, sync::Arc};
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno, PollRead}};
    /// struct Silent;
    ///
    /// impl Read for Silent {
    ///     fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
    ///         std::thread::park();
    ///         Ok(0)
    ///     }
    /// }
    ///
    /// impl PollRead for Silent {
    ///     fn is_ready(&mut self) -> bool {
    ///         false
    ///     }
    /// }
    ///
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// assert_eq!((fds.is_readable(0), fds.is_readable(9)), (Ok(true), Err(Errno::Badf)));
    /// assert_eq!(fds.polled_stdin(Silent).is_readable(0), Ok(false));
    /// ```
    pub fn is_readable(&self, fd: Fd) -> Result<bool, Errno> {
        Ok(match &self.table.get(fd)?.kind {
            Kind::Input(stream) => stream.try_lock().is_some_and(|mut stream| {
                // A read returns the error.
                catch_fs_panic(|| Ok(stream.is_ready())).unwrap_or(true)
            }),
            Kind::File(_) | Kind::Folder(_) | Kind::Output(_) => true,
        })
    }

    /// `random_get`: fills `buf` from `/dev/urandom` of the filesystem, so that a guest has a single source of random
    /// bytes; from the operating system if the device does not exist or is empty.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{DevFs, FaultLog, MemFs, Mount, VPath, adapter::wasi::Descriptors};
    /// let random = || {
    ///     let fs = Mount::new(MemFs::new())
    ///         .mount(VPath::new("/dev").unwrap(), DevFs::seeded(1));
    ///     let mut bytes = [0; 16];
    ///     Descriptors::new(Arc::new(fs), FaultLog::new()).random(&mut bytes).unwrap();
    ///     bytes
    /// };
    /// assert_eq!(random(), random());
    /// ```
    pub fn random(&self, buf: &mut [u8]) -> Result<(), Errno> {
        let path = VPath::root().join("dev/urandom").map_err(|_| Errno::Inval)?;
        let device = self
            .random
            .get_or_init(|| catch_fs_panic(|| self.fs.open(&path, OpenOptions::new().read(true))).ok());
        let mut filled = 0;
        if let Some(device) = device {
            while filled < buf.len() {
                let rest = &mut buf[filled..];
                let read = self.path_call(Operation::Read, &path, || {
                    let room = rest.len();
                    checked_len(retried(|| device.read_at(rest, 0))?, room)
                })?;
                if read == 0 {
                    break;
                }
                filled += read;
            }
        }
        getrandom::fill(&mut buf[filled..]).map_err(|_| Errno::Io)
    }

    pub(super) fn file_call<T>(
        &self,
        operation: Operation,
        open: &Open,
        call: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, Errno> {
        let path = || open.path().map_or_else(VPath::root, |path| path.read().clone());
        self.calls.call(operation, path, Errno::of, call)
    }

    pub(super) fn path_call<T>(
        &self,
        operation: Operation,
        path: &VPath,
        call: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, Errno> {
        self.calls.call(operation, || path.clone(), Errno::of, call)
    }
}

fn stdin_of(file: Arc<dyn VFile>) -> Kind {
    file_to_read(file, VPath::root().join("dev/stdin").unwrap_or_else(|_| VPath::root()))
}

pub(super) fn not_a_file(open: &Open) -> Errno {
    match open.kind {
        Kind::Folder(_) => Errno::Isdir,
        _ => Errno::Spipe,
    }
}
