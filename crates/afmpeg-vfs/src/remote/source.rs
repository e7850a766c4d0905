use std::{
    fmt,
    future::Future,
    io,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
};

use super::cache::Filler;

/// The future of a fetch.
pub(super) type Fetching<'a> = Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>>;

/// One version of one remote file, whose bytes never change: when the file does, fetching fails.
pub(super) trait Source: fmt::Debug + Send + Sync + 'static {
    /// Tells it from every other file and version of this process: [`next_id`].
    fn id(&self) -> u64;

    /// How long it is, in bytes.
    fn len(&self) -> u64;

    /// What errors call it; no secrets.
    fn name(&self) -> &str;

    /// Asks for what `filler` lacks, in one request, and gives it the bytes as they come.
    fn fetch<'a>(&'a self, filler: &'a mut Filler) -> Fetching<'a>;
}

/// A number for a source.
pub(super) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
