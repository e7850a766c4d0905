//! Recipes on synthetic media and on real ones (`film`). Other tools and arithmetic judge the outputs.

mod colors;
mod everyday;
mod everyday_sound;
mod film;
mod hdr;
mod inputs;
mod joining;
mod large;
mod lean;
mod loud;
mod overlays;
mod pictures;
mod shown;
mod side_data;
mod sound;
mod streaming;

use afmpeg_cmd::{
    Audio, Command, Output, Probe, Stream, Video,
    measure::Record,
    recipes::{Loudness, MeasuredLoudness},
};
use afmpeg_engine::measurements::Measurement;
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;

use crate::harness::{Variant, judge};

/// Runs a command and returns its log.
#[track_caller]
pub(crate) fn run(module: &Variant, fs: &MemFs, command: &Command) -> String {
    command.check().unwrap_or_else(|problems| panic!("{problems}"));
    let args = command.to_args();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    module.ffmpeg_args(fs, &args).log().to_owned()
}

/// Runs a command that measures this number of streams, and returns its records.
#[track_caller]
pub(crate) fn measured(module: &Variant, fs: &MemFs, command: &Command, streams: usize) -> Vec<Record> {
    command.check().unwrap_or_else(|problems| panic!("{problems}"));
    let measurements = module.runtime.job(fs.clone()).args(command).measurements(streams).unwrap();
    let record = |it: Measurement| {
        Record::new(it.stream, it.frame, it.time.map(|time| time.as_micros()), it.key, it.value)
    };
    measurements
        .map(|it| it.map(record).unwrap_or_else(|error| panic!("{error}: {:?}", error.log())))
        .collect()
}

/// Measures the loudness of a stream.
#[track_caller]
fn loudness(module: &Variant, fs: &MemFs, target: &Loudness, audio: &Stream<Audio>) -> MeasuredLoudness {
    run(module, fs, &target.measure(audio, "loudness.json").unwrap());
    serde_json::from_slice(&fs.read("/loudness.json").unwrap()).unwrap()
}

/// Writes one output.
#[track_caller]
fn write(module: &Variant, fs: &MemFs, output: Output) -> String {
    run(module, fs, &Command::new([output]))
}

/// Normalizes a sound to a loudness: with one change of volume if possible, else with a limiter.
#[track_caller]
fn normalized(
    module: &Variant,
    fs: &MemFs,
    target: &Loudness,
    audio: &Stream<Audio>,
    found: &MeasuredLoudness,
) -> Stream<Audio> {
    if target.is_linear(found) {
        return target.normalize(audio, found).unwrap();
    }
    let limiting = target.limiting(audio, found).unwrap();
    let gain = limiting.read(&measured(module, fs, &limiting.command, limiting.streams));
    target.limit(audio, gain.unwrap()).unwrap()
}

/// Returns the samples of a file's sound as doubles.
#[track_caller]
fn samples(module: &Variant, fs: &MemFs, path: &str) -> Bytes {
    module.ffmpeg(fs, &format!("-i {path} -map 0:a -c:a pcm_f64le -f f64le -y samples.raw"));
    fs.read("/samples.raw").unwrap()
}

/// Returns an output with lossless video.
fn lossless(video: &Stream<Video>) -> Output {
    Output::new("out.mkv").video(video, "ffv1")
}

/// Probes a file with Debian's ffprobe, for recipes.
#[track_caller]
fn probe(fs: &MemFs, path: &str) -> Probe {
    serde_json::from_value(judge(fs, path).json).unwrap()
}

/// Encodes a graph with a pad `[v]` and, if `sound` is set, a pad `[a]`.
#[track_caller]
fn make(module: &Variant, fs: &MemFs, graph: &str, sound: bool, path: &str) {
    let sound = if sound { "-map [a] -c:a aac" } else { "" };
    module.ffmpeg(
        fs,
        &format!(
            "-filter_complex {graph} -map [v] {sound} -c:v libx264 -preset ultrafast -pix_fmt yuv420p {path}"
        ),
    );
}

/// Encodes one second each of red, green, blue and white, 128x72 at 25 fps.
#[track_caller]
fn four_colors(module: &Variant, fs: &MemFs, path: &str) {
    let sources: String = ["red", "lime", "blue", "white"]
        .iter()
        .enumerate()
        .map(|(index, name)| format!("color={name}:s=128x72:r=25:d=1[c{index}];"))
        .collect();
    make(module, fs, &format!("{sources}[c0][c1][c2][c3]concat=n=4[v]"), false, path);
}

/// Returns the colour of a pixel at a time.
#[track_caller]
fn color_at(module: &Variant, fs: &MemFs, path: &str, seconds: f64, (x, y): (u32, u32)) -> &'static str {
    // Decode up to the time: not every format is seekable.
    let crop = format!(
        "-i {path} -ss {seconds} -frames:v 1 -vf format=rgb24,crop=2:2:{x}:{y} -f rawvideo -y color.raw"
    );
    module.ffmpeg(fs, &crop);
    let pixels = fs.read("/color.raw").unwrap();
    let (red, green, blue) = (pixels[0], pixels[1], pixels[2]);
    let is = |value: u8, bright: bool| if bright { value > 180 } else { value < 75 };
    let names = [
        ("red", [true, false, false]),
        ("lime", [false, true, false]),
        ("blue", [false, false, true]),
        ("white", [true; 3]),
        ("black", [false; 3]),
    ];
    let found = names.iter().find(|(_, [r, g, b])| is(red, *r) && is(green, *g) && is(blue, *b));
    found.map_or("mixed", |(name, _)| name)
}
