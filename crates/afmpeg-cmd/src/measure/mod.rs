//! What filters measure, as values.
//!
//! [`Measuring`] makes the command: each of its methods adds a filter that measures one stream, and returns the
//! [`Series`] that reads its results. FFmpeg prints what was measured to devices of the job, `/dev/measurements0` and
//! following; afmpeg-engine's `Job::measurements` provides them, and returns what arrives, complete or an error. No log is
//! read.
//!
//! ```
//! use std::time::Duration;
//! use afmpeg_cmd::{Input, Time, measure::{Measuring, Record, Span}};
//!
//! let talk = Input::new("talk.mp4");
//! let mut measuring = Measuring::new();
//! let silences = measuring.silence(&talk.audio(), -50.0, Duration::from_millis(500))?;
//! let loudness = measuring.loudness(&talk.audio());
//! let (job, streams) = (measuring.job(), measuring.streams());
//! assert_eq!(streams, 2);
//! // With afmpeg-engine: `runtime.job(fs).args(&job).measurements(streams)?`, and for each of them
//! // `Record::new(it.stream, it.frame, it.time.map(|time| time.as_micros()), it.key, it.value)`.
//! let records = [
//!     Record::new(0, 7, Some(3_000_000), "lavfi.silence_start", "2.5"),
//!     Record::new(0, 9, Some(4_000_000), "lavfi.silence_end", "4"),
//! ];
//! let second = Duration::from_secs(1);
//! assert_eq!(silences.read(&records)?, [Span { start: second * 5 / 2, end: Some(4 * second) }]);
//! assert_eq!(loudness.read(&records)?, []);
//! # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
//! ```

mod frame;
mod span;
mod values;

use std::{fmt, sync::Arc, time::Duration};

use frame::Frame;

pub use span::Span;
pub use values::{Channel, Crop, FieldOrder, Loudness, Psnr, SceneChange, SignalStatistics, Ssim, Timed};

use crate::{
    AnyStream, Audio, Filter, Job, MediaKind, Output, Stream, Time, Video,
    recipes::{
        RecipeError,
        error::{some_time, within},
    },
};

/// The devices that measurements are printed to, but for their number.
const DEVICE: &str = "/dev/measurements";

/// One value that a filter attached to a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The number of its [`Series`] within the job.
    pub stream: usize,
    /// The number of the frame.
    pub frame: u64,
    /// When the frame is shown; none where it has no timestamp.
    pub time: Option<Time>,
    /// The name of the value: `lavfi.silence_start`.
    pub key: String,
    /// The value, as FFmpeg prints it.
    pub value: String,
}

impl Record {
    /// A record; its time is in microseconds.
    pub fn new(
        stream: usize,
        frame: u64,
        micros: Option<i64>,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Self { stream, frame, time: micros.map(Time::from_micros), key: key.into(), value: value.into() }
    }
}

/// How the records of one measured stream become values.
#[derive(Clone)]
pub struct Series<T> {
    stream: usize,
    read: Arc<Reader<T>>,
}

type Reader<T> = dyn Fn(&[Frame<'_>]) -> Result<Vec<T>, RecipeError> + Send + Sync;

impl<T> Series<T> {
    /// Its values, in the order of time. Records of other streams are passed over.
    ///
    /// # Errors
    ///
    /// A record is not one of the filter that this series is made by: a value is missing, or is not a number.
    pub fn read<'a>(&self, records: impl IntoIterator<Item = &'a Record>) -> Result<Vec<T>, RecipeError> {
        let own = records.into_iter().filter(|record| record.stream == self.stream);
        (self.read)(&Frame::of(own))
    }
}

impl<T> fmt::Debug for Series<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Series").field("stream", &self.stream).finish_non_exhaustive()
    }
}

/// A job that measures: see the [module's example](self).
#[derive(Debug, Clone, Default)]
pub struct Measuring {
    streams: Vec<AnyStream>,
}

impl Measuring {
    /// Measures nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many streams are measured: the number of devices that the job needs.
    pub fn streams(&self) -> usize {
        self.streams.len()
    }

    /// The job. It decodes the streams and writes no file.
    pub fn job(&self) -> Job {
        let output = self.streams.iter().fold(Output::nowhere(), |output, stream| match stream.kind() {
            MediaKind::Audio => output.stream(crate::OutputStream::new(stream).codec("pcm_s16le")),
            _ => output.map(stream),
        });
        Job::new([output])
    }

