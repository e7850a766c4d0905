use std::{fmt, io, time::SystemTime};

use bytes::Bytes;

use crate::{DirEntry, FileType, Metadata, OpenOptions, VPath};

/// A filesystem.
///
/// Used as `Arc<dyn Vfs>`, from many threads at once. A read-only backend needs three methods; the others return
/// [`Unsupported`](io::ErrorKind::Unsupported) by default. Errors have the [`io::ErrorKind`] of the same operation in
/// `std::fs`: `NotFound`, `AlreadyExists`, `NotADirectory`, `IsADirectory`, `DirectoryNotEmpty`, `ReadOnlyFilesystem`,
/// `StorageFull`, `CrossesDevices`, and [`SymlinkLoop`](crate::SymlinkLoop).
///
/// ```
/// use std::{collections::BTreeMap, io};
///
/// use afmpeg_vfs::{DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs, VfsExt as _};
///
/// /// Files in a map. Their folders are implied.
/// #[derive(Debug)]
/// struct Library(BTreeMap<VPath, &'static [u8]>);
///
/// #[derive(Debug)]
/// struct Book(&'static [u8]);
///
/// impl Library {
///     /// Returns the file at `path`, or `None` for a folder.
///     fn find(&self, path: &VPath) -> io::Result<Option<Book>> {
///         if let Some(contents) = self.0.get(path) {
///             return Ok(Some(Book(contents)));
///         }
///         if path.is_root() || self.0.keys().any(|file| file.starts_with(path)) {
///             return Ok(None);
///         }
///         let is_below_a_file = self.0.keys().any(|file| path.starts_with(file));
///         Err(if is_below_a_file { io::ErrorKind::NotADirectory } else { io::ErrorKind::NotFound }.into())
///     }
/// }
///
/// impl Vfs for Library {
///     fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
///         options.check()?;
///         if options.may_change() {
///             return Err(io::ErrorKind::ReadOnlyFilesystem.into());
///         }
///         Ok(Box::new(self.find(path)?.ok_or(io::ErrorKind::IsADirectory)?))
///     }
///     fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
///         match self.find(path)? {
///             Some(book) => book.metadata(),
///             None => Ok(Metadata::new(FileType::Dir, 0)),
///         }
///     }
///     fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
///         if self.find(path)?.is_some() {
///             return Err(io::ErrorKind::NotADirectory.into());
///         }
///         let below = self.0.keys().filter_map(|file| file.strip_prefix(path));
///         let names: BTreeMap<&str, FileType> = below
///             .map(|below| match below.split_once('/') {
///                 Some((folder, _)) => (folder, FileType::Dir),
///                 None => (below, FileType::File),
///             })
///             .collect();
///         Ok(names.into_iter().map(|(name, file_type)| DirEntry::new(name, file_type)).collect())
///     }
/// }
///
/// impl VFile for Book {
///     fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
///         let offset = usize::try_from(offset).unwrap_or(usize::MAX);
///         let mut rest = self.0.get(offset..).unwrap_or_default();
///         io::Read::read(&mut rest, buf)
///     }
///     fn metadata(&self) -> io::Result<Metadata> {
///         Ok(Metadata::new(FileType::File, self.0.len() as u64))
///     }
/// }
///
/// # fn main() -> io::Result<()> {
/// let library = Library(BTreeMap::from([(VPath::new("/poems/motto")?, &b"in memory"[..])]));
/// assert_eq!(library.read("/poems/motto")?, "in memory");
/// // With the feature `conformance`:
/// # #[cfg(feature = "conformance")]
/// afmpeg_vfs::conformance::ReadOnlySuite::new(|tree| {
///     let leaked = tree.files().map(|(path, contents)| (VPath::new(path).unwrap(), &*contents.to_vec().leak()));
///     Library(leaked.collect())
/// })
/// .run();
/// # Ok(())
/// # }
/// ```
///
/// # Wrapping a filesystem
///
/// A wrapper has to forward every method, including those with a default. The compiler accepts a wrapper that leaves
/// some out, but then it differs from the filesystem inside it:
///
/// - [`commit`](Vfs::commit) does nothing: `ObjectFs` uploads nothing, and the job succeeds.
/// - [`keeps_in_memory`](Vfs::keeps_in_memory) returns false: files in memory do not count in a job's memory limit.
/// - [`symlink_metadata`](Vfs::symlink_metadata) and [`read_link`](Vfs::read_link) find no symbolic links.
/// - [`create_dir`](Vfs::create_dir), [`remove_file`](Vfs::remove_file), [`remove_dir`](Vfs::remove_dir),
///   [`rename`](Vfs::rename), [`symlink`](Vfs::symlink), [`hard_link`](Vfs::hard_link) and
///   [`set_times`](Vfs::set_times) are refused.
/// - For files, [`contents`](VFile::contents) and [`replace`](VFile::replace) copy, [`append`](VFile::append) is not
///   atomic, [`write_at`](VFile::write_at) and [`set_len`](VFile::set_len) are refused, [`len`](VFile::len) and
///   [`is_empty`](VFile::is_empty) read the whole metadata, and [`sync`](VFile::sync) and [`close`](VFile::close) do
///   nothing.
///
/// The macro [`forward!`](crate::forward) forwards groups of methods to a field, and has an example.
/// `#[deny(clippy::missing_trait_methods)]` on the `impl`, which the wrappers of this crate have, makes Clippy report
/// methods that are left out. A wrapper that should change nothing passes the same conformance suite as the filesystem
/// inside it.
pub trait Vfs: fmt::Debug + Send + Sync + 'static {
    /// Opens the file at `path`, following symbolic links.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for options with neither read nor write access, by [`OpenOptions::check`]; `NotFound`,
    /// `NotADirectory` for a path below a file, `IsADirectory`, `AlreadyExists` for
    /// [`create_new`](OpenOptions::create_new), `ReadOnlyFilesystem`, `PermissionDenied`.
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>>;

    /// Returns the metadata of `path`, following symbolic links.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`.
    fn metadata(&self, path: &VPath) -> io::Result<Metadata>;

    /// Returns the names in a folder, in any order, without `.` and `..`.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`.
    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>>;

    /// Returns the metadata of `path`, without following a symbolic link in the last component.
    ///
    /// # Errors
    ///
    /// As [`Vfs::metadata`], which is the default: for filesystems without symbolic links.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// fs.symlink("nowhere", &VPath::new("/link")?)?;
    /// assert!(fs.symlink_metadata(&VPath::new("/link")?)?.is_symlink());
    /// # Ok(())
    /// # }
    /// ```
    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.metadata(path)
    }

    /// Creates a folder. Its parent must exist.
    ///
    /// # Errors
    ///
    /// `NotFound`, `AlreadyExists`, `ReadOnlyFilesystem`; by default `Unsupported`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// fs.create_dir(&VPath::new("/media")?)?;
    /// assert!(fs.metadata(&VPath::new("/media")?)?.is_dir());
    /// # Ok(())
    /// # }
    /// ```
    fn create_dir(&self, _path: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Removes a file or a symbolic link. Open handles can still read and write the file.
    ///
    /// # Errors
    ///
    /// `NotFound`, `IsADirectory`, `ReadOnlyFilesystem`; by default `Unsupported`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// fs.write("/a", "")?;
    /// fs.remove_file(&VPath::new("/a")?)?;
    /// assert!(!fs.exists("/a"));
    /// # Ok(())
    /// # }
    /// ```
    fn remove_file(&self, _path: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Removes an empty folder.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`, `DirectoryNotEmpty`, `ReadOnlyFilesystem`, `ResourceBusy` for the root and
    /// for mount points; by default `Unsupported`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// fs.create_dir_all("/a/b")?;
    /// assert!(fs.remove_dir(&VPath::new("/a")?).is_err());
    /// fs.remove_dir(&VPath::new("/a/b")?)?;
    /// # Ok(())
    /// # }
    /// ```
    fn remove_dir(&self, _path: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Renames a file or folder, replacing an existing file or empty folder at `to`, as in POSIX: a file replaces only
    /// a file, a folder only a folder. Two names of one file both stay.
    ///
    /// # Errors
    ///
    /// `NotFound`, `IsADirectory`, `NotADirectory`, `DirectoryNotEmpty`, `InvalidInput` for a folder into itself,
    /// `CrossesDevices`, `ReadOnlyFilesystem`; by default `Unsupported`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// fs.write("/out.tmp", "...")?;
    /// fs.rename(&VPath::new("/out.tmp")?, &VPath::new("/out")?)?;
    /// assert_eq!(fs.walk("/")?, ["/out"]);
    /// # Ok(())
    /// # }
    /// ```
    fn rename(&self, _from: &VPath, _to: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Creates a symbolic link at `link`. Its text, `target`, may be relative to the folder of `link`, and is stored
    /// unchanged; following it never leads out of the root.
    ///
    /// # Errors
    ///
    /// `AlreadyExists`, `NotFound`, `ReadOnlyFilesystem`; by default `Unsupported`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// fs.write("/a", "...")?;
    /// fs.symlink("../../a", &VPath::new("/link")?)?;
    /// assert_eq!(fs.read("/link")?, "...");
    /// # Ok(())
    /// # }
    /// ```
    fn symlink(&self, _target: &str, _link: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Returns the text of a symbolic link.
    ///
    /// # Errors
    ///
    /// `NotFound`; `InvalidInput` if the path is not a symbolic link, which is the default.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// fs.symlink("../a", &VPath::new("/link")?)?;
    /// assert_eq!(fs.read_link(&VPath::new("/link")?)?, "../a");
    /// # Ok(())
    /// # }
    /// ```
    fn read_link(&self, _path: &VPath) -> io::Result<String> {
        Err(io::ErrorKind::InvalidInput.into())
    }

    /// Creates a second name for the file at `original`. Neither path is followed if it is a symbolic link.
    ///
    /// # Errors
    ///
    /// `NotFound`, `AlreadyExists`, `PermissionDenied` for a folder, `CrossesDevices`, `ReadOnlyFilesystem`; by
    /// default `Unsupported`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// fs.write("/a", "one")?;
    /// fs.hard_link(&VPath::new("/a")?, &VPath::new("/b")?)?;
    /// fs.write("/b", "two")?;
    /// assert_eq!(fs.read("/a")?, "two");
    /// # Ok(())
    /// # }
    /// ```
    fn hard_link(&self, _original: &VPath, _link: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Sets the times of a file or folder, following symbolic links. A time that is `None` is not changed.
    ///
    /// # Errors
    ///
    /// `NotFound`, `ReadOnlyFilesystem`; by default `Unsupported`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// let (path, time) = (VPath::new("/a")?, std::time::SystemTime::UNIX_EPOCH);
    /// fs.write("/a", "")?;
    /// fs.set_times(&path, None, Some(time))?;
    /// assert_eq!(fs.metadata(&path)?.modified, Some(time));
    /// # Ok(())
    /// # }
    /// ```
    fn set_times(
        &self,
        _path: &VPath,
        _accessed: Option<SystemTime>,
        _modified: Option<SystemTime>,
    ) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Whether the contents of `path` are stored in the memory of this process, and not on a disk or a server. Such
    /// files count in [`Quota::memory_budget`](crate::Quota::memory_budget). False by default.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _};
    /// assert!(MemFs::new().keeps_in_memory(&VPath::root()));
    /// ```
    fn keeps_in_memory(&self, _path: &VPath) -> bool {
        false
    }

    /// Makes written files permanent. Called once, after the job that wrote them has succeeded; not called if it
    /// failed. A backend that uploads does it here. Does nothing by default.
    ///
    /// # Errors
    ///
    /// Any error of the backend; it fails the job.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// fs.write("/out", "...")?;
    /// fs.commit()?;
    /// # Ok(())
    /// # }
    /// ```
    fn commit(&self) -> io::Result<()> {
        Ok(())
    }
}

/// An open file.
///
/// Every read and write takes an offset, so handles share no cursor. A write is visible to every handle of the file
/// at once. A read fails with [`PermissionDenied`](io::ErrorKind::PermissionDenied) unless the handle was opened for
/// reading, and a write unless it was opened for writing.
pub trait VFile: fmt::Debug + Send + Sync {
    /// Reads at `offset`, in bytes. Returns the number of bytes read, which may be less than the length of `buf`; 0 at
    /// and beyond the end of the file.
    ///
    /// # Errors
    ///
    /// `PermissionDenied`; errors of the backend.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Returns the current metadata.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    fn metadata(&self) -> io::Result<Metadata>;

    /// Writes at `offset`, in bytes; a handle opened with [`append`](OpenOptions::append) writes at the end of the
    /// file instead. Returns the number of bytes written, which may be less than the length of `bytes`. A gap between
    /// the end of the file and `offset` is filled with zeros.
    ///
    /// # Errors
    ///
    /// `PermissionDenied`, which is the default; `StorageFull`, `FileTooLarge`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// # let options = OpenOptions::new().read(true).write(true).create(true);
    /// let file = fs.open(&VPath::new("/a")?, options)?;
    /// file.write_at(b"abc", 2)?;
    /// assert_eq!(fs.read("/a")?, "\0\0abc");
    /// # Ok(())
    /// # }
    /// ```
    fn write_at(&self, _bytes: &[u8], _offset: u64) -> io::Result<usize> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    /// Writes all of `bytes` at the end of the file, and returns the offset of the first byte.
    ///
    /// Backends make this atomic: concurrent appends do not overlap. The default implementation is not atomic: it
    /// reads the length, and writes there.
    ///
    /// # Errors
    ///
    /// As [`VFile::write_at`]; part of `bytes` may have been written.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// # let options = OpenOptions::new().read(true).write(true).create(true);
    /// let file = fs.open(&VPath::new("/a")?, options)?;
    /// file.append(b"one")?;
    /// assert_eq!(file.append(b"two")?, 3);
    /// # Ok(())
    /// # }
    /// ```
    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let end = self.len()?;
        write_all_at(self, bytes, end)?;
        Ok(end)
    }

    /// Returns the length of the file in bytes.
    ///
    /// # Errors
    ///
    /// As [`VFile::metadata`].
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// # let options = OpenOptions::new().read(true).write(true).create(true);
    /// let file = fs.open(&VPath::new("/a")?, options)?;
    /// file.write_at(b"abc", 0)?;
    /// assert_eq!(file.len()?, 3);
    /// # Ok(())
    /// # }
    /// ```
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len)
    }

    /// Whether the file is empty.
    ///
    /// # Errors
    ///
    /// As [`VFile::len`].
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// # let options = OpenOptions::new().read(true).write(true).create(true);
    /// let file = fs.open(&VPath::new("/a")?, options)?;
    /// assert!(file.is_empty()?);
    /// # Ok(())
    /// # }
    /// ```
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Truncates the file or extends it with zeros, to `len` bytes.
    ///
    /// # Errors
    ///
    /// `PermissionDenied`, which is the default; `StorageFull`, `FileTooLarge`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// # let options = OpenOptions::new().read(true).write(true).create(true);
    /// let file = fs.open(&VPath::new("/a")?, options)?;
    /// file.write_at(b"abc", 0)?;
    /// file.set_len(2)?;
    /// assert_eq!(file.contents()?, "ab");
    /// # Ok(())
    /// # }
    /// ```
    fn set_len(&self, _len: u64) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    /// Replaces the contents of the file. A backend in memory stores the buffer without a copy.
    ///
    /// # Errors
    ///
    /// As [`VFile::set_len`] and [`VFile::write_at`].
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// # let options = OpenOptions::new().read(true).write(true).create(true);
    /// let file = fs.open(&VPath::new("/a")?, options)?;
    /// file.replace("abc".into())?;
    /// assert_eq!(file.contents()?, "abc");
    /// # Ok(())
    /// # }
    /// ```
    fn replace(&self, contents: Bytes) -> io::Result<()> {
        self.set_len(0)?;
        write_all_at(self, &contents, 0)
    }

    /// Returns the contents of the file. A backend in memory returns its own buffer without a copy.
    ///
    /// # Errors
    ///
    /// As [`VFile::read_at`]; `InvalidInput` for a device, which has no end; `OutOfMemory`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// # let options = OpenOptions::new().read(true).write(true).create(true);
    /// let file = fs.open(&VPath::new("/a")?, options)?;
    /// file.write_at(b"abc", 0)?;
    /// assert_eq!(file.contents()?, "abc");
    /// # Ok(())
    /// # }
    /// ```
    fn contents(&self) -> io::Result<Bytes> {
        /// The length may be wrong: beyond this many bytes, memory is reserved only as bytes arrive.
        const TRUSTED_LEN: usize = 64 << 20;

        let metadata = self.metadata()?;
        if metadata.file_type == FileType::CharDevice {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "cannot read all of a device, which has no end",
            ));
        }
        let out_of_memory = || io::Error::from(io::ErrorKind::OutOfMemory);
        let expected = usize::try_from(metadata.len).map_err(|_| out_of_memory())?;
        let mut contents = Vec::new();
        let mut filled = 0;
        // One byte more than expected, so that the end is found without growing the buffer.
        let mut room = expected.min(TRUSTED_LEN).saturating_add(1);
        loop {
            contents.try_reserve_exact(room - filled).map_err(|_| out_of_memory())?;
            contents.resize(room, 0);
            while filled < room {
                match self.read_at(&mut contents[filled..], filled as u64) {
                    Ok(0) => {
                        contents.truncate(filled);
                        return Ok(contents.into());
                    }
                    Ok(read) => filled = filled.saturating_add(read).min(room),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            let doubled = room.checked_mul(2).ok_or_else(out_of_memory)?;
            room = if expected >= room { doubled.min(expected.saturating_add(1)) } else { doubled };
        }
    }

    /// Flushes written bytes to the backing storage. Does nothing by default.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// # let options = OpenOptions::new().read(true).write(true).create(true);
    /// let file = fs.open(&VPath::new("/a")?, options)?;
    /// file.write_at(b"abc", 0)?;
    /// file.sync()?;
    /// # Ok(())
    /// # }
    /// ```
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Closes the file: the last call on a handle that was opened for writing. Does nothing by default.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let fs = MemFs::new();
    /// # let options = OpenOptions::new().read(true).write(true).create(true);
    /// let file = fs.open(&VPath::new("/a")?, options)?;
    /// file.write_at(b"abc", 0)?;
    /// file.close()?;
    /// # Ok(())
    /// # }
    /// ```
    fn close(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns `len`, unless it is more than the `room` that the backend was given.
pub(crate) fn checked_len(len: usize, room: usize) -> io::Result<usize> {
    if len > room {
        let message = format!("the filesystem returned an invalid length: {len} of {room} bytes");
        return Err(io::Error::other(message));
    }
    Ok(len)
}

pub(crate) fn write_all_at<F: VFile + ?Sized>(file: &F, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[checked_len(written, bytes.len())?..];
                offset = offset.saturating_add(written as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a larger count than it was given.
    #[derive(Debug)]
    struct Boastful;

    impl VFile for Boastful {
        fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
            Ok(0)
        }
        fn metadata(&self) -> io::Result<Metadata> {
            Ok(Metadata::new(FileType::File, 0))
        }
        fn write_at(&self, bytes: &[u8], _: u64) -> io::Result<usize> {
            Ok(bytes.len() + 1)
        }
    }

    #[test]
    fn written_count_beyond_the_buffer_is_an_error() {
        let error = Boastful.append(b"abc").unwrap_err();
        assert_eq!(error.to_string(), "the filesystem returned an invalid length: 4 of 3 bytes");
    }
}
