use std::{fmt::Write as _, io};

use bytes::Bytes;

use crate::{
    DirEntry, FileType, OpenOptions, VPath, Vfs,
    copy::copy_contents,
    path::{check_found, is_name},
};

/// Convenience methods for any [`Vfs`], named after those of `std::fs`.
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
    /// Returns the contents of a file, without a copy if the backend stores them in one buffer.
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

    /// Writes `contents` to the file at `path`, which is created or truncated. Its folder must exist. A backend in
    /// memory stores the buffer without a copy. After an error, the file may have part of the contents.
    ///
    /// # Errors
    ///
    /// As [`Vfs::open`] and [`VFile::replace`](crate::VFile::replace).
    fn write(&self, path: impl AsRef<str>, contents: impl Into<Bytes>) -> io::Result<()> {
        let options = OpenOptions::new().write(true).create(true).truncate(true);
        let file = self.open(&VPath::new(path)?, options)?;
        file.replace(contents.into())?;
        file.close()
    }

    /// Whether `path` exists.
    fn exists(&self, path: impl AsRef<str>) -> bool {
        VPath::new(path).is_ok_and(|path| self.metadata(&path).is_ok())
    }

    /// Creates a folder and its missing parents.
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

    /// Returns every path below a folder: each folder before its contents, names in order. Symbolic links are not
    /// followed.
    ///
    /// # Errors
    ///
    /// As [`Vfs::read_dir`]; `InvalidFilename` if a path is longer than 16 KiB.
    fn walk(&self, path: impl AsRef<str>) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut folders = vec![(VPath::new(path)?, None::<FileType>)];
        // A stack, so that the contents of a folder follow it.
        while let Some((path, file_type)) = folders.pop() {
            check_found(&path)?;
            if file_type.is_some() {
                found.push(path.to_string());
            }
            if file_type.is_none_or(|file_type| file_type == FileType::Dir) {
                let mut entries: Vec<DirEntry> = self.read_dir(&path)?;
                // A backend that lists `.` or `..` would be walked endlessly.
                entries.retain(|entry| is_name(&entry.name));
                entries.sort_by(|a, b| b.name.cmp(&a.name));
                for entry in entries {
                    folders.push((path.join(&entry.name)?, Some(entry.file_type)));
                }
            }
        }
        Ok(found)
    }

    /// Copies the file, symbolic link or folder at `from` of `source` to `to`, with the contents of folders, and
    /// returns the total length of the copied files. Existing files are replaced, folders merge, and the parent of
    /// `to` is created. Zeros are not written, so that sparse files stay sparse; devices are skipped, and times are
    /// not copied.
    ///
    /// # Errors
    ///
    /// As [`Vfs::open`], [`Vfs::read_dir`] and [`Vfs::symlink`] of the two; files copied before the error stay.
    ///
    /// ```
    /// use afmpeg_vfs::{MemFs, VfsExt as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let (shelf, job) = (MemFs::new(), MemFs::new());
    /// shelf.create_dir_all("/fonts")?;
    /// shelf.write("/fonts/serif.ttf", "...")?;
    /// assert_eq!(job.copy_from(&shelf, "/fonts", "/usr/share/fonts")?, 3);
    /// assert!(job.exists("/usr/share/fonts/serif.ttf"));
    /// # Ok(())
    /// # }
    /// ```
    fn copy_from<V: Vfs + ?Sized>(
        &self,
        source: &V,
        from: impl AsRef<str>,
        to: impl AsRef<str>,
    ) -> io::Result<u64> {
        let (from, to) = (VPath::new(from)?, VPath::new(to)?);
        if let Some(folder) = to.parent() {
            self.create_dir_all(folder)?;
        }
        let mut copied = 0;
        let mut left = vec![(from.clone(), to, source.symlink_metadata(&from)?.file_type)];
        while let Some((from, to, file_type)) = left.pop() {
            match file_type {
                FileType::Dir => {
                    self.create_dir_all(&to)?;
                    for entry in source.read_dir(&from)?.into_iter().filter(|entry| is_name(&entry.name)) {
                        left.push((from.join(&entry.name)?, to.join(&entry.name)?, entry.file_type));
                    }
                }
                FileType::File => {
                    let options = OpenOptions::new().write(true).create(true).truncate(true);
                    let file = self.open(&to, options)?;
                    copied += copy_contents(&*source.open(&from, OpenOptions::new().read(true))?, &*file)?;
                    file.close()?;
                }
                FileType::Symlink => self.symlink(&source.read_link(&from)?, &to)?,
                FileType::CharDevice => {}
            }
        }
        Ok(copied)
    }

    /// Renders the tree below a folder for diagnostics and tests: names in order, files with their length in bytes,
    /// symbolic links with their text.
    ///
    /// # Errors
    ///
    /// As [`Vfs::read_dir`] and [`Vfs::symlink_metadata`].
    ///
    /// ```
    /// use afmpeg_vfs::{MemFs, VPath, Vfs as _, VfsExt as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let fs = MemFs::new();
    /// fs.create_dir_all("/out/hls")?;
    /// fs.write("/out/hls/0.ts", "...")?;
    /// fs.symlink("hls/0.ts", &VPath::new("/out/first")?)?;
    /// assert_eq!(fs.tree("/")?, "\
    /// /
    ///   out/
    ///     first -> hls/0.ts
    ///     hls/
    ///       0.ts (3)
    /// ");
    /// # Ok(())
    /// # }
    /// ```
    fn tree(&self, path: impl AsRef<str>) -> io::Result<String> {
        let root = VPath::new(path)?;
        let mut drawn = format!("{}\n", root);
        for path in self.walk(&root)? {
            let path = VPath::new(path)?;
            let depth = path.strip_prefix(&root).map_or(0, |below| below.split('/').count());
            let name = path.file_name().unwrap_or_default();
            let found = self.symlink_metadata(&path)?;
            let name = match found.file_type {
                FileType::Dir => format!("{name}/"),
                FileType::File => format!("{name} ({})", found.len),
                FileType::Symlink => format!("{name} -> {}", self.read_link(&path)?),
                FileType::CharDevice => name.to_owned(),
            };
            // Writing to a String cannot fail.
            let _ = writeln!(drawn, "{:1$}{name}", "", depth * 2);
        }
        Ok(drawn)
    }
}

