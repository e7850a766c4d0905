use std::{fmt, time::Duration};

/// A time or duration in whole microseconds, the resolution of ffprobe's output. May be negative.
///
/// ```
/// use afmpeg_engine::Stream;
///
/// let stream: Stream = serde_json::from_str(r#"{"index": 1, "start_time": "-0.021333"}"#).unwrap();
/// let start = stream.start_time().unwrap();
/// assert_eq!(start.as_micros(), -21_333);
/// assert_eq!((start.to_duration(), start.to_string().as_str()), (None, "-0.021333"));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    micros: i64,
}

impl Time {
    /// Creates a time from microseconds.
    pub fn from_micros(micros: i64) -> Self {
        Self { micros }
    }

    /// Returns the microseconds.
    pub fn as_micros(self) -> i64 {
        self.micros
    }

    /// Returns the seconds.
    #[allow(clippy::cast_precision_loss, reason = "the nearest number is the result")]
    pub fn as_secs_f64(self) -> f64 {
        self.micros as f64 / 1e6
    }

    /// Returns a duration, unless the time is negative.
    pub fn to_duration(self) -> Option<Duration> {
        self.micros.try_into().ok().map(Duration::from_micros)
    }

    /// Parses seconds as ffprobe prints them, such as `5.280000`, truncated to microseconds.
    pub(crate) fn parse(text: Option<&str>) -> Option<Self> {
        let text = text?;
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let fraction: i64 = format!("{fraction:0<6}")[..6].parse().ok()?;
        let micros = whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(fraction)?;
        Some(Self { micros: if negative { -micros } else { micros } })
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.micros < 0 { "-" } else { "" };
        let micros = self.micros.unsigned_abs();
        write!(f, "{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_parsed_to_the_microsecond() {
        let micros = |text| Time::parse(Some(text)).map(Time::as_micros);
        assert_eq!(micros("5.280000"), Some(5_280_000));
        assert_eq!(micros("-0.021333"), Some(-21_333));
        assert_eq!(micros("0.1"), Some(100_000));
        assert_eq!(micros("7"), Some(7_000_000));
        // A float cannot distinguish this from its neighbour.
        assert_eq!(micros("9007199254.740993"), Some(9_007_199_254_740_993));
        for text in ["N/A", "", "-", ".5", "1e3", "0:01:00.0", "99999999999999999999", "+1", "1.x"] {
            assert_eq!(micros(text), None, "{text}");
        }
        assert_eq!(Time::from_micros(-1).to_string(), "-0.000001");
    }
}
