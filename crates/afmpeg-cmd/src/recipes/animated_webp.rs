use super::{
    animation,
    error::{RecipeError, in_range},
    thumbnail::webp,
};
use crate::{Codec, Filter, Output, OutputStream, Ratio, Stream, Video};

/// An animated WebP, with all colours and transparency. A camera's clip of 3 s has a quarter of the size of a
/// [`Gif`](super::Gif). The lean module has no encoder for it.
///
/// Equal frames in a row become one longer frame.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, recipes::AnimatedWebp};
///
/// let clip = Input::new("clip.mp4").seek(Duration::from_secs(2)).duration(Duration::from_secs(3));
/// let command = Command::new([AnimatedWebp::new().width(320).output(&clip.video(), "clip.webp")?]);
/// assert!(command.to_args().contains(&"libwebp_anim".to_owned()));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AnimatedWebp {
    rate: Ratio,
    width: u32,
    /// `None` if it is lossless.
    quality: Option<f64>,
    repeats: Option<u16>,
}

impl Default for AnimatedWebp {
    fn default() -> Self {
        Self::new()
    }
}

impl AnimatedWebp {
    /// The defaults: 12 frames per second, 480 pixels wide, quality 75, repeated forever.
    pub fn new() -> Self {
        Self { rate: Ratio::from(12), width: 480, quality: Some(75.0), repeats: None }
    }

    /// Sets the frames per second, at most 50, which viewers support.
    #[must_use]
    pub fn rate(self, rate: Ratio) -> Self {
        Self { rate, ..self }
    }

    /// Sets the width in square pixels; the height keeps the aspect ratio.
    #[must_use]
    pub fn width(self, width: u32) -> Self {
        Self { width, ..self }
    }

    /// Sets the quality, from 0 for the smallest files to 100.
    #[must_use]
    pub fn quality(self, quality: f64) -> Self {
        Self { quality: Some(quality), ..self }
    }

    /// Keeps every pixel of the scaled frames, in RGB. Files are several times larger.
    #[must_use]
    pub fn lossless(self) -> Self {
        Self { quality: None, ..self }
    }

    /// Limits the number of repetitions: shown `times` times, at least once.
    #[must_use]
    pub fn times(self, times: u16) -> Self {
        Self { repeats: Some(times), ..self }
    }

    /// Returns an output of the animation.
    ///
    /// # Errors
    ///
    /// The rate is not positive or above 50, the width is odd or zero, the quality is not from 0 to 100, or the number of
    /// repetitions is zero.
    pub fn output(&self, video: &Stream<Video>, path: impl Into<String>) -> Result<Output, RecipeError> {
        let frames = animation::frames(video, self.rate, self.width)?;
        let times = animation::times(self.repeats)?;
        let codec = Codec::new("libwebp_anim");
        let stream = match self.quality {
            Some(quality) => webp(&frames, codec.opt("quality", in_range("quality", quality, 0.0, 100.0)?)),
            None => {
                let rgb = frames.filter(Filter::new("format").opt("pix_fmts", "bgra"));
                OutputStream::new(rgb).codec(codec.opt("lossless", true))
            }
        };
        Ok(Output::new(path).format("webp").stream(stream).arg("loop", times))
    }
}
