use std::time::Duration;

use super::error::{RecipeError, in_range, nonzero_duration};
use crate::{
    Audio, Command, Filter, Stream, Value, Video,
    measure::{Measuring, Record, Series, Span},
};

/// Removes silence from audio, and from its video: a first command finds the silence, and a second one joins the rest.
/// [`shorten_silences`] does less, in one command.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, Output, measure::Record, recipes::RemoveSilence};
///
/// let talk = Input::new("talk.mp4");
/// let remove = RemoveSilence::new().keep(Duration::ZERO);
/// let first = remove.detect(&talk.audio())?;
/// // The measurements of the first command, `first.command`: `afmpeg_engine::Job::measurements(1)`.
/// let records = [
///     Record::new(0, 24, Some(3_000_000), "lavfi.silence_start", "2.5"),
///     Record::new(0, 32, Some(4_000_000), "lavfi.silence_end", "4"),
///     Record::new(0, 76, Some(9_500_000), "lavfi.silence_start", "9"),
/// ];
/// let silences = first.read(&records)?;
/// let (video, audio) = remove.cut(&talk.video(), &talk.audio(), &silences, Duration::from_secs(10))?;
/// let second = Command::new([Output::new("brisk.mp4").video(video, "libx264").audio(audio, "aac")]);
/// // From 0 to 2.5, and from 4 to 9.
/// assert_eq!(second.expected_duration(&[Some(Duration::from_secs(10))]), Some(Duration::from_millis(7_500)));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RemoveSilence {
    threshold: f64,
    shortest: Duration,
    keep: Duration,
}

/// A command that finds silence.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Detection {
    /// The command. It needs one device for measurements.
    pub command: Command,
    /// The series of the spans of silence.
    pub silences: Series<Span>,
}

impl Detection {
    /// Returns the spans of silence, from the measurements of the command.
    ///
    /// # Errors
    ///
    /// The records are from another command.
    pub fn read<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Record>,
    ) -> Result<Vec<Silence>, RecipeError> {
        self.silences.read(records)
    }
}

/// A span of silence.
pub type Silence = Span;

impl Default for RemoveSilence {
    fn default() -> Self {
        Self::new()
    }
}

impl RemoveSilence {
    /// The defaults: audio below -50 dB for at least half a second is silence, of which 0.1 s is kept.
    pub fn new() -> Self {
        let (shortest, keep) = (Duration::from_millis(500), Duration::from_millis(100));
        Self { threshold: -50.0, shortest, keep }
    }

    /// Sets the level below which audio is silent, in dB of full scale: from -120 to 0.
    #[must_use]
    pub fn threshold(self, decibels: f64) -> Self {
        Self { threshold: decibels, ..self }
    }

    /// Sets the shortest silence; shorter ones are kept.
    #[must_use]
    pub fn shortest(self, duration: Duration) -> Self {
        Self { shortest: duration, ..self }
    }

    /// Sets the part of each silence that is kept, to separate words.
    #[must_use]
    pub fn keep(self, duration: Duration) -> Self {
        Self { keep: duration, ..self }
    }

    /// Returns the first command: it decodes the audio, and measures one stream.
    ///
    /// # Errors
    ///
    /// The threshold is out of range, or the shortest silence is zero.
    pub fn detect(&self, audio: &Stream<Audio>) -> Result<Detection, RecipeError> {
        let mut measuring = Measuring::new();
        let silences = measuring.silence(audio, self.threshold, self.shortest)?;
        Ok(Detection { command: measuring.command(), silences })
    }

    /// Returns the spans that remain of a stream of this duration. Half of the kept part is at each end of a silence.
    ///
    /// ```
    /// use std::time::Duration;
    /// use afmpeg_cmd::recipes::{RemoveSilence, Silence};
    ///
    /// let secs = Duration::from_secs;
    /// let silences = [Silence { start: secs(2), end: Some(secs(4)) }];
    /// let left = RemoveSilence::new().keep(secs(1)).remaining(&silences, secs(10));
    /// assert_eq!(left, [(secs(0), Duration::from_millis(2_500)), (Duration::from_millis(3_500), secs(10))]);
    /// ```
    pub fn remaining(&self, silences: &[Silence], duration: Duration) -> Vec<(Duration, Duration)> {
        let half = self.keep / 2;
        let mut silences = silences.to_vec();
        silences.sort_by_key(|silence| silence.start);
        let mut left = Vec::new();
        let mut from = Duration::ZERO;
        for Silence { start, end } in silences {
            // At both ends of the stream nothing needs to be separated.
            let cut_from = if start.is_zero() { start } else { start.saturating_add(half) };
            let cut_to = match end {
                Some(end) if end < duration => end.saturating_sub(half),
                _ => duration,
            };
            let cut_from = cut_from.min(duration);
            if cut_to <= cut_from {
                continue;
            }
            if cut_from > from {
                left.push((from, cut_from));
            }
            from = from.max(cut_to);
        }
        if duration > from {
            left.push((from, duration));
        }
        left
    }

