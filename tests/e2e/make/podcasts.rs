//! Recipes for podcasts: music under a voice, chapters and covers.

use std::{f64::consts::TAU, path::Path, process::Command};

use serde_json::Value;

use super::{command, make, names, refused, result};
use crate::{
    command_line::folder_with_clip,
    harness::{CLIP_FRAMES, CLIP_SECONDS, judge_host_file, native, write_natively},
};

/// Writes files in a folder by native FFmpeg, each from its arguments.
#[track_caller]
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, arguments) in files {
        write_natively(folder, name, arguments);
    }
}

/// Returns the level of a tone in a part of a file in dB of full scale, from samples that native FFmpeg decodes.
#[track_caller]
fn level(file: &Path, hertz: f64, from: f64, seconds: f64) -> f64 {
    let output = Command::new(native())
        .args(["-v", "error", "-ss", &from.to_string(), "-t", &seconds.to_string(), "-i"])
        .arg(file)
        .args(["-map", "0:a:0", "-ac", "1", "-ar", "16000", "-f", "f32le", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let samples = output.stdout.chunks_exact(4).map(|it| f32::from_le_bytes(it.try_into().unwrap()));
    let samples: Vec<f64> = samples.map(f64::from).collect();
    let phase = |number: usize| TAU * hertz * number as f64 / 16_000.0;
    let sum = |wave: fn(f64) -> f64| {
        let products = samples.iter().enumerate().map(|(number, sample)| sample * wave(phase(number)));
        products.sum::<f64>() * 2.0 / samples.len() as f64
    };
    20.0 * sum(f64::sin).hypot(sum(f64::cos)).log10()
}

const VOICE: &str = "-f lavfi -i aevalsrc=0.5*sin(2*PI*2000*t)*between(t\\,2\\,4):s=48000:d=6 -ac 1";
const MUSIC: &str = "-f lavfi -i aevalsrc=0.2*sin(2*PI*300*t):s=48000:d=10 -ac 2";

#[test]
fn music_is_quieter_while_the_voice_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("voice.wav", VOICE), ("music.wav", MUSIC)]);
    make(folder.path(), "duck voice.wav music.wav");
    let mix = folder.path().join("voice-ducked.wav");
    let judged = judge_host_file(&mix);
    judged.assert_codec("audio", "pcm_s16le").assert_duration(6.0, 0.01);
    assert_eq!(judged.stream("audio")["channels"], 2, "those of the music");
    let music = |file: &Path, from: f64| level(file, 300.0, from, 0.8);
    let (before, under, after) = (music(&mix, 0.5), music(&mix, 2.6), music(&mix, 5.1));
    assert!((before + 14.0).abs() < 1.0, "20 log10 0.2 is -14 dB, found {before}");
    assert!(under < before - 6.0 && (after - before).abs() < 1.0, "{before} {under} {after}");
    assert!((level(&mix, 2000.0, 2.6, 0.8) + 6.0).abs() < 1.5, "the voice keeps its level");

    make(folder.path(), "duck voice.wav music.wav --volume -12 --ratio 1 -o quiet.m4a");
    let quiet = folder.path().join("quiet.m4a");
    judge_host_file(&quiet).assert_codec("audio", "aac").assert_duration(6.0, 0.05);
    assert!((music(&quiet, 2.6) + 26.0).abs() < 1.0, "{}", music(&quiet, 2.6));
}

#[test]
fn voice_of_a_film_is_mixed_with_music_that_is_repeated() {
    let folder = folder_with_clip();
    write(folder.path(), &[("short.mp3", "-f lavfi -i aevalsrc=0.2*sin(2*PI*300*t):s=48000:d=2 -ac 1")]);
    let made = result(folder.path(), "duck clip.mp4 short.mp3");
    assert!(made["notes"][0].as_str().unwrap().contains("--loop repeats it"), "{made}");
    let looped = result(folder.path(), "duck clip.mp4 short.mp3 --loop --volume 6 -o looped.mp4");
    assert_eq!(looped["notes"], serde_json::json!([]));
    let path = folder.path().join("looped.mp4");
    let judged = judge_host_file(&path);
    judged.assert_frames(CLIP_FRAMES).assert_duration(CLIP_SECONDS, 0.1);
    assert_eq!(judged.stream("video")["profile"], "Main", "copied");
    assert_eq!(judged.stream("audio")["channels"], 6, "those of the voice");
    let late = |name: &str| level(&folder.path().join(name), 300.0, 4.2, 0.8);
    assert!(late("looped.mp4") > late("clip-ducked.mp4") + 10.0, "no music after its first end");

    for (option, expected) in [
        ("--ratio 30", "a number from 1 to 20"),
        ("--volume inf", "a number from -100 to 100"),
        ("--volume nan", "a number from -100 to 100"),
        ("--attack 3", "a time from 0.00001 s to 2 s"),
        ("--duration 0", "a time above 0 s"),
    ] {
        let line = format!("duck clip.mp4 short.mp3 {option} -o a.mp4");
        let output = command(folder.path(), &line, &[]).output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}: {log}");
        assert!(log.starts_with("error: invalid value") && log.contains(expected), "{line}: {log}");
    }
}

