//! What was read of all files of a filesystem, and what is on its way.
//!
//! Files are kept in pieces. A request is for a run of pieces that nobody has asked for yet, and each piece can be
//! read as soon as it has come; whoever wants one that is on its way waits for it instead of asking again.

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

use super::{
    MAX_REQUEST_BYTES, Tuning,
    bridge::{Bridge, stopped, timed_out},
    source::Source,
    streams::{READ_AHEAD_FROM, Streams},
};

/// How many bytes are kept, and dropped, together. Each piece has a buffer of its own: a slice of a larger one would
/// keep all of it.
pub(super) const PIECE: u64 = 64 << 10;

/// The smallest cache: readers of a few files at once must not drop each other's pieces.
const MIN_CAPACITY: u64 = 1 << 20;

/// How much longer than the request itself a reader waits for it: the request knows better what is wrong.
const GRACE: Duration = Duration::from_secs(1);

/// The pieces of all files of one filesystem, up to a limit; what was not read for the longest is dropped first.
pub(super) struct Cache {
    bridge: Bridge,
    capacity: u64,
    max_request: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By the number of the source, and of the piece in it.
    pieces: HashMap<(u64, u64), Piece>,
    /// The pieces that are here, by when they were last read.
    by_age: BTreeMap<u64, (u64, u64)>,
    clock: u64,
    /// How many bytes are here and on their way.
    used: u64,
}

enum Piece {
    Here { bytes: Bytes, read: u64 },
    Coming(Arc<Flight>),
}

/// Where to find a piece.
enum Found {
    Here(Bytes),
    Coming(Arc<Flight>, u64),
}

impl Cache {
    pub(super) fn new(tuning: &Tuning) -> Arc<Self> {
        let capacity = tuning.cache_bytes.max(MIN_CAPACITY);
        let max_request = tuning.request_bytes.min(MAX_REQUEST_BYTES).min(capacity / 4).max(PIECE);
        Arc::new(Self {
            bridge: Bridge::new(tuning.runtime.clone(), tuning.timeout),
            capacity,
            max_request: max_request / PIECE * PIECE,
            state: Mutex::default(),
        })
    }

    pub(super) fn bridge(&self) -> &Bridge {
        &self.bridge
    }

    /// How many pieces a request has at most.
    pub(super) fn max_window(&self) -> u64 {
        self.max_request / PIECE
    }

    /// Keeps the first piece of a file that came when it was looked at; all of the file if that is shorter.
    #[cfg(feature = "http")]
    pub(super) fn keep_first(&self, id: u64, bytes: Bytes) {
        self.state.lock().keep((id, 0), bytes, self.capacity);
    }

    /// Reads from the offset `at` on, as [`VFile::read_at`](crate::VFile::read_at).
    pub(super) fn read_at(
        self: &Arc<Self>,
        source: &Arc<dyn Source>,
        streams: &Mutex<Streams>,
        into: &mut [u8],
        at: u64,
    ) -> io::Result<usize> {
        let left = source.len().saturating_sub(at);
        let want = (into.len() as u64).min(left).min(self.max_request);
        if want == 0 {
            return Ok(0);
        }
        let (found, requests) = self.plan(source, &mut streams.lock(), at, want);
        self.send(source, requests);

        let mut filled = 0;
        for piece in found {
            let bytes = match piece {
                Found::Here(bytes) => bytes,
                Found::Coming(flight, place) => {
                    match flight.wait(place, self.bridge.timeout(), source.name()) {
                        Ok(bytes) => bytes,
                        // What came before can be used; the next read has the error.
                        Err(_) if filled > 0 => return Ok(filled),
                        Err(error) => return Err(error),
                    }
                }
            };
            let from = if filled == 0 { usize::try_from(at % PIECE).unwrap_or(0) } else { 0 };
            let bytes = bytes.get(from..).unwrap_or_default();
            let room = usize::try_from(want).unwrap_or(usize::MAX).saturating_sub(filled);
            let count = bytes.len().min(room);
            into[filled..filled + count].copy_from_slice(&bytes[..count]);
            filled += count;
        }
        Ok(filled)
    }

