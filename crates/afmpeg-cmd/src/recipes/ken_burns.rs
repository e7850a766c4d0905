use std::time::Duration;

use super::{
    Fit, colors,
    error::{RecipeError, even, in_range, nonzero_duration},
    fit::fit_on,
};
use crate::{Filter, Ratio, Stream, Value, Video};

/// A region of a frame with the frame's aspect ratio, in fractions of its width and height from the top left.
///
/// ```
/// use afmpeg_cmd::recipes::View;
///
/// assert_eq!(View::whole(), View { x: 0.0, y: 0.0, size: 1.0 });
/// let upper_right_quarter = View { x: 0.5, y: 0.0, size: 0.5 };
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// The left edge.
    pub x: f64,
    /// The top edge.
    pub y: f64,
    /// The width and height, from 0.1 to 1.
    pub size: f64,
}

impl View {
    /// The whole frame.
    pub fn whole() -> Self {
        Self { x: 0.0, y: 0.0, size: 1.0 }
    }

    fn check(self, name: &str) -> Result<Self, RecipeError> {
        let size = in_range(format!("{name}.size"), self.size, 0.1, 1.0)?;
        let most = 1.0 - size;
        for (axis, start) in [("x", self.x), ("y", self.y)] {
            // With a tolerance, since sums of decimal fractions are inexact.
            if !(most..most + 1e-9).contains(&start) {
                in_range(format!("{name}.{axis}"), start, 0.0, most)?;
            }
        }
        Ok(self)
    }
}

/// A camera movement over a still image.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, Output, Ratio, recipes::{KenBurns, View}};
///
/// let photo = Input::image("photo.jpg");
/// let way = KenBurns::new(View::whole(), View { x: 0.3, y: 0.2, size: 0.5 }, Duration::from_secs(4));
/// assert_eq!(way.size(1920, 1080).rate(Ratio::from(30)).frames()?, 120);
/// # let way = KenBurns::new(View::whole(), View { x: 0.3, y: 0.2, size: 0.5 }, Duration::from_secs(4));
/// let command = Command::new([Output::new("photo.mp4").video(way.video(&photo.video())?, "libx264")]);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KenBurns {
    from: View,
    to: View,
    duration: Duration,
    size: (u32, u32),
    rate: Ratio,
    upscale: u32,
}

impl KenBurns {
    /// A movement from one region to another within `duration`. The defaults are 1280x720 at 25 frames per second. The
    /// image is cropped to that aspect ratio, and the regions are relative to the cropped image.
    pub fn new(from: View, to: View, duration: Duration) -> Self {
        Self { from, to, duration, size: (1280, 720), rate: Ratio::from(25), upscale: 4 }
    }

    /// Sets the size of the video, in pixels.
    #[must_use]
    pub fn size(self, width: u32, height: u32) -> Self {
        Self { size: (width, height), ..self }
    }

    /// Sets the frames per second.
    #[must_use]
    pub fn rate(self, rate: Ratio) -> Self {
        Self { rate, ..self }
    }

    /// Sets the factor by which the image is enlarged first, from 1 to 8; the default is 4. `zoompan` moves by whole
    /// pixels, which jitters unless they are small. Memory grows with its square: 100 MB for 1920x1080 at 4.
    #[must_use]
    pub fn upscale(self, times: u32) -> Self {
        Self { upscale: times, ..self }
    }

    /// Returns the number of frames of the video.
    ///
    /// # Errors
    ///
    /// The duration is shorter than a frame or longer than a day, or the rate is not positive, or above 1000.
    pub fn frames(&self) -> Result<u32, RecipeError> {
        let rate = in_range("rate", self.rate.as_f64(), 0.001, 1000.0)?;
        let frames = (nonzero_duration("duration", self.duration)?.as_secs_f64() * rate).round();
        let frames = in_range("duration, in frames", frames, 1.0, 86_400_000.0)?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range is checked above"
        )]
        Ok(frames as u32)
    }

    /// Returns the video, with square pixels, as `yuv420p`, with the colours and time base of
    /// [`Conform`](super::Conform). It uses the first frame of `picture`.
    ///
    /// # Errors
    ///
    /// As [`frames`](KenBurns::frames); a region is not within the image; a size is odd, zero or, after enlarging,
    /// above 32766.
    pub fn video(&self, picture: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        let (from, to) = (self.from.check("from")?, self.to.check("to")?);
        let (width, height) = (even("width", self.size.0)?, even("height", self.size.1)?);
        let frames = self.frames()?;
        if !(1..=8).contains(&self.upscale) {
            return Err(RecipeError::new("upscale", self.upscale, "a number from 1 to 8"));
        }
        let large = |size: u32| size.saturating_mul(self.upscale);
        let first = picture.filter(Filter::new("trim").opt("end_frame", 1));
        let matrix = colors::assumed(width, height);
        let black = Value::from("black");
        let covering = fit_on(&first, large(width), large(height), Fit::Cover, &black, |scale| {
            colors::scaled(scale, picture, Some(matrix))
        })?;
        let last = frames.saturating_sub(1).max(1);
        let way = |from: f64, to: f64| format!("({from}+({})*on/{last})", to - from);
        // `zoompan` truncates each edge of the region: without rounding, the region would shake around its centre.
        let edge = |whole: &str, from_start: f64, to_start: f64| {
            let middle = way(from_start + from.size / 2.0, to_start + to.size / 2.0);
            format!("round({whole}*{middle}-floor({whole}/zoom)/2)")
        };
        let zoompan = Filter::new("zoompan")
            .opt("z", format!("1/{}", way(from.size, to.size)))
            .opt("x", edge("iw", from.x, to.x))
            .opt("y", edge("ih", from.y, to.y))
            .opt("d", frames)
            .opt("s", format!("{width}x{height}"))
            .opt("fps", self.rate);
        // Chroma at half resolution would limit movement to steps of two pixels.
        let formats = Filter::new("format").opt("pix_fmts", "yuv444p");
        Ok(covering.filters([
            colors::tagged(picture, formats, matrix),
            zoompan,
            Filter::new("setsar").opt("sar", 1),
            Filter::new("format").opt("pix_fmts", "yuv420p").opt("color_ranges", "tv"),
            Filter::new("settb").opt("expr", "AVTB"),
            // `zoompan` reports the end of the image as its own to later filters.
            Filter::new("setpts").opt("expr", format!("N/({})/TB", self.rate)),
        ]))
    }
}