impl<T: Vfs + ?Sized> VfsExt for T {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemFs;

    #[test]
    fn copying_merges_folders_keeps_links_and_holes_and_replaces_files() {
        let (source, target) = (MemFs::new(), MemFs::new());
        source.create_dir_all("/a/b").unwrap();
        source.write("/a/b/short", "new").unwrap();
        source.symlink("b/short", &VPath::new("/a/link").unwrap()).unwrap();
        let options = OpenOptions::new().write(true).create(true);
        let sparse = source.open(&VPath::new("/a/sparse").unwrap(), options).unwrap();
        sparse.write_at(b"middle", 100 << 20).unwrap();
        sparse.set_len(200 << 20).unwrap();
        target.create_dir_all("/x/b").unwrap();
        target.write("/x/b/short", "old and longer").unwrap();
        target.write("/x/b/kept", "kept").unwrap();

        assert_eq!(target.copy_from(&source, "/a", "/x").unwrap(), (200 << 20) + 3);
        let drawn =
            "/\n  x/\n    b/\n      kept (4)\n      short (3)\n    link -> b/short\n    sparse (209715200)\n";
        assert_eq!(target.tree("/").unwrap(), drawn);
        assert_eq!(target.read("/x/link").unwrap(), "new");
        assert!(target.used() < 2 << 20, "{} bytes for a sparse file", target.used());
        let mut middle = [1; 8];
        let copy = target.open(&VPath::new("/x/sparse").unwrap(), OpenOptions::new().read(true)).unwrap();
        assert_eq!(copy.read_at(&mut middle, (100 << 20) - 1).unwrap(), 8);
        assert_eq!(&middle, b"\0middle\0");
    }
}
