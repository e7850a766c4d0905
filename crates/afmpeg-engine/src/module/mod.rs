//! Where a module comes from, and the checks before it is compiled.

#[cfg(feature = "http")]
mod fetch;
mod info;
mod interface;
mod located;
mod manifest;
pub(crate) mod packed;
mod source;

#[cfg(feature = "http")]
pub(crate) use fetch::{DEFAULT_DOWNLOAD_TIMEOUT, Fetched, Remote};
pub use info::ModuleInfo;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
pub(crate) use interface::check_imports;
pub(crate) use interface::check_interface;
pub(crate) use located::{DEFAULT_MODULE_LIMIT, Located, sha256};
pub use manifest::Manifest;
pub(crate) use source::ModuleSource;
