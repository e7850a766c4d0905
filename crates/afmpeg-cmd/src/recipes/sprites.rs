use std::{fmt::Write as _, time::Duration};

use super::{
    Fit, colors,
    contact_sheet::tile,
    error::{RecipeError, even, nonzero, nonzero_duration},
    fit,
    frame_times::{First, Times},
};
use crate::{Output, OutputStream, Stream, Video};

/// Small frames of a video on few sheets, with WebVTT that maps times to them: previews for a player's seek bar.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, recipes::Sprites};
///
/// let film = Input::new("film.mp4");
/// let sprites = Sprites::new(Duration::from_secs(25), Duration::from_secs(10)).cell(160, 90).grid(2, 2);
/// assert_eq!((sprites.count()?, sprites.sheets()?), (3, 1));
/// let command = Command::new([sprites.output(&film.video(), "thumbs/film.jpg")?]);
/// assert_eq!(
///     sprites.vtt("thumbs/film.jpg")?,
///     "WEBVTT\n\n\
///      00:00:00.000 --> 00:00:10.000\nfilm_001.jpg#xywh=0,0,160,90\n\n\
///      00:00:10.000 --> 00:00:20.000\nfilm_001.jpg#xywh=160,0,160,90\n\n\
///      00:00:20.000 --> 00:00:25.000\nfilm_001.jpg#xywh=0,90,160,90\n\n"
/// );
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sprites {
    duration: Duration,
    interval: Duration,
    cell: (u32, u32),
    grid: (u32, u32),
}

impl Sprites {
    /// Sprites for a video of this duration, one per interval. The defaults are frames of 160x90, on sheets of 10 by
    /// 10.
    pub fn new(duration: Duration, interval: Duration) -> Self {
        Self { duration, interval, cell: (160, 90), grid: (10, 10) }
    }

    /// Sets the size of each frame, in pixels; frames of another shape get bars.
    #[must_use]
    pub fn cell(self, width: u32, height: u32) -> Self {
        Self { cell: (width, height), ..self }
    }

    /// Sets the columns and rows of a sheet.
    #[must_use]
    pub fn grid(self, columns: u32, rows: u32) -> Self {
        Self { grid: (columns, rows), ..self }
    }

    /// Returns the number of frames. The last one may stand for less than an interval.
    ///
    /// # Errors
    ///
    /// A duration is zero, or there are more than a million frames.
    pub fn count(&self) -> Result<u32, RecipeError> {
        let duration = nonzero_duration("duration", self.duration)?.as_micros();
        let count = duration.div_ceil(nonzero_duration("interval", self.interval)?.as_micros());
        let count = u32::try_from(count).ok().filter(|count| *count <= 1_000_000);
        let expected = "a longer one, for at most a million frames";
        count.ok_or_else(|| RecipeError::new("interval", format!("{:?}", self.interval), expected))
    }

    /// Returns the number of sheets.
    ///
    /// # Errors
    ///
    /// As [`count`](Sprites::count), or the grid has no cells, or more than a million.
    pub fn sheets(&self) -> Result<u32, RecipeError> {
        Ok(self.count()?.div_ceil(self.cells()?))
    }

    fn cells(&self) -> Result<u32, RecipeError> {
        let (columns, rows) = (nonzero("columns", self.grid.0)?, nonzero("rows", self.grid.1)?);
        let cells = columns.checked_mul(rows).filter(|cells| *cells <= 1_000_000);
        cells.ok_or_else(|| RecipeError::new("rows", rows, "fewer: at most a million cells"))
    }

    /// Returns the sheets, one per frame. A cell shows the start of its interval.
    ///
    /// # Errors
    ///
    /// As [`sheets`](Sprites::sheets), or a size is odd or zero.
    pub fn video(&self, video: &Stream<Video>) -> Result<Stream<Video>, RecipeError> {
        self.cells()?;
        let times = Times { duration: self.interval, count: 1, first: First::Start };
        let taken = colors::standard(&times.of(video, self.count()?)?);
        let (width, height) = (even("cell.width", self.cell.0)?, even("cell.height", self.cell.1)?);
        Ok(fit(&taken, width, height, Fit::Contain)?.filter(tile(self.grid.0, self.grid.1)))
    }

    /// Returns an output of the sheets as files: for `film.jpg`, `film_001.jpg` and so on.
    ///
    /// # Errors
    ///
    /// As [`video`](Sprites::video), or the path has no extension.
    pub fn output(&self, video: &Stream<Video>, path: &str) -> Result<Output, RecipeError> {
        let (stem, ending) = split(path)?;
        // A literal percent sign must be doubled.
        let pattern = format!("{}_%03d.{}", stem.replace('%', "%%"), ending.replace('%', "%%"));
        let sheets = OutputStream::new(self.video(video)?).frames(self.sheets()?.into());
        Ok(Output::new(pattern).format("image2").stream(sheets))
    }

    /// Returns the text of the WebVTT file for the sheets at the same path, to store next to them.
    ///
    /// # Errors
    ///
    /// As [`output`](Sprites::output).
    pub fn vtt(&self, path: &str) -> Result<String, RecipeError> {
        let (stem, ending) = split(path)?;
        let stem = url(stem.rsplit('/').next().unwrap_or(stem));
        let ending = url(ending);
        let (count, cells) = (self.count()?, self.cells()?);
        let (width, height) = (even("cell.width", self.cell.0)?, even("cell.height", self.cell.1)?);
        let mut text = String::from("WEBVTT\n\n");
        for index in 0..count {
            let start = self.interval.saturating_mul(index);
            let end = start.saturating_add(self.interval).min(self.duration);
            let (sheet, place) = (index / cells + 1, index % cells);
            let x = u64::from(place % self.grid.0) * u64::from(width);
            let y = u64::from(place / self.grid.0) * u64::from(height);
            let (start, end) = (timestamp(start), timestamp(end));
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "{start} --> {end}\n{stem}_{sheet:03}.{ending}#xywh={x},{y},{width},{height}\n\n"
            );
        }
        Ok(text)
    }
}

fn split(path: &str) -> Result<(&str, &str), RecipeError> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match (name.rsplit_once('.'), path.rsplit_once('.')) {
        (Some((stem, ending)), Some(split)) if !stem.is_empty() && !ending.is_empty() => Ok(split),
        _ => Err(RecipeError::new("path", format!("{path:?}"), "a path with an extension, like film.jpg")),
    }
}

/// Escapes a name for a URL.
fn url(name: &str) -> String {
    name.bytes().fold(String::new(), |mut url, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(byte.into());
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
        url
    })
}

fn timestamp(time: Duration) -> String {
    let secs = time.as_secs();
    format!("{:02}:{:02}:{:02}.{:03}", secs / 3600, secs / 60 % 60, secs % 60, time.subsec_millis())
}
