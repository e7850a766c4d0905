use serde::{Deserialize, Serialize};

use super::{
    colors,
    error::{RecipeError, even},
};
use crate::{Audio, Filter, Ratio, Stream, Value, Video};

/// How frames of one shape fill another.
///
/// ```
/// use afmpeg_cmd::{Input, recipes::{Fit, fit}};
///
/// let video = Input::new("a.mp4").video();
/// let variants = [Fit::Contain, Fit::Cover, Fit::Stretch].map(|mode| fit(&video, 1080, 1920, mode));
/// assert!(variants.iter().all(Result::is_ok));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fit {
    /// The whole frame is visible, with bars beside it.
    #[default]
    Contain,
    /// The area is filled, and the excess is cropped equally on both sides.
    Cover,
    /// The whole frame is visible, distorted.
    Stretch,
}

/// Scales a video to a size in pixels, with square pixels. Bars are black.
///
/// ```
/// use afmpeg_cmd::{Codec, Command, Input, Output, recipes::{Fit, fit}};
///
/// let clip = Input::new("wide.mp4");
/// let tall = fit(&clip.video(), 1080, 1920, Fit::Cover)?;
/// let command = Command::new([Output::new("tall.mp4").video(&tall, "libx264")]);
/// assert_eq!(command.graph.nodes.len(), 3, "scale, crop, setsar");
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// `width` or `height` is odd, zero, or above 32766.
pub fn fit(video: &Stream<Video>, width: u32, height: u32, fit: Fit) -> Result<Stream<Video>, RecipeError> {
    fit_on(video, width, height, fit, &Value::from("black"), |scale| scale)
}

/// As [`fit`], with a `scale` filter that `with` adapts.
pub(super) fn fit_on(
    video: &Stream<Video>,
    width: u32,
    height: u32,
    fit: Fit,
    background: &Value,
    with: impl FnOnce(Filter) -> Filter,
) -> Result<Stream<Video>, RecipeError> {
    let (width, height) = (even("width", width)?, even("height", height)?);
    let scale = with(Filter::new("scale").opt("w", width).opt("h", height));
    // Non-square pixels are converted first, to preserve the displayed shape.
    let keep = |scale: Filter, direction: &str| {
        scale.opt("force_original_aspect_ratio", direction).opt("force_divisible_by", 2).opt("reset_sar", 1)
    };
    let fitted = match fit {
        Fit::Contain => video.filter(keep(scale, "decrease")).filter(
            Filter::new("pad")
                .opt("w", width)
                .opt("h", height)
                .opt("x", "(ow-iw)/2")
                .opt("y", "(oh-ih)/2")
                .opt("color", background.clone()),
        ),
        Fit::Cover => {
            video.filter(keep(scale, "increase")).filter(Filter::new("crop").opt("w", width).opt("h", height))
        }
        Fit::Stretch => video.filter(scale),
    };
    Ok(fitted.filter(Filter::new("setsar").opt("sar", 1)))
}

/// Converts streams to a common size, frame rate, pixel format, colour matrix and range, and time base, as `xfade` and
/// `concat` require.
///
/// Colours are kept as players show them. The result has limited range, and the colour matrix that players assume for its
/// size: BT.709 from a width of 1280 or a height of 577 pixels, and BT.601 below.
///
/// - A video whose input has a [probe](crate::Input::probe) is converted from the matrix in its tag. Without a tag, it is
///   converted from the matrix that players assume for its own size. HDR becomes standard dynamic range.
/// - A video whose input has no probe keeps its matrix, which is unknown here.
/// - An image is converted, with and without a probe.
///
/// Frames and samples count from zero: if a stream starts later than its file, its first frame is shown until then, and
/// audio is silent.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Input, Ratio, recipes::{Conform, Fit}};
///
/// let alike = Conform::new(1080, 1920, Ratio::from(30)).fit(Fit::Cover);
/// let still = alike.video(&Input::still("a.png", Duration::from_secs(3)).video())?;
/// let clip = alike.video(&Input::new("b.mp4").video())?;
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Conform {
    width: u32,
    height: u32,
    rate: Ratio,
    fit: Fit,
    background: Value,
    pixel_format: Value,
    sample_rate: u32,
    channel_layout: Value,
}

