use serde::{Deserialize, Deserializer, de};

use super::error::{RecipeError, within};
use crate::{Audio, Filter, Job, Output, Stream};

/// Brings sound to a loudness as EBU R 128 measures it, in two passes: one that measures, one that changes nothing but
/// the volume. The result is within 0.2 LU of the target.
///
/// Where a peak would get [too high](Loudness::is_linear) by that, [`normalize`](Loudness::normalize) lets `loudnorm` change
/// the volume as it goes, which brings sound of 3 s and more within about 2 LU, and makes its
/// [range](Loudness::range) smaller; [`limiting`](Loudness::limiting) lowers the peaks alone, and measures how much volume
/// the rest needs: that is exact for sound of any length.
///
/// Sound that is shorter than 0.4 s, the shortest that EBU R 128 measures, counts as if silence followed it until then.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Output, recipes::{Loudness, Measured}};
///
/// let talk = Input::new("talk.wav");
/// let target = Loudness::new().integrated(-16.0);
/// let first = target.measure(talk.audio(), "loudness.json")?;
/// // What the first job has written to loudness.json.
/// let json = r#"{
///     "input_i" : "-27.61",
///     "input_tp" : "-14.47",
///     "input_lra" : "5.30",
///     "input_thresh" : "-38.02",
///     "target_offset" : "0.36"
/// }"#;
/// let measured: Measured = serde_json::from_str(json).unwrap();
/// assert_eq!(measured.integrated, -27.61);
/// assert!(target.is_linear(&measured));
/// let second = Job::new([Output::new("even.wav").audio(target.normalize(talk.audio(), &measured)?, "pcm_s16le")]);
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
    /// EBU R 128's own: -23 LUFS, peaks of -1 dBTP at most; a range of 7 LU, `loudnorm`'s default; 48000 Hz.
    pub fn new() -> Self {
        Self { integrated: -23.0, true_peak: -1.0, range: 7.0, sample_rate: 48_000 }
    }

    /// How loud it becomes in all, in LUFS, from -70 to -5.
    #[must_use]
    pub fn integrated(self, lufs: f64) -> Self {
        Self { integrated: lufs, ..self }
    }

    /// What no peak is above, in dBTP, from -9 to 0.
    #[must_use]
    pub fn true_peak(self, dbtp: f64) -> Self {
        Self { true_peak: dbtp, ..self }
    }

    /// Between quiet and loud, in LU, from 1 to 50. It counts only where volume alone does not do.
    #[must_use]
    pub fn range(self, lu: f64) -> Self {
        Self { range: lu, ..self }
    }

    /// Of what comes out, in Hz: where it is not [linear](Loudness::is_linear), `loudnorm` works at 192000.
    #[must_use]
    pub fn sample_rate(self, hertz: u32) -> Self {
        Self { sample_rate: hertz, ..self }
    }

    fn filter(&self, range: f64) -> Result<Filter, RecipeError> {
        let integrated = within("integrated", self.integrated, -70.0, -5.0)?;
        let (true_peak, range) =
            (within("true_peak", self.true_peak, -9.0, 0.0)?, within("range", range, 1.0, 50.0)?);
        Ok(Filter::new("loudnorm").opt("I", integrated).opt("TP", true_peak).opt("LRA", range))
    }

    /// The job that measures. It decodes everything, and writes the JSON that becomes [`Measured`] to the file `path`.
    ///
    /// # Errors
    ///
    /// A target is outside of its range, or the path is empty or `-`.
    pub fn measure(
        &self,
        audio: impl Into<Stream<Audio>>,
        path: impl Into<String>,
    ) -> Result<Job, RecipeError> {
        let path = path.into();
        if path.is_empty() || path == "-" {
            return Err(RecipeError::new("path", format!("{path:?}"), "the path of a file"));
        }
        let filter = self.filter(self.range)?.opt("print_format", "json").opt("stats_file", path);
        let measured = audio.into().filters([long_enough(), filter]);
        Ok(Job::new([Output::nowhere().audio(measured, "pcm_s16le")]))
    }

    /// Whether one change of volume does all. It does not where a peak would get above the highest.
    pub fn is_linear(&self, measured: &Measured) -> bool {
        measured.true_peak + self.integrated - measured.integrated <= self.true_peak
    }

    /// The same sound at the loudness that is wanted.
    ///
    /// # Errors
    ///
    /// A target is outside of its range, or what was measured is no sound. The sound is shorter than 3 s, and one change of
    /// volume does not do: `loudnorm` would leave it as quiet as its peaks make it. [`limiting`](Loudness::limiting) does it.
    pub fn normalize(
        &self,
        audio: impl Into<Stream<Audio>>,
        measured: &Measured,
    ) -> Result<Stream<Audio>, RecipeError> {
        let gain = self.gain(measured)?;
        let measured_range = within("measured.range", measured.range, 0.0, 99.0)?;
        let filter = self.filter(self.range)?;
        let audio = audio.into();
        let resample = Filter::new("aresample").opt("sample_rate", self.sample_rate);
        if self.is_linear(measured) {
            return Ok(audio.filters([louder(gain), resample]));
        }
        if measured.is_short {
            let found = format!("{} dBTP in a sound shorter than 3 s", measured.true_peak);
            let most = self.true_peak - gain;
            let wanted =
                format!("{most:.2} dBTP or less, for {gain:.2} dB more; lower it by `Loudness::limiting`");
            return Err(RecipeError::new("measured.true_peak", found, wanted));
        }
        // `loudnorm` takes no loudness above 0 LUFS, which sound in floating point and of many channels has.
        let attenuation = measured.integrated.max(measured.threshold).max(0.0).ceil();
        let below_zero = |level: f64| level - attenuation;
        let audio = match attenuation {
            0.0 => audio,
            _ => audio.filter(louder(-attenuation)),
        };
        // A range above the target would make `loudnorm` compress, and one of zero means to it that nobody measured.
        let measured_range = measured_range.max(0.01);
        let filter = filter
            .opt("measured_I", within("measured.integrated", below_zero(measured.integrated), -99.0, 0.0)?)
            .opt("measured_TP", within("measured.true_peak", below_zero(measured.true_peak), -99.0, 99.0)?)
            .opt("measured_LRA", measured_range)
            .opt("measured_thresh", within("measured.threshold", below_zero(measured.threshold), -99.0, 0.0)?)
            .opt("offset", within("measured.offset", measured.offset, -99.0, 99.0)?);
        Ok(audio.filters([filter, resample]))
    }

    /// By how many dB the volume has to change.
    pub(super) fn gain(&self, measured: &Measured) -> Result<f64, RecipeError> {
        let wanted = within("integrated", self.integrated, -70.0, -5.0)?;
        within("measured.true_peak", measured.true_peak, -99.0, 99.0)?;
        Ok(wanted - within("measured.integrated", measured.integrated, -99.0, 99.0)?)
    }

    pub(super) fn loudness(&self) -> f64 {
        self.integrated
    }

    /// Makes sound louder by `gain` dB, and lowers the peaks that are too high then.
    pub(super) fn limiter(&self, gain: f64) -> Result<[Filter; 4], RecipeError> {
        let true_peak = within("true_peak", self.true_peak, -9.0, 0.0)?;
        // What is between the samples is seen at a multiple of the rate; coming back to it costs up to a third of a dB.
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

/// Adds silence to what is shorter than the first 0.4 s that EBU R 128 measures, and little else.
pub(super) fn long_enough() -> Filter {
    Filter::new("apad").opt("whole_dur", "0.45")
}

/// How loud something is. It is read from the JSON that the job of [`Loudness::measure`] writes; silence has no loudness,
/// and is refused.
///
/// ```
/// use afmpeg_cmd::recipes::Measured;
///
/// let cut_off = serde_json::from_str::<Measured>("{ \"input_i\": \"-27.61\",");
/// assert!(cut_off.is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Measured {
    /// In all, in LUFS.
    #[serde(rename = "input_i", deserialize_with = "finite")]
    pub integrated: f64,
    /// The highest peak, in dBTP.
    #[serde(rename = "input_tp", deserialize_with = "finite")]
    pub true_peak: f64,
    /// Between quiet and loud, in LU.
    #[serde(rename = "input_lra", deserialize_with = "finite")]
    pub range: f64,
    /// What was too quiet to count, in LUFS.
    #[serde(rename = "input_thresh", deserialize_with = "finite")]
    pub threshold: f64,
    /// What `loudnorm` would be off, in LU.
    #[serde(rename = "target_offset", deserialize_with = "finite")]
    pub offset: f64,
    /// Whether it is shorter than 3 s: `loudnorm` cannot change its volume as it goes.
    #[serde(rename = "normalization_type", default, deserialize_with = "is_linear")]
    pub is_short: bool,
}

/// A number that `loudnorm` prints as a text.
fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| de::Error::custom(format!("{text:?} is not a loudness; silence has none")))
}

/// While it measures, `loudnorm` is linear only where it cannot be anything else.
fn is_linear<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(String::deserialize(deserializer)? == "linear")
}
