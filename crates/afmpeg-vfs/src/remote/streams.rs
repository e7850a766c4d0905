//! Who reads on where it was, and how much to ask for.

use super::cache::PIECE;

/// How many places of one file are read on from at once: a player reads sound and pictures that lie apart.
const MAX_STREAMS: usize = 4;

/// How far a read may be from where the last one ended and still go on from there, in bytes.
const NEAR: u64 = 256 << 10;

/// From how many pieces on a reader counts as sequential, and what comes next is asked for before it is read.
pub(super) const READ_AHEAD_FROM: u64 = (256 << 10) / PIECE;

/// The places that one handle reads on from, the latest first.
#[derive(Debug)]
pub(super) struct Streams {
    streams: Vec<Stream>,
    /// The most pieces that are asked for before they are read.
    max_window: u64,
}

#[derive(Debug, Clone, Copy)]
struct Stream {
    /// Where the last read ended.
    next: u64,
    /// How far it has come since it began here, in bytes.
    run: u64,
}

impl Streams {
    pub(super) fn new(max_window: u64) -> Self {
        Self { streams: Vec::new(), max_window: max_window.max(1) }
    }

    /// Notes a read of `len` bytes at `at`. Returns how many pieces to ask for: as many as were read on from here
    /// before, so that never more is asked for in vain than was of use; one after a jump.
    pub(super) fn read(&mut self, at: u64, len: u64) -> u64 {
        let next = at.saturating_add(len);
        let known = self.streams.iter().position(|stream| stream.next.abs_diff(at) <= NEAR);
        let before = known.map_or(Stream { next: at, run: 0 }, |place| self.streams.remove(place));
        let run = before.run.saturating_add(next.saturating_sub(before.next));
        self.streams.insert(0, Stream { next, run });
        self.streams.truncate(MAX_STREAMS);
        (before.run / PIECE).clamp(1, self.max_window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_grows_for_who_reads_on_and_starts_again_after_a_jump() {
        let mut streams = Streams::new(16);
        let mut windows = Vec::new();
        for number in 0..5 {
            windows.push(streams.read(number * 4 * PIECE, 4 * PIECE));
        }
        assert_eq!(windows, [1, 4, 8, 12, 16]);
        assert_eq!(streams.read(1 << 40, 2 * PIECE), 1, "a jump");
        assert_eq!(streams.read(20 * PIECE, PIECE), 16, "back where it was before");
        assert_eq!(streams.read((1 << 40) + 2 * PIECE, 1), 2);
    }

    #[test]
    fn random_reads_never_grow_the_window() {
        let mut streams = Streams::new(16);
        for number in 0..100u64 {
            assert_eq!(streams.read(number * 0x9e37_79b9, 100), 1);
        }
        assert!(streams.streams.len() <= MAX_STREAMS);
    }
}
