use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};

/// The options of a component, in FFmpeg's order. Derefs to a slice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AvOptions(Vec<AvOption>);

impl AvOptions {
    /// Returns the option with this name.
    pub fn get(&self, name: &str) -> Option<&AvOption> {
        self.iter().find(|option| option.name == name)
    }

    /// Returns the name most similar to an unknown one, if any is similar.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        super::suggest::nearest(name, self.iter().map(|option| option.name.as_str()))
    }
}

impl Deref for AvOptions {
    type Target = [AvOption];

    fn deref(&self) -> &[AvOption] {
        &self.0
    }
}

impl<'a> IntoIterator for &'a AvOptions {
    type Item = &'a AvOption;
    type IntoIter = std::slice::Iter<'a, AvOption>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// An option of a component: FFmpeg's `AVOption`.
///
/// ```
/// use afmpeg_types::capabilities::{AvOption, OptionType, Value};
///
/// let option: AvOption = serde_json::from_str(r#"{"name": "b", "help": "set bitrate", "type": "int64",
///     "range": {"min": 0, "max": 9223372036854775807}, "default": 200000, "flags": ["encoding", "video"]}"#).unwrap();
/// assert_eq!(option.kind, OptionType::Int64);
/// assert_eq!(option.range.unwrap().max, Some(Value::Integer(i64::MAX)));
/// assert_eq!(option.default.unwrap().as_f64(), Some(200_000.0));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AvOption {
    /// The name, without a dash.
    pub name: String,
    /// FFmpeg's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The type of its value, or of each item of a list.
    #[serde(rename = "type")]
    pub kind: OptionType,
    /// The bounds of the list, if it accepts a list.
    #[serde(rename = "array", default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListOf>,
    /// The range of its value, if it is a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// The default value; for a list, its items in command-line syntax. A default outside of the range means "not set".
    pub default: Option<Value>,
    /// The flags, which include the kinds of components and media that it applies to.
    #[serde(default)]
    pub flags: Vec<OptionFlag>,
    /// The main name of the option, if this is an alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
    /// The class that the option belongs to, if the component only forwards it: `SWScaler`, `framesync`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The name of its set of [constants](AvOption::constants), which options may share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The named values. Those of an option of [flags](OptionType::Flags) can be combined: `+a-b`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
}

impl AvOption {
    /// Whether it has this flag.
    pub fn has(&self, flag: OptionFlag) -> bool {
        self.flags.contains(&flag)
    }

    /// Returns the value with this name.
    pub fn constant(&self, name: &str) -> Option<&Constant> {
        self.constants.iter().find(|constant| constant.name == name)
    }
}

/// The type of an option's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OptionType {
    /// A combination of constants.
    Flags,
    /// A signed 32-bit integer.
    Int,
    /// A signed 64-bit integer.
    Int64,
    /// An unsigned 32-bit integer.
    Uint,
    /// An unsigned 64-bit integer.
    Uint64,
    /// A 64-bit floating-point number.
    Double,
    /// A 32-bit floating-point number.
    Float,
    /// Text.
    String,
    /// A ratio: `30000/1001`, or a number.
    Rational,
    /// Bytes, as hexadecimal digits.
    Binary,
    /// Key-value pairs: `a=1:b=2`.
    Dictionary,
    /// A width and height: `640x480`, or a name such as `hd720`.
    ImageSize,
    /// A pixel format.
    PixelFormat,
    /// A sample format.
    SampleFormat,
    /// A frame rate: `25`, `30000/1001`, or a name such as `ntsc`.
    VideoRate,
    /// A duration; numbers are microseconds.
    Duration,
    /// A colour: `red@0.5`, `#rrggbbaa`.
    Color,
    /// 0 or 1, or -1 for "automatic" if the range includes it.
    Bool,
    /// A channel layout.
    ChannelLayout,
    /// A type that this version of afmpeg does not support.
    #[serde(other)]
    Unknown,
}

/// A flag of an option: a kind of component or media that it applies to, or a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OptionFlag {
    /// Applies to encoders and muxers.
    Encoding,
    /// Applies to decoders and demuxers.
    Decoding,
    /// Applies to filters.
    Filtering,
    /// Applies to bitstream filters.
    Bsf,
    /// Applies to audio.
    Audio,
    /// Applies to video.
    Video,
    /// Applies to subtitles.
    Subtitle,
    /// Returns a result of the component.
    Export,
    /// Cannot be set.
    Readonly,
    /// Can be changed while the component runs.
    Runtime,
    /// Will be removed; the help names a replacement.
    Deprecated,
    /// A flag that this version of afmpeg does not support.
    #[serde(other)]
    Unknown,
}

/// The length and separator of an option's lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListOf {
    /// The minimum length.
    pub min: u32,
    /// The maximum length, if there is a limit.
    pub max: Option<u32>,
    /// The separator on a command line.
    pub separator: String,
}

/// The inclusive range of an option's value.
///
/// FFmpeg stores the bounds as floating-point numbers, so bounds of 64-bit integers are exact only up to 2^53. A bound
/// beyond the range of the type is the type's minimum or maximum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Range {
    /// The minimum; `None` for a `Double`, `Float` or `Rational` without a minimum of its own.
    pub min: Option<Value>,
    /// The maximum; `None` for a `Double`, `Float` or `Rational` without a maximum of its own.
    pub max: Option<Value>,
}

/// A value of an option.
///
/// ```
/// use afmpeg_types::capabilities::Value;
///
/// assert_eq!(Value::Integer(25).to_string(), "25");
/// assert_eq!(Value::Natural(u64::MAX).as_i64(), None);
/// assert_eq!(Value::Text("yuv420p".into()).as_str(), Some("yuv420p"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Value {
    /// An integer, for every integer type; a duration's microseconds.
    Integer(i64),
    /// An integer beyond the range of [`Value::Integer`].
    Natural(u64),
    /// A number of the types `Double` and `Float`, or a bound of a `Rational`, to fifteen digits.
    Real(f64),
    /// A value of any other type, in command-line syntax; also `nan` and `inf` of `Double` and `Float`.
    Text(String),
}

impl Value {
    /// Returns the number, if it is an integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns the nearest floating-point number.
    #[allow(clippy::cast_precision_loss, reason = "the nearest number is the result")]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Integer(number) => Some(*number as f64),
            Value::Natural(number) => Some(*number as f64),
            Value::Real(number) => Some(*number),
            Value::Text(_) => None,
        }
    }

    /// Returns the text, if the value is not a number.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Integer(number) => number.fmt(f),
            Value::Natural(number) => number.fmt(f),
            Value::Real(number) => number.fmt(f),
            Value::Text(text) => text.fmt(f),
        }
    }
}

/// A named value of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Constant {
    /// The name.
    pub name: String,
    /// The value.
    pub value: i64,
    /// FFmpeg's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The flags, as of an [option](AvOption::flags).
    #[serde(default)]
    pub flags: Vec<OptionFlag>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_survive_a_way_through_json(number in any::<f64>().prop_filter("a number", |number| number.is_finite())) {
            let json = serde_json::to_string(&Value::Real(number)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), Value::Real(number), "{}", json);
        }

        #[test]
        fn integers_survive_a_way_through_json(integer: i64, natural in i64::MAX as u64 + 1..) {
            for value in [Value::Integer(integer), Value::Natural(natural)] {
                let json = serde_json::to_string(&value).unwrap();
                prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value, "{}", json);
            }
        }
    }
}
