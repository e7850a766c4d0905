use std::time::Duration;

use super::error::RecipeError;
use crate::{Audio, Filter, Kind, Stream, Value, Video};

/// A transition between two shots.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::recipes::Fade;
///
/// let soft = Fade::new(Duration::from_millis(500));
/// let slide = Fade::new(Duration::from_secs(1)).transition("slideleft");
/// let fades = [soft, slide, Fade::cut()];
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fade {
    transition: Value,
    duration: Duration,
    curve: Value,
}

impl Fade {
    /// A transition of this duration: by default `fade` for video and `tri` for audio.
    pub fn new(duration: Duration) -> Self {
        Self { transition: "fade".into(), duration, curve: "tri".into() }
    }

    /// No transition: a hard cut.
    pub fn cut() -> Self {
        Self::new(Duration::ZERO)
    }

    /// Sets the video transition, by `xfade`'s name: `wipeleft`, `circleopen`, `dissolve`...
    #[must_use]
    pub fn transition(self, name: impl Into<Value>) -> Self {
        Self { transition: name.into(), ..self }
    }

    /// Sets the audio curve, by `acrossfade`'s name: `tri`, `qsin`, `exp`...
    #[must_use]
    pub fn curve(self, name: impl Into<Value>) -> Self {
        Self { curve: name.into(), ..self }
    }
}

/// Shots joined into one stream.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Crossfaded<K> {
    /// The joined stream.
    pub stream: Stream<K>,
    /// Its duration.
    pub duration: Duration,
    /// The start of each shot, which is that of the fade to it.
    pub starts: Vec<Duration>,
}

/// Joins shots, each with its duration, with a fade between each two.
///
/// Shots must have equal properties ([`Conform`](super::Conform)). A shot longer than its duration is truncated; the
/// last frame of a shorter one is repeated. Fades overlap, so the total is shorter than the sum of the shots by the
/// fades. The result with fades is 4:2:0, which all players support, with 8 or 10 bits as the shots.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, Output, Ratio, recipes::{Conform, Fade, crossfade}};
///
/// let three = Duration::from_secs(3);
/// let alike = Conform::new(1280, 720, Ratio::from(30));
/// let mut shots = Vec::new();
/// for path in ["1.png", "2.png", "3.png"] {
///     shots.push((alike.video(&Input::still(path, three).video())?, three));
/// }
/// let reel = crossfade(&shots, &[Fade::new(Duration::from_millis(500)), Fade::new(Duration::from_secs(1))])?;
/// assert_eq!(reel.starts, [0, 2_500, 4_500].map(Duration::from_millis));
/// assert_eq!(reel.duration, Duration::from_millis(7_500));
/// let command = Command::new([Output::new("reel.mp4").video(&reel.stream, "libx264")]);
/// assert_eq!(command.expected_duration(&[]), Some(reel.duration));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// There is no shot, the number of fades is not one less than that of shots, or a shot is shorter than its fades
/// together.
pub fn crossfade(
    shots: &[(Stream<Video>, Duration)],
    fades: &[Fade],
) -> Result<Crossfaded<Video>, RecipeError> {
    let trim = |stream: &Stream<Video>, duration: Duration| {
        stream.filters([
            // `xfade` would start the next shot too early if one ends before its duration.
            Filter::new("tpad").opt("stop", -1).opt("stop_mode", "clone"),
            Filter::new("trim").opt("duration", duration),
        ])
    };
    let join = |one: &Stream<Video>, other: &Stream<Video>, fade: &Fade, offset: Duration| {
        let filter = if fade.duration.is_zero() {
            Filter::new("concat").opt("n", 2).opt("v", 1).opt("a", 0)
        } else {
            Filter::new("xfade")
                .opt("transition", fade.transition.clone())
                .opt("duration", fade.duration)
                .opt("offset", offset)
        };
        filter.on([one, other]).video()
    };
    let mut joined = chain(shots, fades, trim, join)?;
    if fades.iter().any(|fade| !fade.duration.is_zero()) {
        // Many transitions of `xfade` work in 4:4:4 only, which encoders would keep and most players do not support.
        let formats = "yuv420p|yuv420p10le|yuva420p";
        joined.stream = joined.stream.filter(Filter::new("format").opt("pix_fmts", formats));
    }
    Ok(joined)
}

