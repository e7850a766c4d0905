#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod prepared;

/// Commands as data: afmpeg-cmd. The data types in it, such as `Capabilities`, `Ratio` and those of `probe`, are the
/// same as those at the root. [`to_rust_from("afmpeg::cmd")`](cmd::Command::to_rust_from) prints a command as code for a
/// program that depends on this crate.
#[doc(inline)]
pub use afmpeg_cmd as cmd;
#[doc(inline)]
pub use afmpeg_engine::*;
#[doc(inline)]
pub use afmpeg_vfs as vfs;
#[cfg(feature = "host")]
#[doc(inline)]
pub use afmpeg_vfs::HostDir;
#[doc(inline)]
pub use afmpeg_vfs::{MemFs, Vfs, VfsExt};
pub use prepared::{CheckError, PreparedCommand, RuntimeExt};
