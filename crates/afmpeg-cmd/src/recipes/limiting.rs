use super::{
    Loudness, MeasuredLoudness,
    error::{RecipeError, in_range},
    loudness::long_enough,
};
use crate::{
    Audio, Command, Stream,
    measure::{self, Measuring, Record, Series, Timed},
};

/// The additional gains to try, in dB: limiting peaks reduces loudness.
const TRIED: [f64; 7] = [0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0];

/// The tolerance of the target, in LU.
const TOLERANCE: f64 = 0.5;

/// A command that measures the loudness of audio with limited peaks.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Output, measure::Record, recipes::{Loudness, MeasuredLoudness}};
///
/// let click = Input::new("click.wav").audio();
/// let target = Loudness::new().integrated(-16.0);
/// # let json = r#"{ "input_i": "-30", "input_tp": "-2", "input_lra": "0", "input_thresh": "-40", "target_offset": "0" }"#;
/// # let measured: MeasuredLoudness = serde_json::from_str(json).unwrap();
/// // The result of `target.measure`.
/// assert!(!target.is_linear(&measured));
/// let second = target.limiting(&click, &measured)?;
/// // The measurements of the second command, `second.command`: `afmpeg_engine::Job::measurements(second.streams)`.
/// # let keys = [("M", "-20"), ("S", "-20"), ("LRA", "0"), ("true_peak", "0.9")];
/// # let mut records = Vec::new();
/// # for (stream, integrated) in [-18.0, -15.5, -13.0, -11.0, -9.0, -7.0, -5.0].into_iter().enumerate() {
/// #     let record = |key: &str, value: String| Record::new(stream, 4, Some(400_000), format!("lavfi.r128.{key}"), value);
/// #     records.push(record("I", integrated.to_string()));
/// #     records.extend(keys.map(|(key, value)| record(key, value.to_owned())));
/// # }
/// let gain = second.read(&records)?;
/// assert_eq!(gain, 14.0 + 3.2);
/// let even = target.limit(&click, gain)?;
/// let third = Command::new([Output::new("even.wav").audio(even, "pcm_s16le")]);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limiting {
    /// The command.
    pub command: Command,
    /// The number of devices for measurements that the command needs.
    pub streams: usize,
    expected: f64,
    tried: Vec<(f64, Series<Timed<measure::Loudness>>)>,
}

impl Limiting {
    /// Returns the gain before limiting, in dB, for [`Loudness::limit`], from the measurements of the command.
    ///
    /// # Errors
    ///
    /// The records are from another command, or no gain reaches the target within 0.5 LU.
    pub fn read<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Record> + Clone,
    ) -> Result<f64, RecipeError> {
        let mut points = Vec::with_capacity(self.tried.len());
        for (gain, series) in &self.tried {
            let values = series.read(records.clone())?;
            let Some(last) = values.last() else {
                let hint = "pass all measurements of the command";
                return Err(RecipeError::missing("records", "loudness", hint));
            };
            points.push((*gain, last.value.integrated));
        }
        let between = points.windows(2).find_map(|pair| {
            let ((low, quiet), (high, loud)) = (pair[0], pair[1]);
            let is_between = quiet <= self.expected && self.expected <= loud && quiet < loud;
            is_between.then(|| low + (high - low) * (self.expected - quiet) / (loud - quiet))
        });
        let off = |point: &&(f64, f64)| (point.1 - self.expected).abs();
        let nearest = points.iter().min_by(|one, other| off(one).total_cmp(&off(other)));
        match (between, nearest) {
            (Some(gain), _) => Ok(gain),
            (None, Some(point)) if off(&point) <= TOLERANCE => Ok(point.0),
            (None, point) => {
                let found = self.expected;
                let most = point.map_or(f64::NEG_INFINITY, |point| point.1);
                Err(RecipeError::new(
                    "integrated",
                    found,
                    format!("at most {most:.1} for this audio and its highest peak"),
                ))
            }
        }
    }
}

impl Loudness {
    /// Returns the command that measures the gain of audio whose peaks are limited: for audio that [is not
    /// linear](Loudness::is_linear), instead of [`normalize`](Loudness::normalize). It takes several times as long as
    /// the first command. [`Limiting`] has an example.
    ///
    /// # Errors
    ///
    /// A target is out of range, or the measured audio is silent.
    pub fn limiting(
        &self,
        audio: impl Into<Stream<Audio>>,
        measured: &MeasuredLoudness,
    ) -> Result<Limiting, RecipeError> {
        let (audio, gain) = (audio.into(), self.gain(measured)?);
        let mut measuring = Measuring::new();
        let mut tried = Vec::with_capacity(TRIED.len());
        for more in TRIED {
            let limited = audio.filters(self.limiter(gain + more)?).filter(long_enough());
            tried.push((gain + more, measuring.loudness(&limited)));
        }
        Ok(Limiting {
            command: measuring.command(),
            streams: measuring.streams(),
            expected: self.loudness(),
            tried,
        })
    }

    /// Amplifies audio by `gain` dB and limits its peaks: the result of [`Limiting::read`] reaches the target loudness.
    ///
    /// # Errors
    ///
    /// The highest peak, or the gain, is out of range.
    pub fn limit(&self, audio: impl Into<Stream<Audio>>, gain: f64) -> Result<Stream<Audio>, RecipeError> {
        let gain = in_range("gain", gain, -199.0, 199.0)?;
        Ok(audio.into().filters(self.limiter(gain)?))
    }
}
