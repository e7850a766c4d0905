use crate::{Codec, Filter};

/// One encoded form of a film's video. All variants of a chunk are encoded by one command, which decodes once.
///
/// ```
/// use afmpeg_cmd::{encoders::{EncoderOptions as _, video::libx265}, film::Variant};
///
/// let small = Variant::new("360p", libx265().crf(26).opt("pix_fmt", "yuv420p")).height(360);
/// assert_eq!(small.name(), "360p");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a variant is encoded only as part of a film"]
pub struct Variant {
    pub(super) name: String,
    pub(super) codec: Codec,
    pub(super) height: Option<u32>,
    pub(super) filters: Vec<Filter>,
    pub(super) max_bytes: Option<u64>,
}

impl Variant {
    /// A variant by name and video encoder, with frames of the source's size. The name has letters, digits, `-` and
    /// `_`, since paths contain it.
    ///
    /// The encoder is `libx264`, `libx264rgb`, `libx265`, `libsvtav1`, `libvpx-vp9` or `ffv1`.
    pub fn new(name: impl Into<String>, codec: impl Into<Codec>) -> Self {
        Self { name: name.into(), codec: codec.into(), height: None, filters: Vec::new(), max_bytes: None }
    }

    /// Scales frames to this height in pixels, an even number; pixels become square.
    pub fn height(self, height: u32) -> Self {
        Self { height: Some(height), ..self }
    }

    /// Adds a filter, which runs before [`height`](Variant::height). It has to return one frame for each, with its
    /// time, and should not depend on other frames: it would miss those of other chunks. Its times start at the chunk's
    /// time in the source, not at zero.
    pub fn filter(mut self, filter: impl Into<Filter>) -> Self {
        self.filters.push(filter.into());
        self
    }

    /// Limits the size of the film's video in bytes, not counting the container: see
    /// [`Seam::Capped`](super::Seam::Capped).
    pub fn max_bytes(self, bytes: u64) -> Self {
        Self { max_bytes: Some(bytes), ..self }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }
}
