use std::time::Duration;

use super::error::{RecipeError, in_range, nonzero_duration};
use crate::{Audio, Filter, Stream};

/// Music that becomes quieter under a voice, mixed with it.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Input, Output, recipes::Duck};
///
/// let (music, voice) = (Input::new("music.mp3"), Input::new("voice.wav"));
/// let mix = Duck::new(Duration::from_secs(30)).ratio(10.0).on(&music.audio(), &voice.audio())?;
/// let command = Command::new([Output::new("mix.m4a").audio(mix, "aac")]);
/// assert_eq!(command.expected_duration(&[None, None]), Some(Duration::from_secs(30)));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duck {
    duration: Duration,
    threshold: f64,
    ratio: f64,
    attack: Duration,
    release: Duration,
}

impl Duck {
    /// A mix of this duration: shorter audio is padded with silence. The defaults are a threshold of -26 dB, a ratio of
    /// 8, an attack of 20 ms and a release of 400 ms.
    pub fn new(duration: Duration) -> Self {
        let (attack, release) = (Duration::from_millis(20), Duration::from_millis(400));
        Self { duration, threshold: -26.0, ratio: 8.0, attack, release }
    }

    /// Sets the level of the voice above which the music becomes quieter, in dB of full scale from -60 to 0.
    #[must_use]
    pub fn threshold(self, decibels: f64) -> Self {
        Self { threshold: decibels, ..self }
    }

    /// Sets how much quieter the music becomes, from 1 (not at all) to 20.
    #[must_use]
    pub fn ratio(self, ratio: f64) -> Self {
        Self { ratio, ..self }
    }

    /// Sets the time until the music is quieter, up to 2 s.
    #[must_use]
    pub fn attack(self, time: Duration) -> Self {
        Self { attack: time, ..self }
    }

    /// Sets the time until the music is as loud as before, up to 9 s.
    #[must_use]
    pub fn release(self, time: Duration) -> Self {
        Self { release: time, ..self }
    }

    /// Mixes `voice` with `music`, which becomes quieter under it.
    ///
    /// # Errors
    ///
    /// The duration is zero, or another parameter is out of range.
    pub fn on(&self, music: &Stream<Audio>, voice: &Stream<Audio>) -> Result<Stream<Audio>, RecipeError> {
        let duration = nonzero_duration("duration", self.duration)?;
        let threshold = 10_f64.powf(in_range("threshold", self.threshold, -60.0, 0.0)? / 20.0);
        let millis = |parameter: &str, time: Duration, most: f64| {
            in_range(parameter, time.as_secs_f64(), 0.000_01, most).map(|seconds| seconds * 1000.0)
        };
        let compress = Filter::new("sidechaincompress")
            .opt("threshold", threshold)
            .opt("ratio", in_range("ratio", self.ratio, 1.0, 20.0)?)
            .opt("attack", millis("attack, in s", self.attack, 2.0)?)
            .opt("release", millis("release, in s", self.release, 9.0)?);
        // `sidechaincompress` ends with the shorter input.
        let (music, voice) = (music.filter("apad"), voice.filter("apad"));
        let ducked = compress.on([&music, &voice]).audio();
        // By default, `amix` divides the volume by the number of inputs.
        let mix = Filter::new("amix").opt("inputs", 2).opt("normalize", false);
        Ok(mix.on([&ducked, &voice]).audio().filter(Filter::new("atrim").opt("duration", duration)))
    }
}
