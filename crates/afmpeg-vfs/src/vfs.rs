use std::{fmt, io, sync::Arc, time::SystemTime};

use bytes::Bytes;

use crate::VPath;

/// How to open a file; as in `std`, of which it has the names and the meaning.
///
/// ```
/// use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = MemFs::new();
/// let file = fs.open(&VPath::new("/a")?, OpenOptions::new().write().create())?;
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
    /// The file is made if it does not exist.
    pub create: bool,
    /// The file is made, and must not exist before.
    pub create_new: bool,
    /// What the file holds is dropped.
    pub truncate: bool,
}

impl OpenOptions {
    /// Nothing is allowed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows reading.
    #[must_use]
    pub fn read(mut self) -> Self {
        self.read = true;
        self
    }

    /// Allows writing.
    #[must_use]
    pub fn write(mut self) -> Self {
        self.write = true;
        self
    }

    /// Makes the file if there is none.
    #[must_use]
    pub fn create(mut self) -> Self {
        self.create = true;
        self
    }

    /// Makes the file; fails with [`AlreadyExists`](io::ErrorKind::AlreadyExists) if there is one.
    #[must_use]
    pub fn create_new(mut self) -> Self {
        self.create_new = true;
        self
    }

    /// Empties the file.
    #[must_use]
    pub fn truncate(mut self) -> Self {
        self.truncate = true;
        self
    }

    /// Whether opening like this may change the filesystem, now or by a write later.
    pub fn may_change(self) -> bool {
        self.write || self.create || self.create_new || self.truncate
    }
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileType {
    /// A file with contents.
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A device such as `/dev/null`: contents without an end, or none.
    Device,
}

/// What is known of a file without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// What it is.
    pub file_type: FileType,
    /// How long its contents are, in bytes; 0 for everything that is not a file.
    pub len: u64,
    /// When its contents last changed, if the filesystem knows.
    pub modified: Option<SystemTime>,
    /// When it was last read, if the filesystem knows.
    pub accessed: Option<SystemTime>,
    /// When it was made, if the filesystem knows.
    pub created: Option<SystemTime>,
}

impl Metadata {
    /// Of a thing of this type and length, with no times known.
    pub fn new(file_type: FileType, len: u64) -> Self {
        Self { file_type, len, modified: None, accessed: None, created: None }
    }

    /// Whether it is a file.
    pub fn is_file(&self) -> bool {
        self.file_type == FileType::File
    }

    /// Whether it is a folder.
    pub fn is_dir(&self) -> bool {
        self.file_type == FileType::Dir
    }
}

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirEntry {
    /// The name, without the folder's path.
    pub name: String,
    /// What the name leads to; a symbolic link is not followed.
    pub file_type: FileType,
}

impl DirEntry {
    /// An entry of this name and type.
    pub fn new(name: impl Into<String>, file_type: FileType) -> Self {
        Self { name: name.into(), file_type }
    }
}

