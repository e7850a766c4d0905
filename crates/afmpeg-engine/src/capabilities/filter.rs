use serde::{Deserialize, Serialize};

use super::{AvOptions, MediaType};

/// What changes decoded frames, makes them, or takes them.
///
/// ```
/// # fn f(capabilities: &afmpeg_engine::Capabilities) {
/// let sources = capabilities.filters.iter().filter(|filter| filter.inputs.is_empty() && !filter.has_dynamic_inputs());
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Filter {
    /// Its name, for filter graphs.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// What it always takes: nothing of a source. See [`Filter::has_dynamic_inputs`].
    pub inputs: Vec<Pad>,
    /// What it always gives: nothing of a sink. See [`Filter::has_dynamic_outputs`].
    pub outputs: Vec<Pad>,
    /// What it is like, in the words of `AVFILTER_FLAG_`: `slice_threads`, `metadata_only`, `timeline_generic`...
    pub flags: Vec<String>,
    /// Its own options, with those that it passes on, beside the [generic](super::GenericOptions::filter) ones.
    pub options: AvOptions,
}

impl Filter {
    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }

    /// Whether its options decide how many more inputs it has.
    pub fn has_dynamic_inputs(&self) -> bool {
        self.has("dynamic_inputs")
    }

    /// Whether its options decide how many more outputs it has.
    pub fn has_dynamic_outputs(&self) -> bool {
        self.has("dynamic_outputs")
    }

    /// Whether the option `enable` can switch it on and off in time.
    pub fn has_timeline(&self) -> bool {
        self.has("timeline_generic") || self.has("timeline_internal")
    }
}

/// Where a filter takes or gives frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pad {
    /// Its name: `default`, `main`, `overlay`...
    pub name: String,
    /// Frames of what.
    #[serde(rename = "type")]
    pub media_type: MediaType,
}

/// What changes packets, without decoding them.
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
    /// Its name, for `-bsf`.
    pub name: String,
    /// The codecs whose packets it takes; nothing where it takes all.
    pub codecs: Option<Vec<String>>,
    /// Its options.
    pub options: AvOptions,
}
