use std::time::Duration;

/// Which pictures of a video are asked for. Times are in microseconds from where the file starts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selection {
    /// All of them.
    Every,
    /// Those that are shown at these times, ascending and each once.
    Times(Vec<i64>),
    /// Those that are shown every so often.
    Interval(i64),
    /// Those that begin a scene: FFmpeg's score of change is above this.
    Scenes(f64),
}

/// A part of a file: from a time, up to but without another.
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

/// In whole microseconds, cut off.
pub(super) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

impl Selection {
    /// The first time that a picture is wanted of.
    pub(super) fn first(&self, part: Part) -> i64 {
        match self {
            Selection::Times(times) => times.first().copied().unwrap_or(0),
            _ => part.start,
        }
    }

    /// The time that the picture of this number was asked for, where pictures are asked for by time.
    pub(super) fn asked(&self, number: usize, part: Part) -> Option<i64> {
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
