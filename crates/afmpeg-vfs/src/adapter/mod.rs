//! Bridges between [`Vfs`](crate::Vfs) and the filesystem traits of others.

#[cfg(feature = "wasmer")]
mod open_paths;
#[cfg(feature = "wasmer")]
pub mod wasmer;
