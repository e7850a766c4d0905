#![allow(clippy::cast_possible_truncation, reason = "a test may fail where it stands")]

use std::{sync::Barrier, thread};

use proptest::prelude::*;

use super::*;
use crate::remote::source::{Fetching, next_id};

/// A file whose byte at `n` is a function of `n`, and a log of what was asked for.
#[derive(Debug)]
struct Pattern {
    id: u64,
    len: u64,
    asked: Mutex<Vec<Range<u64>>>,
    delay: Duration,
    fail: Mutex<Option<io::ErrorKind>>,
    /// How many bytes more than asked for come.
    extra: i64,
}

fn byte(at: u64) -> u8 {
    (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
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
            let range = filler.lacks();
            self.asked.lock().push(range.clone());
            tokio::time::sleep(self.delay).await;
            if let Some(kind) = *self.fail.lock() {
                return Err(io::Error::new(kind, "the pattern is torn"));
            }
            let end = range.end.checked_add_signed(self.extra).unwrap();
            // Odd chunks, so that pieces and chunks do not match.
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
            asked: Mutex::default(),
            delay: Duration::ZERO,
            fail: Mutex::default(),
            extra: 0,
        };
        make(&mut pattern);
        let pattern = Arc::new(pattern);
        let streams = Mutex::new(Streams::new(cache.max_window()));
        Self { cache: Arc::clone(cache), source: pattern.clone(), pattern, streams }
    }

    fn read(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut into = vec![0; len];
        let count = self.cache.read_at(&self.source, &self.streams, &mut into, at)?;
        into.truncate(count);
        Ok(into)
    }

    fn asked(&self) -> u64 {
        self.pattern.asked.lock().iter().map(|range| range.end - range.start).sum()
    }
}

fn cache() -> Arc<Cache> {
    Cache::new(&Tuning { timeout: Duration::from_secs(5), ..Tuning::default() })
}

#[test]
fn first_read_anywhere_asks_for_little() {
    let reader = Reader::new(&cache(), |_| {});
    for at in [0, 1 << 29, (1 << 30) - 100] {
        assert_eq!(reader.read(at, 100).unwrap(), bytes(at..at + 100));
    }
    assert_eq!(reader.asked(), 3 * PIECE);
}

#[test]
fn reading_on_asks_for_more_and_more_and_never_twice() {
    let reader = Reader::new(&cache(), |_| {});
    for at in (0..32 << 20).step_by(32 << 10) {
        assert_eq!(reader.read(at, 32 << 10).unwrap(), bytes(at..at + (32 << 10)));
    }
    let mut asked = reader.pattern.asked.lock().clone();
    assert!(asked.len() < 30, "{asked:?}");
    asked.sort_by_key(|range| range.start);
    assert!(asked.windows(2).all(|pair| pair[0].end == pair[1].start), "{asked:?}");
    let longest = asked.iter().map(|range| range.end - range.start).max();
    assert_eq!(longest, Some(2 << 20), "half of what may be ahead");
    assert!(asked.last().unwrap().end <= 36 << 20, "no more than 4 MiB ahead");
}

#[test]
fn readers_of_one_piece_make_one_request() {
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
    assert_eq!(reader.pattern.asked.lock().len(), 1);
}

#[test]
fn adjacent_missing_pieces_are_one_request_around_those_that_are_here() {
    let reader = Reader::new(&cache(), |_| {});
    reader.read(10 * PIECE, 1).unwrap();
    assert_eq!(reader.read(5 * PIECE, 10 * PIECE as usize).unwrap(), bytes(5 * PIECE..15 * PIECE));
    let mut asked = reader.pattern.asked.lock().clone();
    asked.sort_by_key(|range| range.start);
    assert_eq!(asked, [5 * PIECE..10 * PIECE, 10 * PIECE..11 * PIECE, 11 * PIECE..15 * PIECE]);
}

