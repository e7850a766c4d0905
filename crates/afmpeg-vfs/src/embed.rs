use std::{fmt, io, sync::Arc};

use bytes::Bytes;

use crate::{
    Metadata, VFile, VPath,
    index::{BytesFile, Index, NameLimits, read_only_vfs},
};

/// Files embedded in the program, read-only. Clones share them.
///
/// [`VFile::contents`] returns memory of the program without a copy. Files have no times. Every change fails with
/// [`ReadOnlyFilesystem`](io::ErrorKind::ReadOnlyFilesystem).
///
/// ```
/// use afmpeg_vfs::{EmbedFs, VfsExt as _};
/// use include_dir::{Dir, include_dir};
///
/// static ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/mem");
///
/// # fn main() -> std::io::Result<()> {
/// let fs = EmbedFs::new(&ASSETS)?;
/// assert!(fs.read("/tree.rs")?.starts_with(b"//!"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct EmbedFs {
    inner: Arc<Inner>,
}

struct Inner {
    index: Index<&'static [u8]>,
    files: usize,
}

/// Unlimited: the names are part of the program.
const LIMITS: NameLimits = NameLimits { entries: usize::MAX, path: usize::MAX };

impl EmbedFs {
    /// Creates a filesystem of the files that [`include_dir!`](include_dir::include_dir) embedded, with `dir` as the
    /// root.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a name that is not UTF-8 or longer than 255 bytes, and for a
    /// duplicate path, which no real folder has.
    pub fn new(dir: &'static include_dir::Dir<'static>) -> io::Result<Self> {
        let mut inner = Inner { index: Index::new(LIMITS), files: 0 };
        let mut folders = vec![(VPath::root(), dir)];
        while let Some((path, dir)) = folders.pop() {
            inner.index.add_dir(path.as_str(), None).map_err(invalid)?;
            for entry in dir.entries() {
                let name = entry.path().file_name().and_then(|name| name.to_str());
                let path = path.join(name.ok_or(io::ErrorKind::InvalidInput)?)?;
                match entry {
                    include_dir::DirEntry::Dir(dir) => folders.push((path, dir)),
                    include_dir::DirEntry::File(file) => inner.add(path.as_str(), file.contents())?,
                }
            }
        }
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Creates a filesystem of these files, by path, and the folders that lead to them.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a duplicate path, a path with a NUL byte or a name longer
    /// than 255 bytes, the root, and a path below a file.
    ///
    /// ```
    /// use afmpeg_vfs::{EmbedFs, VfsExt as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let fs = EmbedFs::from_entries(&[("/luts/film.cube", b"LUT_3D_SIZE 2"), ("/motto", b"in the program")])?;
    /// assert_eq!(fs.walk("/")?, ["/luts", "/luts/film.cube", "/motto"]);
    /// assert_eq!(fs.read("/motto")?, "in the program");
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_entries(entries: &[(&'static str, &'static [u8])]) -> io::Result<Self> {
        let mut inner = Inner { index: Index::new(LIMITS), files: 0 };
        for (path, contents) in entries {
            inner.add(path, contents)?;
        }
        Ok(Self { inner: Arc::new(inner) })
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

impl Inner {
    fn add(&mut self, path: &str, contents: &'static [u8]) -> io::Result<()> {
        if self.index.metadata(&VPath::new(path)?, false).is_ok() {
            return Err(invalid(format!("duplicate path {path:?}; give each file a unique path")));
        }
        self.files += 1;
        self.index.add_file(path, contents.len() as u64, None, contents).map_err(invalid)
    }

    #[expect(clippy::unnecessary_wraps, reason = "the macro also serves filesystems that can fail here")]
    fn open_file(
        &self,
        _: &VPath,
        metadata: Metadata,
        contents: &&'static [u8],
    ) -> io::Result<Box<dyn VFile>> {
        Ok(Box::new(BytesFile::new(Bytes::from_static(contents), metadata)))
    }
}

impl fmt::Debug for EmbedFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbedFs").field("files", &self.inner.files).finish_non_exhaustive()
    }
}

read_only_vfs!(EmbedFs);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OpenOptions, Vfs as _, VfsExt as _};

    #[test]
    fn contents_are_memory_of_the_program() {
        static FONT: &[u8] = b"OTTO";
        let fs = EmbedFs::from_entries(&[("fonts/a.otf", FONT)]).unwrap();
        assert_eq!(fs.read("/fonts/a.otf").unwrap().as_ptr(), FONT.as_ptr());
        let file = fs.open(&VPath::new("/fonts/a.otf").unwrap(), OpenOptions::new().read(true)).unwrap();
        let mut two = [0; 2];
        assert_eq!((file.read_at(&mut two, 3).unwrap(), two), (1, *b"O\0"));
        assert_eq!(file.read_at(&mut two, u64::MAX).unwrap(), 0);
        assert_eq!(file.write_at(b"x", 0).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn folder_of_the_host_is_embedded_completely() {
        static SOURCE: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/src");
        let fs = EmbedFs::new(&SOURCE).unwrap();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = 0;
        for path in fs.walk("/").unwrap() {
            let host = root.join(&path[1..]);
            let is_dir = fs.metadata(&VPath::new(&path).unwrap()).unwrap().is_dir();
            assert_eq!(is_dir, host.is_dir(), "{path}");
            if !is_dir {
                assert!(fs.read(&path).unwrap() == std::fs::read(&host).unwrap(), "{path}");
                files += 1;
            }
        }
        assert!(files > 10);
    }

    #[test]
    fn duplicate_paths_and_paths_below_files_are_refused() {
        for entries in [
            &[("/a", b"1".as_slice()), ("a", b"2")][..],
            &[("/a", b"1"), ("/a/b", b"2")],
            &[("/a/b", b"1"), ("/a", b"2")],
            &[("/..", b"1")],
        ] {
            assert_eq!(
                EmbedFs::from_entries(entries).unwrap_err().kind(),
                io::ErrorKind::InvalidInput,
                "{entries:?}"
            );
        }
    }
}
