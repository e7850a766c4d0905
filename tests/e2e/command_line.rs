//! The `afmpeg` command, run as a user runs it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::harness::{
    CLIP, CLIP_FRAMES, CLIP_SECONDS, FRAME, FULL_GPL, fixture, judge_host_file, module_path, repository,
};

/// Returns a folder with the clip.
pub(crate) fn folder_with_clip() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clip.mp4"), fixture(CLIP)).unwrap();
    folder
}

pub(crate) fn binary() -> PathBuf {
    // The test is in target/<profile>/deps, the command one folder up.
    let test = std::env::current_exe().unwrap();
    let binary = test.parent().unwrap().parent().unwrap().join("afmpeg");
    assert!(binary.exists(), "{} is not built (run `cargo xtask test`)", binary.display());
    binary
}

pub(crate) fn afmpeg(folder: &Path, args: &[&str]) -> Output {
    Command::new(binary())
        .current_dir(folder)
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .args(args)
        .output()
        .unwrap()
}

#[track_caller]
fn assert_success(output: &Output) {
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
}

/// Returns the error and the hint, the last two lines of standard error.
#[track_caller]
pub(crate) fn error_and_hint(output: &Output) -> (String, String) {
    let text = String::from_utf8_lossy(&output.stderr);
    let mut lines = text.lines().rev();
    let hint = lines
        .next()
        .and_then(|line| line.strip_prefix("hint: "))
        .unwrap_or_else(|| panic!("no hint in {text}"));
    let error = lines
        .next()
        .and_then(|line| line.strip_prefix("error: "))
        .unwrap_or_else(|| panic!("no error in {text}"));
    (error.to_owned(), hint.to_owned())
}

#[test]
fn run_converts_a_file_of_the_current_folder() {
    let folder = folder_with_clip();
    let output = afmpeg(
        folder.path(),
        &[
            "run",
            "--",
            "-i",
            "clip.mp4",
            "-vf",
            "scale=320:-2",
            "-c:v",
            "libx264",
            "-c:a",
            "aac",
            "-movflags",
            "+faststart",
            "out.mp4",
        ],
    );
    assert_success(&output);
    judge_host_file(&folder.path().join("out.mp4"))
        .assert_codec("video", "h264")
        .assert_codec("audio", "aac")
        .assert_size(320, 180)
        .assert_frames(CLIP_FRAMES)
        .assert_duration(CLIP_SECONDS, FRAME);
}

#[test]
fn run_reaches_only_absolute_paths_below_the_current_folder() {
    let folder = folder_with_clip();
    let here = folder.path().canonicalize().unwrap();
    let path = |name: &str| here.join(name).display().to_string();
    assert_success(&afmpeg(&here, &["run", "-i", &path("clip.mp4"), "-c", "copy", &path("out.mkv")]));
    assert!(here.join("out.mkv").exists());

    let elsewhere = folder_with_clip();
    let outside = elsewhere.path().canonicalize().unwrap().join("clip.mp4").display().to_string();
    let output = afmpeg(&here, &["run", "-i", &outside, "-c", "copy", "-y", "out.mkv"]);
    assert_eq!(output.status.code(), Some(254), "FFmpeg's own code for a missing file");
    let (error, _) = error_and_hint(&output);
    assert!(error.contains(&outside), "{error}");

    // Outside the folder not even an empty file is created.
    let output = afmpeg(&here, &["run", "-i", "clip.mp4", "-c", "copy", "/out.mkv"]);
    assert!(!output.status.success());
    assert!(!Path::new("/out.mkv").exists());
}

#[test]
fn folders_given_with_dir_replace_the_current_one() {
    let inputs = folder_with_clip();
    let outputs = tempfile::tempdir().unwrap();
    let input = format!("{}:/in:ro", inputs.path().display());
    let output = format!("{}:/out", outputs.path().display());
    let dirs = ["run", "--dir", input.as_str(), "--dir", output.as_str(), "--"];

    let copied =
        afmpeg(inputs.path(), &[&dirs[..], &["-i", "/in/clip.mp4", "-c", "copy", "/out/copy.mkv"]].concat());
    assert_success(&copied);
    assert!(outputs.path().join("copy.mkv").exists());
    let refused =
        afmpeg(inputs.path(), &[&dirs[..], &["-i", "/in/clip.mp4", "-c", "copy", "/in/copy.mkv"]].concat());
    assert!(!refused.status.success());
    assert!(!inputs.path().join("copy.mkv").exists());
}

#[test]
fn ffprobe_runs_too_and_standard_streams_are_those_of_the_command() {
    let folder = folder_with_clip();
    let output = afmpeg(
        folder.path(),
        &[
            "run",
            "--tool",
            "ffprobe",
            "--",
            "-v",
            "error",
            "-show_entries",
            "stream=codec_name",
            "-of",
            "csv=p=0",
            "clip.mp4",
        ],
    );
    assert_success(&output);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "h264\naac\n");

    let output = afmpeg(folder.path(), &["run", "-v", "error", "-i", "clip.mp4", "-vn", "-f", "wav", "-"]);
    assert_success(&output);
    assert!(output.stdout.starts_with(b"RIFF"));
}

