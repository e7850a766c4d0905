//! The loudness of normalized sound, measured by native FFmpeg and checked by arithmetic.

use std::process;

use afmpeg_cmd::{
    Command, Input, Output,
    recipes::{Loudness, MeasuredLoudness},
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{loudness, measured, normalized, run, write};
use crate::harness::{CLIP, full, judge, memory_with, native};

#[test]
fn normalized_sound_has_the_requested_loudness() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    let audio = Input::new(CLIP).audio();
    let target = Loudness::new().integrated(-30.0);
    let before = loudness(&module, &fs, &target, &audio);
    assert!((before.integrated + 30.0).abs() > 1.0, "already at the target: {before:?}");
    assert!(target.is_linear(&before));
    let even = target.normalize(&audio, &before).unwrap();
    write(&module, &fs, Output::new("even.wav").audio(&even, "pcm_s16le"));

    judge(&fs, "/even.wav").assert_duration(5.312, 0.1);
    let even = Input::new("even.wav").audio();
    let after = loudness(&module, &fs, &target, &even);
    assert!((after.integrated + 30.0).abs() < 0.2, "{after:?}");
    assert!((after.range - before.range).abs() < 0.2, "only the volume changed: {before:?} {after:?}");
}

#[test]
fn silence_has_no_loudness() {
    let (module, fs) = (full(), MemFs::new());
    let silence = Input::new("anullsrc=d=1").format("lavfi").audio();
    run(&module, &fs, &Loudness::new().measure(&silence, "loudness.json").unwrap());
    let error = serde_json::from_slice::<MeasuredLoudness>(&fs.read("/loudness.json").unwrap()).unwrap_err();
    assert!(error.to_string().starts_with("expected a loudness, found \"-inf\""), "{error}");
}

#[test]
fn sound_above_full_scale_is_normalized() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(
        &fs,
        "-f lavfi -i aevalsrc=4*sin(2*PI*1000*t)|4*sin(2*PI*1000*t):s=48000:d=2 -c:a pcm_f32le a.wav",
    );
    let (audio, target) = (Input::new("a.wav").audio(), Loudness::new());
    let before = loudness(&module, &fs, &target, &audio);
    assert!(before.integrated > 5.0, "{before:?}");
    let even = target.normalize(&audio, &before).unwrap();
    write(&module, &fs, Output::new("even.wav").audio(&even, "pcm_f32le"));
    let after = loudness(&module, &fs, &target, &Input::new("even.wav").audio());
    assert!((after.integrated + 23.0).abs() < 0.2, "{after:?}");
}

/// Measures a file with native FFmpeg: its loudness in LUFS and its highest peak in dBTP. Sounds shorter than 0.4 s are
/// padded with silence.
#[track_caller]
pub(super) fn native_loudness(fs: &MemFs, path: &str) -> (f64, f64) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.wav");
    std::fs::write(&file, fs.read(path).unwrap()).unwrap();
    let filter = "apad=whole_dur=0.45,ebur128=peak=true:framelog=quiet";
    let output = process::Command::new(native())
        .arg("-i")
        .arg(&file)
        .args(["-af", filter, "-f", "null", "-"])
        .output();
    let log = String::from_utf8(output.unwrap().stderr).unwrap();
    let summary = &log[log.rfind("Summary:").expect("a summary")..];
    let number = |name: &str| {
        let (_, rest) = summary.split_once(name).expect("a value");
        rest.split_whitespace().next().unwrap().parse::<f64>().unwrap()
    };
    (number("I:"), number("Peak:"))
}

#[test]
fn short_sounds_are_normalized_to_the_requested_loudness() {
    let (module, fs) = (full(), MemFs::new());
    let tone = "0.02*sin(2*PI*997*t)";
    let clicks = "0.02*sin(2*PI*500*t)+0.9*lt(mod(t\\,0.5)\\,0.001)";
    let decay = "0.8*sin(2*PI*700*t)*exp(-20*mod(t\\,1))";
    for (name, sound) in [("tone", tone), ("clicks", clicks), ("decay", decay)] {
        for seconds in [0.1, 0.3, 1.0, 2.9, 3.5, 5.0] {
            let path = format!("{name}{seconds}.wav");
            module.ffmpeg(
                &fs,
                &format!("-f lavfi -i aevalsrc={sound}:d={seconds}:s=48000 -c:a pcm_f32le {path}"),
            );
            let audio = Input::new(&path).audio();
            let target = Loudness::new().integrated(-16.0);
            let found = loudness(&module, &fs, &target, &audio);
            assert_eq!(found.is_short, seconds < 3.0, "{path}");
            if !target.is_linear(&found) {
                assert_eq!(target.normalize(&audio, &found).is_err(), found.is_short, "{path}");
            }
            let even = normalized(&module, &fs, &target, &audio, &found);
            assert_eq!(target.is_linear(&found), name == "tone", "{path}");
            run(&module, &fs, &Command::new([Output::new("even.wav").audio(&even, "pcm_f32le")]).overwrite());
            let (integrated, peak) = native_loudness(&fs, "/even.wav");
            assert!((integrated + 16.0).abs() <= 0.3, "{path}: {integrated} LUFS");
            assert!(peak <= -0.9, "{path}: {peak} dBTP");
            judge(&fs, "/even.wav").assert_duration(seconds, 0.001);
        }
    }
    // By definition the loudness of a 997 Hz sine is 3.01 LU below its peak.
    run(&module, &fs, &Loudness::new().measure(Input::new("tone1.wav").audio(), "loudness.json").unwrap());
    let measured: MeasuredLoudness = serde_json::from_slice(&fs.read("/loudness.json").unwrap()).unwrap();
    assert!((measured.integrated - (20.0 * 0.02_f64.log10() - 3.01)).abs() < 0.1, "{measured:?}");
}

#[test]
fn loudness_that_the_peaks_do_not_allow_is_an_error() {
    let (module, fs) = (full(), MemFs::new());
    let click = "aevalsrc=0.9*lt(t\\,0.001):d=1:s=48000";
    module.ffmpeg(&fs, &format!("-f lavfi -i {click} -c:a pcm_f32le click.wav"));
    let (audio, target) = (Input::new("click.wav").audio(), Loudness::new().integrated(-10.0));
    let found = loudness(&module, &fs, &target, &audio);
    let error = target.normalize(&audio, &found).unwrap_err();
    assert_eq!(error.parameter(), "measured.true_peak");
    let limiting = target.limiting(&audio, &found).unwrap();
    let error = limiting.read(&measured(&module, &fs, &limiting.command, limiting.streams)).unwrap_err();
    assert_eq!(error.parameter(), "integrated", "{error}");
}
