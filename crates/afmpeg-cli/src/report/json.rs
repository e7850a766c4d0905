//! The facts and problems as JSON. Times are in seconds from the start of the file; unknown values are null.

use std::time::Duration;

use afmpeg::cmd::measure::Span;
use afmpeg_engine::{
    MediaKind, Probe, Time,
    probe::{Frame, Stream},
    statistics::Damage,
};
use serde::Serialize;

use super::{
    facts::{FileFacts, IndexPlace, MediaFacts, PacketFacts, PictureFacts, Preview, SoundLevels},
    frame_times::FrameTimes,
    problems::{self, Problem},
    units,
    unread::Unread,
};
use crate::{failure::Failure, job_result};

#[derive(Serialize)]
struct Report<'a> {
    afmpeg: &'static str,
    ffmpeg: &'a str,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    /// The name on the command line.
    path: &'a str,
    /// The reason why the file cannot be read; then all other values are null or empty.
    error: Option<&'a Unread>,
    problems: Vec<Problem>,
    seconds: Option<f64>,
    /// The output of ffprobe, with the streams, chapters and tags.
    probe: Option<&'a Probe>,
    /// The first decoded frame of the first video, with its side data.
    first_frame: Option<&'a Frame>,
    /// The place of the index in an MP4 or MOV.
    index: Option<IndexPlace>,
    /// The packets of each stream, in the order of the streams.
    packets: Vec<Packets>,
    video: Option<Measured<'a, Video>>,
    audio: Vec<Measured<'a, Audio>>,
    /// The image, or the covers.
    stills: Vec<Measured<'a, Still>>,
}

/// The measurements of a stream, or the reason why there are none.
#[derive(Serialize)]
struct Measured<'a, T> {
    /// The index of the stream.
    stream: i64,
    error: Option<&'a Unread>,
    measurements: Option<T>,
}

#[derive(Serialize)]
struct Packets {
    /// The index of the stream.
    stream: i64,
    count: u64,
    bytes: u64,
    /// The end of the last packet.
    end: Option<f64>,
    without_pts: u64,
    /// Packets whose decoding time is not after that of the packet before, and the time of the first of these.
    backward_dts: u64,
    first_backward: Option<f64>,
    corrupt: u64,
    starts_with_key_frame: bool,
    /// The times of the key frames, of a video.
    key_frames: Option<Vec<f64>>,
    /// The distances between the frames of a video.
    distances: Option<Distances>,
}

#[derive(Serialize)]
struct Distances {
    median: f64,
    shortest: f64,
    longest: f64,
    longest_at: f64,
    /// The number of distances that differ from the median.
    uneven: usize,
    /// The number of frames with the time of the frame before.
    repeated: usize,
    is_variable_rate: bool,
}

#[derive(Serialize)]
struct Video {
    /// The starts of the scenes after the first.
    scenes: Vec<f64>,
    black: Vec<Part>,
    frozen: Vec<Part>,
    damage: Option<Errors>,
}

#[derive(Serialize)]
struct Audio {
    integrated_lufs: Option<f64>,
    range_lu: f64,
    /// Null for silence.
    true_peak_dbtp: Option<f64>,
    silences: Vec<Part>,
    loudness: Vec<Loudness>,
    waveform: Vec<Wave>,
    damage: Option<Errors>,
}

/// The loudness at a time, in LUFS.
#[derive(Serialize)]
struct Loudness {
    time: f64,
    momentary: Option<f64>,
    short_term: Option<f64>,
}

/// The levels of samples from a time on, from -1 to 1.
#[derive(Serialize)]
struct Wave {
    time: f64,
    min: f64,
    max: f64,
    rms: f64,
}

#[derive(Serialize)]
struct Still {
    /// The size of the preview on the page, in pixels.
    preview_width: u32,
    preview_height: u32,
}

/// A part of a stream; without an end, it lasts to that of the stream.
#[derive(Serialize)]
struct Part {
    start: f64,
    end: Option<f64>,
}

#[derive(Serialize)]
struct Errors {
    read_errors: u32,
    decode_errors: u32,
    corrupt_packets: u32,
    corrupt_frames: u32,
}

/// Returns the facts and problems of files as one line, made by this version of FFmpeg.
pub(super) fn line(files: &[FileFacts], ffmpeg: &str) -> Result<String, Failure> {
    let files = files.iter().map(File::new).collect();
    job_result::to_line(&Report { afmpeg: env!("CARGO_PKG_VERSION"), ffmpeg, files })
}

