//! Bridges between [`Vfs`](crate::Vfs) and the filesystem traits of others.

#[cfg(any(feature = "wasi", feature = "wasmer"))]
mod calls;
#[cfg(feature = "wasmer")]
mod open_paths;
#[cfg(feature = "vfs-crate")]
pub mod vfs;
#[cfg(feature = "wasi")]
pub mod wasi;
#[cfg(feature = "wasmer")]
pub mod wasmer;
