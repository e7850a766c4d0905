use super::{frame::Frame, source::ProbedSource};
use crate::Ratio;

/// Finds the frame that is shown at a time, from all frames of a video in ascending order.
#[derive(Debug)]
pub(super) struct FrameFinder {
    /// The last frame that starts at or before the last requested time, or the video's first.
    shown: Option<Frame>,
    /// The frame after it.
    ahead: Option<Frame>,
    has_ended: bool,
    /// The end of the video according to the container, in microseconds.
    end: i64,
    /// The minimum duration of the last frame, in microseconds.
    period: i64,
}

/// The result of a search.
#[derive(Debug)]
pub(super) enum Choice {
    /// The frame shown at the time.
    Shown(Frame),
    /// More frames are needed.
    Undecided,
    /// The video has ended.
    Ended,
}

impl FrameFinder {
    pub(super) fn new(probed: &ProbedSource) -> Self {
        let period = probed.stream.frame_rate().map_or(1, period_of);
        let end = probed.duration.map_or(0, super::selection::micros);
        Self { shown: None, ahead: None, has_ended: false, end, period }
    }

    /// Adds the next frame, or the end of the video.
    pub(super) fn add(&mut self, next: Option<Frame>) {
        self.has_ended = next.is_none();
        self.ahead = next;
    }

    /// Finds the frame shown at this time, which must not be before the last requested one.
    pub(super) fn shown_at(&mut self, requested: i64) -> Choice {
        let is_next = |ahead: &mut Frame| ahead.time().as_micros() <= requested;
        if let Some(next) = self.ahead.take_if(|ahead| self.shown.is_none() || is_next(ahead)) {
            self.shown = Some(next);
        }
        match &self.shown {
            Some(shown) if self.ahead.is_some() => Choice::Shown(shown.clone()),
            _ if !self.has_ended => Choice::Undecided,
            Some(shown) if requested < self.end.max(shown.time().as_micros().saturating_add(self.period)) => {
                Choice::Shown(shown.clone())
            }
            _ => Choice::Ended,
        }
    }
}

/// The duration of a frame, in microseconds. The rate comes from a guest, and may be any number.
fn period_of(rate: Ratio) -> i64 {
    rate.den().saturating_mul(1_000_000) / rate.num().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn period_of_any_rate_saturates() {
        assert_eq!(period_of(Ratio::new(25, 1).unwrap()), 40_000);
        assert_eq!(period_of(Ratio::new(1, i64::MAX).unwrap()), i64::MAX);
    }
}
