use serde::{Deserialize, Deserializer, de};

use super::error::{RecipeError, in_range};
use crate::{Audio, Command, Filter, Output, Stream};

/// Normalizes audio to a loudness by EBU R 128, in two passes: the first measures, the second changes only the volume.
/// The result is within 0.2 LU of the target.
///
/// If a peak would exceed the [limit](Loudness::is_linear), [`normalize`](Loudness::normalize) lets `loudnorm` vary the
/// volume, which brings audio of at least 3 s within about 2 LU and reduces its [range](Loudness::range);
/// [`limiting`](Loudness::limiting) limits only the peaks, and measures the gain for the rest: that is exact for audio
/// of any length.
///
/// Audio shorter than 0.4 s, the shortest that EBU R 128 measures, counts as if padded with silence. Lossy encoders
/// change the loudness slightly: MP3 at 128 kbit/s is about 0.5 LU softer than the target.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Output, recipes::{Loudness, MeasuredLoudness}};
///
/// let talk = Input::new("talk.wav");
/// let target = Loudness::new().integrated(-16.0);
/// let first = target.measure(talk.audio(), "loudness.json")?;
/// // The contents of loudness.json after the first command.
/// let json = r#"{
///     "input_i" : "-27.61",
///     "input_tp" : "-14.47",
///     "input_lra" : "5.30",
///     "input_thresh" : "-38.02",
///     "target_offset" : "0.36"
/// }"#;
/// let measured: MeasuredLoudness = serde_json::from_str(json).unwrap();
/// assert_eq!(measured.integrated, -27.61);
/// assert!(target.is_linear(&measured));
/// let second = Command::new([Output::new("even.wav").audio(target.normalize(talk.audio(), &measured)?, "pcm_s16le")]);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    integrated: f64,
    true_peak: f64,
    range: f64,
    sample_rate: u32,
}

impl Default for Loudness {
    fn default() -> Self {
        Self::new()
    }
}

impl Loudness {
    /// The target of EBU R 128: -23 LUFS and peaks of at most -1 dBTP; a range of 7 LU, `loudnorm`'s default; 48000 Hz.
    pub fn new() -> Self {
        Self { integrated: -23.0, true_peak: -1.0, range: 7.0, sample_rate: 48_000 }
    }

    /// Sets the integrated loudness, in LUFS, from -70 to -5.
    #[must_use]
    pub fn integrated(self, lufs: f64) -> Self {
        Self { integrated: lufs, ..self }
    }

    /// Sets the highest true peak, in dBTP, from -9 to 0.
    #[must_use]
    pub fn true_peak(self, dbtp: f64) -> Self {
        Self { true_peak: dbtp, ..self }
    }

    /// Sets the loudness range, in LU, from 1 to 50. It applies only where a change of volume is not enough.
    #[must_use]
    pub fn range(self, lu: f64) -> Self {
        Self { range: lu, ..self }
    }

    /// Sets the output sample rate, in Hz: if not [linear](Loudness::is_linear), `loudnorm` works at 192000.
    #[must_use]
    pub fn sample_rate(self, hertz: u32) -> Self {
        Self { sample_rate: hertz, ..self }
    }

    fn filter(&self, range: f64) -> Result<Filter, RecipeError> {
        let integrated = in_range("integrated", self.integrated, -70.0, -5.0)?;
        let (true_peak, range) =
            (in_range("true_peak", self.true_peak, -9.0, 0.0)?, in_range("range", range, 1.0, 50.0)?);
        Ok(Filter::new("loudnorm").opt("I", integrated).opt("TP", true_peak).opt("LRA", range))
    }

    /// Returns the command that measures. It decodes everything, and writes the JSON of [`MeasuredLoudness`] to the
    /// file `path`.
    ///
    /// # Errors
    ///
    /// A target is out of range, or the path is empty or `-`.
    pub fn measure(
        &self,
        audio: impl Into<Stream<Audio>>,
        path: impl Into<String>,
    ) -> Result<Command, RecipeError> {
        let path = path.into();
        if path.is_empty() || path == "-" {
            return Err(RecipeError::new("path", format!("{path:?}"), "the path of a file"));
        }
        let filter = self.filter(self.range)?.opt("print_format", "json").opt("stats_file", path);
        let measured = audio.into().filters([long_enough(), filter]);
        Ok(Command::new([Output::null().audio(measured, "pcm_s16le")]))
    }

    /// Whether a change of volume is enough. It is not if a peak would exceed the limit.
    pub fn is_linear(&self, measured: &MeasuredLoudness) -> bool {
        measured.true_peak + self.integrated - measured.integrated <= self.true_peak
    }

