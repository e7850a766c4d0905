use super::{
    Loudness, Measured,
    error::{RecipeError, within},
    loudness::long_enough,
};
use crate::{
    Audio, Job, Stream,
    measure::{self, Measuring, Record, Series, Timed},
};

/// How much louder than one change of volume a sound is tried, in dB: peaks that are lowered take loudness with them.
const TRIED: [f64; 7] = [0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0];

/// How far from the target a sound may be, in LU.
const TOLERANCE: f64 = 0.5;

/// A job that measures how loud a sound becomes when its peaks are lowered.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Output, measure::Record, recipes::{Loudness, Measured}};
///
/// let click = Input::new("click.wav").audio();
/// let target = Loudness::new().integrated(-16.0);
/// # let json = r#"{ "input_i": "-30", "input_tp": "-2", "input_lra": "0", "input_thresh": "-40", "target_offset": "0" }"#;
/// # let measured: Measured = serde_json::from_str(json).unwrap();
/// // `measured` is what the job of `target.measure` has written.
/// assert!(!target.is_linear(&measured));
/// let second = target.limiting(&click, &measured)?;
/// // What the second job, `second.job`, has measured: `afmpeg_engine::Job::measurements(second.streams)`.
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
/// let third = Job::new([Output::new("even.wav").audio(even, "pcm_s16le")]);
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limiting {
    /// The job.
    pub job: Job,
    /// The number of devices for measurements that it needs.
    pub streams: usize,
    wanted: f64,
    tried: Vec<(f64, Series<Timed<measure::Loudness>>)>,
}

impl Limiting {
    /// By how many dB the sound has to become louder before its peaks are lowered, for [`Loudness::limit`]: of what the job
    /// has measured.
    ///
    /// # Errors
    ///
    /// The records are of another job, or the sound is no nearer to the target than 0.5 LU, however high its peaks were.
    pub fn read<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Record> + Clone,
    ) -> Result<f64, RecipeError> {
        let mut points = Vec::with_capacity(self.tried.len());
        for (gain, series) in &self.tried {
            let values = series.read(records.clone())?;
            let Some(last) = values.last() else {
                let hint = "give what the job has measured, all of it";
                return Err(RecipeError::missing("records", "loudness", hint));
            };
            points.push((*gain, last.value.integrated));
        }
        let between = points.windows(2).find_map(|pair| {
            let ((low, quiet), (high, loud)) = (pair[0], pair[1]);
            let is_between = quiet <= self.wanted && self.wanted <= loud && quiet < loud;
            is_between.then(|| low + (high - low) * (self.wanted - quiet) / (loud - quiet))
        });
        let off = |point: &&(f64, f64)| (point.1 - self.wanted).abs();
        let nearest = points.iter().min_by(|one, other| off(one).total_cmp(&off(other)));
        match (between, nearest) {
            (Some(gain), _) => Ok(gain),
            (None, Some(point)) if off(&point) <= TOLERANCE => Ok(point.0),
            (None, point) => {
                let found = self.wanted;
                let most = point.map_or(f64::NEG_INFINITY, |point| point.1);
                Err(RecipeError::new(
                    "integrated",
                    found,
                    format!("{most:.1} at most for this sound and its highest peak"),
                ))
            }
        }
    }
}

impl Loudness {
    /// The job that measures how much volume a sound needs whose peaks are lowered to the highest: for what
    /// [is not linear](Loudness::is_linear), in place of [`normalize`](Loudness::normalize). It takes several times as long
    /// as the first. See [`Limiting`] for an example.
    ///
    /// # Errors
    ///
    /// A target is outside of its range, or what was measured is no sound.
    pub fn limiting(
        &self,
        audio: impl Into<Stream<Audio>>,
        measured: &Measured,
    ) -> Result<Limiting, RecipeError> {
        let (audio, gain) = (audio.into(), self.gain(measured)?);
        let mut measuring = Measuring::new();
        let mut tried = Vec::with_capacity(TRIED.len());
        for more in TRIED {
            let limited = audio.filters(self.limiter(gain + more)?).filter(long_enough());
            tried.push((gain + more, measuring.loudness(&limited)));
        }
        Ok(Limiting { job: measuring.job(), streams: measuring.streams(), wanted: self.loudness(), tried })
    }

    /// The same sound louder by `gain` dB, with its peaks lowered to the highest: what [`Limiting::read`] returns brings it to
    /// the loudness that is wanted.
    ///
    /// # Errors
    ///
    /// The highest peak, or the gain, is outside of its range.
    pub fn limit(&self, audio: impl Into<Stream<Audio>>, gain: f64) -> Result<Stream<Audio>, RecipeError> {
        let gain = within("gain", gain, -199.0, 199.0)?;
        Ok(audio.into().filters(self.limiter(gain)?))
    }
}
