//! Lengths that may be unknown or endless, and sums of them.

use crate::Time;

/// The length of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Known(Time),
    Endless,
    Unknown,
}

use Length::{Endless, Known, Unknown};

impl Length {
    pub(super) fn known(self) -> Option<Time> {
        match self {
            Known(time) => Some(time),
            Endless | Unknown => None,
        }
    }

    /// Whether it is known to last until `end`.
    pub(super) fn lasts(self, end: Time) -> bool {
        match self {
            Known(time) => time >= end,
            Endless => true,
            Unknown => false,
        }
    }

    pub(super) fn map(self, change: impl FnOnce(Time) -> Time) -> Self {
        match self {
            Known(time) => Known(change(time).max(Time::ZERO)),
            other => other,
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Known(a), Known(b)) => Known(a + b),
            (Unknown, _) | (_, Unknown) => Unknown,
            _ => Endless,
        }
    }

    /// Limits the length. An unknown length may end before the limit.
    pub(super) fn until(self, end: Option<Time>) -> Self {
        match (self, end) {
            (Known(time), Some(end)) => Known(time.min(end)),
            (Endless, Some(end)) => Known(end),
            (other, _) => other,
        }
    }
}

/// The length of the last to end.
pub(super) fn longest(lengths: impl IntoIterator<Item = Length>) -> Length {
    lengths
        .into_iter()
        .reduce(|a, b| match (a, b) {
            (Known(a), Known(b)) => Known(a.max(b)),
            (Unknown, _) | (_, Unknown) => Unknown,
            _ => Endless,
        })
        .unwrap_or(Unknown)
}

/// The length of the first to end.
pub(super) fn shortest(lengths: impl IntoIterator<Item = Length>) -> Length {
    lengths
        .into_iter()
        .reduce(|a, b| match (a, b) {
            (Known(a), Known(b)) => Known(a.min(b)),
            (Unknown, _) | (_, Unknown) => Unknown,
            (Known(a), Endless) | (Endless, Known(a)) => Known(a),
            (Endless, Endless) => Endless,
        })
        .unwrap_or(Unknown)
}
