//! Limits on the growth of a filesystem.

mod account;
mod budget;
mod file;
mod ledger;
mod reservation;
mod usage;

use std::{
    fmt, io,
    sync::{Arc, OnceLock},
};

use parking_lot::Mutex;

use self::{
    account::Accounts,
    file::QuotaFile,
    ledger::{Ledger, Totals},
    reservation::Reservation,
};
pub use self::{
    budget::MemoryBudget,
    usage::{Allowance, Usage},
};
use crate::{Metadata, OpenOptions, VFile, VPath, Vfs, forward, resolve::look_up};

/// A wrapper that limits the growth of a filesystem.
///
/// The limits apply to the growth since the filesystem was wrapped: of [bytes](Quota::max_bytes), the sum of the
/// lengths of all files including holes, and of [names](Quota::max_names) of files, folders and links. Removed,
/// replaced or truncated files free space, including files from before; an unlinked open file frees its space with its
/// last handle. A third limit applies to the [length of each file](Quota::max_file_len). By default, nothing is
/// limited.
///
/// A change that would exceed a limit fails before it has any effect, with an error that names the limit and the file.
/// Bytes are accounted by inode number; without inode numbers, they are accounted by path, and hard links fail as
/// `Unsupported`. Changes of names are serialised; reads and writes are not. Devices do not count. Clones share the
/// limits and the usage.
///
/// ```
/// use std::io::ErrorKind;
///
/// use afmpeg_vfs::{MemFs, Quota, VPath, Vfs as _, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = Quota::new(MemFs::new()).max_bytes(10).max_names(2);
/// fs.write("/a", "12345678")?;
/// let full = fs.write("/b", "1234").unwrap_err();
/// assert_eq!(full.kind(), ErrorKind::StorageFull);
/// let expected = "/b: 4 more bytes would exceed the limit of 10 bytes, 8 in use";
/// assert_eq!(full.to_string(), expected);
/// assert_eq!(fs.write("/c", "").unwrap_err().kind(), ErrorKind::QuotaExceeded);
/// fs.remove_file(&VPath::new("/a")?)?;
/// fs.write("/b", "1234")?;
/// assert_eq!((fs.used().bytes, fs.used().names), (4, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Quota<V> {
    inner: V,
    ledger: Arc<Ledger>,
    max_file_len: u64,
}

impl<V: Vfs> Quota<V> {
    /// Wraps `inner`, without limits.
    pub fn new(inner: V) -> Self {
        let totals = Totals { bytes: 0, names: 0, max_bytes: u64::MAX, max_names: u64::MAX, refused: None };
        let ledger = Ledger {
            totals: Mutex::new(totals),
            accounts: Accounts::default(),
            memory: OnceLock::new(),
            naming: Mutex::default(),
        };
        Self { inner, ledger: Arc::new(ledger), max_file_len: u64::MAX }
    }

    /// Limits the growth of the total length of files, in bytes: beyond it, changes fail with `StorageFull`. By
    /// default, and for `u64::MAX`, there is no limit.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Quota, VfsExt as _};
    /// let fs = Quota::new(MemFs::new()).max_bytes(1 << 30);
    /// fs.write("/a", vec![0; 1000]).unwrap();
    /// assert_eq!(fs.used().bytes, 1000);
    /// ```
    #[must_use]
    pub fn max_bytes(self, bytes: u64) -> Self {
        self.ledger.totals.lock().max_bytes = bytes;
        self
    }

    /// Limits the number of new files, folders and links: beyond it, changes fail with `QuotaExceeded`. By default,
    /// and for `u64::MAX`, there is no limit.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Quota, VfsExt as _};
    /// let fs = Quota::new(MemFs::new()).max_names(2);
    /// assert!(fs.create_dir_all("/a/b/c").is_err());
    /// ```
    #[must_use]
    pub fn max_names(self, names: u64) -> Self {
        self.ledger.totals.lock().max_names = names;
        self
    }

    /// Limits the length of each file, in bytes: beyond it, changes fail with `FileTooLarge`. By default, and for
    /// `u64::MAX`, there is no limit. Unlike the other limits, it applies to this clone only.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Quota, VfsExt as _};
    /// let fs = Quota::new(MemFs::new()).max_file_len(3);
    /// assert_eq!(fs.write("/a", "1234").unwrap_err().kind(), std::io::ErrorKind::FileTooLarge);
    /// ```
    #[must_use]
    pub fn max_file_len(mut self, bytes: u64) -> Self {
        self.max_file_len = bytes;
        self
    }

    /// Also counts files that the filesystem [stores in memory](Vfs::keeps_in_memory) in `budget`: beyond it, changes
    /// fail with `StorageFull`. By default, there is no budget; once set, it cannot be replaced.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, MemoryBudget, Quota, VfsExt as _};
    /// let budget = MemoryBudget::new(1 << 30);
    /// let fs = Quota::new(MemFs::new()).memory_budget(&budget);
    /// fs.write("/a", vec![0; 1000]).unwrap();
    /// assert_eq!(budget.used(), 1000);
    /// ```
    #[must_use]
    pub fn memory_budget(self, budget: &MemoryBudget) -> Self {
        self.ledger.memory.get_or_init(|| budget.clone());
        self
    }

