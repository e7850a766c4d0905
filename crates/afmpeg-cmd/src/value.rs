use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Ratio, Time};

/// The value of an option, as FFmpeg reads it, before escaping.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::Value;
///
/// assert_eq!(Value::from(-2).as_str(), "-2");
/// assert_eq!(Value::from(true).as_str(), "1");
/// assert_eq!(Value::from(Duration::from_millis(500)).as_str(), "0.5");
/// assert_eq!(Value::from("iw/2").as_str(), "iw/2");
/// ```
///
/// Serializes to a text, and deserializes from a number or a boolean as well.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Scalar", into = "String")]
pub struct Value(String);

impl Value {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<Value> for String {
    fn from(value: Value) -> Self {
        value.0
    }
}

impl From<char> for Value {
    fn from(character: char) -> Self {
        Self(character.to_string())
    }
}

/// `1` and `0`, which every boolean option accepts; some accept nothing else.
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self(if flag { "1" } else { "0" }.to_owned())
    }
}

/// The duration in seconds.
impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Time::from(duration).into()
    }
}

/// The time in seconds.
impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self(time.to_string())
    }
}

impl From<Ratio> for Value {
    fn from(ratio: Ratio) -> Self {
        Self(ratio.to_string())
    }
}

macro_rules! from_number {
    ($($number:ty)*) => {$(
        impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self(number.to_string())
            }
        }
    )*};
}

from_number!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64);

/// A value in JSON.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a value: a text, a number, or a boolean")]
enum Scalar {
    Text(String),
    Flag(bool),
    Integer(i64),
    Large(u64),
    Number(f64),
}

impl From<Scalar> for Value {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Text(text) => text.into(),
            Scalar::Flag(flag) => flag.into(),
            Scalar::Integer(number) => number.into(),
            Scalar::Large(number) => number.into(),
            Scalar::Number(number) => number.into(),
        }
    }
}