    /// Where the pieces of a read are, and what has to be asked for.
    fn plan(
        &self,
        source: &Arc<dyn Source>,
        streams: &mut Streams,
        at: u64,
        want: u64,
    ) -> (Vec<Found>, Vec<Arc<Flight>>) {
        let id = source.id();
        let window = streams.read(at, want);
        let demand = at / PIECE..(at + want).div_ceil(PIECE);
        let end_of_file = source.len().div_ceil(PIECE);
        let mut state = self.state.lock();
        let mut requests = Vec::new();

        let mut found = Vec::new();
        let mut piece = demand.start;
        while piece < demand.end {
            if let Some(known) = state.find((id, piece)) {
                found.push(known);
                piece += 1;
                continue;
            }
            let wanted = piece..demand.end.max(piece.saturating_add(window)).min(end_of_file);
            let mut run = state.missing(id, wanted);
            if !state.make_room(bytes_of(&run), self.capacity) {
                // All there is room for is on its way to others: ask for what is read now, and no more.
                run.end = run.end.min(demand.end);
                state.make_room(bytes_of(&run), self.capacity);
            }
            let flight = state.fly(id, run.clone());
            found.extend((piece..run.end.min(demand.end)).map(|at| Found::Coming(Arc::clone(&flight), at)));
            piece = run.end;
            requests.push(flight);
        }

        let here = (demand.end..end_of_file).take_while(|next| state.pieces.contains_key(&(id, *next)));
        let ahead = here.take(usize::try_from(window).unwrap_or(usize::MAX)).count() as u64;
        // Not one piece at a time, but when half of what may be ahead has been read.
        if requests.is_empty() && window >= READ_AHEAD_FROM && ahead <= window / 2 {
            let run = state.missing(id, demand.end + ahead..(demand.end + window).min(end_of_file));
            if !run.is_empty() && state.make_room(bytes_of(&run), self.capacity) {
                requests.push(state.fly(id, run));
            }
        }
        (found, requests)
    }

