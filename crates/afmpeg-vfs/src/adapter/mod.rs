//! Bridges between [`Vfs`](crate::Vfs) and the filesystem traits of others.

#[cfg(feature = "wasmer")]
pub mod wasmer;
