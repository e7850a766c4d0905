//! Small clips and sounds of common kinds, each unusual in its streams, times, aspect ratio, colours or samples.

use std::process::Command;

use afmpeg_cmd::Probe;
use afmpeg_vfs::{MemFs, VfsExt as _};
use serde_json::Value;

use super::probe;
use crate::harness::Variant;

/// A clip with a video and a sound of one second each, except as described by its name.
pub(super) struct Clip {
    /// A description of the unusual property.
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    /// The displayed size, in square pixels.
    pub(super) size: (u64, u64),
    /// The times of the frames in microseconds from the start of the file, from Debian's ffprobe.
    pub(super) times: Vec<i64>,
    /// The output of the same ffprobe.
    pub(super) probe: Probe,
}

impl Clip {
    fn new(fs: &MemFs, name: &'static str, path: &'static str, size: (u64, u64)) -> Self {
        Self { name, path, size, times: times(fs, path), probe: probe(fs, &format!("/{path}")) }
    }
}

/// Returns the times of the first video's frames in microseconds from the start of the file, from Debian's ffprobe.
#[track_caller]
pub(super) fn times(fs: &MemFs, path: &str) -> Vec<i64> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(path);
    std::fs::write(&file, fs.read(format!("/{path}")).unwrap()).unwrap();
    let entries = "frame=best_effort_timestamp_time:format=start_time";
    let found = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "V:0", "-of", "json", "-show_entries", entries])
        .arg(&file)
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let micros = |value: &Value| (value.as_str().unwrap().parse::<f64>().unwrap() * 1e6).round() as i64;
    let start = micros(&found["format"]["start_time"]);
    let frames = found["frames"].as_array().unwrap().iter();
    frames.map(|frame| micros(&frame["best_effort_timestamp_time"]) - start).collect()
}

/// Returns a filter that sets the times of frames, in milliseconds.
pub(super) fn at_times(times: &[i64]) -> String {
    let times: Vec<String> = times.iter().enumerate().map(|(n, ms)| format!("eq(N,{n})*{ms}")).collect();
    format!("trim=end_frame={},settb=1/1000,setpts='{}'", times.len(), times.join("+"))
}

/// Options that keep the times set by a filter.
pub(super) const AS_TIMED: &str = "-fps_mode passthrough -enc_time_base 1/1000";

/// Creates every kind of clip with a video.
#[track_caller]
pub(super) fn clips(module: &Variant, fs: &MemFs) -> Vec<Clip> {
    let paused = at_times(&[0, 40, 80, 900, 940, 980, 2_500, 2_540]);
    let varying: Vec<i64> = (0..25).map(|number| number * 40 + number % 3 * 5).collect();
    let late: Vec<i64> = (0..15).map(|number| 400 + number * 40).collect();
    let fast: Vec<i64> = (0..60).map(|number| number * 25 / 3).collect();
    let fast = format!("loop=2:25:0,{}", at_times(&fast));
    let hdr = "format=yuv420p10le,setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=smpte2084";
    let (plain, square) = ("null", (160, 90));
    let made = [
        ("plain", "plain.mp4", square, plain, ""),
        ("with sound that outlasts its video", "short.mp4", square, "trim=end_frame=15", ""),
        ("with long frames", "paused.mp4", square, paused.as_str(), AS_TIMED),
        ("of a variable frame rate", "varying.mp4", square, &*at_times(&varying), AS_TIMED),
        ("with a video that starts late", "late.mkv", square, &*at_times(&late), AS_TIMED),
        ("of 120 frames per second", "fast.mp4", square, fast.as_str(), AS_TIMED),
        ("with pixels that are not square", "anamorphic.mp4", (256, 144), "scale=180:144,setsar=64/45", ""),
        ("with reordered frames in MPEG-TS", "stream.ts", square, plain, "-preset medium -bf 3"),
        ("in RGB", "rgb.mkv", square, plain, "-c:v ffv1 -pix_fmt gbrp"),
        ("of ten bits in HDR", "hdr.mkv", square, hdr, "-c:v ffv1 -pix_fmt yuv420p10le"),
        ("of full range", "full.mkv", square, plain, "-c:v mjpeg -pix_fmt yuvj420p"),
        ("of an odd size", "odd.mkv", (161, 91), "scale=161:91,setsar=1", "-c:v ffv1 -pix_fmt yuv444p"),
    ];
    let mut clips = Vec::new();
    for (name, path, size, filter, options) in made {
        // Outside MP4, FFmpeg 5.1, the judge, and 9 differ in the start time of files whose sound has priming.
        let sound = if path.ends_with("mkv") { "flac" } else { "aac" };
        module.ffmpeg(
            fs,
            &format!(
                "-f lavfi -i testsrc2=s=160x90:r=25:d=1 -f lavfi -i sine=d=1:r=48000 -map 0:v -map 1:a -vf {filter} \
                 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a {sound} {options} {path}"
            ),
        );
        clips.push(Clip::new(fs, name, path, size));
    }
    module.ffmpeg(fs, "-display_rotation 90 -i plain.mp4 -c copy turned.mp4");
    clips.push(Clip::new(fs, "with a rotation", "turned.mp4", (90, 160)));
    clips
}

