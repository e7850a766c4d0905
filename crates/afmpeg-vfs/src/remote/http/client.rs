//! Requests, redirects, and what is made of a refusal.

use std::{io, ops::Range, sync::Arc, time::Duration};

use parking_lot::Mutex;
use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, IF_RANGE, LOCATION, RANGE, RETRY_AFTER},
    redirect,
};

/// How often a request is made again.
pub(super) const RETRIES: u32 = 3;

/// How long to wait before that the first time; twice as long each time after.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// How long a server may ask to wait.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// Why a request failed, and whether it may succeed when it is made again.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: io::Error,
    pub(super) again: bool,
    /// How long the server asked to wait.
    pub(super) pause: Duration,
}

impl Failure {
    pub(super) fn last(error: io::Error) -> Self {
        Self { error, again: false, pause: Duration::ZERO }
    }

    pub(super) fn passing(error: io::Error) -> Self {
        Self { error, again: true, pause: Duration::ZERO }
    }

    /// A connection that could not be made, or broke.
    pub(super) fn broken(name: &str, error: reqwest::Error) -> Self {
        let mut kind = if error.is_timeout() {
            io::ErrorKind::TimedOut
        } else if error.is_connect() {
            io::ErrorKind::NotConnected
        } else {
            io::ErrorKind::ConnectionAborted
        };
        // Its URL has the query, which may be a signature.
        let error = error.without_url();
        let mut message = format!("{name}: {error}");
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            message.push_str(&format!(": {inner}"));
            // What the host says is more exact.
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

/// The URL without what may be secret: query, fragment, user and password.
pub(super) fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // These fail for URLs that can have no user.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// Makes requests, all on the same connections.
#[derive(Debug)]
pub(super) struct Client {
    redirects: u32,
    pub(super) whole_bytes: u64,
    /// Made when it is first needed: reading the host's certificates takes a while.
    inner: Mutex<Option<reqwest::Client>>,
}

impl Client {
    pub(super) fn new(redirects: u32, whole_bytes: u64) -> Self {
        Self { redirects, whole_bytes, inner: Mutex::new(None) }
    }

    fn inner(&self) -> io::Result<reqwest::Client> {
        let mut inner = self.inner.lock();
        if let Some(client) = &*inner {
            return Ok(client.clone());
        }
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .redirect(redirect::Policy::none())
            // Others in the program may have reqwest built with these. Ranges are of what is sent.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .build()
            .map_err(io::Error::other)?;
        Ok(inner.insert(client).clone())
    }

    /// Asks for `range` of `url`, if it is still the version `if_range`, and follows redirects. What is returned may
    /// have any status but that of a redirect.
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
            let mut request = client
                .get(url.clone())
                .headers(headers.clone())
                .header(ACCEPT_ENCODING, "identity")
                .header(RANGE, format!("bytes={}-{last}", range.start));
            if let Some(version) = if_range {
                request = request.header(IF_RANGE, version);
            }
            let response = request.send().await.map_err(|error| Failure::broken(&name, error))?;
            let refuse = |what: &str| {
                let message = format!("{name}: {what}");
                Failure::last(io::Error::new(io::ErrorKind::PermissionDenied, message))
            };
            match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => {}
                _ => return Ok(response),
            }
            if redirects == self.redirects {
                return Err(refuse(&format!("more than {redirects} redirects; more can be allowed")));
            }
            redirects += 1;
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok());
            let next = next.ok_or_else(|| refuse("a redirect to nowhere"))?;
            if !matches!(next.scheme(), "http" | "https")
                || (url.scheme() == "https" && next.scheme() == "http")
            {
                return Err(refuse(&format!("a redirect from {} to {}", url.scheme(), next.scheme())));
            }
            if next.origin() != url.origin() {
                // They are for the host they were given for.
                headers.clear();
            }
            url = next;
        }
    }
}

/// What an answer with a status of an error means.
pub(super) fn refusal(name: &str, response: &Response) -> Failure {
    let status = response.status();
    let (kind, advice) = match status.as_u16() {
        404 | 410 => (io::ErrorKind::NotFound, ""),
        401 | 403 => {
            (io::ErrorKind::PermissionDenied, "; a signature may have expired, or a header be missing")
        }
        407 => (io::ErrorKind::PermissionDenied, "; the proxy wants to know who asks"),
        408 | 504 => (io::ErrorKind::TimedOut, ""),
        429 => (io::ErrorKind::Other, "; too many requests"),
        500..=599 => (io::ErrorKind::Other, "; the server failed"),
        _ => (io::ErrorKind::Other, ""),
    };
    let again = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
        || (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED);
    let asked = response.headers().get(RETRY_AFTER).and_then(|text| text.to_str().ok()?.parse().ok());
    let pause = asked.map_or(Duration::ZERO, Duration::from_secs).min(MAX_PAUSE);
    Failure { error: io::Error::new(kind, format!("{name}: status {status}{advice}")), again, pause }
}

/// TLS with the host's certificates.
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
        // A host without certificates, such as a small container, can still use http; https fails there.
        Err(_) => Ok(builder()?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_a_url_are_not_told() {
        let url = Url::parse("https://me:word@media.example:8443/a%20b.mp4?signature=abc#part").unwrap();
        assert_eq!(without_secrets(&url), "https://media.example:8443/a%20b.mp4");
    }
}