#[test]
fn chapters_of_a_list_are_those_of_the_file() {
    let folder = folder_with_clip();
    let titles = ["Intro", "Q=A; #1 \\ it's", "Ünd: 50 %"];
    let list = format!("0:00 {}\n\n1.5 {}\r\n0:00:03 {}\n", titles[0], titles[1], titles[2]);
    std::fs::write(folder.path().join("list.txt"), list).unwrap();
    make(folder.path(), "chapters clip.mp4 list.txt");
    write(folder.path(), &[("talk.mp3", "-i clip.mp4 -vn -ac 2")]);
    make(folder.path(), "chapters talk.mp3 list.txt");
    make(folder.path(), "chapters talk-chapters.mp3 list.txt -o again.mka");
    for (name, codec) in [("clip-chapters.mp4", "aac"), ("talk-chapters.mp3", "mp3"), ("again.mka", "mp3")] {
        let judged = judge_host_file(&folder.path().join(name));
        judged.assert_codec("audio", codec);
        let found = judged.json["chapters"].as_array().unwrap();
        let found: Vec<(f64, &str)> = found
            .iter()
            .map(|it| {
                (it["start_time"].as_str().unwrap().parse().unwrap(), it["tags"]["title"].as_str().unwrap())
            })
            .collect();
        assert_eq!(found, [(0.0, titles[0]), (1.5, titles[1]), (3.0, titles[2])], "{name}");
    }
    let again = result(folder.path(), "chapters clip-chapters.mp4 list.txt -o again.mp4");
    assert_eq!(again["notes"], serde_json::json!([]), "the text of the old chapters is not lost");
    let film = judge_host_file(&folder.path().join("clip-chapters.mp4"));
    assert_eq!(film.assert_frames(CLIP_FRAMES).stream("video")["profile"], "Main", "copied");
}

#[test]
fn bad_list_is_refused_with_the_number_of_its_line() {
    let folder = folder_with_clip();
    for (text, words) in [
        ("0:00 Intro\n1:xx Talk\n", "list.txt, line 2: expected a time such as 1:30, found \"1:xx\""),
        ("2 Talk\n1 Intro\n", "list.txt, line 2: 1 is not after 2 in line 1"),
        ("0 Intro\n\n9 End\n", "list.txt, line 3: 9 is not before the end of "),
        ("\n", "list.txt has no chapters"),
    ] {
        std::fs::write(folder.path().join("list.txt"), text).unwrap();
        let (error, _) = refused(folder.path(), "chapters clip.mp4 list.txt");
        assert!(error.starts_with(words), "{error}");
    }
    std::fs::write(folder.path().join("list.txt"), b"0 Caf\xe9\n").unwrap();
    let (error, hint) = refused(folder.path(), "chapters clip.mp4 list.txt");
    assert!(error.contains("list.txt is not text in UTF-8") && hint.contains("UTF-8"), "{error}: {hint}");

    std::fs::write(folder.path().join("list.txt"), "0 Intro\n").unwrap();
    let (error, hint) = refused(folder.path(), "chapters clip.mp4 list.txt -o clip.wav");
    assert!(error.contains("cannot add chapters") && hint.contains("MP3"), "{error}: {hint}");
    let kind = |line: &str| result(folder.path(), line)["error"]["kind"].clone();
    assert_eq!(kind("chapters clip.mp4 missing.txt"), "not_found");
    assert_eq!(names(folder.path()), ["clip.mp4", "list.txt"]);
}

/// Returns the codecs of the covers of a file.
fn covers(file: &Path) -> Vec<Value> {
    let judged = judge_host_file(file);
    let covers = judged.streams().iter().filter(|stream| stream["disposition"]["attached_pic"] == 1);
    covers.map(|cover| cover["codec_name"].clone()).collect()
}

