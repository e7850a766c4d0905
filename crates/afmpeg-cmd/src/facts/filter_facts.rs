use crate::MediaKind;

/// The pads and flags of a filter.
///
/// ```
/// let split = afmpeg_cmd::facts::filter("split").unwrap();
/// assert!(split.dynamic_outputs && split.outputs.is_empty());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilterFacts {
    /// The name.
    pub name: &'static str,
    /// The fixed input pads.
    pub inputs: &'static [Pad],
    /// The fixed output pads.
    pub outputs: &'static [Pad],
    /// Whether options add input pads.
    pub dynamic_inputs: bool,
    /// Whether options add output pads.
    pub dynamic_outputs: bool,
    /// Whether it has the option `enable`.
    pub timeline: bool,
}

/// An input or output pad of a filter.
///
/// ```
/// let showwaves = afmpeg_cmd::facts::filter("showwaves").unwrap();
/// assert_eq!((showwaves.inputs[0].kind.specifier(), showwaves.outputs[0].kind.specifier()), ("a", "v"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pad {
    /// The name; `default` if it is the only one.
    pub name: &'static str,
    /// The kind of its stream.
    pub kind: MediaKind,
}

impl Pad {
    pub(super) const fn new(name: &'static str, kind: MediaKind) -> Self {
        Self { name, kind }
    }
}

impl FilterFacts {
    pub(super) const fn new(name: &'static str, inputs: &'static [Pad], outputs: &'static [Pad]) -> Self {
        Self { name, inputs, outputs, dynamic_inputs: false, dynamic_outputs: false, timeline: false }
    }

    pub(super) const fn dynamic_inputs(mut self) -> Self {
        self.dynamic_inputs = true;
        self
    }

    pub(super) const fn dynamic_outputs(mut self) -> Self {
        self.dynamic_outputs = true;
        self
    }

    pub(super) const fn timeline(mut self) -> Self {
        self.timeline = true;
        self
    }
}
