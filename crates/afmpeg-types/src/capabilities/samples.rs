//! The storage formats of pixels and audio samples.

use serde::{Deserialize, Serialize};

/// A storage format of pixels.
///
/// ```
/// use afmpeg_types::capabilities::PixelFormat;
///
/// let nv12: PixelFormat = serde_json::from_str(r#"{"name": "nv12", "aliases": [], "components": [
///     {"plane": 0, "step": 1, "offset": 0, "shift": 0, "depth": 8},
///     {"plane": 1, "step": 2, "offset": 0, "shift": 0, "depth": 8},
///     {"plane": 1, "step": 2, "offset": 1, "shift": 0, "depth": 8}], "bits_per_pixel": 12,
///     "log2_chroma_w": 1, "log2_chroma_h": 1, "flags": ["planar"], "scale_input": true, "scale_output": true}"#).unwrap();
/// assert_eq!((nv12.planes(), nv12.depth(), nv12.has("alpha")), (2, 8, false));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PixelFormat {
    /// The name.
    pub name: String,
    /// The aliases.
    pub aliases: Vec<String>,
    /// The components: luma and two of chroma, or red, green and blue; then alpha.
    pub components: Vec<PixelComponent>,
    /// The average bits per pixel, without padding.
    pub bits_per_pixel: u32,
    /// The log2 of the horizontal chroma subsampling.
    pub log2_chroma_w: u8,
    /// The log2 of the vertical chroma subsampling.
    pub log2_chroma_h: u8,
    /// The flags: `big_endian`, `palette`, `bitstream`, `hwaccel`, `planar`, `rgb`, `alpha`, `bayer`, `float`, `xyz`.
    pub flags: Vec<String>,
    /// Whether FFmpeg's scaler can convert from it.
    pub scale_input: bool,
    /// Whether FFmpeg's scaler can convert to it.
    pub scale_output: bool,
}

impl PixelFormat {
    /// Whether it has this [flag](PixelFormat::flags).
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }

    /// Returns the number of planes.
    pub fn planes(&self) -> u8 {
        self.components.iter().map(|component| component.plane + 1).max().unwrap_or(0)
    }

    /// Returns the bits of the deepest component.
    pub fn depth(&self) -> u8 {
        self.components.iter().map(|component| component.depth).max().unwrap_or(0)
    }
}

/// The storage of a component of a pixel: FFmpeg's `AVComponentDescriptor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PixelComponent {
    /// The index of the plane.
    pub plane: u8,
    /// The distance between pixels, in bytes, or in bits if the format has the flag `bitstream`.
    pub step: u8,
    /// The offset of the first pixel, in the same unit; -1 for the upper byte of a big-endian format.
    pub offset: i8,
    /// The number of lower bits to shift out.
    pub shift: u8,
    /// The number of bits.
    pub depth: u8,
}

/// A storage format of audio samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SampleFormat {
    /// The name: `s16`, `fltp`...
    pub name: String,
    /// The bits per sample.
    pub bits: u8,
    /// Whether each channel is a separate plane instead of interleaved.
    pub planar: bool,
}

/// A named set of channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChannelLayout {
    /// The name: `stereo`, `5.1`...
    pub name: String,
    /// The names of the channels, in order.
    pub channels: Vec<String>,
}

/// An audio channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Channel {
    /// The name: `FL`...
    pub name: String,
    /// The description: `front left`.
    pub description: String,
}
