#![allow(clippy::cast_possible_truncation, reason = "tests may panic")]

use std::{ops::Range, sync::Barrier, thread, time::Duration};

use proptest::prelude::*;

use super::*;
use crate::remote::source::{Fetching, next_id};

/// A file whose byte at `n` is a function of `n`, with a log of its requests.
#[derive(Debug)]
struct Pattern {
    id: u64,
    len: u64,
    requests: Mutex<Vec<Range<u64>>>,
    delay: Duration,
    fail: Mutex<Option<io::ErrorKind>>,
    /// How many bytes are sent beyond the request.
    extra: i64,
}

fn byte(offset: u64) -> u8 {
    (offset.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
}

fn bytes(range: Range<u64>) -> Vec<u8> {
    range.map(byte).collect()
}

impl Source for Pattern {
    fn id(&self) -> u64 {
        self.id
    }
    fn len(&self) -> u64 {
        self.len
    }
    fn name(&self) -> &str {
        "pattern"
    }
    fn fetch<'a>(&'a self, filler: &'a mut Filler) -> Fetching<'a> {
        Box::pin(async move {
            let range = filler.remaining();
            self.requests.lock().push(range.clone());
            tokio::time::sleep(self.delay).await;
            if let Some(kind) = *self.fail.lock() {
                return Err(io::Error::new(kind, "the pattern is torn"));
            }
            let end = range.end.checked_add_signed(self.extra).unwrap();
            // Odd chunks, so that blocks and chunks do not match.
            for chunk in bytes(range.start..end).chunks(10_007) {
                filler.push(chunk)?;
            }
            Ok(())
        })
    }
}

struct Reader {
    cache: Arc<Cache>,
    pattern: Arc<Pattern>,
    source: Arc<dyn Source>,
    streams: Mutex<Streams>,
}

impl Reader {
    fn new(cache: &Arc<Cache>, make: impl FnOnce(&mut Pattern)) -> Self {
        let mut pattern = Pattern {
            id: next_id(),
            len: 1 << 30,
            requests: Mutex::default(),
            delay: Duration::ZERO,
            fail: Mutex::default(),
            extra: 0,
        };
        make(&mut pattern);
        let pattern = Arc::new(pattern);
        let streams = Mutex::new(Streams::new(cache.max_window()));
        Self { cache: Arc::clone(cache), source: pattern.clone(), pattern, streams }
    }

    fn read(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut buf = vec![0; len];
        let count = self.cache.read_at(&self.source, &self.streams, &mut buf, offset)?;
        buf.truncate(count);
        Ok(buf)
    }

    fn requested_bytes(&self) -> u64 {
        self.pattern.requests.lock().iter().map(|range| range.end - range.start).sum()
    }
}

fn cache() -> Arc<Cache> {
    Cache::new(&Tuning { timeout: Duration::from_secs(5), ..Tuning::default() })
}

#[test]
fn first_read_requests_one_block() {
    let reader = Reader::new(&cache(), |_| {});
    for offset in [0, 1 << 29, (1 << 30) - 100] {
        assert_eq!(reader.read(offset, 100).unwrap(), bytes(offset..offset + 100));
    }
    assert_eq!(reader.requested_bytes(), 3 * BLOCK);
}

#[test]
fn sequential_reads_request_longer_runs_and_nothing_twice() {
    let reader = Reader::new(&cache(), |_| {});
    for offset in (0..32 << 20).step_by(32 << 10) {
        assert_eq!(reader.read(offset, 32 << 10).unwrap(), bytes(offset..offset + (32 << 10)));
    }
    let mut requests = reader.pattern.requests.lock().clone();
    assert!(requests.len() < 30, "{requests:?}");
    requests.sort_by_key(|range| range.start);
    assert!(requests.windows(2).all(|pair| pair[0].end == pair[1].start), "{requests:?}");
    let longest = requests.iter().map(|range| range.end - range.start).max();
    assert_eq!(longest, Some(2 << 20), "half of the window");
    assert!(requests.last().unwrap().end <= 36 << 20, "no more than 4 MiB ahead");
}

#[test]
fn readers_of_one_block_make_one_request() {
    let cache = cache();
    let reader = Reader::new(&cache, |pattern| pattern.delay = Duration::from_millis(50));
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                assert_eq!(reader.read(1000, 1000).unwrap(), bytes(1000..2000));
            });
        }
    });
    assert_eq!(reader.pattern.requests.lock().len(), 1);
}

#[test]
fn adjacent_missing_blocks_are_one_request_around_cached_blocks() {
    let reader = Reader::new(&cache(), |_| {});
    reader.read(10 * BLOCK, 1).unwrap();
    assert_eq!(reader.read(5 * BLOCK, 10 * BLOCK as usize).unwrap(), bytes(5 * BLOCK..15 * BLOCK));
    let mut requests = reader.pattern.requests.lock().clone();
    requests.sort_by_key(|range| range.start);
    assert_eq!(requests, [5 * BLOCK..10 * BLOCK, 10 * BLOCK..11 * BLOCK, 11 * BLOCK..15 * BLOCK]);
}

