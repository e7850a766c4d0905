//! The components of the fullest afmpeg module, by name: for parsers of commands and graphs, and to distinguish a name
//! that another module has from one that does not exist.
//!
//! ```
//! use afmpeg_cmd::{MediaKind, facts::{self, Kind}};
//!
//! assert!(facts::has(Kind::Encoder, "libx264") && !facts::has(Kind::Encoder, "x264"));
//! let overlay = facts::filter("overlay").unwrap();
//! assert_eq!(overlay.inputs.iter().map(|pad| pad.name).collect::<Vec<_>>(), ["main", "overlay"]);
//! assert_eq!(overlay.outputs[0].kind, MediaKind::Video);
//! ```

mod filter_facts;
mod table;

pub use filter_facts::{FilterFacts, Pad};

/// A kind of component other than filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A codec for `-c` of an output.
    Encoder,
    /// A codec for `-c` of an input.
    Decoder,
    /// A format for `-f` of an output.
    Muxer,
    /// A format for `-f` of an input.
    Demuxer,
    /// A filter for `-bsf`.
    BitstreamFilter,
}

/// Returns the sorted names of all components of a kind.
///
/// ```
/// use afmpeg_cmd::facts::{Kind, names};
///
/// assert!(names(Kind::Muxer).contains(&"mp4"));
/// ```
pub fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Encoder => table::ENCODERS,
        Kind::Decoder => table::DECODERS,
        Kind::Muxer => table::MUXERS,
        Kind::Demuxer => table::DEMUXERS,
        Kind::BitstreamFilter => table::BITSTREAM_FILTERS,
    }
}

/// Whether the fullest module has a component of this name.
///
/// ```
/// use afmpeg_cmd::facts::{Kind, has};
///
/// assert!(has(Kind::BitstreamFilter, "h264_mp4toannexb"));
/// ```
pub fn has(kind: Kind, name: &str) -> bool {
    names(kind).binary_search(&name).is_ok()
}

/// Whether only the gpl variant of the module has a component of this name.
pub(crate) fn is_gpl(name: &str) -> bool {
    table::GPL.binary_search(&name).is_ok()
}

/// Returns the filter of this name.
///
/// ```
/// use afmpeg_cmd::facts::filter;
///
/// assert!(filter("amix").unwrap().dynamic_inputs);
/// assert!(filter("mix_all").is_none());
/// ```
pub fn filter(name: &str) -> Option<&'static FilterFacts> {
    let index = table::FILTERS.binary_search_by_key(&name, |filter| filter.name).ok()?;
    table::FILTERS.get(index)
}

/// Returns all filters, sorted by name.
///
/// ```
/// use afmpeg_cmd::facts::filters;
///
/// let sources = filters().iter().filter(|filter| filter.inputs.is_empty() && !filter.dynamic_inputs);
/// assert!(sources.map(|filter| filter.name).any(|name| name == "testsrc2"));
/// ```
pub fn filters() -> &'static [FilterFacts] {
    table::FILTERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found() {
        use Kind::{BitstreamFilter, Decoder, Demuxer, Encoder, Muxer};

        for kind in [Encoder, Decoder, Muxer, Demuxer, BitstreamFilter] {
            assert!(!names(kind).is_empty());
            assert!(names(kind).iter().all(|name| has(kind, name)), "{kind:?}");
        }
        assert!(filters().iter().all(|facts| filter(facts.name) == Some(facts)));
        assert!(!has(Encoder, "") && filter("").is_none());
    }
}
