//! Bridges to and from wasmer's `virtual-fs` 0.704: [`WasmerFs`] gives a [`Vfs`](crate::Vfs) to a guest,
//! [`FromWasmer`] is a filesystem of wasmer's as a [`Vfs`](crate::Vfs).
//!
//! Only this folder knows wasmer's types.

mod guest;
mod outside;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use guest::WasmerFs;
pub use outside::FromWasmer;

fn system_time(nanoseconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_nanos(nanoseconds)).unwrap_or(UNIX_EPOCH)
}
