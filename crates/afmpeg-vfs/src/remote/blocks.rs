//! The cached blocks of all files of a filesystem, and the requests in flight.

use std::{
    collections::{BTreeMap, HashMap},
    error, fmt, io,
    ops::Range,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use tokio::task::AbortHandle;

use super::bridge::timed_out;

/// The size of a block in bytes. Each block has a buffer to itself: a slice of a larger buffer would keep all of it
/// in memory.
pub(super) const BLOCK: u64 = 64 << 10;

/// How much longer than the request a reader waits: the error of the request itself is more exact.
const GRACE: Duration = Duration::from_secs(1);

/// The key of a block: the id of its source, and its number within that source.
type Key = (u64, u64);

/// Blocks that are cached or in flight.
#[derive(Default)]
pub(super) struct Blocks {
    entries: HashMap<Key, Block>,
    /// The cached blocks by the time of their last read.
    by_age: BTreeMap<u64, Key>,
    clock: u64,
    /// The total size of blocks that are cached or in flight, in bytes.
    used: u64,
}

enum Block {
    Cached { bytes: Bytes, last_read: u64 },
    InFlight(Arc<Request>),
}

/// The result of a lookup.
pub(super) enum Found {
    Cached(Bytes),
    /// A request in flight, and the number of the block.
    InFlight(Arc<Request>, u64),
}

/// Returns the total size of a run of blocks, in bytes.
pub(super) fn bytes_of(blocks: &Range<u64>) -> u64 {
    blocks.end.saturating_sub(blocks.start).saturating_mul(BLOCK)
}

impl Blocks {
    /// Returns the longest prefix of `run` that is neither cached nor in flight.
    pub(super) fn missing(&self, source: u64, run: Range<u64>) -> Range<u64> {
        let present = run.clone().find(|number| self.contains(source, *number));
        run.start..present.unwrap_or(run.end)
    }

    pub(super) fn contains(&self, source: u64, number: u64) -> bool {
        self.entries.contains_key(&(source, number))
    }

    /// Evicts the least recently read blocks until `bytes` more fit; evicts none if they cannot fit.
    pub(super) fn make_room(&mut self, bytes: u64, capacity: u64) -> bool {
        let in_flight = self.used.saturating_sub(self.by_age.len() as u64 * BLOCK);
        if in_flight.saturating_add(bytes) > capacity {
            return false;
        }
        while self.used.saturating_add(bytes) > capacity {
            let Some((_, key)) = self.by_age.pop_first() else { return false };
            self.entries.remove(&key);
            self.used = self.used.saturating_sub(BLOCK);
        }
        true
    }

    /// Registers a request for `run`.
    pub(super) fn register(&mut self, source: u64, run: Range<u64>) -> Arc<Request> {
        self.used = self.used.saturating_add(bytes_of(&run));
        let request = Arc::new(Request::new(source, run.clone()));
        for number in run {
            self.entries.insert((source, number), Block::InFlight(Arc::clone(&request)));
        }
        request
    }

    pub(super) fn find(&mut self, source: u64, number: u64) -> Option<Found> {
        let key = (source, number);
        match self.entries.get_mut(&key)? {
            Block::InFlight(request) => Some(Found::InFlight(Arc::clone(request), number)),
            Block::Cached { bytes, last_read } => {
                self.clock += 1;
                self.by_age.remove(last_read);
                self.by_age.insert(self.clock, key);
                *last_read = self.clock;
                Some(Found::Cached(bytes.clone()))
            }
        }
    }

    /// Caches a block that was in flight; its room was reserved by [`register`](Self::register).
    pub(super) fn arrive(&mut self, source: u64, number: u64, bytes: Bytes) {
        let key = (source, number);
        self.clock += 1;
        self.by_age.insert(self.clock, key);
        self.entries.insert(key, Block::Cached { bytes, last_read: self.clock });
    }

    /// Removes blocks that were in flight and will not arrive.
    pub(super) fn abandon(&mut self, source: u64, run: Range<u64>) {
        for number in run {
            self.entries.remove(&(source, number));
            self.used = self.used.saturating_sub(BLOCK);
        }
    }

    /// Caches a block that was not requested, if there is room.
    #[cfg(feature = "http")]
    pub(super) fn keep(&mut self, source: u64, number: u64, bytes: Bytes, capacity: u64) {
        if !self.contains(source, number) && self.make_room(BLOCK, capacity) {
            self.used += BLOCK;
            self.arrive(source, number, bytes);
        }
    }

    /// Returns the number of blocks, and their total size in bytes.
    #[cfg(test)]
    pub(super) fn usage(&self) -> (u64, u64) {
        (self.entries.len() as u64, self.used)
    }
}

/// A request for a run of blocks of one source.
pub(super) struct Request {
    pub(super) source: u64,
    pub(super) run: Range<u64>,
    progress: Mutex<Progress>,
    moved: Condvar,
    /// The task that runs the request.
    pub(super) task: OnceLock<AbortHandle>,
}

#[derive(Default)]
struct Progress {
    /// The first blocks of the run. They are kept here as well as in the cache, which may evict them before every
    /// waiting reader has woken up.
    arrived: Vec<Bytes>,
    failed: Option<Arc<io::Error>>,
}

impl Request {
    fn new(source: u64, run: Range<u64>) -> Self {
        Self { source, run, progress: Mutex::default(), moved: Condvar::new(), task: OnceLock::new() }
    }

    /// Returns how many blocks have arrived.
    pub(super) fn arrived(&self) -> u64 {
        self.progress.lock().arrived.len() as u64
    }

    /// Hands the next block to the readers.
    pub(super) fn push(&self, block: Bytes) {
        self.progress.lock().arrived.push(block);
        self.moved.notify_all();
    }

    /// Fails every reader of a block that has not arrived.
    pub(super) fn fail(&self, error: io::Error) {
        self.progress.lock().failed = Some(Arc::new(error));
        self.moved.notify_all();
    }

    /// Waits for a block; `name` is the name of the source in errors.
    pub(super) fn wait(&self, number: u64, timeout: Duration, name: &str) -> io::Result<Bytes> {
        let index = usize::try_from(number - self.run.start).unwrap_or(usize::MAX);
        let deadline = Instant::now().checked_add(timeout.saturating_add(GRACE));
        let mut progress = self.progress.lock();
        loop {
            if let Some(bytes) = progress.arrived.get(index) {
                return Ok(bytes.clone());
            }
            if let Some(error) = &progress.failed {
                return Err(io::Error::new(error.kind(), SharedError(Arc::clone(error))));
            }
            let late = match deadline {
                Some(deadline) => self.moved.wait_until(&mut progress, deadline).timed_out(),
                None => {
                    self.moved.wait(&mut progress);
                    false
                }
            };
            if late && progress.failed.is_none() && progress.arrived.len() <= index {
                drop(progress);
                // The end of the task fails the other readers.
                if let Some(task) = self.task.get() {
                    task.abort();
                }
                return Err(timed_out(format_args!("reading {name}"), timeout));
            }
        }
    }
}

/// One error for every reader that waited.
#[derive(Debug)]
struct SharedError(Arc<io::Error>);

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl error::Error for SharedError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.get_ref().and_then(|inner| inner.source())
    }
}
