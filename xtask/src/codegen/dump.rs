//! The output of `afmpeg capabilities --json`, as far as generated code depends on it.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Dump {
    pub(super) ffmpeg: String,
    pub(super) encoders: Vec<Named>,
    pub(super) decoders: Vec<Named>,
    pub(super) muxers: Vec<Format>,
    pub(super) demuxers: Vec<Format>,
    pub(super) bitstream_filters: Vec<Named>,
    pub(super) filters: Vec<Filter>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Format {
    pub(super) names: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Filter {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) inputs: Vec<Pad>,
    pub(super) outputs: Vec<Pad>,
    flags: Vec<String>,
    pub(super) options: Vec<FilterOption>,
}

impl Filter {
    pub(super) fn has_dynamic_inputs(&self) -> bool {
        self.has("dynamic_inputs")
    }

    pub(super) fn has_dynamic_outputs(&self) -> bool {
        self.has("dynamic_outputs")
    }

    pub(super) fn has_timeline(&self) -> bool {
        self.has("timeline_generic") || self.has("timeline_internal")
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|other| other == flag)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Pad {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Video,
    Audio,
}

impl Kind {
    /// Returns the name of its type in `afmpeg-cmd`, which is that of the variant of `MediaKind`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Video => "Video",
            Kind::Audio => "Audio",
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct FilterOption {
    pub(super) name: String,
    #[serde(default)]
    pub(super) help: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    array: Option<serde::de::IgnoredAny>,
    pub(super) range: Option<Range>,
    pub(super) default: Option<Number>,
    flags: Vec<String>,
    pub(super) alias_of: Option<String>,
    pub(super) class: Option<String>,
    pub(super) unit: Option<String>,
    #[serde(default)]
    pub(super) constants: Vec<Constant>,
}

impl FilterOption {
    pub(super) fn is_list(&self) -> bool {
        self.array.is_some()
    }

    /// Whether new code should not use it: it is read-only or deprecated.
    pub(super) fn is_retired(&self) -> bool {
        self.flags.iter().any(|flag| flag == "readonly" || flag == "deprecated")
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Range {
    pub(super) min: Option<Number>,
    pub(super) max: Option<Number>,
}

/// A default or limit, of any type.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Whole(i64),
    Fraction(f64),
    Text(String),
    Other(serde_json::Value),
}

impl Number {
    #[allow(clippy::cast_precision_loss, reason = "only compared with limits")]
    pub(super) fn as_f64(&self) -> Option<f64> {
        match self {
            Number::Whole(number) => Some(*number as f64),
            Number::Fraction(number) => Some(*number),
            Number::Text(_) | Number::Other(_) => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) value: i64,
    #[serde(default)]
    pub(super) help: String,
}
