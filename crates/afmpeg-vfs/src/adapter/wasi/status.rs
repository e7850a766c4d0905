//! The calls on the status of an open file.

use std::sync::atomic::Ordering;

use super::{Descriptors, Errno, Fd, FdFlags, Fdstat, Filestat, descriptors::not_a_file, open_file::Kind};
use crate::Operation;

impl Descriptors {
    /// `fd_fdstat_get`.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`].
    pub fn fdstat(&self, fd: Fd) -> Result<Fdstat, Errno> {
        let open = self.table.get(fd)?;
        let flags = open.flags();
        Ok(match &open.kind {
            Kind::File(file) => {
                let found = self.file_call(Operation::Stat, &open, || file.file.metadata())?;
                Fdstat::of_file(found.file_type, flags, file.read, file.write)
            }
            Kind::Folder(_) => Fdstat::of_folder(flags),
            Kind::Input(_) => Fdstat::of_stream(flags, false),
            Kind::Output(_) => Fdstat::of_stream(flags, true),
        })
    }

    /// `fd_fdstat_set_flags`, the `F_SETFL` of `fcntl`.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; [`Errno::Notsup`] for clearing `APPEND` of a file opened with it.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, FdFlags, OFlags, OpenFlags, Rights}};
    /// # let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// let file = fds.open(Descriptors::ROOT, "a", OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT)).unwrap();
    /// fds.set_flags(file, FdFlags::APPEND).unwrap();
    /// fds.at_cursor(file, |cursor| cursor.write(b"at the end")).unwrap();
    /// ```
    pub fn set_flags(&self, fd: Fd, flags: FdFlags) -> Result<(), Errno> {
        let open = self.table.get(fd)?;
        if let Kind::File(file) = &open.kind
            && file.append
            && !flags.contains(FdFlags::APPEND)
        {
            return Err(Errno::Notsup);
        }
        open.flags.store(flags.bits(), Ordering::Relaxed);
        Ok(())
    }

    /// `fd_filestat_get`: returns the metadata of the open file.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; errors of the backend.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::Descriptors};
    /// # let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// assert_eq!(fds.filestat(Descriptors::ROOT).unwrap().to_bytes()[16], 3, "a folder");
    /// ```
    pub fn filestat(&self, fd: Fd) -> Result<Filestat, Errno> {
        let open = self.table.get(fd)?;
        let metadata = match &open.kind {
            Kind::File(file) => self.file_call(Operation::Stat, &open, || file.file.metadata())?,
            Kind::Folder(folder) => {
                let path = folder.path.read().clone();
                self.path_call(Operation::Stat, &path, || self.fs.metadata(&path))?
            }
            Kind::Input(_) | Kind::Output(_) => return Ok(Filestat::of_stream()),
        };
        Ok(Filestat::of(&metadata))
    }

    /// `fd_filestat_set_size`: the `ftruncate` of C. `len` is in bytes.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; [`Errno::Inval`] if the file was not opened for writing, as in POSIX; errors of the backend.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno, OFlags, OpenFlags, Rights}};
    /// # let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// let file = fds.open(Descriptors::ROOT, "a", OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT)).unwrap();
    /// fds.set_len(file, 100).unwrap();
    /// assert_eq!(fds.set_len(1, 100), Err(Errno::Inval), "a stream");
    /// ```
    pub fn set_len(&self, fd: Fd, len: u64) -> Result<(), Errno> {
        let open = self.table.get(fd)?;
        let Kind::File(file) = &open.kind else { return Err(Errno::Inval) };
        if !file.write || i64::try_from(len).is_err() {
            return Err(Errno::Inval);
        }
        self.file_call(Operation::Truncate, &open, || file.file.set_len(len))
    }

    /// `fd_allocate`: extends the file to at least `offset + len` bytes. This is not atomic: concurrent writes beyond
    /// that end may be truncated.
    ///
    /// # Errors
    ///
    /// As [`Descriptors::set_len`]; [`Errno::Badf`] if the file was not opened for writing; [`Errno::Fbig`].
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, OFlags, OpenFlags, Rights}};
    /// # let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// let file = fds.open(Descriptors::ROOT, "a", OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT)).unwrap();
    /// fds.allocate(file, 100, 10).unwrap();
    /// assert_eq!(fds.filestat(file).unwrap().to_bytes()[32], 110);
    /// ```
    pub fn allocate(&self, fd: Fd, offset: u64, len: u64) -> Result<(), Errno> {
        let open = self.table.get(fd)?;
        let Kind::File(file) = &open.kind else { return Err(not_a_file(&open)) };
        if !file.write {
            return Err(Errno::Badf);
        }
        let end = offset.checked_add(len).filter(|end| i64::try_from(*end).is_ok()).ok_or(Errno::Fbig)?;
        self.file_call(Operation::Truncate, &open, || {
            if file.file.len()? < end { file.file.set_len(end) } else { Ok(()) }
        })
    }

    /// `fd_sync` and `fd_datasync`.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; [`Errno::Inval`] for a stream; errors of the backend.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, OFlags, OpenFlags, Rights}};
    /// # let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// let file = fds.open(Descriptors::ROOT, "a", OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT)).unwrap();
    /// fds.sync(file).unwrap();
    /// ```
    pub fn sync(&self, fd: Fd) -> Result<(), Errno> {
        let open = self.table.get(fd)?;
        match &open.kind {
            Kind::File(file) => self.file_call(Operation::Sync, &open, || file.file.sync()),
            Kind::Folder(_) => Ok(()),
            Kind::Input(_) | Kind::Output(_) => Err(Errno::Inval),
        }
    }

    /// `fd_advise`: has no effect.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; [`Errno::Spipe`] for a stream.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno}};
    /// # let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// assert_eq!(fds.advise(1), Err(Errno::Spipe));
    /// ```
    pub fn advise(&self, fd: Fd) -> Result<(), Errno> {
        match &self.table.get(fd)?.kind {
            Kind::File(_) | Kind::Folder(_) => Ok(()),
            Kind::Input(_) | Kind::Output(_) => Err(Errno::Spipe),
        }
    }
}
