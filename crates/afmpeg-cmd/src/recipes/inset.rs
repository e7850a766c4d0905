use serde::{Deserialize, Serialize};

use super::{
    colors,
    error::{RecipeError, in_range},
};
use crate::{Filter, Stream, Value, Video};

/// A corner of the frame.
///
/// ```
/// use afmpeg_cmd::recipes::{Corner, Inset, Text};
///
/// let mark = Inset::watermark().corner(Corner::TopRight);
/// let clock = Text::new("12:30", "/fonts/DejaVuSansMono.ttf").corner(Corner::BottomLeft, 16);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Corner {
    /// The top left.
    TopLeft,
    /// The top right.
    TopRight,
    /// The bottom left.
    BottomLeft,
    /// The bottom right.
    BottomRight,
}

impl Corner {
    /// Returns the expressions of `x` and `y` for an overlay whose size and frame FFmpeg's variables hold.
    fn place(self, margin: u32, (outer_w, outer_h): (&str, &str), (w, h): (&str, &str)) -> (String, String) {
        let far = |outer: &str, own: &str| format!("{outer}-{own}-{margin}");
        let near = margin.to_string();
        match self {
            Corner::TopLeft => (near.clone(), near),
            Corner::TopRight => (far(outer_w, w), near),
            Corner::BottomLeft => (near, far(outer_h, h)),
            Corner::BottomRight => (far(outer_w, w), far(outer_h, h)),
        }
    }

    /// Returns the expressions of `x` and `y` for `drawtext`.
    pub(super) fn of_text(self, margin: u32) -> (String, String) {
        self.place(margin, ("w", "h"), ("text_w", "text_h"))
    }
}

/// A video or image in a corner of another video: a watermark, or picture in picture.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Output, recipes::{Corner, Inset}};
///
/// let (film, logo, face) = (Input::new("film.mp4"), Input::new("logo.png"), Input::new("face.mp4"));
/// let marked = Inset::watermark().corner(Corner::TopLeft).width(0.2).on(&film.video(), &logo.video())?;
/// let both = Inset::picture_in_picture().margin(40).on(&marked, &face.video())?;
/// let command = Command::new([Output::new("out.mp4").video(&both, "libx264").copy(film.audio())]);
/// let overlays = command.graph.nodes.iter().filter(|node| node.filter.name == "overlay");
/// assert_eq!(overlays.map(|node| node.filter.option("x").unwrap()).collect::<Vec<_>>(), ["24", "W-w-40"]);
/// let minute = std::time::Duration::from_secs(60);
/// assert_eq!(command.expected_duration(&[Some(minute), None, Some(2 * minute)]), Some(minute));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Inset {
    corner: Corner,
    margin: u32,
    width: f64,
    opacity: f64,
    stays: bool,
    enable: Option<Value>,
}

impl Inset {
    /// A watermark. The defaults are bottom right, 24 pixels from the edges, 0.15 of the video's width, and an opacity
    /// of 0.8. Its last frame stays to the end; moving watermarks run at 25 frames per second.
    pub fn watermark() -> Self {
        let corner = Corner::BottomRight;
        Self { corner, margin: 24, width: 0.15, opacity: 0.8, stays: true, enable: None }
    }

    /// A picture in picture. The defaults are bottom right, 24 pixels from the edges, 0.3 of the video's width, and
    /// opaque. It disappears if it ends before the video.
    pub fn picture_in_picture() -> Self {
        Self { width: 0.3, opacity: 1.0, stays: false, ..Self::watermark() }
    }

    /// Sets the corner.
    #[must_use]
    pub fn corner(self, corner: Corner) -> Self {
        Self { corner, ..self }
    }

    /// Sets the distance from the corner's edges, in pixels. In a video no larger than that, the inset is not visible.
    #[must_use]
    pub fn margin(self, pixels: u32) -> Self {
        Self { margin: pixels, ..self }
    }

    /// Sets the width as a fraction of the video's width: above 0, up to 1. The aspect ratio is kept, and the inset is
    /// smaller if it would not fit between the margins: a tall logo fills the available height.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, recipes::Inset};
    /// let (film, banner) = (Input::new("film.mp4"), Input::new("banner.png"));
    /// let marked = Inset::watermark().width(0.5).margin(10).on(&film.video(), &banner.video())?;
    /// let command = Command::new([Output::new("out.mp4").map(marked)]);
    /// let scale = command.graph.nodes.iter().find(|node| node.filter.name == "scale").unwrap();
    /// assert_eq!(scale.filter.option("w"), Some("max(1,min(rw*0.5,min(rw-10,(rh-10)*dar/ref_sar)))"));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn width(self, part: f64) -> Self {
        Self { width: part, ..self }
    }

    /// Sets the opacity, from 0 (invisible) to 1.
    #[must_use]
    pub fn opacity(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }

    /// Shows it only where an FFmpeg expression is not zero: `between(t,1,4)`.
    #[must_use]
    pub fn enable(self, expression: impl Into<Value>) -> Self {
        Self { enable: Some(expression.into()), ..self }
    }

    /// Overlays `inset` on `video`, which determines the duration.
    ///
    /// # Errors
    ///
    /// The width or the opacity is outside of its range.
    pub fn on(&self, video: &Stream<Video>, inset: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        let width = in_range("width", self.width, 0.001, 1.0)?;
        let opacity = in_range("opacity", self.opacity, 0.0, 1.0)?;
        let video = &colors::read(video);
        // By the size and pixel aspect ratio that the video has in FFmpeg; a size of zero would mean the inset's own.
        let margin = self.margin;
        let scale = Filter::new("scale")
            .opt("w", format!("max(1,min(rw*{width},min(rw-{margin},(rh-{margin})*dar/ref_sar)))"))
            .opt("h", format!("max(1,min(ow*ref_sar/dar,rh-{margin}))"));
        let mut inset = scale.on([inset, video]).video();
        if opacity < 1.0 {
            inset = inset.filters([
                Filter::new("format").opt("pix_fmts", "rgba"),
                Filter::new("colorchannelmixer").opt("aa", opacity),
            ]);
        }
        let (x, y) = self.corner.place(self.margin, ("W", "H"), ("w", "h"));
        if self.stays {
            // Frames are repeated at the inset's rate; without one, they would never end.
            let rate = Filter::new("fps").opt("fps", 25);
            inset = inset.filters([rate, Filter::new("tpad").opt("stop", -1).opt("stop_mode", "clone")]);
        }
        // Any other action would continue past the video's last frame with a longer inset.
        let overlay = Filter::new("overlay")
            .opt("x", x)
            .opt("y", y)
            .opt("eof_action", "pass")
            .arg_opt("enable", self.enable.clone());
        Ok(overlay.on([video, &inset]).video())
    }
}