#[test]
fn cache_stays_within_its_limit_and_keeps_the_latest_reads() {
    let cache = Cache::new(&Tuning { cache_bytes: 1 << 20, ..Tuning::default() });
    let reader = Reader::new(&cache, |_| {});
    for number in 0..40 {
        // The first block is read repeatedly, the others once.
        reader.read(0, 10).unwrap();
        reader.read((number + 10) * (1 << 20), 10).unwrap();
        let (count, bytes) = cache.blocks.lock().usage();
        assert!(bytes <= 1 << 20);
        assert_eq!(bytes, count * BLOCK);
    }
    assert_eq!(reader.pattern.requests.lock().iter().filter(|range| range.start == 0).count(), 1);
    reader.read(10 << 20, 10).unwrap();
    assert_eq!(reader.pattern.requests.lock().len(), 42, "the oldest was evicted");
}

#[test]
fn failure_reaches_every_waiting_reader_and_is_not_cached() {
    let cache = cache();
    let reader = Reader::new(&cache, |pattern| {
        pattern.delay = Duration::from_millis(50);
        *pattern.fail.lock() = Some(io::ErrorKind::PermissionDenied);
    });
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let error = reader.read(0, 10).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
                assert_eq!(error.to_string(), "the pattern is torn");
            });
        }
    });
    assert_eq!(cache.blocks.lock().usage().1, 0);
    *reader.pattern.fail.lock() = None;
    assert_eq!(reader.read(0, 10).unwrap(), bytes(0..10));
}

#[test]
fn short_and_long_responses_are_errors() {
    for (extra, kind) in [(-1, io::ErrorKind::UnexpectedEof), (1, io::ErrorKind::InvalidData)] {
        let reader = Reader::new(&cache(), |pattern| pattern.extra = extra);
        let error = reader.read(0, 10).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains("pattern"), "{error}");
    }
}

#[test]
fn missing_response_times_out_and_is_named() {
    let cache = Cache::new(&Tuning { timeout: Duration::from_millis(30), ..Tuning::default() });
    let reader = Reader::new(&cache, |pattern| pattern.delay = Duration::from_secs(60));
    let error = reader.read(0, 10).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(error.to_string().contains("of pattern"), "{error}");
    assert_eq!(cache.blocks.lock().usage().1, 0);
}

#[test]
fn stopped_runtime_is_an_error_and_leaves_no_request_in_flight() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let cache = Cache::new(&Tuning { runtime: Some(runtime.handle().clone()), ..Tuning::default() });
    drop(runtime);
    Reader::new(&cache, |_| {}).read(0, 10).unwrap_err();
    assert_eq!(cache.blocks.lock().usage().1, 0);
}

#[test]
fn end_of_the_longest_file_is_read() {
    let reader = Reader::new(&cache(), |pattern| pattern.len = u64::MAX);
    assert_eq!(reader.read(u64::MAX - 10, 100).unwrap(), bytes(u64::MAX - 10..u64::MAX));
}

#[test]
fn request_without_room_evicts_nothing() {
    let cache = Cache::new(&Tuning { cache_bytes: 1 << 20, ..Tuning::default() });
    let kept = Reader::new(&cache, |_| {});
    kept.read(0, 10).unwrap();
    let slow = Reader::new(&cache, |pattern| pattern.delay = Duration::from_millis(300));
    thread::scope(|scope| {
        for (offset, len) in [(0, 4), (10, 4), (20, 4), (30, 1)] {
            let slow = &slow;
            scope.spawn(move || slow.read(offset * BLOCK, len * BLOCK as usize).unwrap());
        }
        while cache.blocks.lock().usage().1 < 14 * BLOCK {
            thread::yield_now();
        }
        // Of the 16 blocks that fit, 13 are in flight.
        scope.spawn(|| slow.read(40 * BLOCK, 4 * BLOCK as usize).unwrap());
        while cache.blocks.lock().usage().1 < 17 * BLOCK {
            thread::yield_now();
        }
        kept.read(0, 10).unwrap();
    });
    assert_eq!(kept.pattern.requests.lock().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_read_returns_the_bytes_of_the_file(
        len in 0..3_000_000u64,
        reads in prop::collection::vec((0..3_100_000u64, 0..400_000usize), 1..20),
        cache_bytes in 0..4_000_000u64,
    ) {
        let cache = Cache::new(&Tuning { cache_bytes, ..Tuning::default() });
        let reader = Reader::new(&cache, |pattern| pattern.len = len);
        for (offset, count) in reads {
            let expected = bytes(offset.min(len)..len.min(offset + count as u64));
            let mut found = Vec::new();
            while found.len() < expected.len() {
                let more = reader.read(offset + found.len() as u64, count - found.len()).unwrap();
                prop_assert!(!more.is_empty());
                found.extend(more);
            }
            prop_assert!(found == expected);
        }
    }
}
