//! The file calls of WASI preview 1 and the related ones of WASIX, for any runtime: on values instead of guest memory.
//!
//! [`Descriptors`] is the state that a kernel stores for a process: its open files and their offsets, its working
//! directory and its standard streams. A host function for `fd_read` checks the addresses of the guest, calls
//! [`Descriptors::at_cursor`], and returns the [`Errno`]. All methods are synchronous and can be called concurrently
//! by the threads of the guest.
//!
//! The calls follow POSIX, with these decisions:
//!
//! - The root of the guest is the root of the filesystem, preopened as descriptor 3. No path leads out of it: `..` at
//!   the root is the root.
//! - An open file has one offset, which descriptors made by `dup` share. Reads and writes at the offset are atomic
//!   among the threads of the guest.
//! - `close` reports the error of [`VFile::close`](crate::VFile::close).
//! - The caller can add streams beside the filesystem, by path; those in `/dev/fd` have numbers, too.
//! - Modes, owners and groups do not exist. `O_SYNC` and `O_NONBLOCK` are stored and have no effect.
//! - Limits: 4096 descriptors, paths of 4096 bytes from the root and names of 255, 40 symbolic links in a path, about
//!   1,048,576 names in stored listings, 1024 buffers in one call.
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
mod caller_descriptors;
mod caller_streams;
mod cursor;
mod descriptors;
mod duplicates;
mod errno;
mod listing;
mod open_file;
mod paths;
mod poll_read;
mod readdir;
mod status;
mod table;
mod written_paths;

pub use abi::{
    FdFlags, FdFlagsExt, Fdstat, Filestat, FstFlags, Lookup, OFlags, OpenFlags, Rights, Subscription,
};
pub use cursor::Cursor;
pub use descriptors::{Descriptors, Whence};
pub use errno::Errno;
pub use poll_read::PollRead;

/// The number of a file descriptor. The standard streams are 0, 1 and 2; [`Descriptors::ROOT`] is 3.
pub type Fd = u32;