#[test]
fn cache_stays_within_its_limit_and_keeps_what_was_read_last() {
    let cache = Cache::new(&Tuning { cache_bytes: 1 << 20, ..Tuning::default() });
    let reader = Reader::new(&cache, |_| {});
    for number in 0..40 {
        // The first piece is read again and again, the others once.
        reader.read(0, 10).unwrap();
        reader.read((number + 10) * (1 << 20), 10).unwrap();
        let state = cache.state.lock();
        assert!(state.used <= 1 << 20);
        assert_eq!(state.used, state.pieces.len() as u64 * PIECE);
    }
    assert_eq!(reader.pattern.asked.lock().iter().filter(|range| range.start == 0).count(), 1);
    reader.read(10 << 20, 10).unwrap();
    assert_eq!(reader.pattern.asked.lock().len(), 42, "the oldest was dropped");
}

#[test]
fn failure_reaches_everyone_who_waits_and_is_not_kept() {
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
    assert_eq!(cache.state.lock().used, 0);
    *reader.pattern.fail.lock() = None;
    assert_eq!(reader.read(0, 10).unwrap(), bytes(0..10));
}

#[test]
fn answers_too_short_and_too_long_are_errors() {
    for (extra, kind) in [(-1, io::ErrorKind::UnexpectedEof), (1, io::ErrorKind::InvalidData)] {
        let reader = Reader::new(&cache(), |pattern| pattern.extra = extra);
        let error = reader.read(0, 10).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains("pattern"), "{error}");
    }
}

#[test]
fn answer_that_does_not_come_is_timed_out_and_named() {
    let cache = Cache::new(&Tuning { timeout: Duration::from_millis(30), ..Tuning::default() });
    let reader = Reader::new(&cache, |pattern| pattern.delay = Duration::from_secs(60));
    let error = reader.read(0, 10).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(error.to_string().contains("of pattern"), "{error}");
    assert_eq!(cache.state.lock().used, 0);
}

#[test]
fn runtime_that_has_gone_is_an_error_and_leaves_nothing_on_its_way() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let cache = Cache::new(&Tuning { runtime: Some(runtime.handle().clone()), ..Tuning::default() });
    drop(runtime);
    Reader::new(&cache, |_| {}).read(0, 10).unwrap_err();
    assert_eq!(cache.state.lock().used, 0);
}

#[test]
fn end_of_the_longest_file_is_read() {
    let reader = Reader::new(&cache(), |pattern| pattern.len = u64::MAX);
    assert_eq!(reader.read(u64::MAX - 10, 100).unwrap(), bytes(u64::MAX - 10..u64::MAX));
}

#[test]
fn request_that_there_is_no_room_for_drops_nothing() {
    let cache = Cache::new(&Tuning { cache_bytes: 1 << 20, ..Tuning::default() });
    let kept = Reader::new(&cache, |_| {});
    kept.read(0, 10).unwrap();
    let slow = Reader::new(&cache, |pattern| pattern.delay = Duration::from_millis(300));
    thread::scope(|scope| {
        for (at, len) in [(0, 4), (10, 4), (20, 4), (30, 1)] {
            let slow = &slow;
            scope.spawn(move || slow.read(at * PIECE, len * PIECE as usize).unwrap());
        }
        while cache.state.lock().used < 14 * PIECE {
            thread::yield_now();
        }
        // Of the 16 pieces that there is room for, 13 are on their way.
        scope.spawn(|| slow.read(40 * PIECE, 4 * PIECE as usize).unwrap());
        while cache.state.lock().used < 17 * PIECE {
            thread::yield_now();
        }
        kept.read(0, 10).unwrap();
    });
    assert_eq!(kept.pattern.asked.lock().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_read_gives_the_bytes_of_the_file(
        len in 0..3_000_000u64,
        reads in prop::collection::vec((0..3_100_000u64, 0..400_000usize), 1..20),
        cache_bytes in 0..4_000_000u64,
    ) {
        let cache = Cache::new(&Tuning { cache_bytes, ..Tuning::default() });
        let reader = Reader::new(&cache, |pattern| pattern.len = len);
        for (at, count) in reads {
            let expected = bytes(at.min(len)..len.min(at + count as u64));
            let mut found = Vec::new();
            while found.len() < expected.len() {
                let more = reader.read(at + found.len() as u64, count - found.len()).unwrap();
                prop_assert!(!more.is_empty());
                found.extend(more);
            }
            prop_assert!(found == expected);
        }
    }
}
