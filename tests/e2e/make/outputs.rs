//! Outputs appear at their places complete, or not at all.

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{command, make, names, refused, result};
use crate::{
    command_line::folder_with_clip,
    harness::{CLIP, fixture, judge_host_file},
};

#[test]
fn output_that_exists_is_kept_without_overwrite() {
    let folder = folder_with_clip();
    let path = folder.path().join("clip.gif");
    std::fs::write(&path, "precious").unwrap();
    let (error, hint) = refused(folder.path(), "gif clip.mp4");
    assert!(error.contains("clip.gif") && hint.contains("--overwrite"), "{error}: {hint}");
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    let kind = |line: &str| result(folder.path(), line)["error"]["kind"].clone();
    assert_eq!(
        (kind("gif clip.mp4"), kind("gif missing.mp4")),
        ("invalid_argument".into(), "not_found".into())
    );

    make(folder.path(), "gif clip.mp4 --overwrite --to 0.5 --width 64");
    judge_host_file(&path).assert_codec("video", "gif");
    assert_eq!(names(folder.path()), ["clip.gif", "clip.mp4"]);
}

#[test]
fn input_can_be_replaced_by_its_own_output() {
    let folder = folder_with_clip();
    make(folder.path(), "trim clip.mp4 --to 2 -o clip.mp4 --overwrite");
    judge_host_file(&folder.path().join("clip.mp4")).assert_duration(2.0, 0.1);
    assert_eq!(names(folder.path()), ["clip.mp4"]);
}

#[test]
fn failed_job_keeps_the_old_file_and_leaves_no_half_of_a_new_one() {
    let folder = folder_with_clip();
    let path = folder.path().join("clip-trimmed.mp4");
    std::fs::write(&path, "precious").unwrap();
    // Its index is at the end, which is missing.
    let clip = fixture(CLIP);
    std::fs::write(folder.path().join("half.mkv"), &clip[..clip.len() / 2]).unwrap();
    refused(folder.path(), "trim half.mkv --to 1 -o clip-trimmed.mp4 --overwrite");
    // FFmpeg finds these out later: a bad rate, and a time after the last frame.
    refused(folder.path(), "extract-audio clip.mp4 -o clip-trimmed.mp4 --bitrate x --overwrite");
    std::fs::write(folder.path().join("frame.jpg"), "precious").unwrap();
    refused(folder.path(), "thumbnail clip.mp4 --at 5.31 -o frame.jpg --overwrite");
    assert_eq!(std::fs::read(folder.path().join("frame.jpg")).unwrap(), b"precious");
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    assert_eq!(names(folder.path()), ["clip-trimmed.mp4", "clip.mp4", "frame.jpg", "half.mkv"]);
}

#[test]
fn interrupted_job_keeps_the_old_file_and_leaves_no_half_of_a_new_one() {
    assert_interrupted_by(Signal::INT);
    assert_interrupted_by(Signal::TERM);
    // `nohup` has the signal ignored, and the command respects that.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    if u64::from_str_radix(ignored.trim(), 16).unwrap() & 1 == 0 {
        assert_interrupted_by(Signal::HUP);
    }
}

fn assert_interrupted_by(signal: Signal) {
    let folder = folder_with_clip();
    let old = folder.path().join("long.mkv");
    std::fs::write(&old, "precious").unwrap();
    // A minute of video is encoded for longer than this test waits.
    let list = "file clip.mp4\n".repeat(60);
    std::fs::write(folder.path().join("long.ffconcat"), format!("ffconcat version 1.0\n{list}")).unwrap();
    let before = names(folder.path());
    let line = "trim long.ffconcat --from 0 --to 300 --exact -o long.mkv --overwrite";
    let mut child =
        command(folder.path(), line, &[]).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    // Until a file in the staging folder has grown.
    let has_started = || {
        let stages = names(folder.path()).into_iter().filter(|name| name.starts_with(".afmpeg-"));
        let mut files = stages.flat_map(|stage| std::fs::read_dir(folder.path().join(stage)).unwrap());
        files.any(|file| file.unwrap().metadata().unwrap().len() > 0)
    };
    while !has_started() {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "the job did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    kill_process(Pid::from_child(&child), signal).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(255), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: interrupted"), "{output:?}");
    assert_eq!(std::fs::read(&old).unwrap(), b"precious");
    assert_eq!(names(folder.path()), before);
}

#[test]
fn files_of_any_name_are_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["-dash.mp4", "a b.mp4", "12:30.mp4", "it's 100%d.mp4", "file:x.mp4", "ünï.mp4"] {
        std::fs::write(folder.path().join(name), fixture(CLIP)).unwrap();
        let (stem, _) = name.rsplit_once('.').unwrap();
        for (recipe, more, made) in [
            ("thumbnail", vec!["--width", "64"], format!("{stem}.jpg")),
            ("trim", vec!["--to", "1"], format!("{stem}-trimmed.mp4")),
        ] {
            let line = [&more[..], &["--", name]].concat();
            let output = command(folder.path(), recipe, &line).output().unwrap();
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(folder.path().join(&made).exists(), "{made} in {:?}", names(folder.path()));
        }
    }
    let odd = OsStr::from_bytes(b"latin-\xe9.mp4");
    std::fs::write(folder.path().join(odd), fixture(CLIP)).unwrap();
    let output = command(folder.path(), "thumbnail", &[]).arg(odd).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join(OsStr::from_bytes(b"latin-\xe9.jpg")).exists());
}

#[test]
fn output_can_be_in_another_folder_than_the_input() {
    let (inputs, here) = (folder_with_clip(), tempfile::tempdir().unwrap());
    let input = inputs.path().join("clip.mp4");
    std::fs::create_dir(here.path().join("out")).unwrap();
    let run = |more: &[&str]| {
        let mut run = command(here.path(), "thumbnail --width 64", more);
        let output = run.arg(&input).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&[]);
    run(&["-o", "out"]);
    run(&["-o", "out/other.png"]);
    assert_eq!(names(here.path()), ["clip.jpg", "out"]);
    assert_eq!(names(&here.path().join("out")), ["clip.jpg", "other.png"]);
    assert_eq!(names(inputs.path()), ["clip.mp4"]);

    let (error, hint) = refused(inputs.path(), "gif clip.mp4 -o missing/clip.gif");
    assert!(error.contains("missing/clip.gif") && hint.contains("folder that exists"), "{error}: {hint}");
}
