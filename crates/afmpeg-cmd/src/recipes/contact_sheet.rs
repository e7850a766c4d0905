use std::time::Duration;

use super::{
    Fit, colors,
    error::{RecipeError, even, not_zero, some_time},
    fit,
    shown::{First, Times},
    thumbnail::picture,
};
use crate::{Filter, Output, Stream, Value, Video, filters::video::drawtext};

/// Pictures of a video in a grid, evenly spaced.
///
/// The whole video is decoded for it; only its key frames are where the input has the option `skip_frame` as here.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Input, Job, recipes::ContactSheet};
///
/// let film = Input::new("film.mp4").arg("skip_frame", "nokey");
/// let sheet = ContactSheet::new(Duration::from_secs(600), 4, 3).cell(320, 180).padding(8);
/// assert_eq!(sheet.size(), (4 * 320 + 3 * 8, 3 * 180 + 2 * 8));
/// let job = Job::new([sheet.output(&film.video(), "film.jpg")?]);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ContactSheet {
    duration: Duration,
    columns: u32,
    rows: u32,
    cell: (u32, u32),
    padding: u32,
    margin: u32,
    background: Value,
    font: Option<String>,
}

impl ContactSheet {
    /// Of a video that is so long, with so many columns and rows. Unless it is told otherwise, pictures are 320x180,
    /// with nothing between them.
    pub fn new(duration: Duration, columns: u32, rows: u32) -> Self {
        let background = "black".into();
        Self { duration, columns, rows, cell: (320, 180), padding: 0, margin: 0, background, font: None }
    }

    /// How large each picture is, in pixels; pictures of another shape have bars.
    #[must_use]
    pub fn cell(self, width: u32, height: u32) -> Self {
        Self { cell: (width, height), ..self }
    }

    /// Between pictures, in pixels, to 1024.
    #[must_use]
    pub fn padding(self, pixels: u32) -> Self {
        Self { padding: pixels, ..self }
    }

    /// Around all of them, in pixels, to 1024.
    #[must_use]
    pub fn margin(self, pixels: u32) -> Self {
        Self { margin: pixels, ..self }
    }

    /// The colour between them, as FFmpeg writes colours.
    #[must_use]
    pub fn background(self, color: impl Into<Value>) -> Self {
        Self { background: color.into(), ..self }
    }

    /// Writes into each picture when it is, as hours, minutes and seconds, in the font of this file of the job's filesystem.
    /// The letters are as high as fit into the width and the height of a picture.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use afmpeg_cmd::recipes::ContactSheet;
    /// let sheet = ContactSheet::new(Duration::from_secs(600), 4, 3).times("/fonts/DejaVuSansMono.ttf");
    /// ```
    #[must_use]
    pub fn times(self, font: impl Into<String>) -> Self {
        Self { font: Some(font.into()), ..self }
    }

    /// How large it becomes, in pixels.
    pub fn size(&self) -> (u32, u32) {
        let side = |count: u32, cell: u32| {
            let between = self.padding.saturating_mul(count.saturating_sub(1));
            count.saturating_mul(cell).saturating_add(between).saturating_add(self.margin.saturating_mul(2))
        };
        (side(self.columns, self.cell.0), side(self.rows, self.cell.1))
    }

    /// The one picture. Each in it is of the middle of its share of the time.
    ///
    /// # Errors
    ///
    /// The duration, a number of columns or rows or a size is zero, a size is odd, padding or margin is above 1024, or
    /// there are more than a million pictures; times are to be written into pictures smaller than 56x24.
    pub fn video(&self, video: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        let (columns, rows) = (not_zero("columns", self.columns)?, not_zero("rows", self.rows)?);
        for (parameter, pixels) in [("padding", self.padding), ("margin", self.margin)] {
            if pixels > 1024 {
                return Err(RecipeError::new(parameter, pixels, "at most 1024"));
            }
        }
        let count = columns.checked_mul(rows).filter(|count| *count <= 1_000_000);
        let count =
            count.ok_or_else(|| RecipeError::new("rows", rows, "fewer: a million pictures at most"))?;
        let interval = some_time("duration", self.duration)?;
        let times = Times { duration: interval, count, first: First::Middle };
        let taken = colors::standard(&times.of(video, count)?);
        let cells =
            fit(&taken, even("cell.width", self.cell.0)?, even("cell.height", self.cell.1)?, Fit::Contain)?;
        let cells = match &self.font {
            Some(font) => cells.filter(self.time(font, interval / count / 2)?),
            None => cells,
        };
        Ok(cells.filter(
            tile(columns, rows)
                .opt("padding", self.padding)
                .opt("margin", self.margin)
                .opt("color", self.background.clone()),
        ))
    }

    /// What is written into a picture, whose time is so much later than the start of its slot.
    fn time(&self, font: &str, later: Duration) -> Result<Filter, RecipeError> {
        let (width, height) = self.cell;
        // Eight letters of at most three quarters of their height, and as much around them as one is high.
        let letters = (height / 8).max(8).min(width / 7);
        if letters < 8 || height < 3 * letters {
            let found = format!("{width}x{height}");
            return Err(RecipeError::new("cell", found, "56x24 or more, to have times written into it"));
        }
        let time = drawtext()
            .fontfile(font)
            // Of the colons, only those that are no part of the format end an argument.
            .text(format!(r"%{{pts:gmtime:{:.6}:%H\:%M\:%S}}", later.as_secs_f64()))
            .fontsize(letters)
            .fontcolor("white")
            .r#box(true)
            .boxcolor("black@0.5")
            .boxborderw(letters / 6 + 1)
            .x(format!("w-text_w-{}", letters / 2))
            .y(format!("h-text_h-{}", letters / 2));
        Ok(time.into())
    }

    /// The picture as a file.
    ///
    /// # Errors
    ///
    /// As [`video`](ContactSheet::video).
    pub fn output(&self, video: &Stream<Video>, path: impl Into<String>) -> Result<Output, RecipeError> {
        Ok(picture(self.video(video)?, path))
    }
}

pub(super) fn tile(columns: u32, rows: u32) -> Filter {
    Filter::new("tile").opt("layout", format!("{columns}x{rows}"))
}
