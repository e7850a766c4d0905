//! One URL, and the version of what is there.

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
    client::{Client, FIRST_PAUSE, Failure, RETRIES, refusal, without_secrets},
    headers::{self, Validator},
    whole::WholeFile,
};
use crate::{
    FileType, Metadata, VFile,
    remote::{
        blocks::BLOCK,
        cache::Cache,
        file::RangedFile,
        filler::Filler,
        source::{Fetching, Source, next_id},
    },
};

/// A URL and what is known of it.
pub(super) struct Resource {
    address: Arc<Address>,
    /// What was there when it was last looked at.
    known: Mutex<Option<Known>>,
}

/// What to ask for.
struct Address {
    url: Url,
    headers: HeaderMap,
    /// The URL without secrets.
    name: String,
}

#[derive(Clone)]
struct Known {
    metadata: Metadata,
    body: Body,
}

#[derive(Clone)]
enum Body {
    Whole(Bytes),
    Ranges(Arc<Version>),
}

impl Known {
    fn is_outdated(&self) -> bool {
        matches!(&self.body, Body::Ranges(version) if version.has_changed.load(Ordering::Relaxed))
    }
}

/// What a first look at a URL finds.
enum Look {
    Whole(Bytes, Option<SystemTime>),
    /// The first piece, if all of it came; the length, and what tells this version from others.
    Ranges(Option<Bytes>, u64, Option<SystemTime>, Validator),
}

impl Resource {
    pub(super) fn new(url: Url, headers: HeaderMap) -> Self {
        let name = without_secrets(&url);
        Self { address: Arc::new(Address { url, headers, name }), known: Mutex::new(None) }
    }

    pub(super) fn name(&self) -> &str {
        &self.address.name
    }

    pub(super) fn open(&self, cache: &Arc<Cache>, client: &Arc<Client>) -> io::Result<Box<dyn VFile>> {
        let known = self.known.lock().clone().filter(|known| !known.is_outdated());
        let known = match known {
            Some(known) => known,
            None => self.look(cache, client)?,
        };
        Ok(match known.body {
            Body::Whole(contents) => Box::new(WholeFile { contents, metadata: known.metadata }),
            Body::Ranges(version) => Box::new(RangedFile::new(cache, version, known.metadata)),
        })
    }

    fn look(&self, cache: &Arc<Cache>, client: &Arc<Client>) -> io::Result<Known> {
        let work = {
            let (address, client) = (Arc::clone(&self.address), Arc::clone(client));
            async move { address.head_with_retries(&client).await }
        };
        let found = cache.bridge().run(format_args!("looking at {}", self.name()), work)?;
        let known = match found {
            Look::Whole(contents, modified) => {
                Known { metadata: metadata(contents.len() as u64, modified), body: Body::Whole(contents) }
            }
            Look::Ranges(first, len, modified, validator) => {
                let id = next_id();
                if let Some(first) = first {
                    cache.keep_first(id, first);
                }
                let (address, client) = (Arc::clone(&self.address), Arc::clone(client));
                let has_changed = AtomicBool::new(false);
                let version = Version { id, len, validator, address, client, has_changed };
                Known { metadata: metadata(len, modified), body: Body::Ranges(Arc::new(version)) }
            }
        };
        let mut slot = self.known.lock();
        // Of two that looked at once, both have what the first has found.
        Ok(match &*slot {
            Some(first) if !first.is_outdated() => first.clone(),
            _ => slot.insert(known).clone(),
        })
    }
}

impl Address {
    async fn head_with_retries(&self, client: &Client) -> io::Result<Look> {
        let mut retry = Retry::default();
        loop {
            match self.head_once(client).await {
                Ok(found) => return Ok(found),
                Err(failure) => retry.wait(failure).await?,
            }
        }
    }

    async fn head_once(&self, client: &Client) -> Result<Look, Failure> {
        let response = client.get(&self.url, &self.headers, 0..BLOCK, None).await?;
        let status = response.status();
        let answer = response.headers().clone();
        let modified = headers::modified(&answer);
        let range = headers::content_range(&answer);
        // There are no bytes to give where a file is empty.
        if matches!(status, StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE)
            && range.as_ref().is_some_and(|range| range.total == Some(0))
        {
            return Ok(Look::Whole(Bytes::new(), modified));
        }
        if status == StatusCode::PARTIAL_CONTENT {
            self.check_encoding(&answer)?;
            let (bytes, total) = match range.as_ref().map(|range| (&range.bytes, range.total)) {
                Some((Some(bytes), Some(total))) => (bytes.clone(), total),
                Some((_, None)) => return Err(self.wrong("the server does not tell how long the file is")),
                _ => return Err(self.wrong("the server sent a part without telling which")),
            };
            let expected = 0..BLOCK.min(total);
            if !is_front_of(&bytes, &expected) {
                return Err(self.wrong(&format!("expected bytes {expected:?}, received {bytes:?}")));
            }
            // Only whole pieces stay in the cache: the next read requests a shorter one again.
            let first = if bytes == expected {
                Some(self.body(response, expected.end, Some(expected.end)).await?)
            } else {
                None
            };
            return Ok(Look::Ranges(first, total, modified, Validator::of(&answer)));
        }
        if status != StatusCode::OK {
            return Err(refusal(&self.name, &response));
        }
        self.check_encoding(&answer)?;
        let whole = self.body(response, client.whole_bytes, headers::content_length(&answer)).await?;
        Ok(Look::Whole(whole, modified))
    }

