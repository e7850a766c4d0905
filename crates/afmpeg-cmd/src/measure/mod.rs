//! Measurements of filters, as values.
//!
//! [`Measuring`] builds the command: each method adds a filter that measures one stream, and returns the [`Series`]
//! that reads its results. FFmpeg prints the measurements to devices of the job, `/dev/measurements0` and following;
//! `Job::measurements` of afmpeg-engine provides them, and returns all values or an error. Logs are not read.
//!
//! ```
//! use std::time::Duration;
//! use afmpeg_cmd::{Input, Time, measure::{Measuring, Record, Span}};
//!
//! let talk = Input::new("talk.mp4");
//! let mut measuring = Measuring::new();
//! let silences = measuring.silence(&talk.audio(), -50.0, Duration::from_millis(500))?;
//! let loudness = measuring.loudness(&talk.audio());
//! let (command, streams) = (measuring.command(), measuring.streams());
//! assert_eq!(streams, 2);
//! // With afmpeg-engine: `runtime.job(fs).args(&command).measurements(streams)?`, and for each result
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
mod record;
mod span;
mod values;

use std::{fmt, sync::Arc, time::Duration};

use frame::Frame;

pub use record::Record;
pub use span::Span;
pub use values::{
    Channel, Crop, FieldOrder, Loudness, Psnr, SceneChange, SignalStatistics, Ssim, Timed, Waveform,
};

use crate::{
    AnyStream, Audio, Command, Filter, MediaKind, Output, Stream, Video,
    recipes::{
        RecipeError,
        error::{in_range, nonzero, nonzero_duration},
    },
};

/// The devices for measurements, without their number.
const DEVICE: &str = "/dev/measurements";

/// Converts the records of one stream to values.
#[derive(Clone)]
pub struct Series<T> {
    stream: usize,
    read: Arc<Reader<T>>,
}

