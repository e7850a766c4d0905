//! Remote files as the block cache reads them.

use std::{
    fmt,
    future::Future,
    io,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
};

use super::filler::Filler;

/// The future of a fetch.
pub(super) type Fetching<'a> = Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>>;

/// One version of a remote file. Its bytes never change: once the file changes, fetching fails.
pub(super) trait Source: fmt::Debug + Send + Sync + 'static {
    /// Returns the id of this version, unique in the process: see [`next_id`].
    fn id(&self) -> u64;

    /// Returns the length in bytes.
    fn len(&self) -> u64;

    /// Returns the name for errors, without secrets.
    fn name(&self) -> &str;

    /// Requests the remaining range of `filler` in one request, and pushes the bytes as they arrive.
    fn fetch<'a>(&'a self, filler: &'a mut Filler) -> Fetching<'a>;
}

/// Returns an id that no other source has.
pub(super) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
