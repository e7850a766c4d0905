//! `afmpeg report --json`: the facts and problems for programs.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::{
    command_line::{afmpeg, binary, folder_with_clip},
    harness::{CLIP_FRAMES, FULL_GPL, judge_host_file, module_path, write_natively},
};

/// Returns the facts about files of a folder.
#[track_caller]
fn facts(folder: &Path, files: &[&str]) -> Value {
    let output = afmpeg(folder, &[&["report", "--json"], files].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "one line");
    serde_json::from_str(&text).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

#[test]
fn facts_are_those_that_ffprobe_reads_from_the_real_clip() {
    let folder = folder_with_clip();
    let report = facts(folder.path(), &["clip.mp4"]);
    let file = &report["files"][0];
    assert_eq!((&file["path"], &file["error"]), (&"clip.mp4".into(), &Value::Null));
    let judged = judge_host_file(&folder.path().join("clip.mp4"));
    for (place, stream) in judged.streams().iter().enumerate() {
        for field in ["codec_name", "width", "height", "sample_rate", "channels", "time_base"] {
            assert_eq!(file["probe"]["streams"][place][field], stream[field], "{field} of stream {place}");
        }
    }
    assert_eq!(file["packets"][0]["count"], CLIP_FRAMES);
    assert_eq!(file["packets"][0]["distances"]["median"], 0.04);
    assert_eq!(file["packets"][1]["key_frames"], Value::Null, "not a video");
    assert_eq!(file["video"]["error"], Value::Null);

    let probe =
        ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0"];
    let packets = Command::new("ffprobe").args(probe).arg(folder.path().join("clip.mp4")).output().unwrap();
    let packets = String::from_utf8(packets.stdout).unwrap();
    let keys = packets.lines().filter(|line| line.contains(",K")).count();
    assert_eq!(file["packets"][0]["key_frames"].as_array().unwrap().len(), keys);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no page is written");
}

#[test]
fn measurements_and_problems_are_those_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    // Two scenes, black in the second, and a tone that pauses from 1 to 3 s.
    let graph = "testsrc2=s=128x72:r=25:d=2[a];color=black:s=128x72:r=25:d=2[b];[a][b]concat[out0];\
                 aevalsrc=0.25*sin(2*PI*1000*t)*not(between(t\\,1\\,3)):s=48000:d=4[out1]";
    let encoders = "-c:v libx264 -g 25 -pix_fmt yuv420p -c:a alac";
    write_natively(folder.path(), "late.mp4", &format!("-f lavfi -i {graph} {encoders}"));
    let report = facts(folder.path(), &["late.mp4"]);
    let file = &report["files"][0];
    assert_eq!(file["index"], "after_media");
    let problems = file["problems"].as_array().unwrap();
    let late = problems.iter().find(|problem| problem["section"] == "container").unwrap();
    assert_eq!(late["severity"], "warning");
    assert!(late["options"].as_str().unwrap().contains("+faststart"), "{late}");
    assert!(!report.to_string().contains('\u{a0}'), "numbers and units have a plain blank");

    let video = &file["video"]["measurements"];
    let near = |value: &Value, expected: f64| (number(value) - expected).abs() < 0.1;
    assert!(near(&video["scenes"][0], 2.0) && near(&video["black"][0]["start"], 2.0), "{video}");
    let audio = &file["audio"][0]["measurements"];
    let silence = &audio["silences"][0];
    assert!(near(&silence["start"], 1.0) && near(&silence["end"], 3.0), "{silence}");
    let peak = number(&audio["true_peak_dbtp"]);
    assert!((peak + 12.0).abs() < 0.5, "20 log10 0.25 is -12 dB, found {peak}");
    let loudest = audio["waveform"].as_array().unwrap().iter().map(|wave| number(&wave["max"]));
    assert!((loudest.fold(0.0, f64::max) - 0.25).abs() < 0.001);
}

#[test]
fn file_that_cannot_be_read_has_its_error_and_the_exit_code() {
    let folder = folder_with_clip();
    std::fs::write(folder.path().join("notes.mp4"), "not a film").unwrap();
    let output = afmpeg(folder.path(), &["report", "--json", "notes.mp4", "clip.mp4"]);
    let alone = afmpeg(folder.path(), &["report", "--json", "notes.mp4"]);
    assert!(!output.status.success() && output.status.code() == alone.status.code(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let [notes, clip] = report["files"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert!(notes["error"]["message"].as_str().unwrap().contains("notes.mp4"), "{notes}");
    assert_eq!((&notes["probe"], &notes["problems"]), (&Value::Null, &serde_json::json!([])));
    assert_eq!(clip["packets"][0]["count"], CLIP_FRAMES);

    let both = afmpeg(folder.path(), &["report", "--json", "clip.mp4", "-o", "page.html"]);
    assert_eq!(both.status.code(), Some(2));
    let error = String::from_utf8_lossy(&both.stderr);
    assert!(error.contains("'--json' cannot be used with '--output <FILE>'"), "{error}");
}

#[test]
fn progress_is_shown_on_a_terminal_unless_it_is_quiet() {
    let folder = folder_with_clip();
    let shown = |options: &str| {
        let line = format!("{} report clip.mp4 --overwrite {options}", binary().display());
        let mut terminal = Command::new("script");
        terminal.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        let output = terminal
            .current_dir(folder.path())
            .env("AFMPEG_MODULE", module_path(FULL_GPL))
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let progress = shown("");
    for words in
        ["clip.mp4: reading packets", "clip.mp4: measuring the video", "clip.mp4: measuring the sound"]
    {
        assert!(progress.contains(words), "{words:?} is not in {progress:?}");
    }
    assert!(progress.contains("report.html: "), "{progress:?}");
    assert_eq!(shown("--quiet"), "");
}

#[test]
fn cover_before_the_start_of_the_sound_is_read() {
    let folder = tempfile::tempdir().unwrap();
    write_natively(folder.path(), "cover.jpg", "-f lavfi -i testsrc2=s=64x64:d=1 -frames:v 1");
    // The encoder's delay puts the start of the sound behind 0, the time of the cover.
    let song = "-f lavfi -i sine=d=2 -i cover.jpg -map 0 -map 1 -c:a libmp3lame -c:v copy -disposition:v attached_pic";
    write_natively(folder.path(), "song.mp3", song);
    let report = facts(folder.path(), &["song.mp3"]);
    let file = &report["files"][0];
    assert!(
        number(&file["probe"]["format"]["start_time"].as_str().unwrap().parse::<f64>().unwrap().into()) > 0.0
    );
    assert_eq!(file["stills"][0]["error"], Value::Null);
    assert_eq!(file["stills"][0]["measurements"]["preview_width"], 64);
}
