#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod adapter;
mod dev;
mod ext;
mod fault;
#[cfg(feature = "host")]
mod host;
mod mem;
mod mount;
mod path;
mod read_only;
mod vfs;

pub use dev::DevFs;
pub use ext::VfsExt;
pub use fault::{Fault, FaultLog, Operation};
#[cfg(feature = "host")]
pub use host::HostDir;
pub use mem::MemFs;
pub use mount::Mount;
pub use path::{PathError, VPath};
pub use read_only::ReadOnly;
pub use vfs::{DirEntry, FileType, Metadata, OpenOptions, VFile, Vfs};