/// Joins the audio of shots by `acrossfade`: with the durations and fades of the video, it stays in sync. Audio shorter
/// than its duration is padded with silence.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Input, recipes::{Fade, crossfade_audio}};
///
/// let shots = ["1.wav", "2.wav"].map(|path| (Input::new(path).audio(), Duration::from_secs(3)));
/// let sound = crossfade_audio(&shots, &[Fade::new(Duration::from_millis(500))])?;
/// assert_eq!(sound.duration, Duration::from_millis(5_500));
///
/// let short = [(shots[0].0.clone(), Duration::from_millis(100)), shots[1].clone()];
/// let error = crossfade_audio(&short, &[Fade::new(Duration::from_millis(500))]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "shots[0].duration: expected at least 0.5 for the fades at its ends, found 0.1"
/// );
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// As [`crossfade`].
pub fn crossfade_audio(
    shots: &[(Stream<Audio>, Duration)],
    fades: &[Fade],
) -> Result<Crossfaded<Audio>, RecipeError> {
    let fill = |stream: &Stream<Audio>, duration: Duration| {
        stream.filters([
            Filter::new("apad").opt("whole_dur", duration),
            Filter::new("atrim").opt("duration", duration),
        ])
    };
    let join = |one: &Stream<Audio>, other: &Stream<Audio>, fade: &Fade, _| {
        let filter = if fade.duration.is_zero() {
            Filter::new("concat").opt("n", 2).opt("v", 0).opt("a", 1)
        } else {
            Filter::new("acrossfade")
                .opt("duration", fade.duration)
                .opt("curve1", fade.curve.clone())
                .opt("curve2", fade.curve.clone())
        };
        filter.on([one, other]).audio()
    };
    chain(shots, fades, fill, join)
}

fn chain<K: Kind>(
    shots: &[(Stream<K>, Duration)],
    fades: &[Fade],
    cut: impl Fn(&Stream<K>, Duration) -> Stream<K>,
    join: impl Fn(&Stream<K>, &Stream<K>, &Fade, Duration) -> Stream<K>,
) -> Result<Crossfaded<K>, RecipeError> {
    let Some(((first, duration), rest)) = shots.split_first() else {
        return Err(RecipeError::new("shots", "none", "one shot or more"));
    };
    if fades.len() != rest.len() {
        let expected = format!("{}, one between each two shots", rest.len());
        return Err(RecipeError::new("the number of fades", fades.len(), expected));
    }
    for (index, (_, duration)) in shots.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| fades.get(before));
        let ends = [before, fades.get(index)].into_iter().flatten();
        let taken = ends.fold(Duration::ZERO, |sum, fade| sum.saturating_add(fade.duration));
        if *duration < taken || duration.as_micros() == 0 {
            let least = Value::from(taken.max(Duration::from_micros(1)));
            let expected = format!("at least {least} for the fades at its ends");
            return Err(RecipeError::new(
                format!("shots[{index}].duration"),
                Value::from(*duration),
                expected,
            ));
        }
    }
    let mut joined =
        Crossfaded { stream: cut(first, *duration), duration: *duration, starts: vec![Duration::ZERO] };
    for ((stream, duration), fade) in rest.iter().zip(fades) {
        let start = joined.duration.saturating_sub(fade.duration);
        joined.stream = join(&joined.stream, &cut(stream, *duration), fade, start);
        joined.duration = start.saturating_add(*duration);
        joined.starts.push(start);
    }
    Ok(joined)
}
