use std::time::Duration;

use super::{
    Fit, colors,
    error::{RecipeError, even, some_time, within},
    fit::fit_on,
};
use crate::{Filter, Ratio, Stream, Value, Video};

/// A part of a picture, of the picture's own shape, in parts of its width and height: from 0, left and top, to 1.
///
/// ```
/// use afmpeg_cmd::recipes::View;
///
/// assert_eq!(View::whole(), View { x: 0.0, y: 0.0, size: 1.0 });
/// let upper_right_quarter = View { x: 0.5, y: 0.0, size: 0.5 };
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Where its left edge is.
    pub x: f64,
    /// Where its upper edge is.
    pub y: f64,
    /// How wide and how high it is, from 0.1 to 1.
    pub size: f64,
}

impl View {
    /// All of it.
    pub fn whole() -> Self {
        Self { x: 0.0, y: 0.0, size: 1.0 }
    }

    fn check(self, name: &str) -> Result<Self, RecipeError> {
        let size = within(format!("{name}.size"), self.size, 0.1, 1.0)?;
        // A little more than what is left, for sums of decimal fractions are not exact.
        let most = 1.0 - size + 1e-9;
        within(format!("{name}.x"), self.x, 0.0, most)?;
        within(format!("{name}.y"), self.y, 0.0, most)?;
        Ok(self)
    }
}

/// A camera's way over a still picture.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Input, Job, Output, Ratio, recipes::{KenBurns, View}};
///
/// let photo = Input::picture("photo.jpg");
/// let way = KenBurns::new(View::whole(), View { x: 0.3, y: 0.2, size: 0.5 }, Duration::from_secs(4));
/// assert_eq!(way.size(1920, 1080).rate(Ratio::from(30)).frames()?, 120);
/// # let way = KenBurns::new(View::whole(), View { x: 0.3, y: 0.2, size: 0.5 }, Duration::from_secs(4));
/// let job = Job::new([Output::new("photo.mp4").video(way.video(&photo.video())?, "libx264")]);
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
    /// From one part of the picture to another, in so much time. Unless it is told otherwise: 1280x720, at 25 pictures
    /// a second. The picture covers that shape, and the parts are of what is left.
    pub fn new(from: View, to: View, duration: Duration) -> Self {
        Self { from, to, duration, size: (1280, 720), rate: Ratio::from(25), upscale: 4 }
    }

    /// How large it becomes, in pixels.
    #[must_use]
    pub fn size(self, width: u32, height: u32) -> Self {
        Self { size: (width, height), ..self }
    }

    /// Pictures a second.
    #[must_use]
    pub fn rate(self, rate: Ratio) -> Self {
        Self { rate, ..self }
    }

    /// How many times larger than the video the picture is made first, from 1 to 8; 4 otherwise. `zoompan` moves in
    /// whole pixels, which is seen as jitter unless they are small. Memory goes with its square: 100 MB for 1920x1080
    /// four times larger.
    #[must_use]
    pub fn upscale(self, times: u32) -> Self {
        Self { upscale: times, ..self }
    }

    /// How many pictures it becomes.
    ///
    /// # Errors
    ///
    /// The duration is shorter than one picture or longer than a day, or the rate is not above zero, or above 1000.
    pub fn frames(&self) -> Result<u32, RecipeError> {
        let rate = within("rate", self.rate.as_f64(), 0.001, 1000.0)?;
        let frames = (some_time("duration", self.duration)?.as_secs_f64() * rate).round();
        let frames = within("duration, in pictures", frames, 1.0, 86_400_000.0)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was just compared")]
        Ok(frames as u32)
    }

    /// The video, with square pixels, as `yuv420p`, in the colours and the time base that [`Conform`](super::Conform)
    /// makes. Of what it is given, it takes the first picture.
    ///
    /// # Errors
    ///
    /// As [`frames`](KenBurns::frames); a part is not within the picture; a size is odd or zero, or, made larger, above
    /// 32766.
    pub fn video(&self, picture: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        let (from, to) = (self.from.check("from")?, self.to.check("to")?);
        let (width, height) = (even("width", self.size.0)?, even("height", self.size.1)?);
        let frames = self.frames()?;
        if !(1..=8).contains(&self.upscale) {
            return Err(RecipeError::new("upscale", self.upscale, "from 1 to 8"));
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
        // Of the part that is shown, `zoompan` rounds down every edge by itself: it would shake about its middle.
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
        // Colours at half the size would let it move by two pixels only.
        let formats = Filter::new("format").opt("pix_fmts", "yuv444p");
        Ok(covering.filters([
            colors::tagged(picture, formats, matrix),
            zoompan,
            Filter::new("setsar").opt("sar", 1),
            Filter::new("format").opt("pix_fmts", "yuv420p").opt("color_ranges", "tv"),
            Filter::new("settb").opt("expr", "AVTB"),
            // `zoompan` tells the filters behind it that its end is that of the picture.
            Filter::new("setpts").opt("expr", format!("N/({})/TB", self.rate)),
        ]))
    }
}
