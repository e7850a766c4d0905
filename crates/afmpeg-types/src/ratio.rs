use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A ratio of two integers: a frame rate, a time base, an aspect ratio. It is in lowest terms with a positive
/// denominator: FFmpeg's `0/0` and `N/A` are not ratios.
///
/// Parses `30000/1001`, `16:9` and whole numbers, and prints as `30000/1001` or a whole number.
///
/// Arithmetic is exact, or `None` if the result does not fit.
///
/// ```
/// use afmpeg_types::Ratio;
///
/// let ntsc: Ratio = "30000/1001".parse().unwrap();
/// assert!((ntsc.as_f64() - 29.97).abs() < 0.001);
/// // 1001 frames take exactly 1001 * 1001 / 30000 seconds.
/// let frames = Ratio::from(1001);
/// assert_eq!(frames.checked_div(ntsc), Ratio::new(1_002_001, 30_000));
/// assert_eq!("16:9".parse().ok(), Ratio::new(32, 18));
/// assert_eq!((ntsc.to_string().as_str(), frames.to_string().as_str()), ("30000/1001", "1001"));
/// assert!("0/0".parse::<Ratio>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ratio {
    num: i64,
    den: i64,
}

/// The error returned for a string that is not a [`Ratio`]. A ratio is an integer, or two integers separated by `/` or
/// `:`, of which the second is not zero.
///
/// ```
/// use afmpeg_types::Ratio;
///
/// assert_eq!("N/A".parse::<Ratio>().unwrap_err().to_string(), "expected a ratio such as 30000/1001, found \"N/A\"");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a ratio such as 30000/1001, found {0:?}")]
pub struct ParseRatioError(String);

impl Ratio {
    /// Returns `num / den` in lowest terms; `None` if `den` is zero or the terms do not fit in 64 bits.
    pub fn new(num: i64, den: i64) -> Option<Self> {
        Self::reduce(num.into(), den.into())
    }

    fn reduce(num: i128, den: i128) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let divisor = greatest_common_divisor(num.unsigned_abs(), den.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()? * den.signum();
        Some(Self { num: (num / divisor).try_into().ok()?, den: (den / divisor).try_into().ok()? })
    }

    /// Returns the numerator.
    pub fn num(self) -> i64 {
        self.num
    }

    /// Returns the denominator, which is positive.
    pub fn den(self) -> i64 {
        self.den
    }

    /// Returns the nearest floating-point number.
    #[allow(clippy::cast_precision_loss, reason = "the nearest number is the result")]
    pub fn as_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }

    /// Returns `den / num`; `None` for zero.
    pub fn inverse(self) -> Option<Self> {
        Self::new(self.den, self.num)
    }

    /// Returns the product, if it fits.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        Self::reduce(
            i128::from(self.num) * i128::from(other.num),
            i128::from(self.den) * i128::from(other.den),
        )
    }

    /// Returns the quotient, if it fits; `None` when dividing by zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        self.checked_mul(other.inverse()?)
    }

    /// Returns the sum, if it fits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (a, b) =
            (i128::from(self.num) * i128::from(other.den), i128::from(other.num) * i128::from(self.den));
        Self::reduce(a.checked_add(b)?, i128::from(self.den) * i128::from(other.den))
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl From<i32> for Ratio {
    fn from(number: i32) -> Self {
        Self { num: number.into(), den: 1 }
    }
}

impl From<u32> for Ratio {
    fn from(number: u32) -> Self {
        Self { num: number.into(), den: 1 }
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        (i128::from(self.num) * i128::from(other.den)).cmp(&(i128::from(other.num) * i128::from(self.den)))
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Prints `num/den`, or a whole number.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.den {
            1 => self.num.fmt(f),
            den => write!(f, "{}/{den}", self.num),
        }
    }
}

impl FromStr for Ratio {
    type Err = ParseRatioError;

    fn from_str(text: &str) -> Result<Self, ParseRatioError> {
        let (num, den) = text.split_once(['/', ':']).unwrap_or((text, "1"));
        let terms = num.parse().ok().zip(den.parse().ok());
        terms.and_then(|(num, den)| Self::new(num, den)).ok_or_else(|| ParseRatioError(text.to_owned()))
    }
}

impl TryFrom<String> for Ratio {
    type Error = ParseRatioError;

    fn try_from(text: String) -> Result<Self, ParseRatioError> {
        text.parse()
    }
}

impl From<Ratio> for String {
    fn from(ratio: Ratio) -> Self {
        ratio.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    #[test]
    fn equal_values_are_equal_ratios() {
        assert_eq!(ratio("50/2"), ratio("25/1"));
        assert_eq!(ratio("1/-2"), ratio("-1/2"));
        assert_eq!(ratio("0/7"), Ratio::from(0));
        assert_eq!(ratio("25"), ratio("25/1"));
        assert!(ratio("-1/2") < ratio("1/3") && ratio("1/3") < ratio("2:5"));
    }

    #[test]
    fn undefined_ratios_are_refused() {
        for text in ["0/0", "1/0", "N/A", "", "1.5", "1/2/3", "9223372036854775808/1"] {
            assert!(text.parse::<Ratio>().is_err(), "{text}");
        }
    }

    #[test]
    fn arithmetic_is_exact_or_refused() {
        assert_eq!(ratio("1/3").checked_add(ratio("1/6")), Ratio::new(1, 2));
        assert_eq!(ratio("2/3").checked_mul(ratio("3/2")), Some(Ratio::from(1)));
        assert_eq!(Ratio::from(1).checked_div(Ratio::from(0)), None);
        let most = Ratio::new(i64::MAX, 1).unwrap();
        assert_eq!(most.checked_add(Ratio::from(1)), None);
        assert_eq!(most.checked_mul(most), None);
        assert_eq!(Ratio::new(i64::MIN, -1), None);
        let least = Ratio::new(i64::MIN, 1).unwrap();
        assert!(least < most && least.checked_add(least).is_none());
    }
}