    /// Adds a filter of your own that measures one video and attaches its values to the frames. The records are those of
    /// the stream whose number is returned.
    ///
    /// ```
    /// use afmpeg_cmd::{Filter, Input, measure::Measuring};
    ///
    /// let mut measuring = Measuring::new();
    /// assert_eq!(measuring.video(&Input::new("a.mp4").video(), Filter::new("siti")), 0);
    /// let graph = measuring.job().graph.to_string();
    /// assert!(graph.contains("metadata@n0=mode=delete") && graph.contains("file=/dev/measurements0"), "{graph}");
    /// ```
    pub fn video(&mut self, video: &Stream<Video>, filter: impl Into<Filter>) -> usize {
        let measured = cleared(video, "metadata").filter(filter);
        self.add(&measured, "metadata")
    }

    /// Adds a filter of your own that measures one audio, as [`video`](Measuring::video).
    pub fn audio(&mut self, audio: &Stream<Audio>, filter: impl Into<Filter>) -> usize {
        let measured = cleared(audio, "ametadata").filter(filter);
        self.add(&measured, "ametadata")
    }

    fn add<K: crate::Kind>(&mut self, measured: &Stream<K>, metadata: &str) -> usize {
        let stream = self.streams.len();
        let print = Filter::new(metadata).opt("mode", "print").opt("file", format!("{DEVICE}{stream}"));
        self.streams.push(measured.filter(print).any());
        stream
    }

    fn compare(&mut self, video: &Stream<Video>, reference: &Stream<Video>, filter: Filter) -> usize {
        let both = [cleared(video, "metadata"), cleared(reference, "metadata")];
        self.add(&filter.on(both).video(), "metadata")
    }

    /// Where an audio stays below `threshold`, in dB of full scale from -120 to 0, for at least `shortest`.
    ///
    /// # Errors
    ///
    /// The threshold is outside of its range, or `shortest` is less than a microsecond.
    pub fn silence(
        &mut self,
        audio: &Stream<Audio>,
        threshold: f64,
        shortest: Duration,
    ) -> Result<Series<Span>, RecipeError> {
        let noise = format!("{}dB", within("threshold", threshold, -120.0, 0.0)?);
        let shortest = some_time("shortest", shortest)?;
        let filter = Filter::new("silencedetect").opt("noise", noise).opt("duration", shortest);
        // A frame has one value of a name: in one that is longer than a silence, a second silence would hide the first.
        // 1000 Hz is less than any sample rate.
        let samples = shortest.as_millis().clamp(1, 4096);
        let short = Filter::new("asetnsamples").opt("n", samples.to_string()).opt("p", false);
        let stream = self.audio(&audio.filter(short), filter);
        Ok(series(stream, |frames| span::read(frames, "lavfi.silence_start", "lavfi.silence_end")))
    }

    /// Where a video is black for at least `shortest`: `share` of its pixels, from 0 to 1 (FFmpeg's default is 0.98).
    ///
    /// # Errors
    ///
    /// The share is outside of its range, or `shortest` is less than a microsecond.
    pub fn black(
        &mut self,
        video: &Stream<Video>,
        share: f64,
        shortest: Duration,
    ) -> Result<Series<Span>, RecipeError> {
        let share = within("share", share, 0.0, 1.0)?;
        let shortest = some_time("shortest", shortest)?;
        let filter = Filter::new("blackdetect").opt("picture_black_ratio_th", share).opt("d", shortest);
        let stream = self.video(video, filter);
        Ok(series(stream, move |frames| {
            let mut spans = span::read(frames, "lavfi.black_start", "lavfi.black_end")?;
            // The filter marks shorter ones, too.
            spans.retain(|span| span.duration().is_none_or(|duration| duration >= shortest));
            Ok(spans)
        }))
    }

    /// Where a video does not change for at least `shortest`; what differs by less than `noise`, in dB of full scale from
    /// -120 to 0, is no change (FFmpeg's default is -60).
    ///
    /// # Errors
    ///
    /// The noise is outside of its range, or `shortest` is less than a microsecond.
    pub fn freeze(
        &mut self,
        video: &Stream<Video>,
        noise: f64,
        shortest: Duration,
    ) -> Result<Series<Span>, RecipeError> {
        let noise = format!("{}dB", within("noise", noise, -120.0, 0.0)?);
        let filter =
            Filter::new("freezedetect").opt("noise", noise).opt("duration", some_time("shortest", shortest)?);
        let stream = self.video(video, filter);
        let keys = ("lavfi.freezedetect.freeze_start", "lavfi.freezedetect.freeze_end");
        Ok(series(stream, move |frames| span::read(frames, keys.0, keys.1)))
    }