#[test]
fn probe_shows_format_and_streams() {
    let folder = folder_with_clip();
    let output = afmpeg(folder.path(), &["probe", "clip.mp4"]);
    assert_success(&output);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for fact in ["clip.mp4", "5.312 s", "h264", "1280x720", "25 fps", "aac", "48000 Hz", "5.1"] {
        assert!(text.contains(fact), "{fact} is not in:\n{text}");
    }

    let output = afmpeg(folder.path(), &["probe", "--json", "clip.mp4"]);
    assert_success(&output);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["streams"][0]["codec_name"], "h264");
    assert_eq!(json["format"]["nb_streams"], 2);
}

#[test]
fn probe_shows_the_files_after_one_that_fails() {
    let folder = folder_with_clip();
    std::fs::write(folder.path().join("notes.txt"), "not media\n").unwrap();
    std::fs::write(folder.path().join("b.mp4"), fixture(CLIP)).unwrap();
    let output = afmpeg(folder.path(), &["probe", "clip.mp4", "missing.mp4", "notes.txt", "b.mp4"]);
    assert_eq!(output.status.code(), Some(4), "the code of the first failure: {output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    let shown: Vec<&str> = text.lines().filter(|line| !line.starts_with(' ')).collect();
    assert!(
        matches!(shown[..], [first, second] if first.starts_with("clip.mp4 ") && second.starts_with("b.mp4 "))
    );
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().collect();
    let [missing, hint, invalid, other_hint] = lines[..] else { panic!("{text}") };
    assert!(
        missing.starts_with("error: cannot open missing.mp4: ") && hint.starts_with("hint: check the path")
    );
    assert!(invalid.starts_with("error: ffprobe: ") && other_hint.starts_with("hint: "), "{text}");

    // Without the files that fail, standard output is JSON.
    let output = afmpeg(folder.path(), &["probe", "--json", "notes.txt", "clip.mp4", "missing.mp4", "b.mp4"]);
    assert_ne!(output.status.code(), Some(4), "the code of the first failure: {output:?}");
    assert!(!output.status.success());
    let documents = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<serde_json::Value>();
    let names: Vec<String> = documents
        .map(|document| document.unwrap()["format"]["filename"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        matches!(&names[..], [first, second] if first.ends_with("/clip.mp4") && second.ends_with("/b.mp4"))
    );
}

#[test]
fn run_tells_its_options_from_those_of_ffmpeg() {
    let folder = folder_with_clip();
    let run = |args: &[&str]| afmpeg(folder.path(), &[&["run"], args].concat());

    let usage = run(&["-h"]);
    assert_success(&usage);
    assert!(String::from_utf8_lossy(&usage.stdout).contains("usage: ffmpeg [options]"), "{usage:?}");
    assert_success(&run(&["--tool", "ffprobe", "clip.mp4", "-v", "error"]));

    let (error, hint) = error_and_hint(&run(&["-i", "clip.mp4", "--timeout", "9", "out.mp4"]));
    assert!(error.contains("-timeout"), "{error}");
    assert!(hint.starts_with("put --timeout before FFmpeg's arguments"), "{hint}");

    for args in [&[] as &[&str], &["--"]] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("afmpeg run -i clip.mp4 out.mp4"), "{text}");
    }
}

#[test]
fn run_prints_the_banner_only_when_asked() {
    let folder = folder_with_clip();
    for tool in ["ffmpeg", "ffprobe"] {
        let log = |args: &[&str]| {
            let output = afmpeg(folder.path(), &[&["run", "--tool", tool], args].concat());
            String::from_utf8_lossy(&output.stderr).into_owned()
        };
        let banner = format!("{tool} version 9.0.2");
        assert!(!log(&["-i", "clip.mp4"]).contains(&banner));
        assert!(log(&["--banner", "-i", "clip.mp4"]).starts_with(&banner));
    }
}

#[test]
fn hint_for_a_relative_path_in_the_guest_is_a_slash() {
    let folder = folder_with_clip();
    for (dir, corrected) in [(".:in", ".:/in"), (".:in:ro", ".:/in")] {
        let (error, hint) = error_and_hint(&afmpeg(folder.path(), &["run", "--dir", dir, "-version"]));
        assert!(error.starts_with("cannot use the folder .:in: "), "{error}");
        assert!(hint.contains(&format!("`--dir {corrected}`")), "{hint}");
    }
}

