use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};

/// The options of a component, in FFmpeg's order. It reads like a slice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AvOptions(Vec<AvOption>);

impl AvOptions {
    /// The option of this name.
    pub fn get(&self, name: &str) -> Option<&AvOption> {
        self.iter().find(|option| option.name == name)
    }

    /// The name that may have been meant by one that there is not; nothing if none is near.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        super::near::nearest(name, self.iter().map(|option| option.name.as_str()))
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

/// One thing that a component can be told: FFmpeg's `AVOption`.
///
/// ```
/// use afmpeg_engine::capabilities::{AvOption, OptionType, Value};
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
    /// Its name, without a dash.
    pub name: String,
    /// What it does, in FFmpeg's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What kind of value it takes; of a list, what kind each item is of.
    #[serde(rename = "type")]
    pub kind: OptionType,
    /// That it takes a list.
    #[serde(rename = "array", default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListOf>,
    /// Which numbers it takes, if it takes numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// What it is if nothing is said: of a list, its items as they are written on a command line. A default may be
    /// outside of the range, where it means "not set".
    pub default: Option<Value>,
    /// Where it applies.
    pub flags: Vec<OptionFlag>,
    /// The first name of the same option, if this is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
    /// Whose option it is, if the component only passes it on: `SWScaler`, `framesync`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The name of its set of [constants](AvOption::constants): options may share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The names that values have. Of an option of [flags](OptionType::Flags) they can be joined: `+a-b`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
}

impl AvOption {
    /// Whether it has this flag.
    pub fn has(&self, flag: OptionFlag) -> bool {
        self.flags.contains(&flag)
    }

    /// The value that has this name.
    pub fn constant(&self, name: &str) -> Option<&Constant> {
        self.constants.iter().find(|constant| constant.name == name)
    }
}

/// The kind of value that an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OptionType {
    /// A sum of constants.
    Flags,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Int64,
    /// A whole number of 32 bits, not below zero.
    Uint,
    /// A whole number of 64 bits, not below zero.
    Uint64,
    /// A number of 64 bits.
    Double,
    /// A number of 32 bits.
    Float,
    /// Text.
    String,
    /// A ratio: `30000/1001`, or a number.
    Rational,
    /// Bytes, as hexadecimal digits.
    Binary,
    /// Names with values: `a=1:b=2`.
    Dictionary,
    /// Width and height: `640x480`, or a name like `hd720`.
    ImageSize,
    /// A pixel format.
    PixelFormat,
    /// A sample format.
    SampleFormat,
    /// A frame rate: `25`, `30000/1001`, or a name like `ntsc`.
    VideoRate,
    /// A time; its numbers here are microseconds.
    Duration,
    /// A colour: `red@0.5`, `#rrggbbaa`.
    Color,
    /// 0 or 1, or -1 for "as FFmpeg thinks best" where the range has it.
    Bool,
    /// A channel layout.
    ChannelLayout,
    /// One that this version of afmpeg does not know.
    #[serde(other)]
    Unknown,
}

/// Where an option applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OptionFlag {
    /// To encoders and muxers.
    Encoding,
    /// To decoders and demuxers.
    Decoding,
    /// To filters.
    Filtering,
    /// To bitstream filters.
    Bsf,
    /// To sound.
    Audio,
    /// To pictures.
    Video,
    /// To subtitles.
    Subtitle,
    /// It is for reading what the component found out.
    Export,
    /// It cannot be set.
    Readonly,
    /// It can be changed while the component runs.
    Runtime,
    /// It will go away; its help says what to use.
    Deprecated,
    /// One that this version of afmpeg does not know.
    #[serde(other)]
    Unknown,
}

/// That an option takes several values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListOf {
    /// The fewest.
    pub min: u32,
    /// The most, if there is a limit.
    pub max: Option<u32>,
    /// What stands between two of them on a command line.
    pub separator: String,
}

/// Which numbers an option takes, both ends included.
///
/// FFmpeg keeps the ends as floating-point numbers, so those of 64-bit integers are exact up to 2^53, and the last
/// of their type where FFmpeg means that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Range {
    /// The least; nothing where a fraction has no limit, or only that of its type.
    pub min: Option<Value>,
    /// The most; nothing where a fraction has no limit, or only that of its type.
    pub max: Option<Value>,
}

/// A value of an option.
///
/// ```
/// use afmpeg_engine::capabilities::Value;
///
/// assert_eq!(Value::Integer(25).to_string(), "25");
/// assert_eq!(Value::Natural(u64::MAX).as_i64(), None);
/// assert_eq!(Value::Text("yuv420p".into()).as_str(), Some("yuv420p"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Value {
    /// A whole number, of every type that takes whole numbers; a duration's microseconds.
    Integer(i64),
    /// A whole number beyond what [`Value::Integer`] holds.
    Natural(u64),
    /// A number of the types `Double` and `Float`, and the ends of the range of a `Rational`: to fifteen digits.
    Real(f64),
    /// Of every other type, as it is written on a command line; also a `nan` or `inf` of `Double` and `Float`.
    Text(String),
}

impl Value {
    /// The number, if it is a whole one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, or the nearest that there is.
    #[allow(clippy::cast_precision_loss, reason = "the nearest is what is asked for")]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Integer(number) => Some(*number as f64),
            Value::Natural(number) => Some(*number as f64),
            Value::Real(number) => Some(*number),
            Value::Text(_) => None,
        }
    }

    /// The text, if it is no number.
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

/// A name for a value of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Constant {
    /// What to write.
    pub name: String,
    /// What it means to FFmpeg.
    pub value: i64,
    /// What it does, in FFmpeg's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where it applies.
    pub flags: Vec<OptionFlag>,
}
