use super::error::{RecipeError, within};
use crate::{Audio, Filter, Job, Output, Stream};

/// Brings sound to a loudness as EBU R 128 measures it, in two passes: one that measures, one that changes nothing but
/// the volume.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Output, recipes::{Loudness, Measured}};
///
/// let talk = Input::new("talk.wav");
/// let target = Loudness::new().integrated(-16.0);
/// let first = target.measure(talk.audio())?;
/// // What the first job has logged, at FFmpeg's usual level `info`.
/// let log = r#"[Parsed_loudnorm_0 @ 0x5581]
/// {
///     "input_i" : "-27.61",
///     "input_tp" : "-14.47",
///     "input_lra" : "5.30",
///     "input_thresh" : "-38.02",
///     "target_offset" : "0.36"
/// }"#;
/// let measured = Measured::from_log(log)?;
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

    /// The job that measures. It decodes everything, and logs what [`Measured::from_log`] reads.
    ///
    /// # Errors
    ///
    /// A target is outside of its range.
    pub fn measure(&self, audio: impl Into<Stream<Audio>>) -> Result<Job, RecipeError> {
        let filter = self.filter(self.range)?.opt("print_format", "json");
        let measured = audio.into().filter(filter);
        Ok(Job::new([Output::nowhere().audio(measured, "pcm_s16le")]))
    }

    /// Whether one change of volume does all. It does not where a peak would get above the highest: then `loudnorm`
    /// changes the volume as it goes.
    pub fn is_linear(&self, measured: &Measured) -> bool {
        measured.true_peak + self.integrated - measured.integrated <= self.true_peak
    }

    /// The same sound at the loudness that is wanted.
    ///
    /// # Errors
    ///
    /// A target is outside of its range, or what was measured is no sound.
    pub fn normalize(
        &self,
        audio: impl Into<Stream<Audio>>,
        measured: &Measured,
    ) -> Result<Stream<Audio>, RecipeError> {
        // A range above the target would make `loudnorm` compress, and one of zero means to it that nobody measured.
        let measured_range = within("measured.range", measured.range, 0.0, 99.0)?.max(0.01);
        let filter = self
            .filter(self.range.max(measured_range.min(50.0)))?
            .opt("measured_I", within("measured.integrated", measured.integrated, -99.0, 0.0)?)
            .opt("measured_TP", within("measured.true_peak", measured.true_peak, -99.0, 99.0)?)
            .opt("measured_LRA", measured_range)
            .opt("measured_thresh", within("measured.threshold", measured.threshold, -99.0, 0.0)?)
            .opt("offset", within("measured.offset", measured.offset, -99.0, 99.0)?)
            .opt("linear", true);
        let resample = Filter::new("aresample").opt("sample_rate", self.sample_rate);
        Ok(audio.into().filters([filter, resample]))
    }
}

/// How loud something is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// In all, in LUFS.
    pub integrated: f64,
    /// The highest peak, in dBTP.
    pub true_peak: f64,
    /// Between quiet and loud, in LU.
    pub range: f64,
    /// What was too quiet to count, in LUFS.
    pub threshold: f64,
    /// What `loudnorm` would be off, in LU.
    pub offset: f64,
}

impl Measured {
    /// Reads what the job of [`Loudness::measure`] has logged; the last of several.
    ///
    /// ```
    /// use afmpeg_cmd::recipes::Measured;
    ///
    /// let error = Measured::from_log("frame= 0").unwrap_err();
    /// assert_eq!(error.to_string(), "log has no \"input_i\" of loudnorm's; log at the level `info` or more");
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing was measured, or what was measured is silence.
    pub fn from_log(log: &str) -> Result<Self, RecipeError> {
        // Without its beginning it may be the end of another.
        let last = log.rfind("\"input_i\"").map_or("", |start| &log[start..]);
        let number = |key: &str| {
            let value = last.split_once(&format!("\"{key}\"")).and_then(|(_, rest)| {
                rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?.split('"').next()
            });
            let Some(value) = value else {
                let what = format!("\"{key}\" of loudnorm's");
                return Err(RecipeError::missing("log", what, "log at the level `info` or more"));
            };
            value.trim().parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(|| {
                RecipeError::new(
                    format!("log: {key}"),
                    format!("{value:?}"),
                    "a number, which silence has not",
                )
            })
        };
        Ok(Self {
            integrated: number("input_i")?,
            true_peak: number("input_tp")?,
            range: number("input_lra")?,
            threshold: number("input_thresh")?,
            offset: number("target_offset")?,
        })
    }
}
