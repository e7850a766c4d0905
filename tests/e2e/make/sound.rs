//! Recipes with audio.

use std::{path::Path, process::Command};

use super::{make, refused, result};
use crate::{
    command_line::folder_with_clip,
    harness::{fixture, full, judge_host_file, native},
};

/// Returns the loudness of a file in LUFS and its highest peak in dBTP, by native FFmpeg.
#[track_caller]
fn loudness(file: &Path) -> (f64, f64) {
    let measured = Command::new(native())
        .args(["-nostats", "-i"])
        .arg(file)
        .args(["-map", "0:a", "-filter:a", "ebur128=peak=true", "-f", "null", "-"])
        .output()
        .unwrap();
    let log = String::from_utf8(measured.stderr).unwrap();
    let summary = log.rsplit("Summary:").next().unwrap();
    let value = |name: &str| {
        let line = summary.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap()
    };
    (value("I:"), value("Peak:"))
}

#[test]
fn extracted_audio_is_copied_to_a_file_for_its_codec_and_encoded_to_others() {
    let folder = folder_with_clip();
    std::fs::write(folder.path().join("alarm.oga"), fixture("alarm-clock-elapsed.oga")).unwrap();
    let packets = |name: &str| {
        let output = Command::new(native())
            .args(["-v", "error", "-i"])
            .arg(folder.path().join(name))
            .args(["-map", "0:a", "-c", "copy", "-f", "streamhash", "-"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().split('=').next_back().unwrap().to_owned()
    };
    for (line, name, codec, source) in [
        ("extract-audio clip.mp4", "clip.m4a", "aac", Some("clip.mp4")),
        ("extract-audio alarm.oga", "alarm.ogg", "vorbis", Some("alarm.oga")),
        ("extract-audio clip.mp4 -o a.mp4", "a.mp4", "aac", Some("clip.mp4")),
        ("extract-audio clip.mp4 -o a.wav", "a.wav", "pcm_s16le", None),
        ("extract-audio alarm.oga -o a.mp3 --bitrate 192k", "a.mp3", "mp3", None),
        ("extract-audio clip.mp4 -o a.flac --from 1 --to 2", "a.flac", "flac", None),
    ] {
        make(folder.path(), line);
        let judged = judge_host_file(&folder.path().join(name));
        judged.assert_codec("audio", codec);
        assert_eq!(judged.streams().len(), 1, "{line}");
        if let Some(source) = source {
            assert_eq!(packets(name), packets(source), "{line}");
        }
    }
    judge_host_file(&folder.path().join("a.flac")).assert_duration(1.0, 0.05);
}

#[test]
fn normalized_audio_has_the_loudness_and_the_rest_of_the_file_is_copied() {
    let folder = folder_with_clip();
    // Stereo, since FFmpeg's loudnorm and ebur128 disagree about the clip's 5.1 by 0.7 LU.
    make(folder.path(), "normalize clip.mp4 --loudness -30 -o clip-normalized.wav");
    judge_host_file(&folder.path().join("clip-normalized.wav")).assert_codec("audio", "pcm_s16le");
    std::fs::write(folder.path().join("alarm.oga"), fixture("alarm-clock-elapsed.oga")).unwrap();
    let muxed = Command::new(native())
        .args("-v error -i clip.mp4 -i alarm.oga -map 0:v -map 1:a -c:v copy -c:a aac film.mp4".split(' '))
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(muxed.status.success(), "{muxed:?}");
    make(folder.path(), "normalize film.mp4 --loudness -30");
    let path = folder.path().join("film-normalized.mp4");
    judge_host_file(&path).assert_codec("video", "h264").assert_codec("audio", "aac");
    assert_eq!(judge_host_file(&path).stream("video")["profile"], "Main", "copied");
    let (integrated, peak) = loudness(&path);
    assert!((integrated + 30.0).abs() < 0.5 && peak <= -1.0, "{integrated} {peak}");
}

#[test]
fn loud_click_is_normalized_with_limited_peaks() {
    let folder = tempfile::tempdir().unwrap();
    // Too short for a varying volume, with a peak far above its loudness.
    let fs = afmpeg_vfs::MemFs::new();
    let click = "aevalsrc=0.9*sin(2*PI*1000*t)*lt(t\\,0.01)+0.01*sin(2*PI*500*t):s=48000:d=2";
    full().ffmpeg_args(&fs, &["-f", "lavfi", "-i", click, "-c:a", "pcm_s16le", "click.wav"]);
    let bytes = afmpeg_vfs::VfsExt::read(&fs, "/click.wav").unwrap();
    std::fs::write(folder.path().join("click.wav"), bytes).unwrap();
    make(folder.path(), "normalize click.wav");
    let (integrated, peak) = loudness(&folder.path().join("click-normalized.wav"));
    assert!((integrated + 16.0).abs() < 0.6 && peak <= -1.4, "{integrated} {peak}");
}

#[test]
fn file_without_the_needed_stream_is_refused() {
    let folder = folder_with_clip();
    make(folder.path(), "extract-audio clip.mp4 -o a.wav --to 0.5");
    let (error, hint) = refused(folder.path(), "gif a.wav");
    assert!(error.contains("a.wav has no video stream") && hint.contains("afmpeg probe"), "{error}: {hint}");
    make(folder.path(), "gif clip.mp4 --to 0.5 --width 64");
    let (error, _) = refused(folder.path(), "normalize clip.gif");
    assert!(error.contains("clip.gif has no audio stream"), "{error}");
    let failed = result(folder.path(), "normalize clip.gif");
    assert_eq!((&failed["result"], &failed["error"]["kind"]), (&"error".into(), &"invalid_argument".into()));
    assert_eq!(failed["outputs"], serde_json::json!([]));
}
