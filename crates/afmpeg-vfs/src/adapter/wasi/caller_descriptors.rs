//! Adding streams and files of the caller to the descriptors of a guest, and opening them.

use std::{io, sync::Arc};

use parking_lot::Mutex;

use super::{
    Descriptors, Errno, Fd, FdFlags, FdFlagsExt, PollRead,
    caller_streams::{Entry, file_to_read, number_of},
    open_file::{Kind, Open},
};
use crate::{VFile, VPath};

impl Descriptors {
    /// Adds an input stream at `path`, which hides a file of the filesystem. A path `/dev/fd/N` with `N` greater than
    /// 2 also assigns the number `N`: the stream is also at `/proc/self/fd/N`, and [`duplicate`](Self::duplicate)
    /// accepts the number, even that of the root.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, VPath, adapter::wasi::{Descriptors, FdFlagsExt, OpenFlags, Rights}};
    /// let path = VPath::new("/dev/fd/3").unwrap();
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new()).input_stream(path, &b"hello"[..]);
    /// let mut bytes = [0; 3];
    /// let opened = fds.open(Descriptors::ROOT, "/dev/fd/3", OpenFlags::new(Rights::FD_READ)).unwrap();
    /// assert_eq!(fds.at_cursor(opened, |cursor| cursor.read(&mut bytes)), Ok(3));
    /// let twin = fds.duplicate(3, 0, FdFlagsExt::empty()).unwrap();
    /// assert_eq!(fds.at_cursor(twin, |cursor| cursor.read(&mut bytes)), Ok(2));
    /// ```
    #[must_use]
    pub fn input_stream(self, path: VPath, stream: impl io::Read + Send + 'static) -> Self {
        self.add_caller_stream(path, Kind::input(stream), None)
    }

    /// Adds an input stream, as [`input_stream`](Self::input_stream) does, whose state
    /// [`is_readable`](Self::is_readable) returns.
    #[must_use]
    pub fn polled_input_stream(self, path: VPath, stream: impl PollRead + Send + 'static) -> Self {
        self.add_caller_stream(path, Kind::polled_input(stream), None)
    }

    /// Adds an input file at `path`, as [`input_stream`](Self::input_stream) does. It is seekable and starts at offset
    /// 0 each time it is opened. Duplicates of its number share an offset.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # use afmpeg_vfs::adapter::wasi::{Descriptors, Whence};
    /// let fs = MemFs::new();
    /// fs.write("/clip", "0123456789").unwrap();
    /// let clip = fs.open(&VPath::new("/clip").unwrap(), OpenOptions::new().read(true)).unwrap();
    /// let path = VPath::new("/dev/fd/9").unwrap();
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new()).input_file(path, clip.into());
    /// assert_eq!(fds.seek(9, -3, Whence::End), Ok(7));
    /// ```
    #[must_use]
    pub fn input_file(self, path: VPath, file: Arc<dyn VFile>) -> Self {
        let kind = file_to_read(Arc::clone(&file), path.clone());
        self.add_caller_stream(path, kind, Some(file))
    }

    /// Adds an output stream at `path`, as [`input_stream`](Self::input_stream) does for input.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, VPath, adapter::wasi::Descriptors};
    /// let path = VPath::new("/dev/fd/9").unwrap();
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new()).output_stream(path, std::io::sink());
    /// assert_eq!(fds.at_cursor(9, |cursor| cursor.write(b"hello")), Ok(5));
    /// ```
    #[must_use]
    pub fn output_stream(self, path: VPath, stream: impl io::Write + Send + 'static) -> Self {
        self.add_caller_stream(path, Kind::Output(Mutex::new(Box::new(stream))), None)
    }

    /// Restricts `F_DUPFD` to the standard streams and the numbered streams of the caller:
    /// [`duplicate`](Self::duplicate) fails with [`Errno::Badf`] for other descriptors. For programs that duplicate
    /// numbers from their arguments, whose author cannot refer to files that the guest opened.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno, FdFlagsExt, OFlags, OpenFlags, Rights}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new()).restrict_duplicates();
    /// let file = fds.open(Descriptors::ROOT, "a", OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT)).unwrap();
    /// assert_eq!(fds.duplicate(file, 0, FdFlagsExt::empty()), Err(Errno::Badf));
    /// assert!(fds.duplicate(1, 0, FdFlagsExt::empty()).is_ok());
    /// ```
    #[must_use]
    pub fn restrict_duplicates(mut self) -> Self {
        self.caller_streams.restricts_duplicates = true;
        self
    }

    fn add_caller_stream(mut self, path: VPath, kind: Kind, file: Option<Arc<dyn VFile>>) -> Self {
        let open = Arc::new(Open::new(kind, FdFlags::empty()));
        if let Some(fd) = number_of(&path) {
            // Files that the guest opens get other numbers.
            self.table.place(fd, Arc::clone(&open));
        }
        self.caller_streams.by_path.insert(path, Entry { open, file });
        self
    }

    /// Opens the stream or file of the caller at `path`, if there is one.
    pub(super) fn open_caller_stream(
        &self,
        path: &VPath,
        (read, write): (bool, bool),
        flags_ext: FdFlagsExt,
    ) -> Option<Result<Fd, Errno>> {
        let (path, Entry { open, file }) = self.caller_streams.at(path)?;
        let fits = match open.kind {
            Kind::Output(_) => write || !read,
            _ => read || !write,
        };
        let open = match file {
            _ if !fits => return Some(Err(Errno::Acces)),
            Some(file) => Arc::new(Open::new(file_to_read(Arc::clone(file), path), FdFlags::empty())),
            None => Arc::clone(open),
        };
        Some(self.table.add(open, flags_ext))
    }
}