type Reader<T> = dyn Fn(&[Frame<'_>]) -> Result<Vec<T>, RecipeError> + Send + Sync;

impl<T> Series<T> {
    /// Reads the values, ordered by time. Records of other streams are skipped.
    ///
    /// # Errors
    ///
    /// A record is not from the filter of this series: a value is missing, or not a number.
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

/// A command that measures: see the [module's example](self).
#[derive(Debug, Clone, Default)]
pub struct Measuring {
    streams: Vec<AnyStream>,
}

impl Measuring {
    /// A command without measurements.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of measured streams, which is the number of devices that the command needs.
    pub fn streams(&self) -> usize {
        self.streams.len()
    }

    /// Returns the command. It decodes the streams and writes no file.
    pub fn command(&self) -> Command {
        Command::new([self.output()])
    }

    /// Returns the output of the command, for one that also writes files: it decodes each stream once.
    ///
    /// ```
    /// use std::time::Duration;
    /// use afmpeg_cmd::{Command, Input, measure::Measuring, recipes::ContactSheet};
    ///
    /// let film = Input::new("film.mp4").video();
    /// let mut measuring = Measuring::new();
    /// let scenes = measuring.scenes(&film, 10.0)?;
    /// let sheet = ContactSheet::new(Duration::from_secs(600), 4, 3).output(&film, "sheet.jpg")?;
    /// let command = Command::new([measuring.output(), sheet]);
    /// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
    /// ```
    pub fn output(&self) -> Output {
        self.streams.iter().fold(Output::null(), |output, stream| match stream.kind() {
            MediaKind::Audio => output.stream(crate::OutputStream::new(stream).codec("pcm_s16le")),
            _ => output.map(stream),
        })
    }

    /// Adds a filter that measures a video and attaches values to its frames. Returns the stream number of its records.
    ///
    /// ```
    /// use afmpeg_cmd::{Filter, Input, measure::Measuring};
    ///
    /// let mut measuring = Measuring::new();
    /// assert_eq!(measuring.video(&Input::new("a.mp4").video(), Filter::new("siti")), 0);
    /// let graph = measuring.command().graph.to_string();
    /// assert!(graph.contains("metadata@n0=mode=delete") && graph.contains("file=/dev/measurements0"), "{graph}");
    /// ```
    pub fn video(&mut self, video: &Stream<Video>, filter: impl Into<Filter>) -> usize {
        let measured = cleared(video, "metadata").filter(filter);
        self.add(&measured, "metadata")
    }

    /// Adds a filter that measures an audio stream, as [`video`](Measuring::video).
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

    /// Measures where audio stays below `threshold`, in dB of full scale from -120 to 0, for at least `shortest`.
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
        let noise = format!("{}dB", in_range("threshold", threshold, -120.0, 0.0)?);
        let shortest = nonzero_duration("shortest", shortest)?;
        let filter = Filter::new("silencedetect").opt("noise", noise).opt("duration", shortest);
        // A frame holds one value per name: in a frame longer than a silence, a second silence would hide the first.
        // 1000 Hz is below any sample rate.
        let samples = shortest.as_millis().clamp(1, 4096);
        let short = Filter::new("asetnsamples").opt("n", samples.to_string()).opt("p", false);
        let stream = self.audio(&audio.filter(short), filter);
        Ok(series(stream, |frames| span::read(frames, "lavfi.silence_start", "lavfi.silence_end")))
    }

    /// Measures where `share` of the pixels of a video, from 0 to 1, is black for at least `shortest`. FFmpeg's default
    /// is 0.98.
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
        let share = in_range("share", share, 0.0, 1.0)?;
        let shortest = nonzero_duration("shortest", shortest)?;
        let filter = Filter::new("blackdetect").opt("picture_black_ratio_th", share).opt("d", shortest);
        let stream = self.video(video, filter);
        Ok(series(stream, move |frames| {
            let mut spans = span::read(frames, "lavfi.black_start", "lavfi.black_end")?;
            // The filter marks shorter spans as well.
            spans.retain(|span| span.duration().is_none_or(|duration| duration >= shortest));
            Ok(spans)
        }))
    }

    /// Measures where a video does not change for at least `shortest`. Differences below `noise`, in dB of full scale
    /// from -120 to 0, are ignored (FFmpeg's default is -60).
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
        let noise = format!("{}dB", in_range("noise", noise, -120.0, 0.0)?);
        let filter = Filter::new("freezedetect")
            .opt("noise", noise)
            .opt("duration", nonzero_duration("shortest", shortest)?);
        let stream = self.video(video, filter);
        let keys = ("lavfi.freezedetect.freeze_start", "lavfi.freezedetect.freeze_end");
        Ok(series(stream, move |frames| span::read(frames, keys.0, keys.1)))
    }

    /// Measures where scenes begin: frames that differ from the previous one by `threshold` or more, from 0 to 100.
    /// FFmpeg's default is 10.
    ///
    /// # Errors
    ///
    /// The threshold is outside of its range.
    pub fn scenes(
        &mut self,
        video: &Stream<Video>,
        threshold: f64,
    ) -> Result<Series<SceneChange>, RecipeError> {
        let threshold = in_range("threshold", threshold, 0.0, 100.0)?;
        let stream = self.video(video, Filter::new("scdet").opt("threshold", threshold));
        Ok(series(stream, SceneChange::read))
    }

    /// Measures the part of a video inside its black borders, after each frame: the last value is for the whole video.
    /// It is empty while all frames are black.
    pub fn crop(&mut self, video: &Stream<Video>) -> Series<Timed<Crop>> {
        let filter = Filter::new("cropdetect").opt("round", 2).opt("skip", 0);
        self.each(video, filter, Crop::read)
    }

    /// Measures EBU R 128 loudness every 100 ms: the last value is for the whole stream.
    pub fn loudness(&mut self, audio: &Stream<Audio>) -> Series<Timed<Loudness>> {
        let filter =
            Filter::new("ebur128").opt("metadata", true).opt("peak", "true").opt("framelog", "quiet");
        let stream = self.audio(audio, filter);
        // Frames shorter than 100 ms have no values.
        series(stream, |frames| timed(frames, Loudness::read))
    }

    /// Measures the shape of a sound: the levels of each block of this many samples. The last block may be shorter.
    ///
    /// # Errors
    ///
    /// The number of samples is zero.
    pub fn waveform(
        &mut self,
        audio: &Stream<Audio>,
        samples: u32,
    ) -> Result<Series<Timed<Waveform>>, RecipeError> {
        let samples = nonzero("samples", samples)?;
        let blocks = audio.filters([
            // Levels of integers would be in units of their format.
            Filter::new("aformat").opt("sample_fmts", "fltp"),
            Filter::new("asetnsamples").opt("n", samples).opt("p", false),
        ]);
        let levels = Filter::new("astats")
            .opt("metadata", true)
            .opt("reset", 1)
            .opt("measure_perchannel", "none")
            .opt("measure_overall", "Min_level+Max_level+RMS_level");
        let stream = self.audio(&blocks, levels);
        Ok(series(stream, |frames| timed(frames, Waveform::read)))
    }

    /// Measures the levels of the planes of each frame.
    pub fn signal_statistics(&mut self, video: &Stream<Video>) -> Series<Timed<SignalStatistics>> {
        self.each(video, Filter::new("signalstats"), SignalStatistics::read)
    }

    /// Measures the blur of each frame: 1 is sharp, 5 and more is soft.
    pub fn blur(&mut self, video: &Stream<Video>) -> Series<Timed<f64>> {
        self.each(video, Filter::new("blurdetect"), |frame| frame.number("lavfi.blur"))
    }

    /// Measures the field order of each frame, by the frames around it.
    pub fn interlacing(&mut self, video: &Stream<Video>) -> Series<Timed<FieldOrder>> {
        self.each(video, Filter::new("idet"), FieldOrder::read)
    }

    /// Measures the peak signal-to-noise ratio of each frame to a reference of the same size.
    pub fn psnr(&mut self, video: &Stream<Video>, reference: &Stream<Video>) -> Series<Timed<Psnr>> {
        let stream = self.compare(video, reference, Filter::new("psnr"));
        series(stream, |frames| timed(frames, Psnr::read))
    }

    /// Measures the structural similarity of each frame to a reference of the same size.
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

/// Removes the file's own metadata: a PNG's text could look like a measurement.
fn cleared<K: crate::Kind>(stream: &Stream<K>, metadata: &str) -> Stream<K> {
    stream.filter(Filter::new(metadata).opt("mode", "delete"))
}
