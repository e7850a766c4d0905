use std::io;

use crate::{DirEntry, Metadata, OpenOptions, VFile, VPath, Vfs};

/// A filesystem without its writes: whatever would change it fails with
/// [`ReadOnlyFilesystem`](io::ErrorKind::ReadOnlyFilesystem).
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

fn refuse<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}

impl<V: Vfs> Vfs for ReadOnly<V> {
    fn open(&self, path: &VPath, how: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if how.may_change() {
            return refuse();
        }
        self.0.open(path, how)
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

    fn create_dir(&self, _: &VPath) -> io::Result<()> {
        refuse()
    }

    fn remove_file(&self, _: &VPath) -> io::Result<()> {
        refuse()
    }

    fn remove_dir(&self, _: &VPath) -> io::Result<()> {
        refuse()
    }

    fn rename(&self, _: &VPath, _: &VPath) -> io::Result<()> {
        refuse()
    }

    fn symlink(&self, _: &str, _: &VPath) -> io::Result<()> {
        refuse()
    }

    fn set_times(
        &self,
        _: &VPath,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
    ) -> io::Result<()> {
        refuse()
    }
}
