//! How pixels and sound are stored.

use serde::{Deserialize, Serialize};

/// How pixels are stored.
///
/// ```
/// use afmpeg_engine::capabilities::PixelFormat;
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
    /// Its name.
    pub name: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Luma and two of chroma, or red, green and blue; then alpha.
    pub components: Vec<Component>,
    /// Bits a pixel takes on average, padding not counted.
    pub bits_per_pixel: u32,
    /// Chroma is narrower by two to the power of this.
    pub log2_chroma_w: u8,
    /// Chroma is lower by two to the power of this.
    pub log2_chroma_h: u8,
    /// What it is like: `big_endian`, `palette`, `bitstream`, `hwaccel`, `planar`, `rgb`, `alpha`, `bayer`, `float`,
    /// `xyz`.
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

    /// How many planes its components are in.
    pub fn planes(&self) -> u8 {
        self.components.iter().map(|component| component.plane + 1).max().unwrap_or(0)
    }

    /// The bits of its deepest component.
    pub fn depth(&self) -> u8 {
        self.components.iter().map(|component| component.depth).max().unwrap_or(0)
    }
}

/// Where a component of a pixel is stored: FFmpeg's `AVComponentDescriptor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Component {
    /// In which plane.
    pub plane: u8,
    /// From one pixel to the next: in bytes, or in bits if the format has the flag `bitstream`.
    pub step: u8,
    /// Before the first pixel, in the same unit; -1 of the upper byte of a big-endian format.
    pub offset: i8,
    /// The bits below it to shift away.
    pub shift: u8,
    /// Its own bits.
    pub depth: u8,
}

/// How samples of sound are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SampleFormat {
    /// Its name: `s16`, `fltp`...
    pub name: String,
    /// Bits a sample.
    pub bits: u8,
    /// Whether each channel is on its own, where others have all channels of a moment together.
    pub planar: bool,
}

/// A set of channels that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChannelLayout {
    /// Its name: `stereo`, `5.1`...
    pub name: String,
    /// The names of its channels, in order.
    pub channels: Vec<String>,
}

/// A channel of sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Channel {
    /// Its name: `FL`...
    pub name: String,
    /// Where it is heard: `front left`.
    pub description: String,
}
