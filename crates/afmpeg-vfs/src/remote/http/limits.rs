//! The limits on requests, which both builders have.

/// The limits on the requests of a client.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestLimits {
    /// The redirects of a request.
    pub(super) redirects: u32,
    /// The length of a file that is downloaded whole, in bytes.
    pub(super) whole_bytes: u64,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self { redirects: 5, whole_bytes: 8 << 20 }
    }
}

/// Defines the setters of [`RequestLimits`] for a builder; `$made` is the expression that creates one in the examples.
macro_rules! limit_methods {
    ($made:literal) => {
        /// Limits the redirects of a request: 5 by default, 0 for none.
        ///
        /// ```
        #[doc = concat!("let urls = ", $made, ".redirects(0).build().unwrap();")]
        /// ```
        #[must_use]
        pub fn redirects(mut self, redirects: u32) -> Self {
            self.limits.redirects = redirects;
            self
        }

        /// Limits the length in bytes of files that are downloaded whole and kept in memory because their server does
        /// not serve ranges: 8 MiB by default. A longer file cannot be opened. These files do not count in the cache;
        /// those of an [`HttpFs`](crate::HttpFs) stay for as long as the filesystem, and those of an
        /// [`HttpUrls`](crate::HttpUrls) while they are open.
        ///
        /// ```
        #[doc = concat!("let urls = ", $made, ".whole_bytes(64 << 20).build().unwrap();")]
        /// ```
        #[must_use]
        pub fn whole_bytes(mut self, bytes: u64) -> Self {
            self.limits.whole_bytes = bytes;
            self
        }
    };
}
pub(super) use limit_methods;
