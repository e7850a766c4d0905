use std::{io, sync::Arc};

use afmpeg::vfs::{DirEntry, Metadata, OpenOptions, VFile, VPath, Vfs, forward};
use parking_lot::RwLock;

use crate::{
    cipher::Cipher,
    file::{EncryptedFile, decrypted},
};

/// Files that are encrypted on the filesystem inside.
///
/// ```
/// use afmpeg::{MemFs, VfsExt as _};
/// use afmpeg_plugin_fs::Encrypted;
///
/// # fn main() -> std::io::Result<()> {
/// let disk = MemFs::new();
/// let fs = Encrypted::new(disk.clone(), &[7; 32]);
/// fs.write("/diary", "secret")?;
/// assert_eq!(fs.read("/diary")?, "secret");
/// assert_ne!(disk.read("/diary")?, "secret");
/// assert!(Encrypted::new(disk, &[8; 32]).read("/diary").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Encrypted<V> {
    inner: V,
    cipher: Arc<Cipher>,
    /// Held while blocks change, since a change reads a block and writes it again.
    lock: Arc<RwLock<()>>,
}

impl<V: Vfs> Encrypted<V> {
    /// Encrypts files with `key` on `inner`, which nothing else changes in the meantime.
    pub fn new(inner: V, key: &[u8; 32]) -> Self {
        Self { inner, cipher: Arc::new(Cipher::new(key)), lock: Arc::default() }
    }
}

#[deny(clippy::missing_trait_methods)]
impl<V: Vfs> Vfs for Encrypted<V> {
    forward!(inner: names set_times commit);

    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        options.check()?;
        // A write reads the rest of its block, and an append changes the last one. The file applies the caller's options.
        let of_inner = options.read(true).write(options.writes()).append(false);
        let _changing = options.truncate.then(|| self.lock.write());
        let inner = self.inner.open(path, of_inner)?;
        Ok(Box::new(EncryptedFile::new(inner, Arc::clone(&self.cipher), Arc::clone(&self.lock), options)))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let _reading = self.lock.read();
        decrypted(self.inner.metadata(path)?)
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let _reading = self.lock.read();
        decrypted(self.inner.symlink_metadata(path)?)
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.inner.read_dir(path)
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        self.inner.read_link(path)
    }

    fn keeps_in_memory(&self, path: &VPath) -> bool {
        self.inner.keeps_in_memory(path)
    }
}
