use serde::{Deserialize, Serialize};

use super::{AvOptions, MediaType};

/// A filter, source or sink of decoded frames.
///
/// ```
/// # fn f(capabilities: &afmpeg_engine::Capabilities) {
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
    pub inputs: Vec<Pad>,
    /// The fixed outputs; none for a sink. See [`Filter::has_dynamic_outputs`].
    pub outputs: Vec<Pad>,
    /// The flags, named after `AVFILTER_FLAG_`: `slice_threads`, `metadata_only`, `timeline_generic`...
    pub flags: Vec<String>,
    /// The options, including those it forwards, in addition to the [generic](super::GenericOptions::filter) ones.
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
    /// The type of its frames.
    #[serde(rename = "type")]
    pub media_type: MediaType,
}

/// A filter of packets, which does not decode them.
///
/// ```
/// # fn f(capabilities: &afmpeg_engine::Capabilities) {
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
    pub options: AvOptions,
}
