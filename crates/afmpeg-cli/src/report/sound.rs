//! Measures audio streams, while each is decoded once.

use std::{sync::Arc, time::Duration};

use afmpeg::cmd::{
    Audio, Input,
    measure::{Loudness, Measuring, Span, Timed, Waveform},
    recipes::RecipeError,
};
use afmpeg_engine::{Limits, Runtime, Time, Tool, measurements::Measurement, probe::Stream};

use super::{
    facts::{LoudnessPoint, SoundFacts, SoundLevels, Wave},
    records::Reading,
    unread::Unread,
};
use crate::{bar::Bar, media_file::MediaFile};

/// The most audio streams that are measured.
pub(super) const MOST_STREAMS: usize = 8;

/// The most blocks of a waveform, unless the header has too short a duration.
const BLOCKS: u32 = 1000;

/// The level in dB of full scale below which sound is silence.
const SILENCE: f64 = -50.0;

/// The shortest silence.
const SHORTEST_SILENCE: Duration = Duration::from_secs(1);

/// The loudness in LUFS that FFmpeg returns before anything was loud enough to count.
const UNMEASURED: f64 = -70.0;

/// An audio stream to measure.
#[derive(Clone, Copy)]
pub(super) struct Track<'a> {
    pub(super) stream: &'a Stream,
    pub(super) duration: Duration,
}

/// Decodes the streams in one job, or one by one if that fails: then one of them cannot be decoded.
pub(super) fn measure(
    runtime: &Runtime,
    file: &MediaFile,
    tracks: &[Track<'_>],
    limits: &Limits,
    bar: &Bar,
) -> Vec<SoundFacts> {
    if let Ok(levels) = levels(runtime, file, tracks, limits, bar) {
        let facts = tracks.iter().zip(levels);
        return facts
            .map(|(track, levels)| SoundFacts { stream: track.stream.index, levels: Ok(levels) })
            .collect();
    }
    let alone = |track: &Track<'_>| {
        let levels =
            levels(runtime, file, &[*track], limits, bar).map(|mut levels| levels.pop().unwrap_or_default());
        SoundFacts { stream: track.stream.index, levels }
    };
    tracks.iter().map(alone).collect()
}

fn levels(
    runtime: &Runtime,
    file: &MediaFile,
    tracks: &[Track<'_>],
    limits: &Limits,
    bar: &Bar,
) -> Result<Vec<SoundLevels>, Unread> {
    let input = Input::new(&file.path);
    let mut measuring = Measuring::new();
    let mut readings = Vec::new();
    for track in tracks {
        readings.push(TrackReading::new(&mut measuring, &input, *track)?);
    }
    let job = runtime.job(Arc::clone(&file.fs)).args(Tool::Ffmpeg.unattended_args().iter().copied());
    let duration = tracks.iter().map(|track| track.duration).max().filter(|duration| !duration.is_zero());
    let job = job.args(measuring.command()).limits(limits.clone()).expected_duration(duration);
    let damage = bar.during(job, |job| {
        let mut found = job.measurements(measuring.streams())?;
        for record in found.by_ref() {
            let record = record?;
            for reading in &mut readings {
                reading.add(&record)?;
            }
        }
        Ok::<_, Unread>(found.output().and_then(|output| output.statistics().damage()))
    })?;
    let levels = |reading: TrackReading| -> Result<SoundLevels, Unread> {
        Ok(SoundLevels { damage, ..reading.end()? })
    };
    readings.into_iter().map(levels).collect()
}

/// The measurements of one stream.
struct TrackReading {
    waveform: Reading<Timed<Waveform>>,
    loudness: Reading<Timed<Loudness>>,
    silences: Reading<Span>,
}

impl TrackReading {
    fn new(measuring: &mut Measuring, input: &Input, track: Track<'_>) -> Result<Self, RecipeError> {
        let audio = input.stream::<Audio>(track.stream.index.to_string());
        let waveform = Reading::of_frames(measuring.streams(), measuring.waveform(&audio, block(track))?);
        let loudness = Reading::of_frames(measuring.streams(), measuring.loudness(&audio));
        let silences = measuring.streams();
        let silences = Reading::of_spans(silences, measuring.silence(&audio, SILENCE, SHORTEST_SILENCE)?);
        Ok(Self { waveform, loudness, silences })
    }

    fn add(&mut self, record: &Measurement) -> Result<(), RecipeError> {
        self.waveform.add(record)?;
        self.loudness.add(record)?;
        self.silences.add(record)
    }

    fn end(self) -> Result<SoundLevels, RecipeError> {
        let (waveform, loudness) = (self.waveform.end()?, self.loudness.end()?);
        let whole = loudness.last().map(|last| last.value);
        let samples = waveform.iter().map(|it| it.value.max.max(-it.value.min));
        let sample_peak = 20.0 * samples.fold(0.0, f64::max).log10();
        let time = |time: Option<Time>| time.unwrap_or_default();
        let wave = |it: Timed<Waveform>| {
            let Waveform { min, max, rms, .. } = it.value;
            Wave { time: time(it.time), min, max, rms }
        };
        let point = |it: Timed<Loudness>| {
            let Loudness { momentary, short_term, .. } = it.value;
            LoudnessPoint { time: time(it.time), momentary, short_term }
        };
        Ok(SoundLevels {
            waveform: waveform.into_iter().map(wave).collect(),
            loudness: loudness.into_iter().map(point).collect(),
            integrated: whole.map(|whole| whole.integrated).filter(|loudness| *loudness > UNMEASURED),
            range: whole.map_or(0.0, |whole| whole.range),
            // Sound that is too short for its loudness has no true peak either.
            true_peak: whole.map_or(sample_peak, |whole| whole.true_peak),
            silences: self.silences.end()?,
            damage: None,
        })
    }
}

/// Returns the samples of a block of the waveform.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the value is limited before")]
fn block(track: Track<'_>) -> u32 {
    let rate = track.stream.sample_rate().unwrap_or(48_000).max(1);
    if track.duration.is_zero() {
        return rate;
    }
    let samples = track.duration.as_secs_f64() * f64::from(rate) / f64::from(BLOCKS);
    // At most a minute, for a wrong duration.
    samples.ceil().clamp(1.0, f64::from(rate) * 60.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_a_waveform_are_a_thousandth_of_the_sound() {
        let stream: Stream = serde_json::from_str(r#"{"index": 1, "sample_rate": "48000"}"#).unwrap();
        let of = |seconds: f64| block(Track { stream: &stream, duration: Duration::from_secs_f64(seconds) });
        assert_eq!((of(10.0), of(0.0), of(0.000_001)), (480, 48_000, 1));
        assert_eq!(of(1e12), 60 * 48_000);
    }
}