    /// The body of an answer, up to `limit` bytes; it has to be `len` long, if that is known.
    /// Its buffer is no longer than it is.
    async fn body(&self, mut response: Response, limit: u64, len: Option<u64>) -> Result<Bytes, Failure> {
        let too_long = || {
            let message = format!(
                "{}: the server serves no ranges, and the file is longer than the {limit} bytes that are downloaded \
                 whole; that limit can be raised",
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
            let received = (body.len() as u64).saturating_add(chunk.len() as u64);
            if let Some(len) = len.filter(|len| received > *len) {
                return Err(self.wrong(&format!("expected {len} bytes, received {received} or more")));
            }
            if received > limit {
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
            return Err(self.wrong("the server compressed the file, though it was asked not to"));
        }
        Ok(())
    }

    fn wrong(&self, what: &str) -> Failure {
        let message = format!("{}: {what}", self.name);
        Failure::last(io::Error::new(io::ErrorKind::InvalidData, message))
    }
}

/// Whether `received` answers a request for `asked`: HTTP lets a server send fewer bytes than it was asked for.
fn is_front_of(received: &Range<u64>, asked: &Range<u64>) -> bool {
    received.start == asked.start && received.end > received.start && received.end <= asked.end
}

fn metadata(len: u64, modified: Option<SystemTime>) -> Metadata {
    Metadata { modified, ..Metadata::new(FileType::File, len) }
}

/// Which attempt of a request this is.
#[derive(Default)]
struct Retry {
    made: u32,
}

impl Retry {
    /// Waits before the next attempt, or fails if there is none.
    async fn wait(&mut self, failure: Failure) -> io::Result<()> {
        if !failure.again || self.made == RETRIES {
            return Err(failure.error);
        }
        tokio::time::sleep(failure.pause.max(FIRST_PAUSE * 2u32.pow(self.made))).await;
        self.made += 1;
        Ok(())
    }
}

/// What was at a URL when it was looked at.
struct Version {
    id: u64,
    len: u64,
    validator: Validator,
    address: Arc<Address>,
    client: Arc<Client>,
    /// Whether the server was found to have another one by now.
    has_changed: AtomicBool,
}

impl Version {
    /// Takes what the filler lacks, or the front of it. What came before a failure is kept.
    async fn fetch_once(&self, filler: &mut Filler) -> Result<(), Failure> {
        let address = &*self.address;
        let range = filler.remaining();
        let if_range = self.validator.if_range();
        let mut response = self.client.get(&address.url, &address.headers, range.clone(), if_range).await?;
        let answer = response.headers();
        match response.status() {
            StatusCode::PARTIAL_CONTENT => {}
            // The whole file, where a part was asked for: of another version, or because parts are no longer served.
            StatusCode::OK
                if self.validator.allows(answer) && headers::content_length(answer) == Some(self.len) =>
            {
                return Err(address.wrong("the server has stopped to serve ranges"));
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
                let received = other.map_or("without saying which".to_owned(), |other| format!("{other:?}"));
                return Err(address.wrong(&format!("expected bytes {range:?}, received {received}")));
            }
        };
        loop {
            let left = sent.end - filler.remaining().start;
            let chunk = match response.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                // There is nothing left to ask for.
                Err(_) if left == 0 => break,
                Err(error) => return Err(Failure::broken(&address.name, error)),
            };
            if chunk.len() as u64 > left {
                let len = sent.end - sent.start;
                return Err(address.wrong(&format!("expected {len} bytes, received more")));
            }
            filler.push(&chunk).map_err(Failure::last)?;
        }
        if filler.remaining().start == sent.end { Ok(()) } else { Err(Failure::passing(filler.truncated())) }
    }

    fn changed(&self) -> Failure {
        self.has_changed.store(true, Ordering::Relaxed);
        self.address.wrong("changed while it was read; open it again")
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
                    // A short answer has at least one byte.
                    Ok(()) => {}
                    Err(failure) => retry.wait(failure).await?,
                }
            }
        })
    }
}
