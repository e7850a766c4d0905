#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod adapter;
#[cfg(any(feature = "tar", feature = "zip"))]
mod archive;
mod by_path;
mod catch_panic;
#[cfg(feature = "conformance")]
pub mod conformance;
mod copy;
mod dev;
#[cfg(feature = "embed")]
mod embed;
mod error;
mod ext;
mod fault;
mod faulty;
mod forward;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
#[cfg(feature = "host")]
mod host;
mod identity;
#[cfg(any(feature = "embed", feature = "tar", feature = "zip"))]
mod index;
mod mem;
mod metadata;
mod mount;
mod name;
mod observe;
mod open_options;
mod overlay;
mod path;
mod path_limits;
#[cfg(any(feature = "host", feature = "spool"))]
mod positional;
mod prefix;
mod quota;
mod read_only;
#[cfg(feature = "_remote")]
mod remote;
mod resolve;
#[cfg(feature = "spool")]
mod spool;
#[cfg(feature = "trace")]
mod trace;
mod url;
mod vfs;

/// Names in the expansion of [`forward!`].
#[doc(hidden)]
pub mod macro_support {
    pub use bytes::Bytes;
}

#[cfg(feature = "tar")]
pub use archive::tar::TarFs;
#[cfg(feature = "zip")]
pub use archive::zip::ZipFs;
#[cfg(any(feature = "tar", feature = "zip"))]
pub use archive::{Archive, ArchiveLimits};
pub use catch_panic::catch_panic;
pub use dev::DevFs;
#[cfg(feature = "embed")]
pub use embed::EmbedFs;
pub use error::SymlinkLoop;
pub use ext::VfsExt;
pub use fault::{Fault, FaultLog, Operation};
pub use faulty::{FaultRule, Faulty};
#[cfg(feature = "host")]
pub use host::{HostDir, HostFile};
pub use mem::MemFs;
pub use metadata::{DirEntry, FileType, Metadata};
pub use mount::Mount;
pub use observe::{Access, FileStats, Observe};
pub use open_options::OpenOptions;
pub use overlay::{Change, Overlay};
pub use path::{PathError, VPath};
pub use prefix::Prefix;
pub use quota::{Allowance, MemoryBudget, Quota, Usage};
pub use read_only::ReadOnly;
#[cfg(feature = "http")]
pub use remote::{HttpFs, HttpFsBuilder, HttpUrls, HttpUrlsBuilder};
#[cfg(feature = "object-store")]
pub use remote::{ObjectFs, ObjectFsBuilder};
#[cfg(feature = "spool")]
pub use spool::{SpoolFs, SpoolLimits};
#[cfg(feature = "trace")]
pub use trace::Trace;
pub use url::{OpenUrl, UrlFile, UrlRequest};
pub use vfs::{VFile, Vfs};
