use std::io;

use bytes::Bytes;

use crate::{DirEntry, Metadata, OpenOptions, VFile, VPath, Vfs};

/// A filesystem without write access: every change fails with
/// [`ReadOnlyFilesystem`](io::ErrorKind::ReadOnlyFilesystem), and [`Vfs::commit`] does nothing.
///
/// ```
/// use afmpeg_vfs::{MemFs, ReadOnly, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = MemFs::new();
/// fs.write("/a", "kept")?;
/// let fs = ReadOnly::new(fs);
/// assert_eq!(fs.read("/a")?, "kept");
/// assert_eq!(fs.write("/a", "lost").unwrap_err().kind(), std::io::ErrorKind::ReadOnlyFilesystem);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ReadOnly<V>(V);

impl<V: Vfs> ReadOnly<V> {
    /// Wraps `inner`.
    pub fn new(inner: V) -> Self {
        Self(inner)
    }
}

/// The methods of a [`Vfs`] that change the filesystem, for a read-only one.
macro_rules! refuse_changes {
    () => {
        fn create_dir(&self, _: &$crate::VPath) -> std::io::Result<()> {
            Err(std::io::ErrorKind::ReadOnlyFilesystem.into())
        }
        fn remove_file(&self, _: &$crate::VPath) -> std::io::Result<()> {
            Err(std::io::ErrorKind::ReadOnlyFilesystem.into())
        }
        fn remove_dir(&self, _: &$crate::VPath) -> std::io::Result<()> {
            Err(std::io::ErrorKind::ReadOnlyFilesystem.into())
        }
        fn rename(&self, _: &$crate::VPath, _: &$crate::VPath) -> std::io::Result<()> {
            Err(std::io::ErrorKind::ReadOnlyFilesystem.into())
        }
        fn symlink(&self, _: &str, _: &$crate::VPath) -> std::io::Result<()> {
            Err(std::io::ErrorKind::ReadOnlyFilesystem.into())
        }
        fn hard_link(&self, _: &$crate::VPath, _: &$crate::VPath) -> std::io::Result<()> {
            Err(std::io::ErrorKind::ReadOnlyFilesystem.into())
        }
        fn set_times(
            &self,
            _: &$crate::VPath,
            _: Option<std::time::SystemTime>,
            _: Option<std::time::SystemTime>,
        ) -> std::io::Result<()> {
            Err(std::io::ErrorKind::ReadOnlyFilesystem.into())
        }
    };
}
#[cfg(any(feature = "embed", feature = "http", feature = "tar", feature = "zip"))]
pub(crate) use refuse_changes;

#[deny(clippy::missing_trait_methods)]
impl<V: Vfs> Vfs for ReadOnly<V> {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if options.may_change() {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        Ok(Box::new(ReadOnlyFile(self.0.open(path, options)?)))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.0.metadata(path)
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.0.read_dir(path)
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.0.symlink_metadata(path)
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        self.0.read_link(path)
    }

    /// Returns false, because no file is written.
    fn keeps_in_memory(&self, _: &VPath) -> bool {
        false
    }

    fn commit(&self) -> io::Result<()> {
        Ok(())
    }

    refuse_changes!();
}

/// A handle without write access, even if the inner handle has it.
#[derive(Debug)]
struct ReadOnlyFile(Box<dyn VFile>);

#[deny(clippy::missing_trait_methods)]
impl VFile for ReadOnlyFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buf, offset)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        self.0.metadata()
    }

    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn is_empty(&self) -> io::Result<bool> {
        self.0.is_empty()
    }

    fn contents(&self) -> io::Result<Bytes> {
        self.0.contents()
    }

    fn write_at(&self, _: &[u8], _: u64) -> io::Result<usize> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn append(&self, _: &[u8]) -> io::Result<u64> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn replace(&self, _: Bytes) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::{MemFs, VfsExt as _};

    #[test]
    fn every_change_is_refused_without_effect() {
        let inner = MemFs::new();
        inner.write("/a", "kept").unwrap();
        let fs = ReadOnly::new(inner.clone());
        let (a, b) = (VPath::new("/a").unwrap(), VPath::new("/b").unwrap());
        let now = Some(SystemTime::now());
        let create = OpenOptions::new().read(true).create(true);
        let refused = [
            fs.write("/a", "lost"),
            fs.open(&b, create).map(drop),
            fs.create_dir(&b),
            fs.remove_file(&a),
            fs.remove_dir(&a),
            fs.rename(&a, &b),
            fs.symlink("a", &b),
            fs.hard_link(&a, &b),
            fs.set_times(&a, now, now),
        ];
        for result in refused {
            assert_eq!(result.unwrap_err().kind(), io::ErrorKind::ReadOnlyFilesystem);
        }
        assert_eq!(inner.walk("/").unwrap(), ["/a"]);
        assert_eq!(fs.read("/a").unwrap(), "kept");
    }
}
