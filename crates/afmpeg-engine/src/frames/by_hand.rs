use super::{picture::Picture, source::Known};
use crate::Ratio;

/// Finds the picture that is shown at a time among all of a video's, which come one by one in ascending order.
#[derive(Debug)]
pub(super) struct ByHand {
    /// The last picture that begins at the last asked time or before, or the first of all.
    shown: Option<Picture>,
    /// The one after it.
    ahead: Option<Picture>,
    has_ended: bool,
    /// Where the container says that the video ends, in microseconds.
    end: i64,
    /// How long the last picture is shown at least, in microseconds.
    period: i64,
}

/// What can be said of a time.
#[derive(Debug)]
pub(super) enum Choice {
    /// This is shown.
    Shown(Picture),
    /// More pictures must come.
    Undecided,
    /// The video has ended.
    Ended,
}

impl ByHand {
    pub(super) fn new(known: &Known) -> Self {
        let period = known.stream.frame_rate().map_or(1, period_of);
        let end = known.duration.map_or(0, super::selection::micros);
        Self { shown: None, ahead: None, has_ended: false, end, period }
    }

    /// The next picture, or that there is none.
    pub(super) fn add(&mut self, next: Option<Picture>) {
        self.has_ended = next.is_none();
        self.ahead = next;
    }

    /// What is shown at this time, no earlier than the last that was asked for.
    pub(super) fn shown_at(&mut self, asked: i64) -> Choice {
        let is_next = |ahead: &mut Picture| ahead.time().as_micros() <= asked;
        if let Some(next) = self.ahead.take_if(|ahead| self.shown.is_none() || is_next(ahead)) {
            self.shown = Some(next);
        }
        match &self.shown {
            Some(shown) if self.ahead.is_some() => Choice::Shown(shown.clone()),
            _ if !self.has_ended => Choice::Undecided,
            Some(shown) if asked < self.end.max(shown.time().as_micros().saturating_add(self.period)) => {
                Choice::Shown(shown.clone())
            }
            _ => Choice::Ended,
        }
    }
}

/// How long a frame is shown, in microseconds. The rate comes from a guest, and may be anything.
fn period_of(rate: Ratio) -> i64 {
    rate.den().saturating_mul(1_000_000) / rate.num().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn period_of_any_rate_is_a_number() {
        assert_eq!(period_of(Ratio::new(25, 1).unwrap()), 40_000);
        assert_eq!(period_of(Ratio::new(1, i64::MAX).unwrap()), i64::MAX);
    }
}
