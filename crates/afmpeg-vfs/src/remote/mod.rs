//! Filesystems on the other side of a network: synchronous outside, asynchronous inside.

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
#[cfg(feature = "object-store")]
mod spool;
mod streams;

use std::time::Duration;

#[cfg(feature = "http")]
pub use self::http::{HttpFs, HttpFsBuilder};
#[cfg(feature = "object-store")]
pub use self::object::{ObjectFs, ObjectFsBuilder};

/// How long a request may take, its retries included.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// How many bytes of all files together are kept.
const DEFAULT_CACHE_BYTES: u64 = 64 << 20;

/// What one request of a sequential reader grows to, in bytes.
const DEFAULT_REQUEST_BYTES: u64 = 4 << 20;

/// What one request may be set to ask for at most, in bytes.
const MAX_REQUEST_BYTES: u64 = 64 << 20;

/// What both filesystems can be told about their requests.
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

/// The methods by which a remote filesystem is tuned; `$($made)+` makes an empty one in the examples.
macro_rules! tuning_methods {
    ($made:literal) => {
        /// How long a request may take, its retries included: 30 seconds by default. After that it fails with
        /// [`TimedOut`](std::io::ErrorKind::TimedOut).
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

        /// How many bytes of all files together are kept in memory to be read again: 64 MiB by default, and 1 MiB
        /// at least. What was not read for the longest goes first.
        ///
        /// ```
        /// # use std::sync::Arc;
        #[doc = concat!("let fs = ", $made, ".cache_bytes(256 << 20);")]
        /// ```
        #[must_use]
        pub fn cache_bytes(mut self, bytes: u64) -> Self {
            self.tuning.cache_bytes = bytes;
            self
        }

        /// How many bytes one request asks for at most, and how many are asked for before they are read: 4 MiB by
        /// default, from 64 KiB to 64 MiB, and a quarter of the cache at most.
        ///
        /// A read anywhere asks for 64 KiB. For a reader that goes on where it was, as much as it has read since then
        /// is asked for before it is read: never more is transferred in vain than was of use.
        ///
        /// ```
        /// # use std::sync::Arc;
        #[doc = concat!("let fs = ", $made, ".request_bytes(16 << 20);")]
        /// ```
        #[must_use]
        pub fn request_bytes(mut self, bytes: u64) -> Self {
            self.tuning.request_bytes = bytes;
            self
        }

        /// Where requests run, instead of on two threads that all remote filesystems share. The runtime needs I/O
        /// and time enabled, and a thread other than the callers': a filesystem's methods wait for it.
        ///
        /// ```
        /// # use std::sync::Arc;
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