impl<'a> File<'a> {
    fn new(file: &'a FileFacts) -> Self {
        let media = file.media.as_ref().ok();
        let problems = media.map(problems::problems).unwrap_or_default();
        let streams = media.into_iter().flat_map(MediaFacts::streams);
        let sound = media.map(|media| media.sound.as_slice()).unwrap_or_default();
        let stills = media.map(|media| media.stills.as_slice()).unwrap_or_default();
        Self {
            path: &file.name,
            error: file.media.as_ref().err(),
            problems: problems.into_iter().map(with_plain_blanks).collect(),
            seconds: media.map(|media| media.duration().as_secs_f64()),
            probe: media.map(|media| &media.probe),
            first_frame: media.and_then(|media| media.first_frame.as_ref()),
            index: media.and_then(|media| media.index),
            packets: streams.map(|(stream, packets)| Packets::new(stream, packets)).collect(),
            video: media.and_then(video),
            audio: sound.iter().map(|sound| Measured::new(sound.stream, &sound.levels, Audio::new)).collect(),
            stills: stills
                .iter()
                .map(|still| Measured::new(still.stream, &still.preview, Still::new))
                .collect(),
        }
    }
}

fn video(media: &MediaFacts) -> Option<Measured<'_, Video>> {
    let (stream, _) = media.video()?;
    Some(Measured::new(stream.index, media.picture.as_ref()?, Video::new))
}

/// Programs search texts, and do not break their lines.
fn with_plain_blanks(problem: Problem) -> Problem {
    let (text, fix) = (units::plain(&problem.text), units::plain(&problem.fix));
    Problem { text, fix, ..problem }
}

impl<'a, T> Measured<'a, T> {
    fn new<F>(stream: i64, facts: &'a Result<F, Unread>, measurements: impl FnOnce(&'a F) -> T) -> Self {
        Self { stream, error: facts.as_ref().err(), measurements: facts.as_ref().ok().map(measurements) }
    }
}

impl Packets {
    fn new(stream: &Stream, packets: &PacketFacts) -> Self {
        let is_video = stream.kind() == Some(MediaKind::Video) && !stream.is_attached_picture();
        let key_frames =
            || packets.timed.iter().filter(|packet| packet.is_key).map(|packet| seconds(packet.time));
        Self {
            stream: stream.index,
            count: packets.count,
            bytes: packets.bytes,
            end: packets.end.map(seconds),
            without_pts: packets.without_pts,
            backward_dts: packets.backward,
            first_backward: packets.first_backward.map(seconds),
            corrupt: packets.corrupt,
            starts_with_key_frame: packets.starts_with_key,
            key_frames: is_video.then(|| key_frames().collect()),
            distances: is_video
                .then(|| FrameTimes::of(packets, stream.time_base()).map(Distances::new))
                .flatten(),
        }
    }
}

impl Distances {
    fn new(times: FrameTimes) -> Self {
        Self {
            median: seconds(times.usual),
            shortest: seconds(times.shortest),
            longest: seconds(times.longest),
            longest_at: seconds(times.longest_at),
            uneven: times.uneven,
            repeated: times.repeated,
            is_variable_rate: times.is_variable(),
        }
    }
}

impl Video {
    fn new(facts: &PictureFacts) -> Self {
        Self {
            scenes: facts.scenes.iter().copied().map(seconds).collect(),
            black: parts(&facts.black),
            frozen: parts(&facts.frozen),
            damage: facts.damage.map(Errors::new),
        }
    }
}

impl Audio {
    fn new(levels: &SoundLevels) -> Self {
        let loudness = levels.loudness.iter().map(|point| Loudness {
            time: seconds(point.time),
            momentary: finite(point.momentary),
            short_term: finite(point.short_term),
        });
        let waveform = levels.waveform.iter().map(|wave| Wave {
            time: seconds(wave.time),
            min: wave.min,
            max: wave.max,
            rms: wave.rms,
        });
        Self {
            integrated_lufs: levels.integrated,
            range_lu: levels.range,
            true_peak_dbtp: finite(levels.true_peak),
            silences: parts(&levels.silences),
            loudness: loudness.collect(),
            waveform: waveform.collect(),
            damage: levels.damage.map(Errors::new),
        }
    }
}

impl Still {
    fn new(preview: &Preview) -> Self {
        Self { preview_width: preview.size.0, preview_height: preview.size.1 }
    }
}

impl Errors {
    fn new(damage: Damage) -> Self {
        let Damage { read_errors, decode_errors, corrupt_packets, corrupt_frames, .. } = damage;
        Self { read_errors, decode_errors, corrupt_packets, corrupt_frames }
    }
}

fn parts(spans: &[Span]) -> Vec<Part> {
    let part = |span: &Span| Part {
        start: span.start.as_secs_f64(),
        end: span.end.as_ref().map(Duration::as_secs_f64),
    };
    spans.iter().map(part).collect()
}

fn seconds(time: Time) -> f64 {
    time.as_secs_f64()
}

/// JSON has no infinity.
fn finite(level: f64) -> Option<f64> {
    Some(level).filter(|level| level.is_finite())
}