    /// Where scenes begin: frames that differ from the one before by `threshold` or more, from 0 to 100 (FFmpeg's default
    /// is 10).
    ///
    /// # Errors
    ///
    /// The threshold is outside of its range.
    pub fn scenes(
        &mut self,
        video: &Stream<Video>,
        threshold: f64,
    ) -> Result<Series<SceneChange>, RecipeError> {
        let threshold = within("threshold", threshold, 0.0, 100.0)?;
        let stream = self.video(video, Filter::new("scdet").opt("threshold", threshold));
        Ok(series(stream, SceneChange::read))
    }

    /// The part of a video that is not a black border, after each frame: the last is that of the whole video. It is empty
    /// while all is black.
    pub fn crop(&mut self, video: &Stream<Video>) -> Series<Timed<Crop>> {
        let filter = Filter::new("cropdetect").opt("round", 2).opt("skip", 0);
        self.each(video, filter, Crop::read)
    }

    /// The loudness of an audio by EBU R 128, every 100 ms: what the last says of the whole is the result.
    pub fn loudness(&mut self, audio: &Stream<Audio>) -> Series<Timed<Loudness>> {
        let filter =
            Filter::new("ebur128").opt("metadata", true).opt("peak", "true").opt("framelog", "quiet");
        let stream = self.audio(audio, filter);
        // Frames of less than 100 ms have no values.
        series(stream, |frames| timed(frames, Loudness::read))
    }

    /// The levels of each frame's planes.
    pub fn signal_statistics(&mut self, video: &Stream<Video>) -> Series<Timed<SignalStatistics>> {
        self.each(video, Filter::new("signalstats"), SignalStatistics::read)
    }

    /// How blurred each frame is: 1 is sharp, 5 and more is soft.
    pub fn blur(&mut self, video: &Stream<Video>) -> Series<Timed<f64>> {
        self.each(video, Filter::new("blurdetect"), |frame| frame.number("lavfi.blur"))
    }

    /// Whether each frame is interlaced, and how, by the frames around it.
    pub fn interlacing(&mut self, video: &Stream<Video>) -> Series<Timed<FieldOrder>> {
        self.each(video, Filter::new("idet"), FieldOrder::read)
    }

    /// How far each frame is from that of a reference of the same size, as peak signal-to-noise ratio.
    pub fn psnr(&mut self, video: &Stream<Video>, reference: &Stream<Video>) -> Series<Timed<Psnr>> {
        let stream = self.compare(video, reference, Filter::new("psnr"));
        series(stream, |frames| timed(frames, Psnr::read))
    }

    /// How alike each frame is to that of a reference of the same size, by its structure.
    pub fn ssim(&mut self, video: &Stream<Video>, reference: &Stream<Video>) -> Series<Timed<Ssim>> {
        let stream = self.compare(video, reference, Filter::new("ssim"));
        series(stream, |frames| timed(frames, Ssim::read))
    }

    fn each<T: 'static>(
        &mut self,
        video: &Stream<Video>,
        filter: Filter,
        read: fn(&Frame<'_>) -> Result<T, RecipeError>,
    ) -> Series<Timed<T>> {
        let stream = self.video(video, filter);
        series(stream, move |frames| timed(frames, read))
    }
}

fn series<T>(
    stream: usize,
    read: impl Fn(&[Frame<'_>]) -> Result<Vec<T>, RecipeError> + Send + Sync + 'static,
) -> Series<T> {
    Series { stream, read: Arc::new(read) }
}

fn timed<T>(
    frames: &[Frame<'_>],
    read: fn(&Frame<'_>) -> Result<T, RecipeError>,
) -> Result<Vec<Timed<T>>, RecipeError> {
    frames.iter().map(|frame| Ok(Timed { time: frame.time, value: read(frame)? })).collect()
}

/// Without metadata of the file's own: a PNG's text could look like a measurement.
fn cleared<K: crate::Kind>(stream: &Stream<K>, metadata: &str) -> Stream<K> {
    stream.filter(Filter::new(metadata).opt("mode", "delete"))
}
