//! What the fullest module of afmpeg has, by name: for those who read commands and graphs, and to tell a name that
//! another module has from one that nobody has.
//!
//! ```
//! use afmpeg_cmd::{MediaKind, facts::{self, Component}};
//!
//! assert!(facts::has(Component::Encoder, "libx264") && !facts::has(Component::Encoder, "x264"));
//! let overlay = facts::filter("overlay").unwrap();
//! assert_eq!(overlay.inputs.iter().map(|pad| pad.name).collect::<Vec<_>>(), ["main", "overlay"]);
//! assert_eq!(overlay.outputs[0].kind, MediaKind::Video);
//! ```

mod table;

use crate::MediaKind;

/// What a name can be of, beside a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Component {
    /// What `-c` takes for an output.
    Encoder,
    /// What `-c` takes for an input.
    Decoder,
    /// What `-f` takes for an output.
    Muxer,
    /// What `-f` takes for an input.
    Demuxer,
    /// What `-bsf` takes.
    BitstreamFilter,
}

/// The names of all components of a sort, sorted.
///
/// ```
/// use afmpeg_cmd::facts::{Component, names};
///
/// assert!(names(Component::Muxer).contains(&"mp4"));
/// ```
pub fn names(component: Component) -> &'static [&'static str] {
    match component {
        Component::Encoder => table::ENCODERS,
        Component::Decoder => table::DECODERS,
        Component::Muxer => table::MUXERS,
        Component::Demuxer => table::DEMUXERS,
        Component::BitstreamFilter => table::BITSTREAM_FILTERS,
    }
}

/// Whether the fullest module has a component of this name.
///
/// ```
/// use afmpeg_cmd::facts::{Component, has};
///
/// assert!(has(Component::BitstreamFilter, "h264_mp4toannexb"));
/// ```
pub fn has(component: Component, name: &str) -> bool {
    names(component).binary_search(&name).is_ok()
}

/// Whether only the gpl variant of the module has a component of this name.
pub(crate) fn is_gpl(name: &str) -> bool {
    table::GPL.binary_search(&name).is_ok()
}

/// The filter of this name.
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

/// All filters, sorted by their names.
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

/// What is known of a filter.
///
/// ```
/// let split = afmpeg_cmd::facts::filter("split").unwrap();
/// assert!(split.dynamic_outputs && split.outputs.is_empty());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilterFacts {
    /// Its name.
    pub name: &'static str,
    /// The pads that it always takes from.
    pub inputs: &'static [Pad],
    /// The pads that it always gives to.
    pub outputs: &'static [Pad],
    /// Whether it takes from more pads, by its options.
    pub dynamic_inputs: bool,
    /// Whether it gives to more pads, by its options.
    pub dynamic_outputs: bool,
    /// Whether it has `enable`.
    pub timeline: bool,
}

/// A place of a filter where a stream goes in or comes out.
///
/// ```
/// let showwaves = afmpeg_cmd::facts::filter("showwaves").unwrap();
/// assert_eq!((showwaves.inputs[0].kind.specifier(), showwaves.outputs[0].kind.specifier()), ("a", "v"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pad {
    /// Its name; `default` where it is the only one.
    pub name: &'static str,
    /// What goes through it.
    pub kind: MediaKind,
}

impl Pad {
    const fn new(name: &'static str, kind: MediaKind) -> Self {
        Self { name, kind }
    }
}

impl FilterFacts {
    const fn new(name: &'static str, inputs: &'static [Pad], outputs: &'static [Pad]) -> Self {
        Self { name, inputs, outputs, dynamic_inputs: false, dynamic_outputs: false, timeline: false }
    }

    const fn dynamic_inputs(mut self) -> Self {
        self.dynamic_inputs = true;
        self
    }

    const fn dynamic_outputs(mut self) -> Self {
        self.dynamic_outputs = true;
        self
    }

    const fn timeline(mut self) -> Self {
        self.timeline = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found() {
        use Component::{BitstreamFilter, Decoder, Demuxer, Encoder, Muxer};

        for component in [Encoder, Decoder, Muxer, Demuxer, BitstreamFilter] {
            assert!(!names(component).is_empty());
            assert!(names(component).iter().all(|name| has(component, name)), "{component:?}");
        }
        assert!(filters().iter().all(|facts| filter(facts.name) == Some(facts)));
        assert!(!has(Encoder, "") && filter("").is_none());
    }
}
