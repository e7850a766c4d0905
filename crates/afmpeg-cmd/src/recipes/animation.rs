//! Common parts of GIF and animated WebP.

use super::{
    colors,
    error::{RecipeError, even},
    shape::wide,
};
use crate::{Filter, Ratio, Stream, Video};

/// Returns frames of this rate, at most 50 per second, and of this width in square pixels.
pub(super) fn frames(video: &Stream<Video>, rate: Ratio, width: u32) -> Result<Stream<Video>, RecipeError> {
    if !(rate.num() > 0 && rate.as_f64() <= 50.0) {
        return Err(RecipeError::new("rate", rate, "a rate above 0, and at most 50"));
    }
    let width = even("width", width)?;
    // By default, a clip shorter than half a frame of the animation would be empty.
    let fps = Filter::new("fps").opt("fps", rate).opt("eof_action", "pass");
    Ok(colors::standard(&video.filter(fps)).filter(wide(width).opt("flags", "lanczos")))
}

/// Returns the number of times that an animation is shown, or 0 for ever.
pub(super) fn times(times: Option<u16>) -> Result<u16, RecipeError> {
    match times {
        Some(0) => Err(RecipeError::new("times", 0, "at least 1")),
        times => Ok(times.unwrap_or(0)),
    }
}
