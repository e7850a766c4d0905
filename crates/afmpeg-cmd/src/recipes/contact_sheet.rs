use std::time::Duration;

use super::{
    Fit, colors,
    error::{RecipeError, even, nonzero, nonzero_duration},
    fit,
    frame_times::{First, Times},
    thumbnail::picture,
};
use crate::{Filter, Output, Stream, Value, Video, filters::video::drawtext};

/// Frames of a video in a grid, evenly spaced.
///
/// The whole video is decoded; with the input option `skip_frame` as here, only its key frames.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, recipes::ContactSheet};
///
/// let film = Input::new("film.mp4").arg("skip_frame", "nokey");
/// let sheet = ContactSheet::new(Duration::from_secs(600), 4, 3).cell(320, 180).padding(8);
/// assert_eq!(sheet.size(), (4 * 320 + 3 * 8, 3 * 180 + 2 * 8));
/// let command = Command::new([sheet.output(&film.video(), "film.jpg")?]);
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
    /// A grid for a video of this duration. By default, cells are 320x180, without padding.
    pub fn new(duration: Duration, columns: u32, rows: u32) -> Self {
        let background = "black".into();
        Self { duration, columns, rows, cell: (320, 180), padding: 0, margin: 0, background, font: None }
    }

    /// Sets the size of each cell, in pixels; frames of another shape get bars.
    #[must_use]
    pub fn cell(self, width: u32, height: u32) -> Self {
        Self { cell: (width, height), ..self }
    }

    /// Sets the space between cells, in pixels, up to 1024.
    #[must_use]
    pub fn padding(self, pixels: u32) -> Self {
        Self { padding: pixels, ..self }
    }

    /// Sets the space around the grid, in pixels, up to 1024.
    #[must_use]
    pub fn margin(self, pixels: u32) -> Self {
        Self { margin: pixels, ..self }
    }

    /// Sets the background colour, in FFmpeg's syntax.
    #[must_use]
    pub fn background(self, color: impl Into<Value>) -> Self {
        Self { background: color.into(), ..self }
    }

    /// Draws the time into each cell, as hours, minutes and seconds, with this font file of the job's filesystem. The
    /// font size fits the cell's width and height.
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

    /// Returns the size of the grid, in pixels.
    pub fn size(&self) -> (u32, u32) {
        let side = |count: u32, cell: u32| {
            let between = self.padding.saturating_mul(count.saturating_sub(1));
            count.saturating_mul(cell).saturating_add(between).saturating_add(self.margin.saturating_mul(2))
        };
        (side(self.columns, self.cell.0), side(self.rows, self.cell.1))
    }

    /// Returns the grid as one frame. Each cell shows the middle of its share of the time.
    ///
    /// # Errors
    ///
    /// The duration, a number of columns or rows or a size is zero, a size is odd, padding or margin is above 1024, or
    /// there are more than a million cells; cells are smaller than 56x24 and show times.
    pub fn video(&self, video: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        let (columns, rows) = (nonzero("columns", self.columns)?, nonzero("rows", self.rows)?);
        for (parameter, pixels) in [("padding", self.padding), ("margin", self.margin)] {
            if pixels > 1024 {
                return Err(RecipeError::new(parameter, pixels, "at most 1024"));
            }
        }
        let count = columns.checked_mul(rows).filter(|count| *count <= 1_000_000);
        let count = count.ok_or_else(|| RecipeError::new("rows", rows, "fewer: at most a million cells"))?;
        let interval = nonzero_duration("duration", self.duration)?;
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

    /// Draws the time of a frame, which is `later` than the start of its slot.
    fn time(&self, font: &str, later: Duration) -> Result<Filter, RecipeError> {
        let (width, height) = self.cell;
        // Eight letters, each at most three quarters as wide as high, and a margin of one letter.
        let letters = (height / 8).max(8).min(width / 7);
        if letters < 8 || height < 3 * letters {
            let found = format!("{width}x{height}");
            return Err(RecipeError::new("cell", found, "at least 56x24, for drawn times"));
        }
        let time = drawtext()
            .fontfile(font)
            // Colons outside of the format would end an argument.
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

    /// Returns an output of the grid as an image file.
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
