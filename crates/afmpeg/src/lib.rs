#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod command;

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
pub use command::{CheckError, Command, RuntimeExt};
