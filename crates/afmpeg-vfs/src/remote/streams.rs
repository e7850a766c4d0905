//! Detection of sequential reads.

use super::blocks::BLOCK;

/// How many sequential reads of one handle are tracked: a player reads audio and video that lie apart.
const MAX_STREAMS: usize = 4;

/// The largest distance in bytes between two reads of one sequence.
const MAX_GAP: u64 = 256 << 10;

/// The window, in blocks, from which on a reader counts as sequential and blocks are read ahead.
pub(super) const READ_AHEAD_FROM: u64 = (256 << 10) / BLOCK;

/// The sequential reads of one handle, the latest first.
#[derive(Debug)]
pub(super) struct Streams {
    streams: Vec<Stream>,
    /// The most blocks that are read ahead.
    max_window: u64,
}

#[derive(Debug, Clone, Copy)]
struct Stream {
    /// The offset at which the last read ended.
    next: u64,
    /// The length of the sequence so far, in bytes.
    run: u64,
}

impl Streams {
    pub(super) fn new(max_window: u64) -> Self {
        Self { streams: Vec::new(), max_window: max_window.max(1) }
    }

    /// Records a read of `len` bytes at `offset`. Returns how many blocks to request: as many as the sequence has
    /// read so far, so that at most half of the transferred bytes are wasted; one after a jump.
    pub(super) fn read(&mut self, offset: u64, len: u64) -> u64 {
        let next = offset.saturating_add(len);
        let index = self.streams.iter().position(|stream| stream.next.abs_diff(offset) <= MAX_GAP);
        let before = index.map_or(Stream { next: offset, run: 0 }, |index| self.streams.remove(index));
        let run = before.run.saturating_add(next.saturating_sub(before.next));
        self.streams.insert(0, Stream { next, run });
        self.streams.truncate(MAX_STREAMS);
        (before.run / BLOCK).clamp(1, self.max_window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_grows_with_a_sequence_and_shrinks_after_a_jump() {
        let mut streams = Streams::new(16);
        let mut windows = Vec::new();
        for number in 0..5 {
            windows.push(streams.read(number * 4 * BLOCK, 4 * BLOCK));
        }
        assert_eq!(windows, [1, 4, 8, 12, 16]);
        assert_eq!(streams.read(1 << 40, 2 * BLOCK), 1, "a jump");
        assert_eq!(streams.read(20 * BLOCK, BLOCK), 16, "back to the first sequence");
        assert_eq!(streams.read((1 << 40) + 2 * BLOCK, 1), 2);
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
