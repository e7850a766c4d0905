//! A block cache for the files of a filesystem.
//!
//! A request covers a run of blocks that are neither cached nor in flight, and each block can be read as soon as it has
//! arrived. A reader of a block in flight waits for it instead of requesting it again.

use std::{fmt, io, sync::Arc};

#[cfg(feature = "http")]
use bytes::Bytes;
use parking_lot::Mutex;

use super::{
    MAX_REQUEST_BYTES, Tuning,
    blocks::{BLOCK, Blocks, Found, Request, bytes_of},
    bridge::{Bridge, timed_out},
    filler::Filler,
    source::Source,
    streams::{READ_AHEAD_FROM, Streams},
};

/// The smallest capacity, in bytes: readers of a few files at once must not evict each other's blocks.
const MIN_CAPACITY: u64 = 1 << 20;

/// A cache of blocks with a limited capacity; the least recently read blocks are evicted first.
pub(super) struct Cache {
    bridge: Bridge,
    capacity: u64,
    max_request: u64,
    blocks: Arc<Mutex<Blocks>>,
}

impl Cache {
    pub(super) fn new(tuning: &Tuning) -> Arc<Self> {
        let capacity = tuning.cache_bytes.max(MIN_CAPACITY);
        let max_request = tuning.request_bytes.min(MAX_REQUEST_BYTES).min(capacity / 4).max(BLOCK);
        Arc::new(Self {
            bridge: Bridge::new(tuning.runtime.clone(), tuning.timeout),
            capacity,
            max_request: max_request / BLOCK * BLOCK,
            blocks: Arc::default(),
        })
    }

    pub(super) fn bridge(&self) -> &Bridge {
        &self.bridge
    }

    /// Returns the largest number of blocks in a request.
    pub(super) fn max_window(&self) -> u64 {
        self.max_request / BLOCK
    }

    /// Caches the first block of a file, which arrived with its metadata; all of the file if it is shorter.
    #[cfg(feature = "http")]
    pub(super) fn keep_first(&self, source: u64, bytes: Bytes) {
        self.blocks.lock().keep(source, 0, bytes, self.capacity);
    }

    /// Reads at `offset`, as [`VFile::read_at`](crate::VFile::read_at) does.
    pub(super) fn read_at(
        &self,
        source: &Arc<dyn Source>,
        streams: &Mutex<Streams>,
        buf: &mut [u8],
        offset: u64,
    ) -> io::Result<usize> {
        let left = source.len().saturating_sub(offset);
        let len = (buf.len() as u64).min(left).min(self.max_request);
        if len == 0 {
            return Ok(0);
        }
        let (found, requests) = self.plan(source, &mut streams.lock(), offset, len);
        self.send(source, requests);

        let mut filled = 0;
        for block in found {
            let bytes = match block {
                Found::Cached(bytes) => bytes,
                Found::InFlight(request, number) => {
                    match request.wait(number, self.bridge.timeout(), source.name()) {
                        Ok(bytes) => bytes,
                        // The bytes before it are usable; the next read returns the error.
                        Err(_) if filled > 0 => return Ok(filled),
                        Err(error) => return Err(error),
                    }
                }
            };
            let start = if filled == 0 { usize::try_from(offset % BLOCK).unwrap_or(0) } else { 0 };
            let bytes = bytes.get(start..).unwrap_or_default();
            let room = usize::try_from(len).unwrap_or(usize::MAX).saturating_sub(filled);
            let count = bytes.len().min(room);
            buf[filled..filled + count].copy_from_slice(&bytes[..count]);
            filled += count;
        }
        Ok(filled)
    }

    /// Returns the blocks of a read, and the requests that must be sent for it.
    fn plan(
        &self,
        source: &Arc<dyn Source>,
        streams: &mut Streams,
        offset: u64,
        len: u64,
    ) -> (Vec<Found>, Vec<Arc<Request>>) {
        let id = source.id();
        let window = streams.read(offset, len);
        let demand = offset / BLOCK..(offset + len).div_ceil(BLOCK);
        let end_of_file = source.len().div_ceil(BLOCK);
        let mut blocks = self.blocks.lock();
        let mut requests = Vec::new();

        let mut found = Vec::new();
        let mut next = demand.start;
        while next < demand.end {
            if let Some(block) = blocks.find(id, next) {
                found.push(block);
                next += 1;
                continue;
            }
            let candidates = next..demand.end.max(next.saturating_add(window)).min(end_of_file);
            let mut run = blocks.missing(id, candidates);
            if !blocks.make_room(bytes_of(&run), self.capacity) {
                // The capacity is in flight to other readers: request only the blocks of this read.
                run.end = run.end.min(demand.end);
                blocks.make_room(bytes_of(&run), self.capacity);
            }
            let request = blocks.register(id, run.clone());
            let demanded = next..run.end.min(demand.end);
            found.extend(demanded.map(|number| Found::InFlight(Arc::clone(&request), number)));
            next = run.end;
            requests.push(request);
        }

        let present = (demand.end..end_of_file).take_while(|next| blocks.contains(id, *next));
        let ahead = present.take(usize::try_from(window).unwrap_or(usize::MAX)).count() as u64;
        // Reading ahead waits until half of the window has been read, so that requests stay long.
        if requests.is_empty() && window >= READ_AHEAD_FROM && ahead <= window / 2 {
            let run = blocks.missing(id, demand.end + ahead..(demand.end + window).min(end_of_file));
            if !run.is_empty() && blocks.make_room(bytes_of(&run), self.capacity) {
                requests.push(blocks.register(id, run));
            }
        }
        (found, requests)
    }

    fn send(&self, source: &Arc<dyn Source>, requests: Vec<Arc<Request>>) {
        for request in requests {
            let start = request.run.start * BLOCK;
            let end = request.run.end.saturating_mul(BLOCK).min(source.len());
            let (blocks, name) = (Arc::clone(&self.blocks), source.name().to_owned());
            let mut filler = Filler::new(blocks, Arc::clone(&request), name, start..end);
            let handle = match self.bridge.handle() {
                Ok(handle) => handle,
                Err(error) => {
                    filler.fail(error);
                    continue;
                }
            };
            let timeout = self.bridge.timeout();
            let source = Arc::clone(source);
            let task = handle.spawn(async move {
                match tokio::time::timeout(timeout, source.fetch(&mut filler)).await {
                    Ok(Ok(())) => filler.finish(),
                    Ok(Err(error)) => filler.fail(error),
                    Err(_) => {
                        let error = timed_out(filler.description(), timeout);
                        filler.fail(error);
                    }
                }
            });
            // Only this function sets it, once for each request.
            let _ = request.task.set(task.abort_handle());
        }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
