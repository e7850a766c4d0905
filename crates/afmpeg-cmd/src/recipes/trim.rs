use std::time::Duration;

use super::error::RecipeError;
use crate::{Input, Output, OutputStream, Value};

/// A part of a file, as its packets are: fast, and nothing is lost.
///
/// It begins at the key frame at or before `from`, for nothing else can be decoded; players that know edit lists leave
/// out what is before. For an exact part, decode: [`Input::seek`] and [`Input::to`] with an encoder.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Job, recipes::trim};
///
/// let job = Job::new([trim("film.mp4", Duration::from_secs(60), Duration::from_secs(90), "part.mp4")?]);
/// assert_eq!(job.expected_duration(&[Some(Duration::from_secs(600))]), Some(Duration::from_secs(30)));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// `to` is not after `from`.
pub fn trim(
    path: impl Into<String>,
    from: Duration,
    to: Duration,
    output: impl Into<String>,
) -> Result<Output, RecipeError> {
    if to <= from {
        let wanted = format!("after {}, where the part begins", Value::from(from));
        return Err(RecipeError::new("to", Value::from(to), wanted));
    }
    let input = Input::new(path).seek(from).to(to);
    let all = OutputStream::all_of(&input, "");
    Ok(Output::new(output).stream(all).copy_all().arg("avoid_negative_ts", "make_zero"))
}