    /// Normalizes audio to the target loudness.
    ///
    /// # Errors
    ///
    /// A target is out of range, or the measured audio is silent. The audio is shorter than 3 s, and a change of volume
    /// is not enough: `loudnorm` would keep it as quiet as its peaks require. Use [`limiting`](Loudness::limiting)
    /// instead.
    pub fn normalize(
        &self,
        audio: impl Into<Stream<Audio>>,
        measured: &MeasuredLoudness,
    ) -> Result<Stream<Audio>, RecipeError> {
        let gain = self.gain(measured)?;
        let measured_range = in_range("measured.range", measured.range, 0.0, 99.0)?;
        let filter = self.filter(self.range)?;
        let audio = audio.into();
        let resample = Filter::new("aresample").opt("sample_rate", self.sample_rate);
        if self.is_linear(measured) {
            return Ok(audio.filters([louder(gain), resample]));
        }
        if measured.is_short {
            let found = format!("{} dBTP in a sound shorter than 3 s", measured.true_peak);
            let most = self.true_peak - gain;
            let expected =
                format!("at most {most:.2} dBTP for a gain of {gain:.2} dB (or use `Loudness::limiting`)");
            return Err(RecipeError::new("measured.true_peak", found, expected));
        }
        // `loudnorm` accepts no loudness above 0 LUFS, which floating-point audio with many channels can have.
        let attenuation = measured.integrated.max(measured.threshold).max(0.0).ceil();
        let below_zero = |level: f64| level - attenuation;
        let audio = match attenuation {
            0.0 => audio,
            _ => audio.filter(louder(-attenuation)),
        };
        // A range above the target would make `loudnorm` compress, and zero means unmeasured.
        let measured_range = measured_range.max(0.01);
        let filter = filter
            .opt("measured_I", in_range("measured.integrated", below_zero(measured.integrated), -99.0, 0.0)?)
            .opt("measured_TP", in_range("measured.true_peak", below_zero(measured.true_peak), -99.0, 99.0)?)
            .opt("measured_LRA", measured_range)
            .opt(
                "measured_thresh",
                in_range("measured.threshold", below_zero(measured.threshold), -99.0, 0.0)?,
            )
            .opt("offset", in_range("measured.offset", measured.offset, -99.0, 99.0)?);
        Ok(audio.filters([filter, resample]))
    }

    /// Returns the gain, in dB.
    pub(super) fn gain(&self, measured: &MeasuredLoudness) -> Result<f64, RecipeError> {
        let expected = in_range("integrated", self.integrated, -70.0, -5.0)?;
        in_range("measured.true_peak", measured.true_peak, -99.0, 99.0)?;
        Ok(expected - in_range("measured.integrated", measured.integrated, -99.0, 99.0)?)
    }

    pub(super) fn loudness(&self) -> f64 {
        self.integrated
    }

    /// Filters that amplify audio by `gain` dB and limit its peaks.
    pub(super) fn limiter(&self, gain: f64) -> Result<[Filter; 4], RecipeError> {
        let true_peak = in_range("true_peak", self.true_peak, -9.0, 0.0)?;
        // Peaks between samples show at a multiple of the rate; resampling back adds up to a third of a dB.
        let limit = 10_f64.powf((true_peak - 0.3) / 20.0);
        Ok([
            louder(gain),
            Filter::new("aresample").opt("sample_rate", 192_000),
            Filter::new("alimiter").opt("limit", limit).opt("level", false).opt("latency", true),
            Filter::new("aresample").opt("sample_rate", self.sample_rate),
        ])
    }
}

fn louder(gain: f64) -> Filter {
    Filter::new("volume").opt("volume", format!("{gain}dB")).opt("precision", "double")
}

/// Pads audio to slightly more than the 0.4 s that EBU R 128 needs.
pub(super) fn long_enough() -> Filter {
    Filter::new("apad").opt("whole_dur", "0.45")
}

/// Measured loudness. Deserializes from the JSON that the command of [`Loudness::measure`] writes; silence has no
/// loudness, and is refused.
///
/// ```
/// use afmpeg_cmd::recipes::MeasuredLoudness;
///
/// let cut_off = serde_json::from_str::<MeasuredLoudness>("{ \"input_i\": \"-27.61\",");
/// assert!(cut_off.is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct MeasuredLoudness {
    /// The integrated loudness, in LUFS.
    #[serde(rename = "input_i", deserialize_with = "finite")]
    pub integrated: f64,
    /// The highest true peak, in dBTP.
    #[serde(rename = "input_tp", deserialize_with = "finite")]
    pub true_peak: f64,
    /// The loudness range, in LU.
    #[serde(rename = "input_lra", deserialize_with = "finite")]
    pub range: f64,
    /// The threshold below which audio does not count, in LUFS.
    #[serde(rename = "input_thresh", deserialize_with = "finite")]
    pub threshold: f64,
    /// The offset of `loudnorm`'s result from the target, in LU.
    #[serde(rename = "target_offset", deserialize_with = "finite")]
    pub offset: f64,
    /// Whether the audio is shorter than 3 s: `loudnorm` cannot vary its volume.
    #[serde(rename = "normalization_type", default, deserialize_with = "is_linear")]
    pub is_short: bool,
}

/// A number that `loudnorm` prints as text.
fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| de::Error::custom(format!("expected a loudness, found {text:?}; silence has none")))
}

/// When measuring, `loudnorm` reports linear mode only for short audio.
fn is_linear<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(String::deserialize(deserializer)? == "linear")
}
