use std::{
    fmt,
    ops::{Add, Neg, Sub},
    str::FromStr,
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// A time or duration in whole microseconds, the resolution of FFmpeg's options and of ffprobe's output. May be
/// negative.
///
/// Converts from a [`Duration`], and parses FFmpeg's syntax of time durations (`90.5`, `1:02:03.5`, `200ms`); prints as
/// seconds.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_types::Time;
///
/// assert_eq!(Time::from(Duration::from_millis(1500)).to_string(), "1.5");
/// assert_eq!("-0:01:02.25".parse::<Time>().unwrap(), Time::from_micros(-62_250_000));
/// assert_eq!(Time::from_secs(3) - Time::from_micros(500_000), Time::from_micros(2_500_000));
/// assert_eq!("200ms".parse::<Time>().unwrap().to_string(), "0.2");
/// assert!("1:99".parse::<Time>().is_err());
/// ```
///
/// Serializes to a string such as `1.5`, and deserializes from a number of seconds as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "TimeJson", into = "String")]
pub struct Time {
    micros: i64,
}

const MICROS: i64 = 1_000_000;

impl Time {
    /// Zero.
    pub const ZERO: Self = Self { micros: 0 };

    /// Creates a time from microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self { micros }
    }

    /// Creates a time from whole seconds, saturating at about 292,000 years.
    pub const fn from_secs(secs: i64) -> Self {
        Self { micros: secs.saturating_mul(MICROS) }
    }

    /// Returns the number of microseconds.
    pub const fn as_micros(self) -> i64 {
        self.micros
    }

    /// Returns the number of seconds.
    #[allow(clippy::cast_precision_loss, reason = "exact for 285 years, and off by a microsecond beyond")]
    pub fn as_secs_f64(self) -> f64 {
        self.micros as f64 / 1e6
    }

    /// Returns the duration; `None` if the time is negative.
    ///
    /// ```
    /// # use afmpeg_types::Time;
    /// assert_eq!(Time::from_secs(-1).to_duration(), None);
    /// ```
    pub fn to_duration(self) -> Option<Duration> {
        u64::try_from(self.micros).ok().map(Duration::from_micros)
    }
}

/// The sum, saturating at the bounds of the type.
impl Add for Time {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { micros: self.micros.saturating_add(other.micros) }
    }
}

/// The difference, saturating at the bounds of the type.
impl Sub for Time {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { micros: self.micros.saturating_sub(other.micros) }
    }
}

/// The negative, saturating at the bounds of the type.
impl Neg for Time {
    type Output = Self;

    fn neg(self) -> Self {
        Self { micros: self.micros.saturating_neg() }
    }
}

/// Rounds down to the microsecond.
impl From<Duration> for Time {
    fn from(duration: Duration) -> Self {
        Self { micros: i64::try_from(duration.as_micros()).unwrap_or(i64::MAX) }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.micros < 0 { "-" } else { "" };
        let micros = self.micros.unsigned_abs();
        let (secs, rest) = (micros / 1_000_000, micros % 1_000_000);
        if rest == 0 {
            return write!(f, "{sign}{secs}");
        }
        let fraction = format!("{rest:06}");
        write!(f, "{sign}{secs}.{}", fraction.trim_end_matches('0'))
    }
}

/// The error returned for a string that is not a [`Time`]: see "Time duration" in FFmpeg's manual.
///
/// ```
/// use afmpeg_types::Time;
///
/// assert_eq!("soon".parse::<Time>().unwrap_err().to_string(), "expected a time such as 90.5 or 1:02:03, found \"soon\"");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 90.5 or 1:02:03, found {0:?}")]
pub struct ParseTimeError(String);

/// `[-][HH:]MM:SS[.m...][s|ms|us]` or `[-]S+[.m...][s|ms|us]`, as `av_parse_time` reads them.
impl FromStr for Time {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let unsigned = text.strip_prefix('-');
        let found = micros(unsigned.unwrap_or(text)).and_then(|micros| match unsigned {
            Some(_) => 0i64.checked_sub_unsigned(micros),
            None => i64::try_from(micros).ok(),
        });
        found.map(Self::from_micros).ok_or_else(|| ParseTimeError(text.to_owned()))
    }
}