impl Conform {
    /// A size in pixels and a frame rate. The defaults are [`Fit::Contain`] on black, `yuv420p`, and audio at 48000 Hz
    /// in `stereo`.
    pub fn new(width: u32, height: u32, rate: Ratio) -> Self {
        Self {
            width,
            height,
            rate,
            fit: Fit::Contain,
            background: "black".into(),
            pixel_format: "yuv420p".into(),
            sample_rate: 48_000,
            channel_layout: "stereo".into(),
        }
    }

    /// Sets how frames of another shape fill the size.
    #[must_use]
    pub fn fit(self, fit: Fit) -> Self {
        Self { fit, ..self }
    }

    /// Sets the colour of bars, in FFmpeg's syntax: `white`, `#204060`.
    #[must_use]
    pub fn background(self, color: impl Into<Value>) -> Self {
        Self { background: color.into(), ..self }
    }

    /// Sets the pixel format, by FFmpeg's name.
    #[must_use]
    pub fn pixel_format(self, name: impl Into<Value>) -> Self {
        Self { pixel_format: name.into(), ..self }
    }

    /// Sets the sample rate and the channel layout of audio.
    #[must_use]
    pub fn audio_format(self, sample_rate: u32, channel_layout: impl Into<Value>) -> Self {
        Self { sample_rate, channel_layout: channel_layout.into(), ..self }
    }

    /// Converts a video.
    ///
    /// # Errors
    ///
    /// [`fit`](fn@fit) refuses the size, or the rate is not positive.
    pub fn video(&self, video: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        if self.rate.num() <= 0 {
            return Err(RecipeError::new("rate", self.rate, "a positive rate"));
        }
        let matrix = Some(colors::assumed(self.width, self.height));
        let matrix = matrix.filter(|_| !is_rgb(self.pixel_format.as_str()));
        let fitted = fit_on(video, self.width, self.height, self.fit, &self.background, |scale| {
            colors::scaled(scale, video, matrix)
        })?;
        let even = fitted.filter(Filter::new("fps").opt("fps", self.rate).opt("start_time", 0));
        let formats = Filter::new("format").opt("pix_fmts", self.pixel_format.clone());
        // JPEGs are full range, which would otherwise apply to everything encoded after them.
        let tagged = even.filter(match matrix {
            Some(matrix) => colors::tagged(video, formats, matrix),
            None => formats,
        });
        Ok(tagged.filter(Filter::new("settb").opt("expr", "AVTB")))
    }

    /// Converts an audio stream.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, Ratio, recipes::Conform};
    /// let alike = Conform::new(1280, 720, Ratio::from(25)).audio_format(44_100, "mono");
    /// let command = Command::new([Output::new("a.wav").map(alike.audio(&Input::new("a.mp3").audio()))]);
    /// assert!(command.graph.to_string().contains("sample_rates=44100:channel_layouts=mono"));
    /// ```
    pub fn audio(&self, audio: &Stream<Audio>) -> Stream<Audio> {
        audio.filters([
            // Gaps become silence, since later samples would otherwise be early.
            Filter::new("aresample").opt("async", 1).opt("first_pts", 0),
            Filter::new("aformat")
                .opt("sample_fmts", "fltp")
                .opt("sample_rates", self.sample_rate)
                .opt("channel_layouts", self.channel_layout.clone()),
        ])
    }
}

/// Whether a pixel format has no matrix, by its name.
fn is_rgb(format: &str) -> bool {
    let starts = [
        "rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "x2rgb", "x2bgr", "gray", "ya8", "ya16", "mono",
        "pal",
    ];
    starts.iter().any(|start| format.starts_with(start))
}
