//! The result of `afmpeg run --json`.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    command_line::{binary, error_and_hint, folder_with_clip},
    harness::{CLIP_FRAMES, CLIP_SECONDS, FRAME, LEAN_LGPL, module_path},
};

/// Runs a command line of `afmpeg run --json`, and returns its result. The exit code is that in the result.
#[track_caller]
fn run(folder: &Path, line: &str) -> (Value, std::process::Output) {
    let output = Command::new(binary())
        .args(["run", "--json"])
        .args(line.split_whitespace())
        .current_dir(folder)
        .env("AFMPEG_MODULE", module_path(LEAN_LGPL))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let result: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(result["exit_code"], output.status.code().unwrap(), "{result}");
    assert_eq!(result["result"], if output.status.success() { "success" } else { "error" });
    (result, output)
}

#[test]
fn result_of_a_job_has_its_times_bytes_and_frames() {
    let folder = folder_with_clip();
    let (result, _) = run(folder.path(), "-v error -i clip.mp4 -c copy out.mkv");
    assert_eq!((&result["error"], &result["tool"]), (&Value::Null, &"ffmpeg".into()));
    assert_eq!(result["frames"], CLIP_FRAMES);
    let seconds = result["output_seconds"].as_f64().unwrap();
    assert!((seconds - CLIP_SECONDS).abs() < 2.0 * FRAME, "{seconds}");
    assert!(result["seconds"].as_f64().unwrap() > 0.0 && result["cpu_seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(result["statistics"]["decode_errors"], 0);

    let moved = |name: &str, field: &str| {
        let files = result["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["path"].as_str().unwrap().ends_with(name)).unwrap();
        file[field].as_u64().unwrap()
    };
    let length = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().len();
    assert!(moved("/clip.mp4", "bytes_read") >= length("clip.mp4") / 2);
    assert!(moved("/out.mkv", "bytes_written") >= length("out.mkv"));
    assert_eq!(result["bytes_written"], moved("/out.mkv", "bytes_written"), "the only output");
}

#[test]
fn result_of_a_failure_has_its_kind_code_and_cause() {
    let folder = folder_with_clip();
    let (missing, output) = run(folder.path(), "-i missing.mp4 out.mkv");
    let error = &missing["error"];
    assert_eq!((&error["kind"], &error["code"]), (&"not_found".into(), &"ENOENT".into()), "{error}");
    assert_eq!((&error["subject"], &error["retryable"]), (&"missing.mp4".into(), &false.into()), "{error}");
    let (message, hint) = error_and_hint(&output);
    assert_eq!((&error["message"], &error["hint"]), (&message.into(), &hint.into()));

    let (lacking, _) = run(folder.path(), "-i clip.mp4 -c:v libx265 out.mkv");
    assert_eq!(lacking["error"]["component"], json!({ "kind": "encoder", "name": "libx265" }));
    assert_eq!(lacking["error"]["kind"], "unsupported");

    // The message is in the result even if FFmpeg's log is off.
    let (quiet, output) = run(folder.path(), "-v quiet -i missing.mp4 out.mkv");
    assert_eq!(quiet["error"], *error);
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn result_of_an_exceeded_limit_has_its_name_and_value() {
    let folder = folder_with_clip();
    let (result, _) = run(folder.path(), "--timeout 0.5 -stream_loop -1 -i clip.mp4 -f null -");
    let error = &result["error"];
    assert_eq!(error["limit"], json!({ "name": "wall_time", "seconds": 0.5 }), "{error}");
    assert_eq!((&error["kind"], &error["retryable"]), (&"timeout".into(), &true.into()), "{error}");
    assert!(result["seconds"].as_f64().unwrap() >= 0.5, "{result}");
}

#[test]
fn result_of_a_job_that_did_not_start_has_its_cause() {
    let folder = folder_with_clip();
    let (result, _) = run(folder.path(), "--module missing.wasm -i clip.mp4 out.mkv");
    assert_eq!((&result["error"]["kind"], &result["files"]), (&"module".into(), &json!([])), "{result}");
    let (result, _) = run(folder.path(), "--dir missing -i clip.mp4 out.mkv");
    assert_eq!(result["error"]["kind"], "invalid_argument", "{result}");
}

#[test]
fn job_that_writes_to_the_standard_output_fails_where_that_has_the_result() {
    let folder = folder_with_clip();
    for line in ["-v error -i clip.mp4 -f wav -", "-version", "--tool ffprobe clip.mp4"] {
        let (result, output) = run(folder.path(), line);
        assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
        assert_eq!(result["error"]["kind"], "invalid_argument", "{line}");
        assert!(error_and_hint(&output).0.contains("--json"), "{line}: {output:?}");
    }
}
