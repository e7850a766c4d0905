use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A ratio of two whole numbers: a frame rate, a time base, an aspect. Two are equal if they are the same number.
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
    /// `num / den`; nothing if `den` is zero or below.
    pub fn new(num: i64, den: i64) -> Option<Self> {
        if den <= 0 || num == i64::MIN {
            return None;
        }
        let divisor = i64::try_from(common_divisor(num.unsigned_abs(), den.unsigned_abs())).ok()?;
        Some(Self { num: num / divisor, den: den / divisor })
    }

    /// The numerator, in lowest terms.
    pub fn num(self) -> i64 {
        self.num
    }

    /// The denominator, in lowest terms, above zero.
    pub fn den(self) -> i64 {
        self.den
    }

    /// The nearest number.
    #[allow(clippy::cast_precision_loss, reason = "it is the nearest")]
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

/// What was to be a [`Ratio`] is none.
///
/// ```
/// use afmpeg_cmd::Ratio;
///
/// assert_eq!("N/A".parse::<Ratio>().unwrap_err().to_string(), "\"N/A\" is no ratio");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no ratio")]
pub struct NotARatio(String);

/// Two whole numbers with `/` or `:` between them, or one.
impl FromStr for Ratio {
    type Err = NotARatio;

    fn from_str(text: &str) -> Result<Self, NotARatio> {
        let (num, den) = text.split_once(['/', ':']).unwrap_or((text, "1"));
        let both = num.parse().ok().zip(den.parse().ok());
        both.and_then(|(num, den)| Self::new(num, den)).ok_or_else(|| NotARatio(text.to_owned()))
    }
}

impl TryFrom<String> for Ratio {
    type Error = NotARatio;

    fn try_from(text: String) -> Result<Self, NotARatio> {
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
