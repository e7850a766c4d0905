//! The components of an FFmpeg, for checks.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;

use crate::MediaKind;

/// The components of a module, or of any FFmpeg: filters, encoders and formats, with their options.
///
/// Deserializes from the JSON that `afmpeg capabilities --json` prints, as `Capabilities` of afmpeg-engine serialize
/// to.
///
/// ```
/// use afmpeg_cmd::{Capabilities, Filter, Input, Job, Output};
///
/// let json = r#"{ "filters": [{
///     "name": "hflip", "inputs": [{"type": "video"}], "outputs": [{"type": "video"}], "options": []
/// }] }"#;
/// let capabilities: Capabilities = serde_json::from_str(json).unwrap();
/// let flipped = Input::new("a.mp4").video().filter(Filter::new("hflop"));
/// let job = Job::new([Output::new("b.mp4").map(&flipped)]);
/// assert_eq!(
///     job.problems_with_capabilities(&capabilities)[0].to_string(),
///     "node 0 (hflop): the module has no filter \"hflop\"; did you mean \"hflip\"?"
/// );
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Listing")]
pub struct Capabilities {
    pub(crate) filters: HashMap<String, ListedFilter>,
    pub(crate) encoders: HashMap<String, ListedEncoder>,
    pub(crate) muxers: HashMap<String, ListedFormat>,
    pub(crate) demuxers: HashMap<String, ListedFormat>,
    pub(crate) bitstream_filters: HashMap<String, ListedBitstreamFilter>,
    /// Options that every filter, encoder or format has.
    pub(crate) generic: ListedGeneric,
    /// The names of all options of codecs, formats and protocols, which FFmpeg's command line accepts anywhere; `None`
    /// if the listing is incomplete.
    pub(crate) options: Option<BTreeSet<String>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ListedFilter {
    name: String,
    pub(crate) inputs: Vec<Pad>,
    pub(crate) outputs: Vec<Pad>,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    pub(crate) options: Vec<ListedOption>,
}

impl ListedFilter {
    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }

    pub(crate) fn has_dynamic_inputs(&self) -> bool {
        self.has("dynamic_inputs")
    }

    pub(crate) fn has_dynamic_outputs(&self) -> bool {
        self.has("dynamic_outputs")
    }

    pub(crate) fn has_timeline(&self) -> bool {
        self.has("timeline_generic") || self.has("timeline_internal")
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Pad {
    #[serde(rename = "type")]
    pub(crate) kind: MediaKind,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ListedEncoder {
    name: String,
    #[serde(rename = "type")]
    pub(crate) kind: MediaKind,
    codec: Option<String>,
    #[serde(default)]
    pub(crate) options: Vec<ListedOption>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ListedFormat {
    names: Vec<String>,
    #[serde(default)]
    pub(crate) options: Vec<ListedOption>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ListedBitstreamFilter {
    name: String,
    #[serde(default)]
    pub(crate) options: Vec<ListedOption>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListedGeneric {
    pub(crate) codec: Vec<ListedOption>,
    pub(crate) format: Vec<ListedOption>,
    pub(crate) filter: Vec<ListedOption>,
    scaler: Vec<Named>,
    resampler: Vec<Named>,
}

/// A component of which only the options matter.
#[derive(Debug, Clone, Deserialize)]
struct ListedOther {
    #[serde(default)]
    options: Vec<Named>,
}

#[derive(Debug, Clone, Deserialize)]
struct Named {
    name: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ListedOption {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) range: Range,
    #[serde(default)]
    pub(crate) constants: Vec<Constant>,
}

/// The limits of a number.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct Range {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Constant {
    pub(crate) name: String,
}

/// The shape of the JSON.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Listing {
    filters: Vec<ListedFilter>,
    encoders: Vec<ListedEncoder>,
    decoders: Vec<ListedOther>,
    muxers: Vec<ListedFormat>,
    demuxers: Vec<ListedFormat>,
    protocols: Vec<ListedOther>,
    bitstream_filters: Vec<ListedBitstreamFilter>,
    generic: ListedGeneric,
}

impl Listing {
    /// Returns the options that FFmpeg's `opt_default` accepts.
    fn options(&self) -> Option<BTreeSet<String>> {
        let Self { encoders, decoders, muxers, demuxers, protocols, generic, .. } = self;
        let lacking = [
            encoders.is_empty(),
            decoders.is_empty(),
            muxers.is_empty(),
            demuxers.is_empty(),
            generic.codec.is_empty(),
            generic.format.is_empty(),
        ];
        if lacking.contains(&true) {
            return None;
        }
        let formats = muxers.iter().chain(demuxers).map(|format| &format.options);
        let listed = encoders.iter().map(|encoder| &encoder.options).chain(formats);
        let listed = listed.chain([&generic.codec, &generic.format]).flatten().map(|option| &option.name);
        let others = decoders.iter().chain(protocols).map(|other| &other.options);
        let others = others.chain([&generic.scaler, &generic.resampler]).flatten().map(|option| &option.name);
        // A letter before a generic codec option selects a kind of stream.
        let of_kind = |option: &ListedOption| ["v", "a", "s"].map(|kind| format!("{kind}{}", option.name));
        Some(listed.chain(others).cloned().chain(generic.codec.iter().flat_map(of_kind)).collect())
    }
}

impl From<Listing> for Capabilities {
    fn from(listing: Listing) -> Self {
        let formats = |formats: Vec<ListedFormat>| {
            let named = |format: ListedFormat| {
                let names = format.names.clone();
                names.into_iter().map(move |name| (name, format.clone()))
            };
            formats.into_iter().flat_map(named).collect()
        };
        let options = listing.options();
        let mut encoders: HashMap<String, ListedEncoder> = HashMap::new();
        for encoder in &listing.encoders {
            // FFmpeg accepts a codec's name for its first encoder.
            if let Some(codec) = &encoder.codec {
                encoders.entry(codec.clone()).or_insert_with(|| encoder.clone());
            }
        }
        encoders.extend(listing.encoders.into_iter().map(|encoder| (encoder.name.clone(), encoder)));
        Self {
            filters: listing.filters.into_iter().map(|filter| (filter.name.clone(), filter)).collect(),
            encoders,
            muxers: formats(listing.muxers),
            demuxers: formats(listing.demuxers),
            bitstream_filters: listing
                .bitstream_filters
                .into_iter()
                .map(|filter| (filter.name.clone(), filter))
                .collect(),
            generic: listing.generic,
            options,
        }
    }
}
