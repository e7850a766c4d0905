//! Files at URLs that are opened by URL.

use std::{fmt, io, sync::Arc};

use reqwest::Url;

use super::{
    allowed::Allowed,
    client::Client,
    headers::{self, is_own},
    limits::{RequestLimits, limit_methods},
    resource::Resource,
};
use crate::{
    OpenUrl, UrlFile, UrlRequest,
    remote::{Tuning, cache::Cache, tuning_methods},
};

/// Opens `http` and `https` URLs below given prefixes, and refuses all others.
///
/// A URL is allowed if one of the prefixes has its scheme, host and port, and its path is that of the prefix or below
/// it; `https://` allows all of `https`. Each redirect is checked in the same way. Addresses that are not public
/// (loopback, private, link-local and reserved ones) are refused, also as the address of a name, unless a prefix names
/// the address, which allows all of its ports under names that resolve to it; `localhost` names those of loopback. No
/// proxy is used, since a proxy would resolve the names.
///
/// Each opening sends a request; files are then read as those of [`HttpFs`](super::HttpFs). Clones share the cache.
///
/// ```no_run
/// use afmpeg_vfs::{HttpUrls, OpenUrl as _, UrlRequest};
///
/// # fn main() -> std::io::Result<()> {
/// let urls = HttpUrls::builder().allow("https://media.example/films/").build()?;
/// let clip = urls.open_url(&UrlRequest::new("https://media.example/films/clip.mp4"))?;
/// println!("{} bytes", clip.file.len()?);
/// assert!(urls.open_url(&UrlRequest::new("https://media.example/accounts")).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpUrls {
    allowed: Arc<Allowed>,
    cache: Arc<Cache>,
    client: Arc<Client>,
}

impl HttpUrls {
    /// Returns a builder that allows no URL.
    ///
    /// ```
    /// # use afmpeg_vfs::{HttpUrls, OpenUrl as _, UrlRequest};
    /// let urls = HttpUrls::builder().build().unwrap();
    /// assert!(urls.open_url(&UrlRequest::new("https://media.example/")).is_err());
    /// ```
    pub fn builder() -> HttpUrlsBuilder {
        HttpUrlsBuilder { prefixes: Vec::new(), tuning: Tuning::default(), limits: RequestLimits::default() }
    }
}

impl fmt::Debug for HttpUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpUrls").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

impl OpenUrl for HttpUrls {
    fn open_url(&self, request: &UrlRequest) -> io::Result<UrlFile> {
        let invalid = |problem: String| io::Error::new(io::ErrorKind::InvalidInput, problem);
        let url = Url::parse(&request.url).map_err(|error| invalid(format!("invalid URL: {error}")))?;
        self.allowed.check(&url)?;
        if let Some((name, _)) = request.headers.iter().find(|(name, _)| is_own(name)) {
            return Err(invalid(format!("the header {name} cannot be set")));
        }
        let fields = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let resource = Resource::new(url, headers::of_request(fields).map_err(invalid)?);
        resource.open_url(&self.cache, &self.client)
    }
}

/// Builds an [`HttpUrls`]. Errors are reported by [`build`](Self::build).
#[derive(Debug, Clone)]
pub struct HttpUrlsBuilder {
    prefixes: Vec<String>,
    tuning: Tuning,
    limits: RequestLimits,
}

impl HttpUrlsBuilder {
    /// Allows a URL and those below it; `http://` or `https://` allows all of a scheme.
    ///
    /// ```
    /// # use afmpeg_vfs::HttpUrls;
    /// let urls = HttpUrls::builder().allow("https://media.example/films/").allow("http://10.0.0.7:9000/").build().unwrap();
    /// ```
    #[must_use]
    pub fn allow(mut self, prefix: impl Into<String>) -> Self {
        self.prefixes.push(prefix.into());
        self
    }

    limit_methods!("afmpeg_vfs::HttpUrls::builder()");

    tuning_methods!("afmpeg_vfs::HttpUrls::builder()");

    /// Builds the opener. No request is sent.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a prefix that is not an `http` or `https` URL, or has a query, a fragment, a user or
    /// a password.
    ///
    /// ```
    /// # use afmpeg_vfs::HttpUrls;
    /// assert!(HttpUrls::builder().allow("ftp://media.example/").build().is_err());
    /// ```
    pub fn build(self) -> io::Result<HttpUrls> {
        let mut allowed = Allowed::default();
        for prefix in &self.prefixes {
            allowed.add(prefix)?;
        }
        let allowed = Arc::new(allowed);
        Ok(HttpUrls {
            cache: Cache::new(&self.tuning),
            client: Arc::new(Client::new(self.limits).allowing(&allowed)),
            allowed,
        })
    }
}
