use std::{fmt, ops::Neg, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// A time or a length of time as FFmpeg's options have it: whole microseconds, before zero too.
///
/// Made of a [`Duration`], or of any text in FFmpeg's syntax of time durations (`90.5`, `1:02:03.5`, `200ms`); printed
/// as seconds.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::Time;
///
/// assert_eq!(Time::from(Duration::from_millis(1500)).to_string(), "1.5");
/// assert_eq!("-0:01:02.25".parse::<Time>().unwrap(), Time::from_micros(-62_250_000));
/// assert_eq!("200ms".parse::<Time>().unwrap().to_string(), "0.2");
/// assert!("1:99".parse::<Time>().is_err());
/// ```
///
/// In JSON it is such a text, and is read of a number of seconds as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub struct Time {
    micros: i64,
}

const MICROS: i64 = 1_000_000;

impl Time {
    /// The beginning.
    pub const ZERO: Self = Self { micros: 0 };

    /// So many microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self { micros }
    }

    /// Whole seconds. The furthest is 292,000 years away.
    pub const fn from_secs(secs: i64) -> Self {
        Self { micros: secs.saturating_mul(MICROS) }
    }

    /// How many microseconds.
    pub const fn as_micros(self) -> i64 {
        self.micros
    }

    /// The same in seconds.
    #[allow(clippy::cast_precision_loss, reason = "exact for 285 years, and a microsecond off after them")]
    pub fn as_secs_f64(self) -> f64 {
        self.micros as f64 / 1e6
    }

    /// As a length; none if it is before zero.
    ///
    /// ```
    /// # use afmpeg_cmd::Time;
    /// assert_eq!(Time::from_secs(-1).duration(), None);
    /// ```
    pub fn duration(self) -> Option<Duration> {
        u64::try_from(self.micros).ok().map(Duration::from_micros)
    }

    /// The sum, at most the furthest time there is.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self { micros: self.micros.saturating_add(other.micros) }
    }

    /// The difference.
    pub(crate) fn minus(self, other: Self) -> Self {
        Self { micros: self.micros.saturating_sub(other.micros) }
    }
}

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

/// What was to be a [`Time`] is none: see FFmpeg's manual, "Time duration".
///
/// ```
/// use afmpeg_cmd::Time;
///
/// assert_eq!("soon".parse::<Time>().unwrap_err().to_string(), "\"soon\" is no time duration");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time duration")]
pub struct NotATime(String);

/// `[-][HH:]MM:SS[.m...][s|ms|us]` or `[-]S+[.m...][s|ms|us]`, as `av_parse_time` reads them.
impl FromStr for Time {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let unsigned = text.strip_prefix('-');
        let time = micros(unsigned.unwrap_or(text)).ok_or_else(|| NotATime(text.to_owned()))?;
        Ok(Self { micros: if unsigned.is_some() { -time } else { time } })
    }
}

fn micros(text: &str) -> Option<i64> {
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

/// A number, and how many microseconds its unit has.
fn with_unit(text: &str) -> Option<(&str, i64)> {
    let is_unit = |character: char| character.is_ascii_alphabetic();
    let (number, unit) = text.split_at(text.find(is_unit).unwrap_or(text.len()));
    let unit = match unit {
        "" | "s" => MICROS,
        "ms" => 1_000,
        "us" => 1,
        _ => return None,
    };
    Some((number, unit))
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// A decimal number of units of so many microseconds, rounded down.
fn decimal(text: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut part = unit;
    let mut below = 0;
    for digit in fraction.chars() {
        part /= 10;
        below += i64::from(digit.to_digit(10)?) * part;
    }
    digits(whole)?.checked_mul(unit)?.checked_add(below)
}

/// What JSON has for a time.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a time is a number of seconds, or a text as \"1:02:03.5\"")]
enum Written {
    Text(String),
    Seconds(f64),
}

impl TryFrom<Written> for Time {
    type Error = NotATime;

    fn try_from(written: Written) -> Result<Self, NotATime> {
        match written {
            Written::Text(text) => text.parse(),
            Written::Seconds(seconds) => seconds.to_string().parse(),
        }
    }
}

impl TryFrom<String> for Time {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
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
    fn times_are_read_as_ffmpeg_reads_them() {
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
        ] {
            assert_eq!(text.parse::<Time>(), Ok(Time::from_micros(micros)), "{text}");
        }
        for text in [
            "",
            "-",
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

    proptest! {
        #[test]
        fn printed_time_is_read_back(micros in -i64::MAX / 2..i64::MAX / 2) {
            let time = Time::from_micros(micros);
            prop_assert_eq!(time.to_string().parse::<Time>().unwrap(), time);
        }
    }
}
