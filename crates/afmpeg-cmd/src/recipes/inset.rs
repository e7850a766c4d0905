use super::{
    colors,
    error::{RecipeError, within},
};
use crate::{Filter, Stream, Value, Video};

/// A corner of the picture.
///
/// ```
/// use afmpeg_cmd::recipes::{Corner, Inset, Text};
///
/// let mark = Inset::watermark().corner(Corner::TopRight);
/// let clock = Text::new("12:30", "/fonts/DejaVuSansMono.ttf").corner(Corner::BottomLeft, 16);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Corner {
    /// Left, at the top.
    TopLeft,
    /// Right, at the top.
    TopRight,
    /// Left, at the bottom.
    BottomLeft,
    /// Right, at the bottom.
    BottomRight,
}

impl Corner {
    /// The expressions of `x` and `y` for something that is as large as FFmpeg's variables say, so far from the edges.
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

    /// Of `drawtext`.
    pub(super) fn of_text(self, margin: u32) -> (String, String) {
        self.place(margin, ("w", "h"), ("text_w", "text_h"))
    }
}

/// Something over a video, in a corner: a watermark, or another video.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Output, recipes::{Corner, Inset}};
///
/// let (film, logo, face) = (Input::new("film.mp4"), Input::new("logo.png"), Input::new("face.mp4"));
/// let marked = Inset::watermark().corner(Corner::TopLeft).width(0.2).on(&film.video(), &logo.video())?;
/// let both = Inset::picture_in_picture().margin(40).on(&marked, &face.video())?;
/// let job = Job::new([Output::new("out.mp4").video(&both, "libx264").copy(film.audio())]);
/// let overlays = job.graph.nodes.iter().filter(|node| node.filter.name == "overlay");
/// assert_eq!(overlays.map(|node| node.filter.option("x").unwrap()).collect::<Vec<_>>(), ["24", "W-w-40"]);
/// let minute = std::time::Duration::from_secs(60);
/// assert_eq!(job.expected_duration(&[Some(minute), None, Some(2 * minute)]), Some(minute));
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
    /// Unless it is told otherwise: bottom right, 24 pixels from the edges, 0.15 as wide as the video, at an opacity of
    /// 0.8. Its last picture stays to the end; if it moves, it does at 25 pictures a second.
    pub fn watermark() -> Self {
        let corner = Corner::BottomRight;
        Self { corner, margin: 24, width: 0.15, opacity: 0.8, stays: true, enable: None }
    }

    /// Unless it is told otherwise: bottom right, 24 pixels from the edges, 0.3 as wide as the video, opaque. Where the
    /// inset ends before the video, it is gone.
    pub fn picture_in_picture() -> Self {
        Self { width: 0.3, opacity: 1.0, stays: false, ..Self::watermark() }
    }

    /// Where it is.
    #[must_use]
    pub fn corner(self, corner: Corner) -> Self {
        Self { corner, ..self }
    }

    /// How far from the corner's two edges, in pixels. In a video that is no larger than this, nothing of it is seen.
    #[must_use]
    pub fn margin(self, pixels: u32) -> Self {
        Self { margin: pixels, ..self }
    }

    /// How wide, as a part of the video's width: above 0, to 1. It keeps its shape, and is less wide where it would not
    /// fit into the video beside the margins: a high logo becomes as high as there is room.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output, recipes::Inset};
    /// let (film, banner) = (Input::new("film.mp4"), Input::new("banner.png"));
    /// let marked = Inset::watermark().width(0.5).margin(10).on(&film.video(), &banner.video())?;
    /// let job = Job::new([Output::new("out.mp4").map(marked)]);
    /// let scale = job.graph.nodes.iter().find(|node| node.filter.name == "scale").unwrap();
    /// assert_eq!(scale.filter.option("w"), Some("max(1,min(rw*0.5,min(rw-10,(rh-10)*dar/ref_sar)))"));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    #[must_use]
    pub fn width(self, part: f64) -> Self {
        Self { width: part, ..self }
    }

    /// From 0, unseen, to 1.
    #[must_use]
    pub fn opacity(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }

    /// Seen only where this expression of FFmpeg's is not zero: `between(t,1,4)`.
    #[must_use]
    pub fn enable(self, expression: impl Into<Value>) -> Self {
        Self { enable: Some(expression.into()), ..self }
    }

    /// Puts `inset` over `video`, which decides how long the whole is.
    ///
    /// # Errors
    ///
    /// The width or the opacity is outside of its range.
    pub fn on(&self, video: &Stream<Video>, inset: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        let width = within("width", self.width, 0.001, 1.0)?;
        let opacity = within("opacity", self.opacity, 0.0, 1.0)?;
        let video = &colors::read(video);
        // Against the video's own size and the shape of its pixels, which only FFmpeg knows; a size of zero would be the
        // inset's own.
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
            // Copies are made at the rate that it has, and without one there would be no end of them.
            let rate = Filter::new("fps").opt("fps", 25);
            inset = inset.filters([rate, Filter::new("tpad").opt("stop", -1).opt("stop_mode", "clone")]);
        }
        // With any other action, an inset that is longer than the video would go on over its last picture.
        let overlay = Filter::new("overlay")
            .opt("x", x)
            .opt("y", y)
            .opt("eof_action", "pass")
            .maybe("enable", self.enable.clone());
        Ok(overlay.on([video, &inset]).video())
    }
}
