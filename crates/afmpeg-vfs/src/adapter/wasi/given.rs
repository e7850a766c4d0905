//! Streams and files that a guest is given beside its filesystem: each under a path, and one in `/dev/fd` under its
//! number, too.

use std::{collections::BTreeMap, io, sync::Arc};

use parking_lot::{Mutex, RwLock};

use super::{
    Descriptors, Errno, Fd, FdFlags, FdFlagsExt,
    open_file::{Kind, Open, OpenFile},
};
use crate::{VFile, VPath, dev::STREAMS};

/// The folders in which programs look for their descriptors, by number.
const NUMBERED: [&str; 2] = ["/dev/fd/", "/proc/self/fd/"];

/// The last of the standard streams.
const STDERR: Fd = 2;

/// What a guest is given.
#[derive(Debug, Default)]
pub(super) struct Given {
    by_path: BTreeMap<VPath, Entry>,
    /// Whether the guest may duplicate the standard streams and what is given here, and no other descriptor.
    pub(super) is_all: bool,
}

#[derive(Debug)]
struct Entry {
    open: Arc<Open>,
    /// A file has an offset of its own each time that it is opened.
    file: Option<Arc<dyn VFile>>,
}

impl Given {
    pub(super) fn of_number(&self, fd: Fd) -> Option<&Arc<Open>> {
        let path = VPath::new(format!("{}{fd}", NUMBERED[0])).ok()?;
        self.by_path.get(&path).map(|entry| &entry.open)
    }

    /// What is at `path`, by whichever name of the folder of descriptors.
    fn at(&self, path: &VPath) -> Option<(VPath, &Entry)> {
        let path = match number_of(path) {
            Some(fd) => VPath::new(format!("{}{fd}", NUMBERED[0])).ok()?,
            None => path.clone(),
        };
        self.by_path.get(&path).map(|entry| (path, entry))
    }
}

/// The descriptor that a path of `/dev/fd` names.
fn number_of(path: &VPath) -> Option<Fd> {
    let text = NUMBERED.iter().find_map(|folder| path.as_str().strip_prefix(folder))?;
    text.parse().ok().filter(|fd: &Fd| fd.to_string() == text)
}

/// The standard stream that a path names, and its device.
pub(super) fn standard_stream(path: &VPath) -> Option<(Fd, VPath)> {
    let by_name = || {
        let name = path.as_str().strip_prefix("/dev/")?;
        let (_, fd) = STREAMS.iter().zip(0..).find(|(stream, _): &(_, Fd)| **stream == name)?;
        Some(fd)
    };
    let fd = number_of(path).filter(|fd| *fd <= STDERR).or_else(by_name)?;
    let name = STREAMS.get(usize::try_from(fd).ok()?)?;
    Some((fd, VPath::new(format!("/dev/{name}")).ok()?))
}

/// A file that is read from its start, at any place.
pub(super) fn file_to_read(file: Arc<dyn VFile>, path: VPath) -> Kind {
    Kind::File(OpenFile {
        file: Box::new(file),
        path: RwLock::new(path),
        cursor: Mutex::new(0),
        read: true,
        write: false,
        append: false,
    })
}

impl Descriptors {
    /// Lets the guest read `stream` under `path`, whatever the filesystem has there. A path `/dev/fd/N` is the descriptor
    /// `N` as well, where `N` is more than 2: it is also found as `/proc/self/fd/N`, and [`duplicate`](Self::duplicate)
    /// takes its number, even that of the root.
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
        self.give(path, Kind::Input(Mutex::new(Box::new(stream))), None)
    }

    /// Lets the guest read `file` under `path`, as [`input_stream`](Self::input_stream) does, at any place: from its start
    /// each time that it is opened. Duplicates of its number share an offset.
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
        self.give(path, kind, Some(file))
    }

    /// Lets the guest write to `stream` under `path`, as [`input_stream`](Self::input_stream) lets it read.
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
        self.give(path, Kind::Output(Mutex::new(Box::new(stream))), None)
    }

    /// Lets the guest duplicate the standard streams and what it is given under a number, and no other descriptor, by
    /// `F_DUPFD`: [`duplicate`](Self::duplicate) refuses those with [`Errno::Badf`]. For a program that duplicates only numbers
    /// that its caller wrote, to whom the guest's own files have none.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno, FdFlagsExt, OFlags, OpenFlags, Rights}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new()).only_given_duplicates();
    /// let file = fds.open(Descriptors::ROOT, "a", OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT)).unwrap();
    /// assert_eq!(fds.duplicate(file, 0, FdFlagsExt::empty()), Err(Errno::Badf));
    /// assert!(fds.duplicate(1, 0, FdFlagsExt::empty()).is_ok());
    /// ```
    #[must_use]
    pub fn only_given_duplicates(mut self) -> Self {
        self.given.is_all = true;
        self
    }

    fn give(mut self, path: VPath, kind: Kind, file: Option<Arc<dyn VFile>>) -> Self {
        let open = Arc::new(Open::new(kind, FdFlags::empty()));
        if let Some(fd) = number_of(&path) {
            // The guest's own files get other numbers.
            self.table.place(fd, Arc::clone(&open));
        }
        self.given.by_path.insert(path, Entry { open, file });
        self
    }

    /// Opens what the guest was given under `path`, if it was given something there.
    pub(super) fn open_given(
        &self,
        path: &VPath,
        (read, write): (bool, bool),
        flags_ext: FdFlagsExt,
    ) -> Option<Result<Fd, Errno>> {
        let (path, Entry { open, file }) = self.given.at(path)?;
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
