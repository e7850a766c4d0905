use serde::{Deserialize, Serialize};

use super::AvOptions;
use crate::{MediaKind, media_kind::if_known};

/// A filter, source or sink of decoded frames.
///
/// ```
/// # fn f(capabilities: &afmpeg_types::Capabilities) {
/// let sources = capabilities.filters.iter().filter(|filter| filter.inputs.is_empty() && !filter.has_dynamic_inputs());
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Filter {
    /// The name, for filter graphs.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The fixed inputs; none for a source. See [`Filter::has_dynamic_inputs`].
    #[serde(default)]
    pub inputs: Vec<Pad>,
    /// The fixed outputs; none for a sink. See [`Filter::has_dynamic_outputs`].
    #[serde(default)]
    pub outputs: Vec<Pad>,
    /// The flags, named after `AVFILTER_FLAG_`: `slice_threads`, `metadata_only`, `timeline_generic`...
    #[serde(default)]
    pub flags: Vec<String>,
    /// The options, including those it forwards, in addition to the [generic](super::GenericOptions::filter) ones.
    #[serde(default)]
    pub options: AvOptions,
}

impl Filter {
    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }

    /// Whether its options determine the number of further inputs.
    pub fn has_dynamic_inputs(&self) -> bool {
        self.has("dynamic_inputs")
    }

    /// Whether its options determine the number of further outputs.
    pub fn has_dynamic_outputs(&self) -> bool {
        self.has("dynamic_outputs")
    }

    /// Whether the option `enable` can switch it on and off over time.
    pub fn has_timeline(&self) -> bool {
        self.has("timeline_generic") || self.has("timeline_internal")
    }
}

/// An input or output of a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pad {
    /// The name: `default`, `main`, `overlay`...
    pub name: String,
    /// The kind of its frames; `None` for a pad that accepts any.
    #[serde(rename = "type", default, deserialize_with = "if_known")]
    pub kind: Option<MediaKind>,
}

/// A filter of packets, which does not decode them.
///
/// ```
/// # fn f(capabilities: &afmpeg_types::Capabilities) {
/// let of = |codec: &str| capabilities.bitstream_filters.iter().filter(move |filter| {
///     filter.codecs.as_ref().is_none_or(|codecs| codecs.iter().any(|own| own == codec))
/// }).count();
/// assert!(of("h264") > 0);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BitstreamFilter {
    /// The name, for `-bsf`.
    pub name: String,
    /// The codecs whose packets it accepts; `None` for all.
    pub codecs: Option<Vec<String>>,
    /// The options.
    #[serde(default)]
    pub options: AvOptions,
}
