use super::{
    colors,
    error::{RecipeError, even},
    shape::wide,
};
use crate::{Filter, Output, OutputStream, Ratio, Stream, Video};

/// A GIF with colours of its own, in one pass.
///
/// All its pictures are kept in memory until the last one is seen, at the size that they have in the end.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Input, Job, recipes::Gif};
///
/// let clip = Input::new("clip.mp4").seek(Duration::from_secs(2)).duration(Duration::from_secs(3));
/// let job = Job::new([Gif::new().width(320).output(&clip.video(), "clip.gif")?]);
/// assert!(job.graph.to_string().contains("palettegen"));
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
    /// By default, 12 frames a second, 480 pixels wide, of 255 colours, dithered, repeated for ever.
    pub fn new() -> Self {
        Self { rate: Ratio::from(12), width: 480, colors: 255, dither: "sierra2_4a", repeats: None }
    }

    /// Pictures a second, at most 50, which is what viewers show.
    #[must_use]
    pub fn rate(self, rate: Ratio) -> Self {
        Self { rate, ..self }
    }

    /// In pixels, which are square; it is as high as it becomes by that.
    #[must_use]
    pub fn width(self, width: u32) -> Self {
        Self { width, ..self }
    }

    /// From 2 to 256. One more is left for what is transparent, and for what has not changed since the frame before; with
    /// 256 none is left, so that files are larger, and nothing is transparent.
    #[must_use]
    pub fn colors(self, colors: u32) -> Self {
        Self { colors, ..self }
    }

    /// Without dithering: smaller, with steps where colours should flow.
    #[must_use]
    pub fn flat(self) -> Self {
        Self { dither: "none", ..self }
    }

    /// Shown so many times, and not for ever; 1 or more.
    #[must_use]
    pub fn times(self, times: u16) -> Self {
        Self { repeats: Some(times), ..self }
    }

    /// The pictures in the colours that were found.
    ///
    /// # Errors
    ///
    /// The rate is not above zero and at most 50, the width odd or zero, the colours not from 2 to 256.
    pub fn video(&self, video: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        if !(self.rate.num() > 0 && self.rate.as_f64() <= 50.0) {
            return Err(RecipeError::new("rate", self.rate, "above zero, and at most 50"));
        }
        if !(2..=256).contains(&self.colors) {
            return Err(RecipeError::new("colors", self.colors, "from 2 to 256"));
        }
        let width = even("width", self.width)?;
        // A clip that is shorter than half a frame of the GIF would be none.
        let fps = Filter::new("fps").opt("fps", self.rate).opt("eof_action", "pass");
        let small = colors::standard(&video.filter(fps)).filter(wide(width).opt("flags", "lanczos"));
        // The transparent one counts.
        let palette = match self.colors {
            256 => Filter::new("palettegen").opt("max_colors", 256).opt("reserve_transparent", 0),
            colors => Filter::new("palettegen").opt("max_colors", colors + 1),
        };
        // The mode `diff` counts colours that change away, and so has none of what only the last scene shows.
        let palette = small.filter(palette.opt("stats_mode", "full"));
        let colored = Filter::new("paletteuse").opt("dither", self.dither).opt("diff_mode", "rectangle");
        Ok(colored.on([&small, &palette]).video())
    }

    /// The file.
    ///
    /// # Errors
    ///
    /// As [`video`](Gif::video); it is shown zero times.
    pub fn output(&self, video: &Stream<Video>, path: impl Into<String>) -> Result<Output, RecipeError> {
        // The muxer counts how often it is shown again, and has a number of its own for not at all.
        let repeats = match self.repeats {
            None => 0,
            Some(0) => return Err(RecipeError::new("times", 0, "1 or more")),
            Some(1) => -1,
            Some(times) => i32::from(times) - 1,
        };
        let video = OutputStream::new(self.video(video)?).codec("gif");
        Ok(Output::new(path).format("gif").stream(video).arg("loop", repeats))
    }
}