    fn send(self: &Arc<Self>, source: &Arc<dyn Source>, requests: Vec<Arc<Flight>>) {
        for flight in requests {
            let start = flight.pieces.start * PIECE;
            let end = flight.pieces.end.saturating_mul(PIECE).min(source.len());
            let mut filler = Filler {
                cache: Arc::clone(self),
                flight: Arc::clone(&flight),
                source: Arc::clone(source),
                at: start,
                end,
                piece: Vec::new(),
                failed: None,
            };
            let handle = match self.bridge.handle() {
                Ok(handle) => handle,
                Err(error) => {
                    filler.fail(error);
                    continue;
                }
            };
            let timeout = self.bridge.timeout();
            let task = handle.spawn(async move {
                let source = Arc::clone(&filler.source);
                let done = tokio::time::timeout(timeout, source.fetch(&mut filler)).await;
                match done {
                    Ok(Ok(())) if filler.at == filler.end => filler.finish(),
                    Ok(Ok(())) => {
                        let short = filler.short();
                        filler.fail(short);
                    }
                    Ok(Err(error)) => filler.fail(error),
                    Err(_) => {
                        let late = timed_out(filler.what(), timeout);
                        filler.fail(late);
                    }
                }
            });
            // Nobody else sets it.
            let _ = flight.task.set(task.abort_handle());
        }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

fn bytes_of(pieces: &Range<u64>) -> u64 {
    pieces.end.saturating_sub(pieces.start).saturating_mul(PIECE)
}

impl State {
    /// As much of the front of `wanted` as nobody has asked for.
    fn missing(&self, id: u64, wanted: Range<u64>) -> Range<u64> {
        let known = wanted.clone().find(|piece| self.pieces.contains_key(&(id, *piece)));
        wanted.start..known.unwrap_or(wanted.end)
    }

    /// Drops what was not read for the longest until there is room for `bytes` more; nothing if there cannot be.
    fn make_room(&mut self, bytes: u64, capacity: u64) -> bool {
        let coming = self.used.saturating_sub(self.by_age.len() as u64 * PIECE);
        if coming.saturating_add(bytes) > capacity {
            return false;
        }
        while self.used.saturating_add(bytes) > capacity {
            let Some((_, key)) = self.by_age.pop_first() else { return false };
            self.pieces.remove(&key);
            self.used = self.used.saturating_sub(PIECE);
        }
        true
    }

    /// Notes a request for `pieces`.
    fn fly(&mut self, id: u64, pieces: Range<u64>) -> Arc<Flight> {
        self.used = self.used.saturating_add(bytes_of(&pieces));
        let flight = Arc::new(Flight::new(id, pieces.clone()));
        for piece in pieces {
            self.pieces.insert((id, piece), Piece::Coming(Arc::clone(&flight)));
        }
        flight
    }

    fn find(&mut self, key: (u64, u64)) -> Option<Found> {
        match self.pieces.get_mut(&key)? {
            Piece::Coming(flight) => Some(Found::Coming(Arc::clone(flight), key.1)),
            Piece::Here { bytes, read } => {
                self.clock += 1;
                self.by_age.remove(read);
                self.by_age.insert(self.clock, key);
                *read = self.clock;
                Some(Found::Here(bytes.clone()))
            }
        }
    }

    /// Makes what is on its way be here. Its room was taken when it was asked for.
    fn arrive(&mut self, key: (u64, u64), bytes: Bytes) {
        self.clock += 1;
        self.by_age.insert(self.clock, key);
        self.pieces.insert(key, Piece::Here { bytes, read: self.clock });
    }

    #[cfg(feature = "http")]
    fn keep(&mut self, key: (u64, u64), bytes: Bytes, capacity: u64) {
        if !self.pieces.contains_key(&key) && self.make_room(PIECE, capacity) {
            self.used += PIECE;
            self.arrive(key, bytes);
        }
    }
}

/// A request for a run of pieces.
struct Flight {
    id: u64,
    pieces: Range<u64>,
    progress: Mutex<Progress>,
    moved: Condvar,
    task: OnceLock<AbortHandle>,
}

#[derive(Default)]
struct Progress {
    /// The first pieces of the run. They are here too and not only in the cache, which may drop them before who
    /// waits for them has woken up.
    arrived: Vec<Bytes>,
    failed: Option<Arc<io::Error>>,
}

impl Flight {
    fn new(id: u64, pieces: Range<u64>) -> Self {
        Self { id, pieces, progress: Mutex::default(), moved: Condvar::new(), task: OnceLock::new() }
    }

    fn wait(&self, piece: u64, timeout: Duration, name: &str) -> io::Result<Bytes> {
        let place = usize::try_from(piece - self.pieces.start).unwrap_or(usize::MAX);
        let deadline = Instant::now().checked_add(timeout.saturating_add(GRACE));
        let mut progress = self.progress.lock();
        loop {
            if let Some(bytes) = progress.arrived.get(place) {
                return Ok(bytes.clone());
            }
            if let Some(error) = &progress.failed {
                return Err(io::Error::new(error.kind(), Shared(Arc::clone(error))));
            }
            let late = match deadline {
                Some(deadline) => self.moved.wait_until(&mut progress, deadline).timed_out(),
                None => {
                    self.moved.wait(&mut progress);
                    false
                }
            };
            if late && progress.failed.is_none() && progress.arrived.len() <= place {
                drop(progress);
                // Its end tells everyone else who waits.
                if let Some(task) = self.task.get() {
                    task.abort();
                }
                return Err(timed_out(format_args!("reading {name}"), timeout));
            }
        }
    }
}

/// One error for everyone who waited.
#[derive(Debug)]
struct Shared(Arc<io::Error>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl error::Error for Shared {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.get_ref().and_then(|inner| inner.source())
    }
}

/// Takes the bytes of a request as they come. Dropping it ends the request, however that came about.
pub(super) struct Filler {
    cache: Arc<Cache>,
    flight: Arc<Flight>,
    source: Arc<dyn Source>,
    at: u64,
    end: u64,
    /// The front of the piece at `at`.
    piece: Vec<u8>,
    failed: Option<io::Error>,
}

impl Filler {
    /// What is still to come, in bytes of the file.
    pub(super) fn lacks(&self) -> Range<u64> {
        self.at..self.end
    }

    /// What is being done, for errors.
    pub(super) fn what(&self) -> String {
        format!("reading bytes {} to {} of {}", self.at, self.end, self.source.name())
    }

    /// Takes the next bytes of the file.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let left = self.end - self.at;
        if bytes.len() as u64 > left {
            let (received, name) = (bytes.len(), self.source.name());
            let message = format!("{name}: expected {left} more bytes, received {received} or more");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        while !bytes.is_empty() {
            let start = self.at / PIECE * PIECE;
            let whole =
                usize::try_from(self.end.min(start.saturating_add(PIECE)) - start).unwrap_or(usize::MAX);
            if self.piece.is_empty() {
                self.piece.reserve_exact(whole);
            }
            let (now, later) = bytes.split_at(bytes.len().min(whole - self.piece.len()));
            self.piece.extend_from_slice(now);
            self.at += now.len() as u64;
            bytes = later;
            // The last piece waits until the answer has ended: it may turn out to be too long.
            if self.piece.len() == whole && self.at < self.end {
                self.publish(start / PIECE);
            }
        }
        Ok(())
    }

    /// That fewer bytes came than were asked for.
    pub(super) fn short(&self) -> io::Error {
        let missing = self.end - self.at;
        let message = format!("{}: the answer ended {missing} bytes too early", self.what());
        io::Error::new(io::ErrorKind::UnexpectedEof, message)
    }

    fn publish(&mut self, number: u64) {
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        self.cache.state.lock().arrive((self.flight.id, number), piece.clone());
        self.flight.progress.lock().arrived.push(piece);
        self.flight.moved.notify_all();
    }

    /// Says why the rest does not come, when this is dropped.
    fn fail(&mut self, error: io::Error) {
        self.failed = Some(error);
    }

    fn finish(&mut self) {
        self.publish(self.flight.pieces.end - 1);
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        let arrived = self.flight.progress.lock().arrived.len() as u64;
        let lost = self.flight.pieces.start + arrived..self.flight.pieces.end;
        if lost.is_empty() {
            return;
        }
        let mut state = self.cache.state.lock();
        for piece in lost {
            state.pieces.remove(&(self.flight.id, piece));
            state.used = state.used.saturating_sub(PIECE);
        }
        drop(state);
        let error = self.failed.take().unwrap_or_else(|| stopped(self.what()));
        self.flight.progress.lock().failed = Some(Arc::new(error));
        self.flight.moved.notify_all();
    }
}

#[cfg(test)]
mod tests;
