use crate::{Ratio, Time};

/// An exact time of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timestamp {
    pub(super) pts: i64,
    pub(super) time_base: Ratio,
}

impl Timestamp {
    /// Rounds down to whole microseconds, the resolution of FFmpeg's `-ss`.
    pub(super) fn micros(self) -> i64 {
        // The product of two i64 always fits.
        let ticks = i128::from(self.pts) * i128::from(self.time_base.num());
        let micros = ticks
            .checked_mul(1_000_000)
            .and_then(|micros| i64::try_from(micros.div_euclid(i128::from(self.time_base.den()))).ok());
        micros.unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX })
    }

    /// Returns the time from the start of the file.
    pub(super) fn since(self, file_start: i64) -> Time {
        Time::from_micros(self.micros().saturating_sub(file_start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_rounded_down_to_microseconds() {
        let ntsc = |pts| Timestamp { pts, time_base: Ratio::new(1001, 30_000).unwrap() }.micros();
        assert_eq!((ntsc(1), ntsc(2), ntsc(-1)), (33_366, 66_733, -33_367));
        let far = Timestamp { pts: i64::MIN, time_base: Ratio::from(1000) };
        assert_eq!(far.micros(), i64::MIN);
        assert_eq!(far.since(1).as_micros(), i64::MIN);
        let further = |pts| Timestamp { pts, time_base: Ratio::new(i64::MAX, 1).unwrap() }.micros();
        assert_eq!((further(i64::MAX), further(i64::MIN)), (i64::MAX, i64::MIN));
    }
}
