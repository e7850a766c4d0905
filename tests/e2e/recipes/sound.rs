//! Sound: how loud it is, where it is silent, what carries it.

use std::time::Duration;

use afmpeg_cmd::{
    Input, Output,
    recipes::{Loudness, Measured, RemoveSilence, Until, extract_audio, replace_audio, shorten_silences},
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{loudness, make, measured, media, run, write};
use crate::harness::{CLIP, CLIP_FRAMES, CLIP_SECONDS, FRAME, full, judge, memory_with};

#[test]
fn normalized_sound_is_as_loud_as_was_asked_for() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    let audio = Input::new(CLIP).audio();
    let target = Loudness::new().integrated(-30.0);
    let before = loudness(&module, &fs, &target, &audio);
    assert!((before.integrated + 30.0).abs() > 1.0, "there is something to do: {before:?}");
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
    let error = serde_json::from_slice::<Measured>(&fs.read("/loudness.json").unwrap()).unwrap_err();
    assert!(error.to_string().starts_with("\"-inf\" is not a loudness"), "{error}");
}

#[test]
fn sound_above_full_scale_is_normalized_as_well() {
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

#[test]
fn extracted_sound_is_in_a_file_that_fits_its_codec() {
    let (module, fs) = (full(), memory_with(&[CLIP, "complete.oga"]));
    module.ffmpeg(&fs, &format!("-i {CLIP} -t 1 -map 0:v -map 0:a -c:v copy -c:a mp3 -ac 2 a.mkv"));
    module.ffmpeg(&fs, &format!("-i {CLIP} -t 1 -map 0:v -map 0:a -c:v copy -c:a pcm_s24le b.mkv"));
    for (path, name, codec) in [
        (CLIP, "c.m4a", "aac"),
        ("a.mkv", "a.mp3", "mp3"),
        ("b.mkv", "b.wav", "pcm_s24le"),
        ("complete.oga", "d.ogg", "vorbis"),
    ] {
        let (stem, _) = name.split_once('.').unwrap();
        let output = extract_audio(&Input::new(path), &media(&fs, &format!("/{path}")), stem).unwrap();
        write(&module, &fs, output);
        let judged = judge(&fs, &format!("/{name}"));
        judged.assert_codec("audio", codec);
        assert_eq!(judged.streams().len(), 1);
    }
}

#[test]
fn replaced_sound_ends_where_it_was_told_to() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    module.ffmpeg(&fs, "-f lavfi -i sine=d=2:sample_rate=48000 short.wav");
    module.ffmpeg(&fs, "-f lavfi -i sine=d=8:sample_rate=48000 long.wav");
    for (sound, until, seconds) in [
        ("short.wav", Until::Video, CLIP_SECONDS),
        ("long.wav", Until::Video, CLIP_SECONDS),
        ("short.wav", Until::Shortest, 2.0),
        ("long.wav", Until::Longest, 8.0),
    ] {
        let name = format!("{until:?}-{sound}.mkv");
        let output = replace_audio(&Input::new(CLIP), &Input::new(sound).audio(), "flac", until, &name);
        write(&module, &fs, output.unwrap());
        let judged = judge(&fs, &format!("/{name}"));
        judged.assert_codec("video", "h264").assert_codec("audio", "flac").assert_duration(seconds, 0.2);
        if until == Until::Video {
            judged.assert_frames(CLIP_FRAMES);
        }
    }
}

/// A second each of a tone, of nothing, of a tone, and of nothing.
const BEEPS: &str = "sine=d=4:sample_rate=48000,volume=0:enable=between(mod(t\\,2)\\,1\\,2)";

#[test]
fn silences_are_taken_out_of_sound_or_made_shorter() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, &format!("-f lavfi -i {BEEPS} beeps.wav"));
    let beeps = Input::new("beeps.wav").audio();
    let remove = RemoveSilence::new().keep(Duration::ZERO);
    let detection = remove.detect(&beeps).unwrap();
    let silences = detection.read(&measured(&module, &fs, &detection.job, 1)).unwrap();
    let left = remove.cut_audio(&beeps, &silences, Duration::from_secs(4)).unwrap();
    write(&module, &fs, Output::new("tones.wav").map(left));
    judge(&fs, "/tones.wav").assert_duration(2.0, 0.05);

    let brisk = shorten_silences(&beeps, -50.0, Duration::from_millis(300)).unwrap();
    write(&module, &fs, Output::new("brisk.wav").map(brisk));
    judge(&fs, "/brisk.wav").assert_duration(2.0 + 2.0 * 0.3, 0.05);
}

#[test]
fn silences_are_taken_out_of_video_and_sound_together() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, &format!("testsrc2=s=64x36:r=25:d=4[v];{BEEPS}[a]"), true, "talk.mp4");
    let talk = Input::new("talk.mp4");
    let remove = RemoveSilence::new().keep(Duration::from_millis(200));
    let detection = remove.detect(&talk.audio()).unwrap();
    let silences = detection.read(&measured(&module, &fs, &detection.job, 1)).unwrap();
    assert_eq!(silences.len(), 2, "{silences:?}");
    let near = |time: Duration, seconds: f64| (time.as_secs_f64() - seconds).abs() < 0.05;
    assert!(near(silences[0].start, 1.0) && near(silences[0].end.unwrap(), 2.0), "{silences:?}");
    assert!(near(silences[1].start, 3.0), "{silences:?}");
    let (video, audio) = remove.cut(&talk.video(), &talk.audio(), &silences, Duration::from_secs(4)).unwrap();
    write(&module, &fs, Output::new("brisk.mkv").video(&video, "ffv1").audio(&audio, "flac"));
    // 1.1 s, then 1.1 s, and 0.1 s more where the last silence has no end in the log.
    let judged = judge(&fs, "/brisk.mkv");
    let frames: f64 = judged.stream("video")["nb_read_frames"].as_str().unwrap().parse().unwrap();
    judged.assert_duration(2.3, 0.15);
    assert!((judged.duration() - frames / 25.0).abs() < 2.0 * FRAME, "pictures and sound stay together");
    assert!(fs.exists("/brisk.mkv"));
}
