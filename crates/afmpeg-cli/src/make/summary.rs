//! The files that were made, as text and as JSON.

use std::{fmt::Write as _, time::Duration};

use afmpeg_engine::Probe;
use serde::Serialize;

use super::target::StagedFile;
use crate::{failure::Failure, job_result};

/// The result of a recipe.
pub(crate) struct Made {
    pub(crate) files: Vec<File>,
    pub(crate) notes: Vec<String>,
}

/// A file that was made. A property that it does not have is null.
#[derive(Serialize)]
pub(crate) struct File {
    path: String,
    bytes: u64,
    seconds: Option<f64>,
    width: Option<u32>,
    height: Option<u32>,
    #[serde(skip)]
    is_described: bool,
}

impl File {
    /// The file, with the properties of its probe.
    pub(crate) fn new(file: &StagedFile, probe: Option<&Probe>) -> Self {
        let size = probe.and_then(|probe| probe.video()?.display_size());
        // An image has a duration of one frame, which is not a fact about the file.
        let duration = probe.filter(|probe| !probe.is_image()).and_then(Probe::duration);
        Self {
            path: file.path.display().to_string(),
            bytes: file.bytes,
            seconds: duration.as_ref().map(Duration::as_secs_f64),
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
            is_described: probe.is_some(),
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    result: &'static str,
    exit_code: u8,
    error: Option<&'a Failure>,
    seconds: f64,
    outputs: &'a [File],
    notes: &'a [String],
}

/// Returns the result as one line of JSON.
pub(crate) fn line(result: &Result<Option<Made>, Failure>, elapsed: Duration) -> Result<String, Failure> {
    let (made, error) = match result {
        Ok(made) => (made.as_ref(), None),
        Err(failure) => (None, Some(failure)),
    };
    job_result::to_line(&Line {
        result: if error.is_none() { "success" } else { "error" },
        exit_code: error.map_or(0, Failure::code),
        error,
        seconds: elapsed.as_secs_f64(),
        outputs: made.map(|made| made.files.as_slice()).unwrap_or_default(),
        notes: made.map(|made| made.notes.as_slice()).unwrap_or_default(),
    })
}

/// Returns a line for each described file, and one for the others.
pub(crate) fn text(made: &Made) -> String {
    let mut text = String::new();
    let (described, others): (Vec<&File>, Vec<&File>) = made.files.iter().partition(|file| file.is_described);
    for file in described {
        text.push_str(&file.path);
        if let (Some(width), Some(height)) = (file.width, file.height) {
            let _ = write!(text, "  {width}x{height}");
        }
        if let Some(seconds) = file.seconds {
            let _ = write!(text, "  {seconds:.3} s");
        }
        let _ = writeln!(text, "  {} bytes", file.bytes);
    }
    match others.as_slice() {
        [] => {}
        [file] => {
            let _ = writeln!(text, "{}  {} bytes", file.path, file.bytes);
        }
        others => {
            let bytes: u64 = others.iter().map(|file| file.bytes).sum();
            let _ = writeln!(text, "{} other files  {bytes} bytes", others.len());
        }
    }
    text
}
