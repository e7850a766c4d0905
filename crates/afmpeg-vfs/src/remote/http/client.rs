//! Requests, redirects, and error responses.

use std::{io, ops::Range, sync::Arc, time::Duration};

use parking_lot::Mutex;
use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, IF_RANGE, LOCATION, RANGE, RETRY_AFTER},
    redirect,
};

use super::{
    allowed::{Allowed, Resolver},
    limits::RequestLimits,
    secrets::without_secrets,
};

/// The number of retries of a request.
pub(super) const RETRIES: u32 = 3;

/// The delay before the first retry; it doubles for each further one.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest delay that a server may request.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// The error of a request, and whether a retry may succeed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: io::Error,
    pub(super) again: bool,
    /// The delay that the server requested.
    pub(super) pause: Duration,
}

impl Failure {
    pub(super) fn last(error: io::Error) -> Self {
        Self { error, again: false, pause: Duration::ZERO }
    }

    pub(super) fn passing(error: io::Error) -> Self {
        Self { error, again: true, pause: Duration::ZERO }
    }

    /// Returns the failure of a connection that was refused or broke.
    pub(super) fn broken(name: &str, error: reqwest::Error) -> Self {
        let mut kind = if error.is_timeout() {
            io::ErrorKind::TimedOut
        } else if error.is_connect() {
            io::ErrorKind::NotConnected
        } else {
            io::ErrorKind::ConnectionAborted
        };
        // The URL includes the query, which may be a signature.
        let error = error.without_url();
        let mut message = format!("{name}: {error}");
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            message.push_str(&format!(": {inner}"));
            // The error of the host is more exact.
            if let Some(inner) =
                inner.downcast_ref::<io::Error>().filter(|inner| inner.kind() != io::ErrorKind::Other)
            {
                kind = inner.kind();
            }
            cause = inner.source();
        }
        Self::passing(io::Error::new(kind, message))
    }
}

/// An HTTP client with a connection pool.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) limits: RequestLimits,
    /// The URLs that requests may reach, if not all.
    allowed: Option<Arc<Allowed>>,
    /// Created on first use, because loading the certificates of the host takes time.
    inner: Mutex<Option<reqwest::Client>>,
}

impl Client {
    pub(super) fn new(limits: RequestLimits) -> Self {
        Self { limits, allowed: None, inner: Mutex::new(None) }
    }

    pub(super) fn allowing(mut self, allowed: &Arc<Allowed>) -> Self {
        self.allowed = Some(Arc::clone(allowed));
        self
    }

    fn inner(&self) -> io::Result<reqwest::Client> {
        let mut inner = self.inner.lock();
        if let Some(client) = &*inner {
            return Ok(client.clone());
        }
        let mut builder = reqwest::Client::builder();
        if let Some(allowed) = &self.allowed {
            // A proxy would resolve the names.
            builder = builder.no_proxy().dns_resolver(Arc::new(Resolver(Arc::clone(allowed))));
        }
        let client = builder
            .tls_backend_preconfigured(tls()?)
            .redirect(redirect::Policy::none())
            // Other crates may enable these features of reqwest, but ranges refer to the encoded bytes.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .build()
            .map_err(io::Error::other)?;
        Ok(inner.insert(client).clone())
    }

    /// Requests `range` of `url`, if it is still the version `if_range`, and follows redirects. Returns a response of
    /// any status except redirects.
    pub(super) async fn get(
        &self,
        url: &Url,
        headers: &HeaderMap,
        range: Range<u64>,
        if_range: Option<&HeaderValue>,
    ) -> Result<Response, Failure> {
        let name = without_secrets(url);
        let client = self.inner().map_err(Failure::last)?;
        let last = range.end.saturating_sub(1);
        let mut url = url.clone();
        let mut headers = headers.clone();
        let mut redirects = 0;
        loop {
            if let Some(allowed) = &self.allowed {
                allowed.check(&url).map_err(Failure::last)?;
            }
            let mut request = client
                .get(url.clone())
                .headers(headers.clone())
                .header(ACCEPT_ENCODING, "identity")
                .header(RANGE, format!("bytes={}-{last}", range.start));
            if let Some(version) = if_range {
                request = request.header(IF_RANGE, version);
            }
            let response = request.send().await.map_err(|error| Failure::broken(&name, error))?;
            let refuse = |reason: &str| {
                let message = format!("{name}: {reason}");
                Failure::last(io::Error::new(io::ErrorKind::PermissionDenied, message))
            };
            match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => {}
                _ => return Ok(response),
            }
            if redirects == self.limits.redirects {
                return Err(refuse(&format!(
                    "more than {redirects} redirects; raise the limit to follow them"
                )));
            }
            redirects += 1;
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok());
            let next = next.ok_or_else(|| refuse("a redirect without a valid location"))?;
            if !matches!(next.scheme(), "http" | "https")
                || (url.scheme() == "https" && next.scheme() == "http")
            {
                return Err(refuse(&format!("a redirect from {} to {}", url.scheme(), next.scheme())));
            }
            if next.origin() != url.origin() {
                // The headers are meant for the original host only.
                headers.clear();
            }
            url = next;
        }
    }
}

/// Converts an error status.
pub(super) fn refusal(name: &str, response: &Response) -> Failure {
    let status = response.status();
    let (kind, advice) = match status.as_u16() {
        404 | 410 => (io::ErrorKind::NotFound, ""),
        401 | 403 => {
            (io::ErrorKind::PermissionDenied, "; check for an expired signature or a missing header")
        }
        407 => (io::ErrorKind::PermissionDenied, "; the proxy requires authentication"),
        408 | 504 => (io::ErrorKind::TimedOut, ""),
        429 => (io::ErrorKind::Other, "; too many requests"),
        500..=599 => (io::ErrorKind::Other, "; the server failed"),
        _ => (io::ErrorKind::Other, ""),
    };
    let again = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
        || (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED);
    let delay = response.headers().get(RETRY_AFTER).and_then(|text| text.to_str().ok()?.parse().ok());
    let pause = delay.map_or(Duration::ZERO, Duration::from_secs).min(MAX_PAUSE);
    Failure { error: io::Error::new(kind, format!("{name}: status {status}{advice}")), again, pause }
}

/// Configures TLS with the certificates of the host.
fn tls() -> io::Result<rustls::ClientConfig> {
    use rustls_platform_verifier::BuilderVerifierExt as _;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = || {
        rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)
    };
    match builder()?.with_platform_verifier() {
        Ok(builder) => Ok(builder.with_no_client_auth()),
        // A host without certificates, such as a small container, can still use http, but not https.
        Err(_) => Ok(builder()?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()),
    }
}
