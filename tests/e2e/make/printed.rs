//! The FFmpeg commands that `--print` prints.

use std::{path::Path, process::Command};

use serde_json::Value;

use super::{make, names};
use crate::{
    command_line::{binary, folder_with_clip},
    harness::{CLIP_FRAMES, FULL_GPL, judge_host_file, module_path, native},
};

/// Runs lines in a shell, in which `ffmpeg` is another program.
#[track_caller]
fn shell(folder: &Path, ffmpeg: &str, lines: &str) {
    let output = Command::new("sh")
        .args(["-e", "-c", &format!("ffmpeg() {{ {ffmpeg} \"$@\"; }}\n{lines}")])
        .current_dir(folder)
        .env("AFMPEG", binary())
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .env("NATIVE", native())
        .output()
        .unwrap();
    assert!(output.status.success(), "{lines}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Returns the streams of a file, without facts about bytes.
fn streams(file: &Path) -> Value {
    let fields =
        ["codec_name", "width", "height", "nb_read_frames", "sample_rate", "channels", "duration_ts"];
    let judged = judge_host_file(file);
    judged.streams().iter().map(|stream| fields.map(|field| stream[field].clone()).to_vec()).collect()
}

#[test]
fn printed_lines_make_the_same_streams() {
    let here = folder_with_clip();
    let name = "it's a $clip.mp4";
    std::fs::rename(here.path().join("clip.mp4"), here.path().join(name)).unwrap();
    let before = names(here.path());
    for (line, output) in [
        ("gif --to 1 --width 160", "out.gif"),
        ("thumbnail --at 1", "out.png"),
        ("extract-audio", "out.flac"),
        ("trim --from 1 --to 3", "out.mp4"),
        ("normalize --loudness=-30", "out.mkv"),
    ] {
        let words = |more: &[&str]| {
            let output = super::command(here.path(), line, &[&[name, "-o", output], more].concat());
            let mut output = output;
            let output = output.output().unwrap();
            assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let printed = words(&["--print"]);
        assert_eq!(names(here.path()), before, "{line} --print writes nothing");
        assert!(printed.starts_with("ffmpeg ") && printed.lines().count() == 1, "{printed}");
        let made = here.path().join(output);
        words(&[]);
        let expected = streams(&made);
        for ffmpeg in ["\"$AFMPEG\" run", "\"$NATIVE\" -v error -nostdin"] {
            std::fs::remove_file(&made).unwrap();
            shell(here.path(), ffmpeg, &printed);
            assert_eq!(streams(&made), expected, "{ffmpeg}: {printed}");
        }
        std::fs::remove_file(&made).unwrap();
    }
}

#[test]
fn printed_line_has_the_paths_as_they_were_typed() {
    let folder = folder_with_clip();
    let printed = make(folder.path(), "trim --print ./clip.mp4 --from 1 --to 2 -o part.mp4");
    assert_eq!(printed, "ffmpeg -ss 1 -to 2 -i ./clip.mp4 -map 0 -c copy part.mp4\n");
}

#[test]
fn printed_lines_write_the_lists_and_folders_that_the_command_needs() {
    let here = folder_with_clip();
    let native = "\"$NATIVE\" -v error -nostdin";
    let printed = make(here.path(), "join clip.mp4 clip.mp4 -o all.mp4 --print");
    shell(here.path(), native, &printed);
    judge_host_file(&here.path().join("all.mp4")).assert_frames(2 * CLIP_FRAMES);

    let printed = make(here.path(), "sprites clip.mp4 --columns 2 --rows 2 -o sprites --print");
    shell(here.path(), native, &printed);
    let expected = ["sprites.vtt", "sprites_001.jpg", "sprites_002.jpg"];
    assert_eq!(names(&here.path().join("sprites")), expected);
    assert_eq!(names(here.path()), ["all.mp4", "all.mp4.ffconcat", "clip.mp4", "sprites"]);
}
