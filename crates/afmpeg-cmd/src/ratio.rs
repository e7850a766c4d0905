use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A rational number in lowest terms: a frame rate, a time base, an aspect ratio.
///
/// ```
/// use afmpeg_cmd::{Ratio, Value};
///
/// let ntsc: Ratio = "30000/1001".parse().unwrap();
/// assert_eq!(ntsc, Ratio::new(60_000, 2_002).unwrap());
/// assert_eq!(Value::from(ntsc).as_str(), "30000/1001");
/// assert_eq!("4:3".parse::<Ratio>().unwrap().to_string(), "4/3");
/// assert!("0/0".parse::<Ratio>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ratio {
    num: i64,
    den: i64,
}

impl Ratio {
    /// Returns `num / den`; `None` if `den` is not positive.
    pub fn new(num: i64, den: i64) -> Option<Self> {
        if den <= 0 || num == i64::MIN {
            return None;
        }
        let divisor = i64::try_from(common_divisor(num.unsigned_abs(), den.unsigned_abs())).ok()?;
        Some(Self { num: num / divisor, den: den / divisor })
    }

    /// Returns the numerator, in lowest terms.
    pub fn num(self) -> i64 {
        self.num
    }

    /// Returns the denominator, in lowest terms; positive.
    pub fn den(self) -> i64 {
        self.den
    }

    /// Returns the nearest floating-point number.
    #[allow(clippy::cast_precision_loss, reason = "the result is the nearest")]
    pub fn as_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

impl From<u32> for Ratio {
    fn from(whole: u32) -> Self {
        Self { num: whole.into(), den: 1 }
    }
}

/// `num/den`, or the whole number.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.den {
            1 => self.num.fmt(f),
            den => write!(f, "{}/{den}", self.num),
        }
    }
}

/// The error of parsing a text that is not a [`Ratio`].
///
/// ```
/// use afmpeg_cmd::Ratio;
///
/// assert_eq!("N/A".parse::<Ratio>().unwrap_err().to_string(), "not a ratio: \"N/A\"");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a ratio: {0:?}")]
pub struct ParseRatioError(String);

/// Two whole numbers separated by `/` or `:`, or one.
impl FromStr for Ratio {
    type Err = ParseRatioError;

    fn from_str(text: &str) -> Result<Self, ParseRatioError> {
        let (num, den) = text.split_once(['/', ':']).unwrap_or((text, "1"));
        let both = num.parse().ok().zip(den.parse().ok());
        both.and_then(|(num, den)| Self::new(num, den)).ok_or_else(|| ParseRatioError(text.to_owned()))
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

impl From<Ratio> for crate::Value {
    fn from(ratio: Ratio) -> Self {
        ratio.to_string().into()
    }
}