    /// Returns the current usage.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Quota, VfsExt as _};
    /// let fs = Quota::new(MemFs::new());
    /// fs.write("/a", "abc").unwrap();
    /// assert_eq!((fs.used().bytes, fs.used().names), (3, 1));
    /// ```
    pub fn used(&self) -> Usage {
        self.ledger.totals.lock().usage()
    }

    /// Returns the first limit that refused a change, if any.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Quota};
    /// assert_eq!(Quota::new(MemFs::new()).max_names(0).refused(), None);
    /// ```
    pub fn refused(&self) -> Option<Allowance> {
        self.ledger.totals.lock().refused
    }

    /// Wraps a handle for accounting, if the file has a length.
    fn counting(
        &self,
        path: &VPath,
        options: OpenOptions,
        file: Box<dyn VFile>,
    ) -> io::Result<Box<dyn VFile>> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(file);
        }
        let in_memory = self.inner.keeps_in_memory(path);
        let account = Reservation::open(&self.ledger, &metadata, path, in_memory, || file.len())?;
        let file = QuotaFile::new(file, account, options, path.clone(), self.max_file_len);
        if options.truncate {
            file.settle();
        }
        Ok(Box::new(file))
    }

    /// Returns the account of the file at `path`, if it exists.
    fn account_of(&self, path: &VPath) -> io::Result<Option<Reservation>> {
        let Ok(found) = self.inner.metadata(path) else { return Ok(None) };
        if !found.is_file() {
            return Ok(None);
        }
        let len = || self.inner.metadata(path).map(|found| found.len);
        Reservation::open(&self.ledger, &found, path, self.inner.keeps_in_memory(path), len).map(Some)
    }

    /// Returns the account of the file at `path`, if that is its last name.
    fn last_link(&self, path: &VPath) -> io::Result<LastLink> {
        let Some(found) = look_up(&self.inner, path)? else { return Ok(LastLink::Missing) };
        if !found.is_file() || found.nlink > 1 {
            return Ok(LastLink::None);
        }
        // Read again under the account, which concurrent writers update.
        let len = || self.inner.symlink_metadata(path).map(|found| found.len);
        let in_memory = self.inner.keeps_in_memory(path);
        Ok(LastLink::File(Reservation::open(&self.ledger, &found, path, in_memory, len)?))
    }
}

/// The file that a name is the last link to.
enum LastLink {
    /// The name does not exist.
    Missing,
    /// The name is not the last link to a file: a folder, a symbolic link, or one of several names.
    None,
    File(Reservation),
}

impl LastLink {
    /// Accounts for the removal of the name.
    fn gone(self, ledger: &Ledger) {
        match self {
            LastLink::Missing => {}
            LastLink::None => ledger.settle_name(),
            LastLink::File(account) => {
                account.unlinked();
                ledger.settle_name();
            }
        }
    }
}

impl<V: Vfs> fmt::Debug for Quota<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quota")
            .field("inner", &self.inner)
            .field("used", &self.used())
            .finish_non_exhaustive()
    }
}

#[deny(clippy::missing_trait_methods)]
impl<V: Vfs> Vfs for Quota<V> {
    forward!(inner: stat set_times commit);

    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        // The bytes that are truncated count, and are unknown afterwards.
        let _before = if options.truncate { self.account_of(path)? } else { None };
        let make = || self.ledger.naming(path, || self.inner.open(path, options));
        if options.create_new {
            let _guard = self.ledger.naming.lock();
            return self.counting(path, options, make()?);
        }
        let there = options.create(false);
        let mut opened = self.inner.open(path, there);
        if options.create && opened.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            let _guard = self.ledger.naming.lock();
            opened = match self.inner.open(path, there) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => make(),
                opened => opened,
            };
        }
        self.counting(path, options, opened?)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        let _guard = self.ledger.naming.lock();
        self.ledger.naming(path, || self.inner.create_dir(path))
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        let _guard = self.ledger.naming.lock();
        let name = self.last_link(path)?;
        self.inner.remove_file(path)?;
        name.gone(&self.ledger);
        Ok(())
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        let _guard = self.ledger.naming.lock();
        self.inner.remove_dir(path)?;
        self.ledger.settle_name();
        Ok(())
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        let _guard = self.ledger.naming.lock();
        let is_same = |one: &Metadata, other: &Metadata| one.inode != 0 && one.inode == other.inode;
        let Some(found) = look_up(&self.inner, from)? else { return self.inner.rename(from, to) };
        let there = look_up(&self.inner, to)?;
        let stays = from == to || there.is_some_and(|there| is_same(&found, &there));
        let replaced = if stays { LastLink::Missing } else { self.last_link(to)? };
        self.inner.rename(from, to)?;
        // Two names of one file both stay, but not every filesystem has inode numbers to detect that.
        if found.inode == 0 && matches!(look_up(&self.inner, from), Ok(Some(_))) {
            return Ok(());
        }
        replaced.gone(&self.ledger);
        self.ledger.accounts.rename(from, to);
        Ok(())
    }

    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        let _guard = self.ledger.naming.lock();
        self.ledger.naming(link, || self.inner.symlink(target, link))
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        let _guard = self.ledger.naming.lock();
        // Otherwise each of the two names would release the bytes of the file.
        if look_up(&self.inner, original)?.is_some_and(|found| found.is_file() && found.inode == 0) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.ledger.naming(link, || self.inner.hard_link(original, link))
    }
}