/// A file with a sound, and possibly a cover.
pub(super) struct Sound {
    /// A description of the unusual property.
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    /// The duration from the start of the file to the end of the sound.
    pub(super) seconds: f64,
    /// The output of Debian's ffprobe.
    pub(super) probe: Probe,
}

/// Creates every kind of file with a sound.
#[track_caller]
pub(super) fn sounds(module: &Variant, fs: &MemFs) -> Vec<Sound> {
    let cover = "-f lavfi -i color=red:s=32x32 -frames:v 1 -update 1 cover.jpg";
    module.ffmpeg(fs, cover);
    let with_cover = "-i cover.jpg -map 0 -map 1 -c:v copy -disposition:v attached_pic";
    let late = "-output_ts_offset 0.5";
    let made = [
        ("plain", "plain.wav", 1.0, "stereo", "-c:a pcm_s16le"),
        ("of one channel at 8000 Hz", "phone.wav", 1.0, "mono", "-ar 8000 -c:a pcm_mulaw"),
        ("of eight bits", "coarse.wav", 1.0, "mono", "-ar 11025 -c:a pcm_u8"),
        ("in floating point at 96000 Hz", "studio.wav", 1.0, "stereo", "-ar 96000 -c:a pcm_f32le"),
        ("of six channels", "round.ac3", 1.0, "5.1", "-c:a ac3"),
        ("with priming", "song.mp3", 1.0, "stereo", "-ar 44100 -c:a libmp3lame"),
        ("with a cover", "cover.m4a", 1.0, "stereo", "-c:a aac"),
        ("of Opus", "talk.opus", 1.0, "mono", "-c:a opus -strict -2"),
        ("in planes", "planes.nut", 1.0, "stereo", "-c:a pcm_s16le_planar"),
        ("of a Blu-ray", "disc.m2ts", 1.0, "stereo", "-c:a pcm_bluray -mpegts_m2ts_mode 1"),
        ("of a DVD", "disc.vob", 1.0, "stereo", "-c:a pcm_dvd -f vob"),
        ("that starts late", "late.mka", 1.0, "stereo", "-c:a flac"),
        ("shorter than a window of loudness", "short.wav", 0.2, "mono", "-c:a pcm_s16le"),
    ];
    let mut sounds = Vec::new();
    for (name, path, seconds, layout, options) in made {
        let options = match path {
            "cover.m4a" => format!("{with_cover} {options}"),
            "late.mka" => format!("{options} {late}"),
            _ => options.to_owned(),
        };
        let input = format!("-f lavfi -i sine=d={seconds}:r=48000,aformat=channel_layouts={layout}");
        module.ffmpeg(fs, &format!("{input} {options} {path}"));
        let probe = probe(fs, &format!("/{path}"));
        sounds.push(Sound { name, path, seconds, probe });
    }
    sounds
}
