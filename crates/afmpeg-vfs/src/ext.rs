use std::io;

use bytes::Bytes;

use crate::{DirEntry, FileType, OpenOptions, VPath, Vfs, path::is_name};

/// What can be done with any [`Vfs`] by means of its few methods, in the words of `std::fs`.
///
/// ```
/// use afmpeg_vfs::{MemFs, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = MemFs::new();
/// fs.create_dir_all("/a/b")?;
/// fs.write("/a/b/text", "hello")?;
/// assert!(fs.exists("/a/b/text"));
/// assert_eq!(fs.read("/a/b/text")?, "hello");
/// assert_eq!(fs.walk("/")?, ["/a", "/a/b", "/a/b/text"]);
/// # Ok(())
/// # }
/// ```
pub trait VfsExt: Vfs {
    /// The contents of a file; without a copy where the backend has them in memory in one piece.
    ///
    /// # Errors
    ///
    /// As [`Vfs::open`] and [`VFile::contents`](crate::VFile::contents).
    fn read(&self, path: impl AsRef<str>) -> io::Result<Bytes> {
        let path = VPath::new(path)?;
        if self.metadata(&path)?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        self.open(&path, OpenOptions::new().read(true))?.contents()
    }

    /// Makes `contents` what the file at `path` holds; makes the file, but not its folder. A backend in memory
    /// keeps the buffer instead of a copy. When this fails, the file may be left with part of its contents.
    ///
    /// # Errors
    ///
    /// As [`Vfs::open`] and [`VFile::replace`](crate::VFile::replace).
    fn write(&self, path: impl AsRef<str>, contents: impl Into<Bytes>) -> io::Result<()> {
        let how = OpenOptions::new().write(true).create(true).truncate(true);
        let file = self.open(&VPath::new(path)?, how)?;
        file.replace(contents.into())?;
        file.finish()
    }

    /// Whether `path` leads anywhere.
    fn exists(&self, path: impl AsRef<str>) -> bool {
        VPath::new(path).is_ok_and(|path| self.metadata(&path).is_ok())
    }

    /// Makes a folder and every folder it is in; those that exist are left.
    ///
    /// # Errors
    ///
    /// As [`Vfs::create_dir`].
    fn create_dir_all(&self, path: impl AsRef<str>) -> io::Result<()> {
        let path = VPath::new(path)?;
        let mut folder = VPath::root();
        for name in path.components() {
            folder = folder.join(name)?;
            match self.create_dir(&folder) {
                Ok(()) => {}
                Err(_) if self.metadata(&folder).is_ok_and(|found| found.is_dir()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Every path below a folder, a folder before what is in it, names in order. Symbolic links are not followed.
    ///
    /// # Errors
    ///
    /// As [`Vfs::read_dir`].
    fn walk(&self, path: impl AsRef<str>) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut folders = vec![(VPath::new(path)?, None::<FileType>)];
        // A stack, so that what is in a folder comes right after it.
        while let Some((path, file_type)) = folders.pop() {
            if file_type.is_some() {
                found.push(path.to_string());
            }
            if file_type.is_none_or(|file_type| file_type == FileType::Dir) {
                let mut entries: Vec<DirEntry> = self.read_dir(&path)?;
                // A backend that lists `.` or `..` would be walked for ever.
                entries.retain(|entry| is_name(&entry.name));
                entries.sort_by(|a, b| b.name.cmp(&a.name));
                for entry in entries {
                    folders.push((path.join(&entry.name)?, Some(entry.file_type)));
                }
            }
        }
        Ok(found)
    }
}

impl<T: Vfs + ?Sized> VfsExt for T {}
