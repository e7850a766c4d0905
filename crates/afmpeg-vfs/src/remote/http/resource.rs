//! A URL, and the version of its file.

use std::{
    io,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use bytes::Bytes;
use parking_lot::Mutex;
use reqwest::{Response, StatusCode, Url, header::HeaderMap};

use super::{
    client::{Client, FIRST_PAUSE, Failure, RETRIES, refusal},
    headers::{self, Validator},
    secrets::without_secrets,
    whole::WholeFile,
};
use crate::{
    FileType, Metadata, UrlFile, VFile,
    remote::{
        blocks::BLOCK,
        bridge::Received,
        cache::Cache,
        file::RangedFile,
        filler::Filler,
        source::{Fetching, Source, next_id},
    },
};

/// A URL, and the cached result of its first request.
pub(super) struct Resource {
    address: Arc<Address>,
    /// The file at the last request.
    found: Mutex<Option<File>>,
}

/// The parameters of a request.
struct Address {
    url: Url,
    headers: HeaderMap,
    /// The URL without secrets.
    name: String,
}

#[derive(Clone)]
struct File {
    /// The URL after redirects.
    url: Url,
    media_type: Option<String>,
    metadata: Metadata,
    body: Body,
}

#[derive(Clone)]
enum Body {
    Whole(Bytes),
    Ranges(Arc<Version>),
}

impl File {
    fn is_outdated(&self) -> bool {
        matches!(&self.body, Body::Ranges(version) if version.has_changed.load(Ordering::Relaxed))
    }
}

/// The response to the first request.
struct FirstResponse {
    url: Url,
    media_type: Option<String>,
    modified: Option<SystemTime>,
    body: FirstBody,
}

enum FirstBody {
    Whole(Bytes),
    /// The first block, if it arrived completely; the length; the version.
    Ranges(Option<Bytes>, u64, Validator),
}

impl Resource {
    pub(super) fn new(url: Url, headers: HeaderMap) -> Self {
        let name = without_secrets(&url);
        Self { address: Arc::new(Address { url, headers, name }), found: Mutex::new(None) }
    }

    pub(super) fn name(&self) -> &str {
        &self.address.name
    }

    pub(super) fn open(&self, cache: &Arc<Cache>, client: &Arc<Client>) -> io::Result<Box<dyn VFile>> {
        Ok(self.open_url(cache, client)?.file)
    }

    /// Opens the file with its URL after redirects, and its media type.
    pub(super) fn open_url(&self, cache: &Arc<Cache>, client: &Arc<Client>) -> io::Result<UrlFile> {
        let found = self.found.lock().clone().filter(|file| !file.is_outdated());
        let file = match found {
            Some(file) => file,
            None => self.request(cache, client)?,
        };
        let contents: Box<dyn VFile> = match file.body {
            Body::Whole(contents) => Box::new(WholeFile { contents, metadata: file.metadata }),
            Body::Ranges(version) => Box::new(RangedFile::new(cache, version, file.metadata)),
        };
        Ok(UrlFile { file: contents, url: file.url.into(), media_type: file.media_type })
    }

    fn request(&self, cache: &Arc<Cache>, client: &Arc<Client>) -> io::Result<File> {
        let (address, client) = (&self.address, Arc::clone(client));
        let work = |received: Received| {
            let (address, client) = (Arc::clone(address), Arc::clone(&client));
            async move { address.head_with_retries(&client, &received).await }
        };
        let found =
            cache.bridge().run_receiving(format_args!("reading the metadata of {}", self.name()), work)?;
        let FirstResponse { url, media_type, modified, body } = found;
        let (len, body) = match body {
            FirstBody::Whole(contents) => (contents.len() as u64, Body::Whole(contents)),
            FirstBody::Ranges(first, len, validator) => {
                let id = next_id();
                if let Some(first) = first {
                    cache.keep_first(id, first);
                }
                let address = Arc::clone(address);
                let has_changed = AtomicBool::new(false);
                let version = Version { id, len, validator, address, client, has_changed };
                (len, Body::Ranges(Arc::new(version)))
            }
        };
        let metadata = Metadata { modified, ..Metadata::new(FileType::File, len) };
        let file = File { url, media_type, metadata, body };
        let mut slot = self.found.lock();
        // Of two concurrent requests, both use the result of the first.
        Ok(match &*slot {
            Some(first) if !first.is_outdated() => first.clone(),
            _ => slot.insert(file).clone(),
        })
    }
}

impl Address {
    async fn head_with_retries(&self, client: &Client, received: &Received) -> io::Result<FirstResponse> {
        let mut retry = Retry::default();
        loop {
            match self.head_once(client, received).await {
                Ok(found) => return Ok(found),
                Err(failure) => retry.wait(failure).await?,
            }
        }
    }

    async fn head_once(&self, client: &Client, received: &Received) -> Result<FirstResponse, Failure> {
        let response = client.get(&self.url, &self.headers, 0..BLOCK, None).await?;
        let status = response.status();
        let answer = response.headers().clone();
        let url = response.url().clone();
        let first = |body: FirstBody| FirstResponse {
            url,
            media_type: headers::media_type(&answer),
            modified: headers::modified(&answer),
            body,
        };
        let range = headers::content_range(&answer);
        // For an empty file, servers return an error or an invalid range.
        if matches!(status, StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE)
            && range.as_ref().is_some_and(|range| range.total == Some(0))
        {
            return Ok(first(FirstBody::Whole(Bytes::new())));
        }
        if status == StatusCode::PARTIAL_CONTENT {
            self.check_encoding(&answer)?;
            let (bytes, total) = match range.as_ref().map(|range| (&range.bytes, range.total)) {
                Some((Some(bytes), Some(total))) => (bytes.clone(), total),
                Some((_, None)) => return Err(self.invalid("the server did not send the length of the file")),
                _ => return Err(self.invalid("the server sent a range without a valid Content-Range header")),
            };
            let expected = 0..BLOCK.min(total);
            if !is_front_of(&bytes, &expected) {
                return Err(self.invalid(&format!("expected bytes {expected:?}, received {bytes:?}")));
            }
            // Only complete blocks are cached; a shorter one is requested again by the next read.
            let block = if bytes == expected {
                Some(self.body(response, received, expected.end, Some(expected.end)).await?)
            } else {
                None
            };
            return Ok(first(FirstBody::Ranges(block, total, Validator::of(&answer))));
        }
        if status != StatusCode::OK {
            return Err(refusal(&self.name, &response));
        }
        self.check_encoding(&answer)?;
        let (limit, len) = (client.limits.whole_bytes, headers::content_length(&answer));
        let whole = self.body(response, received, limit, len).await?;
        Ok(first(FirstBody::Whole(whole)))
    }

    /// Reads the body of a response, up to `limit` bytes. It must be `len` bytes long, if given. The buffer has no
    /// spare capacity.
    async fn body(
        &self,
        mut response: Response,
        received: &Received,
        limit: u64,
        len: Option<u64>,
    ) -> Result<Bytes, Failure> {
        let too_long = || {
            let message = format!(
                "{}: the server does not serve ranges, and the file exceeds the limit of {limit} bytes for \
                 whole downloads; raise the limit",
                self.name
            );
            Failure::last(io::Error::new(io::ErrorKind::Unsupported, message))
        };
        if len.is_some_and(|len| len > limit) {
            return Err(too_long());
        }
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await.map_err(|error| Failure::broken(&self.name, error))?;
            let Some(chunk) = chunk else { break };
            received.add(chunk.len());
            let total = (body.len() as u64).saturating_add(chunk.len() as u64);
            if let Some(len) = len.filter(|len| total > *len) {
                return Err(self.invalid(&format!("expected {len} bytes, received {total} or more")));
            }
            if total > limit {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        match len {
            Some(len) if len != body.len() as u64 => {
                let message = format!("{}: expected {len} bytes, received {}", self.name, body.len());
                Err(Failure::passing(io::Error::new(io::ErrorKind::UnexpectedEof, message)))
            }
            _ => Ok(body.into_boxed_slice().into()),
        }
    }

    fn check_encoding(&self, answer: &HeaderMap) -> Result<(), Failure> {
        if headers::is_encoded(answer) {
            return Err(
                self.invalid("the server compressed the file, although the request did not permit it")
            );
        }
        Ok(())
    }

    fn invalid(&self, problem: &str) -> Failure {
        let message = format!("{}: {problem}", self.name);
        Failure::last(io::Error::new(io::ErrorKind::InvalidData, message))
    }
}

/// Whether `received` is a valid response to a request for `requested`: a server may send fewer bytes.
fn is_front_of(received: &Range<u64>, requested: &Range<u64>) -> bool {
    received.start == requested.start && received.end > received.start && received.end <= requested.end
}

/// The retries of a request.
#[derive(Default)]
struct Retry {
    made: u32,
}

impl Retry {
    /// Waits before the next retry, or fails if there is none left.
    async fn wait(&mut self, failure: Failure) -> io::Result<()> {
        if !failure.again || self.made == RETRIES {
            return Err(failure.error);
        }
        tokio::time::sleep(failure.pause.max(FIRST_PAUSE * 2u32.pow(self.made))).await;
        self.made += 1;
        Ok(())
    }
}

/// A version of the file at a URL.
struct Version {
    id: u64,
    len: u64,
    validator: Validator,
    address: Arc<Address>,
    client: Arc<Client>,
    /// Whether the server has been found to have another version.
    has_changed: AtomicBool,
}

impl Version {
    /// Requests the remaining bytes of `filler`, and pushes those that arrive. Bytes before an error are kept.
    async fn fetch_once(&self, filler: &mut Filler) -> Result<(), Failure> {
        let address = &*self.address;
        let range = filler.remaining();
        let if_range = self.validator.if_range();
        let mut response = self.client.get(&address.url, &address.headers, range.clone(), if_range).await?;
        let answer = response.headers();
        match response.status() {
            StatusCode::PARTIAL_CONTENT => {}
            // The whole file instead of a range: another version, or ranges are no longer served.
            StatusCode::OK
                if self.validator.allows(answer) && headers::content_length(answer) == Some(self.len) =>
            {
                return Err(address.invalid("the server no longer serves ranges"));
            }
            StatusCode::OK | StatusCode::PRECONDITION_FAILED | StatusCode::RANGE_NOT_SATISFIABLE => {
                return Err(self.changed());
            }
            _ => return Err(refusal(&address.name, &response)),
        }
        address.check_encoding(answer)?;
        if !self.validator.allows(answer) {
            return Err(self.changed());
        }
        let received = headers::content_range(answer);
        if received.as_ref().is_some_and(|received| received.total.is_some_and(|total| total != self.len)) {
            return Err(self.changed());
        }
        let sent = match received.and_then(|received| received.bytes) {
            Some(sent) if is_front_of(&sent, &range) => sent,
            other => {
                let received = other.map_or("no valid range".to_owned(), |other| format!("{other:?}"));
                return Err(address.invalid(&format!("expected bytes {range:?}, received {received}")));
            }
        };
        loop {
            let left = sent.end - filler.remaining().start;
            let chunk = match response.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                // All bytes have arrived.
                Err(_) if left == 0 => break,
                Err(error) => return Err(Failure::broken(&address.name, error)),
            };
            if chunk.len() as u64 > left {
                let len = sent.end - sent.start;
                return Err(address.invalid(&format!("expected {len} bytes, received more")));
            }
            filler.push(&chunk).map_err(Failure::last)?;
        }
        if filler.remaining().start == sent.end { Ok(()) } else { Err(Failure::passing(filler.truncated())) }
    }

    fn changed(&self) -> Failure {
        self.has_changed.store(true, Ordering::Relaxed);
        self.address.invalid("changed while it was read; open it again")
    }
}

impl std::fmt::Debug for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Version")
            .field("name", &self.address.name)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

impl Source for Version {
    fn id(&self) -> u64 {
        self.id
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn name(&self) -> &str {
        &self.address.name
    }

    fn fetch<'a>(&'a self, filler: &'a mut Filler) -> Fetching<'a> {
        Box::pin(async move {
            let mut retry = Retry::default();
            loop {
                match self.fetch_once(filler).await {
                    Ok(()) if filler.remaining().is_empty() => return Ok(()),
                    // A short response has at least one byte, and is continued.
                    Ok(()) => {}
                    Err(failure) => retry.wait(failure).await?,
                }
            }
        })
    }
}