/// Parses a time without a sign. Unsigned, because the least time has no positive counterpart.
fn micros(text: &str) -> Option<u64> {
    let mut parts = text.rsplit(':');
    let (last, unit) = with_unit(parts.next()?)?;
    let Some(minutes) = parts.next() else { return decimal(last.strip_prefix('+').unwrap_or(last), unit) };
    let hours = parts.next().map_or(Some(0), digits)?;
    let minutes = digits(minutes).filter(|minutes| *minutes < 60)?;
    let seconds = decimal(last, unit).filter(|seconds| *seconds < 60 * unit)?;
    if parts.next().is_some() {
        return None;
    }
    hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60 * unit)?.checked_add(seconds)
}

/// Splits a number and its unit in microseconds.
fn with_unit(text: &str) -> Option<(&str, u64)> {
    let is_unit = |character: char| character.is_ascii_alphabetic();
    let (number, unit) = text.split_at(text.find(is_unit).unwrap_or(text.len()));
    let unit = match unit {
        "" | "s" => 1_000_000,
        "ms" => 1_000,
        "us" => 1,
        _ => return None,
    };
    Some((number, unit))
}

fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Parses a decimal number of units of `unit` microseconds, rounded down.
fn decimal(text: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut part = unit;
    let mut below = 0;
    for digit in fraction.chars() {
        part /= 10;
        below += u64::from(digit.to_digit(10)?) * part;
    }
    digits(whole)?.checked_mul(unit)?.checked_add(below)
}

/// A time in JSON.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a time: a number of seconds, or a text like \"1:02:03.5\"")]
enum TimeJson {
    Text(String),
    Seconds(f64),
}

impl TryFrom<TimeJson> for Time {
    type Error = ParseTimeError;

    fn try_from(json: TimeJson) -> Result<Self, ParseTimeError> {
        match json {
            TimeJson::Text(text) => text.parse(),
            TimeJson::Seconds(seconds) => seconds.to_string().parse(),
        }
    }
}

impl TryFrom<String> for Time {
    type Error = ParseTimeError;

    fn try_from(text: String) -> Result<Self, ParseTimeError> {
        text.parse()
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_as_in_ffmpeg() {
        for (text, micros) in [
            ("0", 0),
            ("55", 55_000_000),
            ("0.2", 200_000),
            ("200ms", 200_000),
            ("200000us", 200_000),
            ("12:03:45", 43_425_000_000),
            ("1:30", 90_000_000),
            ("23.189", 23_189_000),
            ("-00:00:01.5", -1_500_000),
            ("100:00:00", 360_000_000_000),
            ("1.", 1_000_000),
            ("+0.5", 500_000),
            ("00:00:01.5s", 1_500_000),
            ("1:30ms", 90_000),
            ("-0.021333", -21_333),
            // A float cannot distinguish this from its neighbour.
            ("9007199254.740993", 9_007_199_254_740_993),
        ] {
            assert_eq!(text.parse::<Time>(), Ok(Time::from_micros(micros)), "{text}");
        }
        for text in [
            "",
            "-",
            "N/A",
            "now",
            "1:60",
            "60:00",
            "1:2:3:4",
            "1 s",
            "1h",
            ".5",
            "1e3",
            "+1:00",
            "++1",
            "99999999999999999999",
        ] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }

    #[track_caller]
    fn assert_survives(time: Time) {
        assert_eq!(time.to_string().parse::<Time>(), Ok(time));
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(serde_json::from_str::<Time>(&json).unwrap(), time, "{json}");
    }

    #[test]
    fn least_and_greatest_times_are_parsed_back() {
        for micros in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX] {
            assert_survives(Time::from_micros(micros));
        }
        assert_eq!(Time::from_micros(i64::MIN).to_string(), "-9223372036854.775808");
        for text in ["9223372036854.775808", "-9223372036854.775809", "-18446744073709551616us"] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn printed_time_is_parsed_back(micros: i64, shift in 0..64) {
            assert_survives(Time::from_micros(micros >> shift));
        }
    }
}