    fn parts(
        &self,
        silences: &[Silence],
        duration: Duration,
    ) -> Result<Vec<(Duration, Duration)>, RecipeError> {
        let left = self.remaining(silences, nonzero_duration("duration", duration)?);
        if left.is_empty() {
            return Err(RecipeError::new(
                "silences",
                "the whole duration",
                "less, so that something remains",
            ));
        }
        Ok(left)
    }

    /// Returns the rest of video and audio, joined.
    ///
    /// # Errors
    ///
    /// Everything is silent, or the duration is zero.
    pub fn cut(
        &self,
        video: &Stream<Video>,
        audio: &Stream<Audio>,
        silences: &[Silence],
        duration: Duration,
    ) -> Result<(Stream<Video>, Stream<Audio>), RecipeError> {
        let left = self.parts(silences, duration)?;
        let pads = left.iter().flat_map(|part| {
            [
                video.filters(only(*part, "trim", "setpts")).any(),
                audio.filters(only(*part, "atrim", "asetpts")).any(),
            ]
        });
        let concat = Filter::new("concat").opt("n", left.len()).opt("v", 1).opt("a", 1);
        Ok(concat.on(pads).video_and_audio())
    }

    /// Returns the rest of the audio, joined.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use afmpeg_cmd::{Command, Input, Output, recipes::{RemoveSilence, Silence}};
    /// let second = Duration::from_secs(1);
    /// let silences = [Silence { start: second, end: Some(3 * second) }];
    /// let left = RemoveSilence::new().cut_audio(&Input::new("a.wav").audio(), &silences, 4 * second)?;
    /// let command = Command::new([Output::new("b.wav").map(left)]);
    /// assert_eq!(command.expected_duration(&[Some(4 * second)]), Some(Duration::from_millis(2_100)));
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`cut`](RemoveSilence::cut).
    pub fn cut_audio(
        &self,
        audio: &Stream<Audio>,
        silences: &[Silence],
        duration: Duration,
    ) -> Result<Stream<Audio>, RecipeError> {
        let left = self.parts(silences, duration)?;
        let pads = left.iter().map(|part| audio.filters(only(*part, "atrim", "asetpts")));
        let concat = Filter::new("concat").opt("n", left.len()).opt("v", 0).opt("a", 1);
        Ok(concat.on(pads).audio())
    }
}

fn only((start, end): (Duration, Duration), trim: &str, setpts: &str) -> [Filter; 2] {
    let trim = Filter::new(trim).opt("start", start).opt("end", end);
    [trim, Filter::new(setpts).opt("expr", "PTS-STARTPTS")]
}

fn decibels(threshold: f64) -> Result<Value, RecipeError> {
    Ok(format!("{}dB", in_range("threshold", threshold, -120.0, 0.0)?).into())
}

/// Shortens every silence to `longest`: audio below `threshold`, in dB from -120 to 0.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, Output, recipes::shorten_silences};
///
/// let brisk = shorten_silences(&Input::new("talk.wav").audio(), -50.0, Duration::from_millis(300))?;
/// let command = Command::new([Output::new("brisk.wav").map(brisk)]);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// The threshold is out of range, or `longest` is zero.
pub fn shorten_silences(
    audio: &Stream<Audio>,
    threshold: f64,
    longest: Duration,
) -> Result<Stream<Audio>, RecipeError> {
    let (threshold, longest) = (decibels(threshold)?, nonzero_duration("longest", longest)?);
    Ok(audio.filter(
        Filter::new("silenceremove")
            .opt("start_periods", 1)
            .opt("start_threshold", threshold.clone())
            .opt("start_silence", longest)
            // Every silence but the first: the output already contains `longest` of it.
            .opt("stop_periods", -1)
            .opt("stop_duration", longest)
            .opt("stop_threshold", threshold),
    ))
}