#[test]
fn path_from_the_environment_is_reported_as_such() {
    let folder = folder_with_clip();
    for (module, is_missing) in [("no.wasm", true), ("clip.mp4", false)] {
        for command in [&["capabilities"][..], &["module", "info"], &["module", "compile", "-o", "x"]] {
            let run = |command: &[&str]| {
                let mut afmpeg = Command::new(binary());
                afmpeg.current_dir(folder.path()).env("AFMPEG_MODULE", module).args(command).output().unwrap()
            };
            let output = run(command);
            assert_eq!(output.status.code(), Some(3), "{command:?}: {output:?}");
            let (error, hint) = error_and_hint(&output);
            assert!(
                error.contains(module) && error.contains("environment variable AFMPEG_MODULE"),
                "{error}"
            );
            assert_eq!(hint.contains("AFMPEG_MODULE"), is_missing, "{hint}");

            let (error, _) = error_and_hint(&run(&[command, &["--module", module]].concat()));
            assert!(error.contains(module) && !error.contains("AFMPEG_MODULE"), "{error}");
        }
    }
}

#[test]
fn capabilities_are_listed_by_kind_and_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let capabilities = |args: &[&str]| {
        let output = afmpeg(folder.path(), &[&["capabilities"], args].concat());
        assert_success(&output);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(capabilities(&[]).contains("encoders"));
    assert!(capabilities(&["filters"]).lines().any(|line| line.starts_with("xfade ")));
    let page = capabilities(&["encoder", "libx264"]);
    for fact in ["yuv420p", "crf", "preset"] {
        assert!(page.contains(fact), "{fact} is not in:\n{page}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&capabilities(&["--json", "filters", "fade"])).unwrap();
    assert_eq!(
        json["options"].as_array().unwrap().iter().find(|one| one["name"] == "nb_frames").unwrap()["default"],
        25
    );
    let json: serde_json::Value = serde_json::from_str(&capabilities(&["--json"])).unwrap();
    assert_eq!(json["ffmpeg"], "9.0.2");

    let output = afmpeg(folder.path(), &["capabilities", "filters", "xfaed"]);
    assert_eq!(output.status.code(), Some(2));
    let (error, hint) = error_and_hint(&output);
    assert!(error.contains("xfaed") && hint.contains("xfade"), "{error} {hint}");
}

#[test]
fn failures_name_their_cause_and_have_exit_codes_that_ffmpeg_never_uses() {
    let folder = folder_with_clip();
    let cases: [(&[&str], &str, i32); 6] = [
        (&["run", "-i", "missing.mp4", "out.mp4"], "missing.mp4", 254),
        (&["run", "-i", "clip.mp4", "-nosuch", "1", "out.mp4"], "nosuch", 8),
        (&["run", "--module", "no.wasm", "-version"], "no.wasm", 3),
        (&["run", "--module", "clip.mp4", "-version"], "clip.mp4", 3),
        (&["run", "--dir", "no/such/folder", "-version"], "no/such/folder", 2),
        (&["probe", "clip.mp4", "missing.mp4"], "missing.mp4", 4),
    ];
    for (args, thing, code) in cases {
        let output = afmpeg(folder.path(), args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        let (error, hint) = error_and_hint(&output);
        assert!(error.contains(thing), "{args:?}: {error}");
        assert!(!hint.is_empty());
    }
}

#[test]
fn the_module_of_this_checkout_is_found_by_default() {
    let folder = folder_with_clip();
    let output = Command::new(binary())
        .current_dir(folder.path())
        .env_remove("AFMPEG_MODULE")
        .env("XDG_DATA_HOME", folder.path())
        .args(["run", "-version"])
        .output()
        .unwrap();
    assert_success(&output);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("ffmpeg version 9.0.2"));
    assert!(repository().join("target/wasm").exists());
}

#[test]
fn run_enforces_its_limits() {
    let folder = folder_with_clip();
    let endless = ["-f", "lavfi", "-i", "testsrc", "-f", "null", "-"];
    let (error, hint) =
        error_and_hint(&afmpeg(folder.path(), &[&["run", "--timeout", "0.3"], &endless[..]].concat()));
    assert_eq!(error, "ffmpeg exceeded its limit of 0.3s of time");
    assert!(hint.contains("--timeout"), "{hint}");

    let large = ["-f", "lavfi", "-i", "testsrc=s=3840x2160", "-frames:v", "9", "-f", "null", "-"];
    let (error, hint) =
        error_and_hint(&afmpeg(folder.path(), &[&["run", "--memory", "32"], &large[..]].concat()));
    assert!(error.contains("its limit of 32 MiB of memory"), "{error}");
    assert!(hint.contains("--memory"), "{hint}");

    let output = afmpeg(folder.path(), &[&["run", "--timeout", "-1"], &endless[..]].concat());
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn help_of_a_command_has_its_description() {
    let cases: [(&[&str], &str); 8] = [
        (&["run"], "FFmpeg can access only the current folder"),
        (&["run"], "GUEST must start with a slash"),
        (&["run"], "Default: no limit (the library's default is one hour)"),
        (&["probe"], "the exit code is that of the first"),
        (&["capabilities"], "with KIND and NAME, the properties and options"),
        (&["capabilities"], "in the plural or the singular"),
        (&["module", "compile"], "not an artifact"),
        (&["module", "info"], "Failures exit with 2"),
    ];
    for (command, text) in cases {
        let help = Command::new(binary()).args(command).arg("--help").output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains(text), "{help}");
    }
}
