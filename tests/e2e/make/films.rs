//! Recipes that make a film from films.

use std::process::Command;

use super::{command, make, refused};
use crate::{
    command_line::folder_with_clip,
    harness::{CLIP_FRAMES, CLIP_SECONDS, judge_host_file, native},
};

#[test]
fn equal_files_are_joined_without_encoding_and_others_are_encoded() {
    let folder = folder_with_clip();
    make(folder.path(), "join clip.mp4 clip.mp4");
    let joined = judge_host_file(&folder.path().join("clip-joined.mp4"));
    joined.assert_frames(2 * CLIP_FRAMES).assert_duration(2.0 * CLIP_SECONDS, 0.2);
    assert_eq!(joined.stream("video")["profile"], "Main", "copied");

    make(folder.path(), "trim clip.mp4 --to 1 --exact -o short.mkv");
    let output = command(folder.path(), "join clip.mp4 short.mkv -o mixed.mkv", &[]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let note = String::from_utf8_lossy(&output.stderr);
    assert!(note.contains("note: encoding: clip.mp4") || note.contains("note: encoding: "), "{note}");
    let mixed = judge_host_file(&folder.path().join("mixed.mkv"));
    mixed.assert_size(1280, 720).assert_duration(CLIP_SECONDS + 1.0, 0.2);
}

#[test]
fn captions_are_drawn_into_the_frames_and_the_audio_is_copied() {
    let folder = folder_with_clip();
    let srt = "1\n00:00:00,000 --> 00:00:10,000\nA rabbit\n";
    std::fs::write(folder.path().join("it's words.srt"), srt).unwrap();
    make(folder.path(), "trim clip.mp4 --to 1 -o short.mp4");
    let output = command(folder.path(), "captions short.mp4", &["it's words.srt"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = folder.path().join("short-captions.mp4");
    judge_host_file(&path).assert_codec("video", "h264").assert_codec("audio", "aac").assert_size(1280, 720);
    // The lower part of the picture has more white than before.
    let white = |name: &str| {
        let filter = "crop=iw:ih/4:0:ih*3/4,format=gray,lut=y='gt(val,220)*255'";
        let output = Command::new(native())
            .args(["-v", "error", "-i"])
            .arg(folder.path().join(name))
            .args(["-vf", filter, "-frames:v", "1", "-f", "rawvideo", "-"])
            .output()
            .unwrap();
        output.stdout.iter().filter(|value| **value > 128).count()
    };
    assert!(white("short-captions.mp4") > white("short.mp4") + 500, "no text was drawn");
}

#[test]
fn hdr_becomes_sdr_and_sdr_is_refused_by_its_transfer_function() {
    let folder = folder_with_clip();
    let (error, hint) = refused(folder.path(), "sdr clip.mp4");
    assert!(error.contains("is not HDR: its transfer function is "), "{error}");
    assert!(hint.contains("smpte2084"), "{hint}");

    let made = Command::new(native())
        .args("-v error -f lavfi -i testsrc2=s=160x90:d=0.2 -pix_fmt yuv420p10le -c:v libx265".split(' '))
        .args(["-x265-params", "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"])
        .arg(folder.path().join("hdr.mp4"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    make(folder.path(), "sdr hdr.mp4");
    let sdr = judge_host_file(&folder.path().join("hdr-sdr.mp4"));
    sdr.assert_codec("video", "h264").assert_size(160, 90);
    let video = sdr.stream("video");
    assert_eq!((&video["pix_fmt"], &video["color_transfer"]), (&"yuv420p".into(), &"bt709".into()));
}
