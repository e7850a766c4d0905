//! `fd_readdir`.

use super::{
    Descriptors, Errno, Fd,
    abi::{DIRENT, dirent},
    open_file::Kind,
};
use crate::{DirEntry, FileType, Operation, VPath, path::is_name};

impl Descriptors {
    /// `fd_readdir`: fills `buf` with directory entries in the guest's layout. `cookie` is 0 at the start, then the
    /// cookie of the last entry. Returns the number of bytes: the length of `buf` if there are more entries, the last
    /// of which is truncated. A listing is a snapshot from its start.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; [`Errno::Notdir`]; [`Errno::Nomem`] if the listings of other descriptors have more than
    /// 1,048,576 names; errors of the backend.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, VfsExt as _, adapter::wasi::Descriptors};
    /// let fs = MemFs::new();
    /// fs.write("/clip.mp4", "").unwrap();
    /// let fds = Descriptors::new(Arc::new(fs), FaultLog::new());
    /// let mut bytes = [0; 256];
    /// // `.`, `..` and the file: 24 bytes and the name of each.
    /// assert_eq!(fds.list(Descriptors::ROOT, 0, &mut bytes), Ok(3 * 24 + 1 + 2 + 8));
    /// ```
    pub fn list(&self, fd: Fd, cookie: u64, buf: &mut [u8]) -> Result<usize, Errno> {
        let open = self.table.get(fd)?;
        let Kind::Folder(folder) = &open.kind else { return Err(Errno::Notdir) };
        let mut listing = folder.listing.lock();
        if cookie == 0 || listing.entries().is_empty() {
            listing.clear()?;
            let path = folder.path.read().clone();
            let found = self.path_call(Operation::List, &path, || self.fs.read_dir(&path))?;
            let dots = [".", ".."].map(|name| DirEntry::new(name, FileType::Dir));
            // An invalid name could lead the guest to another path.
            let named = found.into_iter().filter(|entry| is_name(&entry.name));
            listing.fill(dots.into_iter().chain(named).collect());
        }
        let entries = listing.entries();
        let start = usize::try_from(cookie).unwrap_or(usize::MAX).min(entries.len());
        let mut filled = 0;
        for (entry, next) in entries[start..].iter().zip(start as u64 + 1..) {
            let name = VPath::bytes_of(&entry.name);
            let header = dirent(next, entry.inode, u32::try_from(name.len()).unwrap_or(0), entry.file_type);
            debug_assert_eq!(header.len(), DIRENT);
            for part in [&header[..], &name] {
                let room = &mut buf[filled..];
                let copied = part.len().min(room.len());
                room[..copied].copy_from_slice(&part[..copied]);
                filled += copied;
            }
            if filled == buf.len() {
                break;
            }
        }
        Ok(filled)
    }
}