/// A filesystem.
///
/// Used as `Arc<dyn Vfs>`, from many threads at once. A read-only backend needs three methods; the others say
/// [`Unsupported`](io::ErrorKind::Unsupported) until they are written. Errors carry the kinds of
/// [`io::ErrorKind`] that the same operation has in `std::fs`: `NotFound`, `AlreadyExists`, `NotADirectory`,
/// `IsADirectory`, `DirectoryNotEmpty`, `ReadOnlyFilesystem`, `StorageFull`, `CrossesDevices`...
///
/// ```
/// use std::io;
///
/// use afmpeg_vfs::{DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs, VfsExt as _};
///
/// /// One file, `/motto`.
/// #[derive(Debug)]
/// struct Motto;
///
/// #[derive(Debug)]
/// struct MottoFile;
///
/// impl Vfs for Motto {
///     fn open(&self, path: &VPath, how: OpenOptions) -> io::Result<Box<dyn VFile>> {
///         if how.may_change() {
///             return Err(io::ErrorKind::ReadOnlyFilesystem.into());
///         }
///         match path.as_str() {
///             "/motto" => Ok(Box::new(MottoFile)),
///             _ => Err(io::ErrorKind::NotFound.into()),
///         }
///     }
///     fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
///         match path.as_str() {
///             "/" => Ok(Metadata::new(FileType::Dir, 0)),
///             "/motto" => MottoFile.metadata(),
///             _ => Err(io::ErrorKind::NotFound.into()),
///         }
///     }
///     fn read_dir(&self, _: &VPath) -> io::Result<Vec<DirEntry>> {
///         Ok(vec![DirEntry::new("motto", FileType::File)])
///     }
/// }
///
/// impl VFile for MottoFile {
///     fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
///         let mut rest = b"in memory".get(at as usize..).unwrap_or_default();
///         io::Read::read(&mut rest, into)
///     }
///     fn metadata(&self) -> io::Result<Metadata> {
///         Ok(Metadata::new(FileType::File, 9))
///     }
/// }
///
/// assert_eq!(Motto.read("/motto").unwrap(), "in memory");
/// ```
pub trait Vfs: fmt::Debug + Send + Sync + 'static {
    /// Opens the file at `path`, following symbolic links.
    fn open(&self, path: &VPath, how: OpenOptions) -> io::Result<Box<dyn VFile>>;

    /// What `path` leads to, after following symbolic links.
    fn metadata(&self, path: &VPath) -> io::Result<Metadata>;

    /// The names in a folder, in no particular order.
    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>>;

    /// What `path` leads to, without following it if it is a symbolic link itself.
    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.metadata(path)
    }

    /// Makes a folder. The one it is in must exist.
    fn create_dir(&self, _path: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Removes a file or a symbolic link. Whoever has it open can go on reading and writing it.
    fn remove_file(&self, _path: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Removes an empty folder.
    fn remove_dir(&self, _path: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Gives a file or a folder another name, replacing what had it: a file only a file, a folder only an empty
    /// folder, as in POSIX.
    fn rename(&self, _from: &VPath, _to: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Makes a symbolic link at `link`. Its text may be relative to the folder that `link` is in, and is kept as
    /// it is; when it is followed, it cannot lead out of the root.
    fn symlink(&self, _text: &str, _link: &VPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The text of a symbolic link.
    fn read_link(&self, _path: &VPath) -> io::Result<String> {
        Err(io::ErrorKind::InvalidInput.into())
    }

    /// Sets the times of a file or folder; what is `None` stays.
    fn set_times(
        &self,
        _path: &VPath,
        _accessed: Option<SystemTime>,
        _modified: Option<SystemTime>,
    ) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Makes what was written last: called once, after the job that wrote it has succeeded, and not at all if it
    /// failed. A backend that uploads does it here.
    fn commit(&self) -> io::Result<()> {
        Ok(())
    }
}

/// An open file.
///
/// Positional: every read and write names its offset, so handles share no cursor. Every handle on a file sees
/// what the others have written, at once.
pub trait VFile: fmt::Debug + Send + Sync {
    /// Reads from the offset `at` on, in bytes. Returns how much it read, which may be less than asked for; 0 at
    /// the end of the file and beyond.
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize>;

    /// What the file is now.
    fn metadata(&self) -> io::Result<Metadata>;

    /// Writes from the offset `at` on, in bytes. Returns how much it wrote, which may be less than given. Between
    /// the end of the file and a write beyond it there are zeros.
    fn write_at(&self, _bytes: &[u8], _at: u64) -> io::Result<usize> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    /// How long the file is, in bytes.
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len)
    }

    /// Whether the file has no contents.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Cuts the file off, or adds zeros, to `len` bytes.
    fn set_len(&self, _len: u64) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    /// Makes `contents` what the file holds. A backend in memory keeps the buffer itself instead of a copy.
    fn replace(&self, contents: Bytes) -> io::Result<()> {
        self.set_len(0)?;
        let mut written = 0;
        while written < contents.len() {
            match self.write_at(&contents[written..], written as u64) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// All that the file holds. A backend in memory gives its own buffer instead of a copy.
    fn contents(&self) -> io::Result<Bytes> {
        let expected =
            usize::try_from(self.len()?).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        // One more than expected, so that the end is seen without growing.
        let mut contents = vec![0; expected + 1];
        let mut filled = 0;
        loop {
            match self.read_at(&mut contents[filled..], filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if filled == contents.len() {
                contents.resize(contents.len() * 2, 0);
            }
        }
        contents.truncate(filled);
        Ok(contents.into())
    }

    /// Hands what was written to whatever keeps it.
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// The last call on a handle that was opened for writing, when whoever wrote to it closes it.
    fn finish(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A pointer to a filesystem is one: every method is passed on, the provided ones too.
macro_rules! forward_vfs {
    ($pointer:ident) => {
        impl<T: Vfs + ?Sized> Vfs for $pointer<T> {
            fn open(&self, path: &VPath, how: OpenOptions) -> io::Result<Box<dyn VFile>> {
                (**self).open(path, how)
            }
            fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
                (**self).metadata(path)
            }
            fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
                (**self).read_dir(path)
            }
            fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
                (**self).symlink_metadata(path)
            }
            fn create_dir(&self, path: &VPath) -> io::Result<()> {
                (**self).create_dir(path)
            }
            fn remove_file(&self, path: &VPath) -> io::Result<()> {
                (**self).remove_file(path)
            }
            fn remove_dir(&self, path: &VPath) -> io::Result<()> {
                (**self).remove_dir(path)
            }
            fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
                (**self).rename(from, to)
            }
            fn symlink(&self, text: &str, link: &VPath) -> io::Result<()> {
                (**self).symlink(text, link)
            }
            fn read_link(&self, path: &VPath) -> io::Result<String> {
                (**self).read_link(path)
            }
            fn set_times(
                &self,
                path: &VPath,
                accessed: Option<SystemTime>,
                modified: Option<SystemTime>,
            ) -> io::Result<()> {
                (**self).set_times(path, accessed, modified)
            }
            fn commit(&self) -> io::Result<()> {
                (**self).commit()
            }
        }
    };
}

forward_vfs!(Arc);
forward_vfs!(Box);
