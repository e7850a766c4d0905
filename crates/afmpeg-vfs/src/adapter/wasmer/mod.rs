//! Adapters for wasmer's `virtual-fs` 0.704: [`WasmerFs`] exposes a [`Vfs`](crate::Vfs) to a guest, and [`FromWasmer`]
//! wraps a wasmer filesystem as a [`Vfs`](crate::Vfs).
//!
//! Only this module uses types of wasmer.

mod from_wasmer;
mod guest;

pub use from_wasmer::FromWasmer;
pub use guest::WasmerFs;
