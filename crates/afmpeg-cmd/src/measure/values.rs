//! Measurements of single frames.

use super::frame::Frame;
use crate::{Time, recipes::RecipeError};

/// A value of one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Timed<T> {
    /// The frame's timestamp, if it has one.
    pub time: Option<Time>,
    /// The measurement.
    pub value: T,
}

/// The first frame of a scene.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SceneChange {
    /// The frame's timestamp, if it has one.
    pub time: Option<Time>,
    /// The difference from the previous frame, from 0 to 100.
    pub score: f64,
}

impl SceneChange {
    pub(super) fn read(frames: &[Frame<'_>]) -> Result<Vec<Self>, RecipeError> {
        let begins = |frame: &&Frame<'_>| frame.iter().any(|(key, _)| key == "lavfi.scd.time");
        let scenes = frames.iter().filter(begins);
        scenes.map(|frame| Ok(Self { time: frame.time, score: frame.number("lavfi.scd.score")? })).collect()
    }
}

/// A rectangle in the frame, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Crop {
    /// The width; 0 if the whole frame is black.
    pub width: u32,
    /// The height; 0 if the whole frame is black.
    pub height: u32,
    /// The left edge.
    pub x: u32,
    /// The top edge.
    pub y: u32,
}

impl Crop {
    pub(super) fn read(frame: &Frame<'_>) -> Result<Self, RecipeError> {
        let pixels = |name: &str| {
            let key = format!("lavfi.cropdetect.{name}");
            let value = frame.text(&key)?;
            let pixels = value.parse::<i64>().ok().filter(|pixels| pixels.unsigned_abs() <= u32::MAX.into());
            pixels.ok_or_else(|| RecipeError::new(key, format!("{value:?}"), "a number of pixels"))
        };
        let (width, height, x, y) = (pixels("w")?, pixels("h")?, pixels("x")?, pixels("y")?);
        if width <= 0 || height <= 0 {
            // The edges have crossed.
            return Ok(Self { width: 0, height: 0, x: 0, y: 0 });
        }
        let size = |pixels: i64| u32::try_from(pixels).unwrap_or(0);
        Ok(Self { width: size(width), height: size(height), x: size(x), y: size(y) })
    }
}

/// The EBU R 128 loudness of an audio stream from its beginning to a time.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Loudness {
    /// The loudness of the last 400 ms, in LUFS.
    pub momentary: f64,
    /// The loudness of the last 3 s, in LUFS.
    pub short_term: f64,
    /// The integrated loudness, in LUFS; -70 if nothing was loud enough to count.
    pub integrated: f64,
    /// The loudness range, in LU.
    pub range: f64,
    /// The true peak, in dBTP; minus infinity for silence.
    pub true_peak: f64,
}

impl Loudness {
    pub(super) fn read(frame: &Frame<'_>) -> Result<Self, RecipeError> {
        let number = |name: &str| frame.number(&format!("lavfi.r128.{name}"));
        Ok(Self {
            momentary: number("M")?,
            short_term: number("S")?,
            integrated: number("I")?,
            range: number("LRA")?,
            // FFmpeg prints a linear factor.
            true_peak: 20.0 * number("true_peak")?.log10(),
        })
    }
}

/// The levels of a block of samples, over all channels. Full scale is from -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Waveform {
    /// The lowest sample.
    pub min: f64,
    /// The highest sample.
    pub max: f64,
    /// The root mean square.
    pub rms: f64,
}

impl Waveform {
    pub(super) fn read(frame: &Frame<'_>) -> Result<Self, RecipeError> {
        let number = |name: &str| frame.number(&format!("lavfi.astats.Overall.{name}"));
        // FFmpeg prints the last one in dB.
        let rms = 10_f64.powf(number("RMS_level")? / 20.0);
        Ok(Self { min: number("Min_level")?, max: number("Max_level")?, rms })
    }
}

/// The levels of one plane of a frame, in the units of its pixel format: from 0 to 255 for 8 bits.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Channel {
    /// The lowest level.
    pub min: f64,
    /// The 10th percentile.
    pub low: f64,
    /// The mean.
    pub average: f64,
    /// The 90th percentile.
    pub high: f64,
    /// The highest level.
    pub max: f64,
}

/// The measurements of the filter `signalstats`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SignalStatistics {
    /// The luma.
    pub y: Channel,
    /// The first chroma plane.
    pub u: Channel,
    /// The second chroma plane.
    pub v: Channel,
    /// The saturation.
    pub saturation: Channel,
    /// The median hue, in degrees.
    pub hue_median: f64,
    /// The mean hue, in degrees.
    pub hue_average: f64,
    /// The mean luma difference from the previous frame.
    pub y_difference: f64,
}

impl SignalStatistics {
    pub(super) fn read(frame: &Frame<'_>) -> Result<Self, RecipeError> {
        let number = |name: &str| frame.number(&format!("lavfi.signalstats.{name}"));
        let channel = |name: &str| {
            let number = |level: &str| number(&format!("{name}{level}"));
            Ok(Channel {
                min: number("MIN")?,
                low: number("LOW")?,
                average: number("AVG")?,
                high: number("HIGH")?,
                max: number("MAX")?,
            })
        };
        Ok(Self {
            y: channel("Y")?,
            u: channel("U")?,
            v: channel("V")?,
            saturation: channel("SAT")?,
            hue_median: number("HUEMED")?,
            hue_average: number("HUEAVG")?,
            y_difference: number("YDIF")?,
        })
    }
}

/// The order in which a frame's fields are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldOrder {
    /// No fields: the whole frame is shown at once.
    Progressive,
    /// The top field first.
    TopFirst,
    /// The bottom field first.
    BottomFirst,
    /// Unknown, as in frames without motion.
    Undetermined,
}

impl FieldOrder {
    pub(super) fn read(frame: &Frame<'_>) -> Result<Self, RecipeError> {
        let key = "lavfi.idet.multiple.current_frame";
        Ok(match frame.text(key)? {
            "progressive" => Self::Progressive,
            "tff" => Self::TopFirst,
            "bff" => Self::BottomFirst,
            "undetermined" => Self::Undetermined,
            other => return Err(RecipeError::new(key, format!("{other:?}"), "a field order")),
        })
    }
}

/// The distance of a frame from its reference.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Psnr {
    /// The peak signal-to-noise ratio of all planes, in dB; infinite for equal frames.
    pub average: f64,
    /// The mean square error of all planes.
    pub mean_square_error: f64,
}

impl Psnr {
    pub(super) fn read(frame: &Frame<'_>) -> Result<Self, RecipeError> {
        let (average, mean_square_error) =
            (frame.number("lavfi.psnr.psnr_avg")?, frame.number("lavfi.psnr.mse_avg")?);
        Ok(Self { average, mean_square_error })
    }
}

/// The similarity of a frame to its reference.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Ssim {
    /// The structural similarity of all planes: 1 for equal frames.
    pub all: f64,
    /// The same in dB; infinite for equal frames.
    pub decibels: f64,
}

impl Ssim {
    pub(super) fn read(frame: &Frame<'_>) -> Result<Self, RecipeError> {
        Ok(Self { all: frame.number("lavfi.ssim.All")?, decibels: frame.number("lavfi.ssim.dB")? })
    }
}
