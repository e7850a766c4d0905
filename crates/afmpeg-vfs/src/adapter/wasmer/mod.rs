//! Bridges to and from wasmer's `virtual-fs` 0.704: [`WasmerFs`] gives a [`Vfs`](crate::Vfs) to a guest,
//! [`FromWasmer`] is a filesystem of wasmer's as a [`Vfs`](crate::Vfs).
//!
//! Only this folder knows wasmer's types.

mod from_wasmer;
mod guest;

pub use from_wasmer::FromWasmer;
pub use guest::WasmerFs;
