use std::io;

/// Options for opening a file, with the names and the meaning of `std::fs::OpenOptions`.
///
/// ```
/// use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = MemFs::new();
/// let file = fs.open(&VPath::new("/a")?, OpenOptions::new().write(true).create(true))?;
/// file.write_at(b"hello", 0)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenOptions {
    /// Opens the file for reading.
    pub read: bool,
    /// Opens the file for writing.
    pub write: bool,
    /// Opens the file for appending: every write goes to the end, whatever its offset.
    pub append: bool,
    /// Creates the file if it does not exist.
    pub create: bool,
    /// Creates the file, and fails if it exists; a symbolic link counts as existing.
    pub create_new: bool,
    /// Truncates the file.
    pub truncate: bool,
}

impl OpenOptions {
    /// Creates options that permit nothing.
    pub const fn new() -> Self {
        Self { read: false, write: false, append: false, create: false, create_new: false, truncate: false }
    }

    /// Sets whether the file is opened for reading.
    ///
    /// ```
    /// # use afmpeg_vfs::OpenOptions;
    /// assert!(!OpenOptions::new().read(true).writes());
    /// ```
    #[must_use]
    pub const fn read(mut self, read: bool) -> Self {
        self.read = read;
        self
    }

    /// Sets whether the file is opened for writing.
    ///
    /// ```
    /// # use afmpeg_vfs::OpenOptions;
    /// assert!(OpenOptions::new().write(true).writes());
    /// ```
    #[must_use]
    pub const fn write(mut self, write: bool) -> Self {
        self.write = write;
        self
    }

    /// Sets whether the file is opened for appending.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// let fs = MemFs::new();
    /// fs.write("/log", "one").unwrap();
    /// let log = fs.open(&VPath::new("/log").unwrap(), OpenOptions::new().append(true)).unwrap();
    /// log.write_at(b" two", 0).unwrap();
    /// assert_eq!(fs.read("/log").unwrap(), "one two");
    /// ```
    #[must_use]
    pub const fn append(mut self, append: bool) -> Self {
        self.append = append;
        self
    }

    /// Sets whether the file is created if it does not exist.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// let fs = MemFs::new();
    /// fs.open(&VPath::new("/a").unwrap(), OpenOptions::new().write(true).create(true)).unwrap();
    /// assert!(fs.exists("/a"));
    /// ```
    #[must_use]
    pub const fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// Sets whether the file is created, failing with [`AlreadyExists`](io::ErrorKind::AlreadyExists) if it exists.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _};
    /// let (fs, path) = (MemFs::new(), VPath::new("/a").unwrap());
    /// let new = OpenOptions::new().write(true).create_new(true);
    /// assert!(fs.open(&path, new).is_ok());
    /// assert!(fs.open(&path, new).is_err());
    /// ```
    #[must_use]
    pub const fn create_new(mut self, create_new: bool) -> Self {
        self.create_new = create_new;
        self
    }

    /// Sets whether the file is truncated.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};
    /// let fs = MemFs::new();
    /// fs.write("/a", "old").unwrap();
    /// fs.open(&VPath::new("/a").unwrap(), OpenOptions::new().write(true).truncate(true)).unwrap();
    /// assert_eq!(fs.read("/a").unwrap(), "");
    /// ```
    #[must_use]
    pub const fn truncate(mut self, truncate: bool) -> Self {
        self.truncate = truncate;
        self
    }

    /// Whether the handle accepts writes.
    ///
    /// ```
    /// # use afmpeg_vfs::OpenOptions;
    /// assert!(OpenOptions::new().append(true).writes());
    /// assert!(!OpenOptions::new().read(true).create(true).writes());
    /// ```
    pub const fn writes(self) -> bool {
        self.write || self.append
    }

    /// Whether opening the file may change the filesystem, at once or by a later write.
    ///
    /// ```
    /// # use afmpeg_vfs::OpenOptions;
    /// assert!(OpenOptions::new().read(true).create(true).may_change());
    /// assert!(!OpenOptions::new().read(true).may_change());
    /// ```
    pub const fn may_change(self) -> bool {
        self.writes() || self.create || self.create_new || self.truncate
    }

    /// Fails unless reading or writing is permitted. All other combinations of POSIX are valid, including `O_RDONLY |
    /// O_CREAT` and `O_APPEND | O_TRUNC`, which `std` refuses but guests use.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput).
    ///
    /// ```
    /// # use afmpeg_vfs::OpenOptions;
    /// assert!(OpenOptions::new().create(true).check().is_err());
    /// assert!(OpenOptions::new().create(true).read(true).check().is_ok());
    /// ```
    pub fn check(self) -> io::Result<()> {
        if self.read || self.writes() {
            Ok(())
        } else {
            let message = "expected read or write access, found neither";
            Err(io::Error::new(io::ErrorKind::InvalidInput, message))
        }
    }
}
