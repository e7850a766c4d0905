//! Gives a [`Vfs`](crate::Vfs) to a WASI guest, whatever runs it: the file calls of WASI preview 1, and those of
//! WASIX that go with them, on values instead of on guest memory.
//!
//! [`Descriptors`] is what a kernel keeps for a process: its open files and where each of them is read next, its
//! working folder, its standard streams. A host function for `fd_read` checks the guest's addresses, calls
//! [`Descriptors::at_cursor`], and passes the [`Errno`] on. Everything is synchronous and may be called from all of
//! the guest's threads at once.
//!
//! What POSIX says of files holds, with these decisions:
//!
//! - The guest's root is the filesystem's root, preopened as descriptor 3. Nothing leads out of it: `..` stays at
//!   the root.
//! - An offset belongs to an open file, and two descriptors made by `dup` share it. Reads and writes at the offset
//!   are atomic among the guest's threads.
//! - `close` tells of an error that the backend had in [`finish`](crate::VFile::close).
//! - A guest may be given streams beside its filesystem, under paths. Those of `/dev/fd` have numbers, too.
//! - Modes, owners and groups do not exist. `O_SYNC` and `O_NONBLOCK` are kept and change nothing.
//! - Limits: 4096 descriptors, paths of 4096 bytes from the root and names of 255, 40 symbolic links in a path, about
//!   1 048 576 names in listings that are kept, 1024 buffers in one call.
//!
//! ```
//! use std::sync::Arc;
//!
//! use afmpeg_vfs::{FaultLog, MemFs, VfsExt as _, adapter::wasi::{Descriptors, Errno, FdFlags, OFlags, OpenFlags, Rights}};
//!
//! let fs = MemFs::new();
//! let fds = Descriptors::new(Arc::new(fs.clone()), FaultLog::new());
//! let new = OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT | OFlags::EXCL).fdflags(FdFlags::APPEND);
//! let log = fds.open(Descriptors::ROOT, "log", new).unwrap();
//! assert_eq!(fds.at_cursor(log, |cursor| cursor.write(b"line")), Ok(4));
//! assert_eq!(fds.open(Descriptors::ROOT, "log", new), Err(Errno::Exist));
//! fds.close(log).unwrap();
//! assert_eq!(fs.read("/log").unwrap(), "line");
//! ```

mod abi;
mod cursor;
mod descriptors;
mod errno;
mod given;
mod listing;
mod open_file;
mod paths;
mod readdir;
mod status;
mod table;
mod written;

pub use abi::{
    FdFlags, FdFlagsExt, Fdstat, Filestat, FstFlags, Lookup, OFlags, OpenFlags, Rights, Subscription,
};
pub use cursor::Cursor;
pub use descriptors::{Descriptors, Whence};
pub use errno::Errno;

/// A file descriptor's number. The standard streams are 0, 1 and 2; [`Descriptors::ROOT`] is 3.
pub type Fd = u32;
