//! Spans of a stream.

use std::time::Duration;

use super::frame::{Frame, number};
use crate::recipes::RecipeError;

/// A span of a stream: silence, black or frozen video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "a span has two ends")]
pub struct Span {
    /// The start.
    pub start: Duration,
    /// The end; `None` if it lasts to the end of the stream.
    pub end: Option<Duration>,
}

impl Span {
    /// Returns the length; `None` if it lasts to the end of the stream.
    ///
    /// ```
    /// use std::time::Duration;
    /// use afmpeg_cmd::measure::Span;
    ///
    /// let second = Duration::from_secs(1);
    /// assert_eq!(Span { start: second, end: Some(3 * second) }.duration(), Some(2 * second));
    /// assert_eq!(Span { start: second, end: None }.duration(), None);
    /// ```
    pub fn duration(&self) -> Option<Duration> {
        self.end.map(|end| end.saturating_sub(self.start))
    }
}

/// Reads the spans between the times of these keys.
pub(super) fn read(frames: &[Frame<'_>], start: &str, end: &str) -> Result<Vec<Span>, RecipeError> {
    let mut spans: Vec<Span> = Vec::new();
    for (key, value) in frames.iter().flat_map(Frame::iter) {
        if key == start {
            let at = time(key, value)?;
            if let Some(open) = spans.last_mut().filter(|span| span.end.is_none()) {
                return Err(broken(
                    start,
                    value,
                    &format!("after the end of the span from {:?}", open.start),
                ));
            }
            spans.push(Span { start: at, end: None });
        } else if key == end {
            let at = time(key, value)?;
            let open = spans.last_mut().filter(|span| span.end.is_none() && span.start <= at);
            let Some(open) = open else { return Err(broken(end, value, "after a start")) };
            open.end = Some(at);
        }
    }
    Ok(spans)
}

fn broken(key: &str, value: &str, expected: &str) -> RecipeError {
    RecipeError::new(key, value, expected)
}

/// Parses seconds; negative times become zero.
fn time(key: &str, value: &str) -> Result<Duration, RecipeError> {
    let seconds = number(key, value)?;
    // By microseconds, as FFmpeg prints them: 0.1 s is not exactly 100 million nanoseconds in floating point.
    let micros = (seconds * 1e6).round();
    if !(-1e15..=1e15).contains(&micros) {
        return Err(RecipeError::new(key, value, "a time in seconds"));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked above")]
    Ok(Duration::from_micros(micros.max(0.0) as u64))
}
