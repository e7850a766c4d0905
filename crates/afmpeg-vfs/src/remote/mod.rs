//! Remote filesystems: a synchronous interface to asynchronous clients.

mod blocks;
mod bridge;
mod cache;
mod file;
mod filler;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "object-store")]
mod object;
mod source;
mod streams;

use std::time::Duration;

#[cfg(feature = "http")]
pub use self::http::{HttpFs, HttpFsBuilder, HttpUrls, HttpUrlsBuilder};
#[cfg(feature = "object-store")]
pub use self::object::{ObjectFs, ObjectFsBuilder};

/// The default time for a request, including retries.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The default size of the block cache of a filesystem, in bytes.
const DEFAULT_CACHE_BYTES: u64 = 64 << 20;

/// The default limit on the length of a request, in bytes.
const DEFAULT_REQUEST_BYTES: u64 = 4 << 20;

/// The largest limit on the length of a request, in bytes.
const MAX_REQUEST_BYTES: u64 = 64 << 20;

/// The request options of both filesystems.
#[derive(Debug, Clone)]
struct Tuning {
    timeout: Duration,
    cache_bytes: u64,
    request_bytes: u64,
    runtime: Option<tokio::runtime::Handle>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            timeout: DEFAULT_TIMEOUT,
            cache_bytes: DEFAULT_CACHE_BYTES,
            request_bytes: DEFAULT_REQUEST_BYTES,
            runtime: None,
        }
    }
}

/// Defines the setters of [`Tuning`] for a builder; `$made` is the expression that creates one in the examples.
macro_rules! tuning_methods {
    ($made:literal) => {
        /// Limits the time of a request, including retries: 30 seconds by default. Then it fails with
        /// [`TimedOut`](std::io::ErrorKind::TimedOut). For a file that is downloaded whole, it limits the time without
        /// a byte of it.
        ///
        /// ```
        /// # use std::{sync::Arc, time::Duration};
        #[doc = concat!("let fs = ", $made, ".timeout(Duration::from_secs(5));")]
        /// ```
        #[must_use]
        pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
            self.tuning.timeout = timeout;
            self
        }

        /// Sets the size of the block cache of all files in memory, in bytes: 64 MiB by default, and at least 1 MiB.
        /// The least recently read blocks are evicted first.
        ///
        /// ```
        #[doc = concat!("let fs = ", $made, ".cache_bytes(256 << 20);")]
        /// ```
        #[must_use]
        pub fn cache_bytes(mut self, bytes: u64) -> Self {
            self.tuning.cache_bytes = bytes;
            self
        }

        /// Limits the length of a request, and of the read-ahead, in bytes: 4 MiB by default, from 64 KiB to 64 MiB,
        /// and at most a quarter of the cache.
        ///
        /// A random read requests 64 KiB. A sequential reader reads ahead as much as it has read so far, so that at
        /// most half of the transferred bytes are wasted.
        ///
        /// ```
        #[doc = concat!("let fs = ", $made, ".request_bytes(16 << 20);")]
        /// ```
        #[must_use]
        pub fn request_bytes(mut self, bytes: u64) -> Self {
            self.tuning.request_bytes = bytes;
            self
        }

        /// Sets the runtime for requests, in place of the two threads that all remote filesystems share. The runtime
        /// needs I/O and time enabled, and a thread other than those of the callers, which block on it.
        ///
        /// ```
        /// let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        #[doc = concat!("let fs = ", $made, ".runtime(runtime.handle().clone());")]
        /// ```
        #[must_use]
        pub fn runtime(mut self, runtime: tokio::runtime::Handle) -> Self {
            self.tuning.runtime = Some(runtime);
            self
        }
    };
}
use tuning_methods;