#[test]
fn cover_is_added_to_each_format_that_has_covers() {
    let folder = tempfile::tempdir().unwrap();
    let picture = "-f lavfi -i testsrc2=s=300x300 -frames:v 1";
    let webp = format!("{picture} -c:v libwebp");
    write(folder.path(), &[("a.jpg", picture), ("a.png", picture), ("a.webp", &webp)]);
    let sound = "-f lavfi -i sine=d=1";
    let sounds = ["talk.mp3", "talk.m4a", "talk.flac", "talk.wav"].map(|name| (name, sound));
    write(folder.path(), &sounds);
    for (line, made, audio, cover) in [
        ("cover talk.mp3 a.jpg", "talk-cover.mp3", "mp3", "mjpeg"),
        ("cover talk.m4a a.png", "talk-cover.m4a", "aac", "png"),
        ("cover talk.flac a.webp", "talk-cover.flac", "flac", "mjpeg"),
        ("cover talk.m4a a.webp -o webp.m4a", "webp.m4a", "aac", "mjpeg"),
        ("cover talk.wav a.jpg -o wav.mp3", "wav.mp3", "mp3", "mjpeg"),
        ("cover talk-cover.mp3 a.png -o other.mp3", "other.mp3", "mp3", "png"),
    ] {
        make(folder.path(), line);
        let path = folder.path().join(made);
        assert_eq!(covers(&path), [cover], "{line}");
        let judged = judge_host_file(&path);
        judged.assert_codec("audio", audio).assert_size(300, 300);
        assert_eq!(judged.streams().len(), 2, "{line}");
        if !made.ends_with("m4a") {
            assert_eq!(judged.stream("video")["tags"]["comment"], "Cover (front)", "{line}");
        }
    }
    let again = result(folder.path(), "cover talk-cover.mp3 a.jpg -o again.mp3");
    assert_eq!(again["notes"], serde_json::json!(["replaced the cover in stream 1"]));
}

#[test]
fn cover_of_a_film_leaves_its_video_and_other_covers_are_refused() {
    let folder = folder_with_clip();
    make(folder.path(), "thumbnail clip.mp4 --width 320 -o poster.jpg");
    make(folder.path(), "cover clip.mp4 poster.jpg");
    let path = folder.path().join("clip-cover.mp4");
    assert_eq!(covers(&path), ["mjpeg"]);
    let judged = judge_host_file(&path);
    assert_eq!(judged.assert_frames(CLIP_FRAMES).stream("video")["profile"], "Main", "copied");

    let (error, hint) = refused(folder.path(), "cover clip.mp4 clip.mp4 -o a.mp4");
    assert!(error.ends_with("clip.mp4 is not an image in one piece"), "{error}");
    assert!(hint.contains("afmpeg make thumbnail"), "{hint}");
    for output in ["a.mkv", "a.opus", "a.wav"] {
        let (error, hint) = refused(folder.path(), &format!("cover clip.mp4 poster.jpg -o {output}"));
        assert!(error.starts_with("cannot add a cover") && hint.contains("MP3"), "{error}: {hint}");
    }
}

#[test]
fn printed_lines_of_tasks_with_two_inputs_run_in_native_ffmpeg() {
    let folder = folder_with_clip();
    write(folder.path(), &[("music.wav", MUSIC), ("a.jpg", "-f lavfi -i testsrc2=s=64x64 -frames:v 1")]);
    std::fs::write(folder.path().join("list.txt"), "0 It's\n2 End\n").unwrap();
    for line in [
        "duck clip.mp4 music.wav -o a.mkv",
        "chapters clip.mp4 list.txt -o b.mp4",
        "cover clip.mp4 a.jpg -o c.mp4",
    ] {
        let printed = command(folder.path(), line, &["--print"]).output().unwrap();
        assert!(printed.status.success(), "{printed:?}");
        let printed = String::from_utf8(printed.stdout).unwrap();
        let script = format!("ffmpeg() {{ \"$NATIVE\" -v error -nostdin \"$@\"; }}\n{printed}");
        let mut shell = Command::new("sh");
        let run = shell.args(["-e", "-c", &script]).current_dir(folder.path()).env("NATIVE", native());
        let run = run.output().unwrap();
        assert!(run.status.success(), "{printed}: {run:?}");
    }
    judge_host_file(&folder.path().join("a.mkv"))
        .assert_frames(CLIP_FRAMES)
        .assert_duration(CLIP_SECONDS, 0.1);
    let chapters = judge_host_file(&folder.path().join("b.mp4")).json["chapters"].clone();
    assert_eq!(chapters[0]["tags"]["title"], "It's");
    assert_eq!(covers(&folder.path().join("c.mp4")), ["mjpeg"]);
}

#[test]
fn cover_is_not_a_video_to_draw_on() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[("talk.mp3", VOICE), ("cover.jpg", "-f lavfi -i testsrc2=s=64x64:d=1 -frames:v 1")],
    );
    make(folder.path(), "cover talk.mp3 cover.jpg -o covered.mp3");
    std::fs::write(folder.path().join("talk.srt"), "1\n00:00:00,000 --> 00:00:01,000\nHi\n").unwrap();
    for line in ["text covered.mp3 --text Hi -o out.mp4", "captions covered.mp3 talk.srt -o out.mp4"] {
        let (error, _) = refused(folder.path(), line);
        assert!(error.ends_with("covered.mp3 has no video stream besides its cover"), "{line}: {error}");
    }
    assert!(!folder.path().join("out.mp4").exists());
}
