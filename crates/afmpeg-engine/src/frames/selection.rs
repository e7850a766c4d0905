use std::time::Duration;

use super::entry::Entry;

/// The requested frames of a video. Times are in microseconds from the start of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selection {
    /// All frames.
    Every,
    /// The frames shown at these times, which are ascending and distinct.
    Times(Vec<i64>),
    /// The frames shown at this interval.
    Interval(i64),
    /// The frames that begin a scene: those with a scene score above this.
    Scenes(f64),
}

/// A part of a file, from a time to another, exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) start: i64,
    pub(super) end: Option<i64>,
}

impl Part {
    pub(super) fn new(range: impl std::ops::RangeBounds<Duration>) -> Self {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        let start = match range.start_bound() {
            Included(start) => micros(*start),
            Excluded(start) => micros(*start).saturating_add(1),
            Unbounded => 0,
        };
        let end = match range.end_bound() {
            Included(end) => Some(micros(*end).saturating_add(1)),
            Excluded(end) => Some(micros(*end)),
            Unbounded => None,
        };
        Self { start, end }
    }

    pub(super) fn is_over(self, micros: i64) -> bool {
        self.end.is_some_and(|end| micros >= end)
    }
}

/// Truncates a time to whole microseconds.
pub(super) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

impl Selection {
    /// Whether a frame may be requested several times.
    pub(super) fn may_repeat(&self) -> bool {
        match self {
            Selection::Times(times) => times.len() > 1,
            Selection::Interval(_) => true,
            Selection::Every | Selection::Scenes(_) => false,
        }
    }

    /// Whether the first decoded frame is selected as well if decoding starts at `from`.
    pub(super) fn adds_first(&self, from: Entry) -> bool {
        match self {
            // A graph without frames would not tell the next one the size of its frames.
            _ if self.may_repeat() => true,
            // It shows whether the start was early enough.
            _ => from != Entry::Beginning && *self != Selection::Every,
        }
    }

    /// The first requested time.
    pub(super) fn first(&self, part: Part) -> i64 {
        match self {
            Selection::Times(times) => times.first().copied().unwrap_or(0),
            _ => part.start,
        }
    }

    /// The requested time of the frame of this number, if frames are requested by time.
    pub(super) fn requested(&self, number: usize, part: Part) -> Option<i64> {
        match self {
            Selection::Times(times) => times.get(number).copied(),
            Selection::Interval(step) => {
                let steps = i64::try_from(number).unwrap_or(i64::MAX);
                Some(step.saturating_mul(steps).saturating_add(part.start))
            }
            Selection::Every | Selection::Scenes(_) => None,
        }
    }
}
