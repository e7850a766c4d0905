use super::{animation, error::RecipeError};
use crate::{Filter, Output, OutputStream, Ratio, Stream, Video};

/// A GIF with its own palette, in one pass.
///
/// All its frames are kept in memory until the last is decoded, at their final size.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, recipes::Gif};
///
/// let clip = Input::new("clip.mp4").seek(Duration::from_secs(2)).duration(Duration::from_secs(3));
/// let command = Command::new([Gif::new().width(320).output(&clip.video(), "clip.gif")?]);
/// assert!(command.graph.to_string().contains("palettegen"));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Gif {
    rate: Ratio,
    width: u32,
    colors: u32,
    dither: &'static str,
    repeats: Option<u16>,
}

impl Default for Gif {
    fn default() -> Self {
        Self::new()
    }
}

impl Gif {
    /// The defaults: 12 frames per second, 480 pixels wide, 255 colours, dithered, repeated forever.
    pub fn new() -> Self {
        Self { rate: Ratio::from(12), width: 480, colors: 255, dither: "sierra2_4a", repeats: None }
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

    /// Sets the number of colours, from 2 to 256. One more is reserved for transparency, and for pixels that have not
    /// changed since the previous frame; with 256 none is left, so files are larger and nothing is transparent.
    #[must_use]
    pub fn colors(self, colors: u32) -> Self {
        Self { colors, ..self }
    }

    /// Disables dithering: smaller files, with visible steps in gradients.
    #[must_use]
    pub fn no_dither(self) -> Self {
        Self { dither: "none", ..self }
    }

    /// Limits the number of repetitions: shown `times` times, at least once.
    #[must_use]
    pub fn times(self, times: u16) -> Self {
        Self { repeats: Some(times), ..self }
    }

    /// Returns the video in the colours of its palette.
    ///
    /// # Errors
    ///
    /// The rate is not positive or above 50, the width is odd or zero, the number of colours is not from 2 to 256.
    pub fn video(&self, video: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        if !(2..=256).contains(&self.colors) {
            return Err(RecipeError::new("colors", self.colors, "a number from 2 to 256"));
        }
        let small = animation::frames(video, self.rate, self.width)?;
        // The transparent colour counts.
        let palette = match self.colors {
            256 => Filter::new("palettegen").opt("max_colors", 256).opt("reserve_transparent", 0),
            colors => Filter::new("palettegen").opt("max_colors", colors + 1),
        };
        // The mode `diff` weights changing colours, and misses those that only the last scene shows.
        let palette = small.filter(palette.opt("stats_mode", "full"));
        let colored = Filter::new("paletteuse").opt("dither", self.dither).opt("diff_mode", "rectangle");
        Ok(colored.on([&small, &palette]).video())
    }

    /// Returns an output of the GIF.
    ///
    /// # Errors
    ///
    /// As [`video`](Gif::video); the number of repetitions is zero.
    pub fn output(&self, video: &Stream<Video>, path: impl Into<String>) -> Result<Output, RecipeError> {
        // The muxer counts repetitions after the first, and uses -1 for none.
        let repeats = match animation::times(self.repeats)? {
            0 => 0,
            1 => -1,
            times => i32::from(times) - 1,
        };
        let video = OutputStream::new(self.video(video)?).codec("gif");
        Ok(Output::new(path).format("gif").stream(video).arg("loop", repeats))
    }
}
