use std::io;

/// How to open a file; the names and their meaning are those of `std::fs::OpenOptions`.
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
    /// The file will be read.
    pub read: bool,
    /// The file will be written.
    pub write: bool,
    /// The file will be written, and only at its end: every write goes there, whatever offset it names.
    pub append: bool,
    /// The file is made if it does not exist.
    pub create: bool,
    /// The file is made, and must not exist before; a symbolic link counts as existing.
    pub create_new: bool,
    /// What the file holds is dropped.
    pub truncate: bool,
}

impl OpenOptions {
    /// Nothing is allowed yet.
    pub const fn new() -> Self {
        Self { read: false, write: false, append: false, create: false, create_new: false, truncate: false }
    }

    /// Whether reading is allowed.
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

    /// Whether writing is allowed.
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

    /// Whether writing is allowed, at the end only.
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

    /// Whether the file is made if there is none.
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

    /// Whether the file is made, failing with [`AlreadyExists`](io::ErrorKind::AlreadyExists) if there is one.
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

    /// Whether the file is emptied.
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

    /// Whether the handle will take writes.
    ///
    /// ```
    /// # use afmpeg_vfs::OpenOptions;
    /// assert!(OpenOptions::new().append(true).writes());
    /// assert!(!OpenOptions::new().read(true).create(true).writes());
    /// ```
    pub const fn writes(self) -> bool {
        self.write || self.append
    }

    /// Whether opening like this may change the filesystem, now or by a write later.
    ///
    /// ```
    /// # use afmpeg_vfs::OpenOptions;
    /// assert!(OpenOptions::new().read(true).create(true).may_change());
    /// assert!(!OpenOptions::new().read(true).may_change());
    /// ```
    pub const fn may_change(self) -> bool {
        self.writes() || self.create || self.create_new || self.truncate
    }

    /// Fails if neither reading nor writing is allowed. Everything else that POSIX can open can be opened,
    /// `O_RDONLY | O_CREAT` and `O_APPEND | O_TRUNC` too, which `std` refuses: guests do ask for it.
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
            Err(io::Error::new(io::ErrorKind::InvalidInput, "a file is opened to be read or to be written"))
        }
    }
}
