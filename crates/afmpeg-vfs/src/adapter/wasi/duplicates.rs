//! The calls that duplicate descriptors, and their flags.

use std::sync::Arc;

use super::{Descriptors, Errno, Fd, FdFlagsExt};

impl Descriptors {
    /// `fd_dup`: duplicates a descriptor. The `mmap` of the guest uses it.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`], [`Errno::Mfile`].
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::Descriptors};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// assert_eq!(fds.dup(1), Ok(4));
    /// ```
    pub fn dup(&self, fd: Fd) -> Result<Fd, Errno> {
        match self.caller_streams.of_number(fd) {
            Some(stream) => self.table.add(Arc::clone(stream), FdFlagsExt::empty()),
            None => self.table.duplicate(fd, 0, FdFlagsExt::empty()),
        }
    }

    /// `F_DUPFD`: duplicates a descriptor to the lowest free number from `min` on.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`], also because of [`restrict_duplicates`](Self::restrict_duplicates); [`Errno::Mfile`];
    /// [`Errno::Inval`] for a `min` beyond the limit on descriptors.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, FdFlagsExt}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// let none = FdFlagsExt::empty();
    /// assert_eq!((fds.duplicate(1, 0, none), fds.duplicate(1, 10, none)), (Ok(4), Ok(10)));
    /// ```
    pub fn duplicate(&self, fd: Fd, min: Fd, flags_ext: FdFlagsExt) -> Result<Fd, Errno> {
        match self.caller_streams.of_number(fd) {
            Some(stream) => self.table.add_above(Arc::clone(stream), min, flags_ext),
            None if self.caller_streams.restricts_duplicates && fd >= Self::ROOT => Err(Errno::Badf),
            None => self.table.duplicate(fd, min, flags_ext),
        }
    }

    /// `fd_renumber`, with the semantics of WASIX: `dup2`.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; the error from closing the old file of `to`.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::Descriptors};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// fds.duplicate_to(2, 1).unwrap();
    /// ```
    pub fn duplicate_to(&self, from: Fd, to: Fd) -> Result<(), Errno> {
        self.table.copy(from, to)?.map_or(Ok(()), |open| self.close_file(&open))
    }

    /// `fd_fdflags_get`: returns the flags of a descriptor.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`].
    pub fn flags_ext(&self, fd: Fd) -> Result<FdFlagsExt, Errno> {
        self.table.flags_ext(fd)
    }

    /// `fd_fdflags_set`: sets the flags of a descriptor.
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`].
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, FdFlagsExt}};
    /// # let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// fds.set_flags_ext(Descriptors::ROOT, FdFlagsExt::CLOEXEC).unwrap();
    /// assert_eq!(fds.flags_ext(Descriptors::ROOT), Ok(FdFlagsExt::CLOEXEC));
    /// ```
    pub fn set_flags_ext(&self, fd: Fd, flags: FdFlagsExt) -> Result<(), Errno> {
        self.table.set_flags_ext(fd, flags)
    }
}
