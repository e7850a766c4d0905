//! `afmpeg bench`: the arithmetic and the form of its table. No time is compared with a limit.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{
    command_line::{afmpeg, binary, error_and_hint},
    harness::{FULL_GPL, LEAN_LGPL, module_path, native},
};

/// Runs the bench in one round, with `folder` for temporary files.
#[track_caller]
fn bench(folder: &Path, module: &str, path: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(["bench", "--rounds", "1"]).args(arguments).env("AFMPEG_MODULE", module_path(module));
    let output = command.env("PATH", path).env("TMPDIR", folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "the media are removed");
    output
}

#[test]
fn ratio_of_a_job_is_our_time_divided_by_the_native_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = native();
    let output = bench(folder.path(), FULL_GPL, "", &["--json", "--native", path.to_str().unwrap()]);
    let table: Value = serde_json::from_slice(&output.stdout).unwrap();
    let processors = std::thread::available_parallelism().unwrap().get();
    assert_eq!((&table["processors"], &table["rounds"]), (&processors.into(), &1.into()));
    assert_eq!(table["native"]["path"], std::fs::canonicalize(path).unwrap().to_str().unwrap());
    let jobs = table["jobs"].as_array().unwrap();
    let on_one = jobs.iter().filter(|job| job["threads"] == "one").count();
    let on_all = jobs.iter().filter(|job| job["threads"] == "all").count();
    assert!(on_one >= 6 && on_one + on_all == jobs.len(), "{table}");
    assert_eq!(on_all, if processors > 1 { on_one } else { 0 });
    for job in jobs {
        let number = |name: &str| job[name].as_f64().unwrap_or_else(|| panic!("no {name}: {job}"));
        let (ours, theirs, ratio) = (number("seconds"), number("native_seconds"), number("ratio"));
        assert!(ours > 0.0 && theirs > 0.0 && (ratio - ours / theirs).abs() < 1e-9 * ratio, "{job}");
        assert_eq!(job["missing"], serde_json::json!([]));
    }
}

/// Writes a program that runs native FFmpeg, and lists its encoders without one.
fn without_encoder(folder: &Path, encoder: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;

    let (path, native) = (folder.join("ffmpeg"), native());
    let script = format!(
        "#!/bin/sh\ncase \"$2\" in\n-encoders) '{0}' \"$@\" | /bin/grep -v ' {encoder} ' ;;\n*) exec '{0}' \"$@\" ;;\nesac\n",
        native.display()
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn job_whose_encoder_a_program_lacks_is_shown_as_absent() {
    let (folder, programs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = without_encoder(programs.path(), "libopus");
    let output = bench(folder.path(), LEAN_LGPL, programs.path().to_str().unwrap(), &[]);
    let table = String::from_utf8(output.stdout).unwrap();
    let program = std::fs::canonicalize(program).unwrap();
    assert!(table.contains(program.to_str().unwrap()), "{table}");
    let row = |name: &str| -> Vec<&str> {
        let line = table.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().strip_prefix("one thread").unwrap().split_whitespace().collect()
    };
    let ["absent", _, "s"] = row("H.264, x264 veryfast")[..] else { panic!("{table}") };
    let [_, "s", "absent"] = row("Opus")[..] else { panic!("{table}") };
    let [ours, "s", theirs, "s", ratio] = row("AAC")[..] else { panic!("{table}") };
    // The three numbers are rounded.
    let number = |text: &str| text.trim_end_matches('x').parse::<f64>().unwrap();
    let (quotient, ratio) = (number(ours) / number(theirs), number(ratio));
    let error = 0.005 + quotient * (0.0005 / number(ours) + 0.001 / number(theirs));
    assert!((quotient - ratio).abs() <= error, "{quotient} and {ratio}");
}

#[test]
fn table_without_a_native_program_has_our_times_and_a_line_about_it() {
    let (folder, shims) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let made = afmpeg(shims.path(), &["shim", "."]);
    assert!(made.status.success(), "{made:?}");
    let output = bench(folder.path(), LEAN_LGPL, shims.path().to_str().unwrap(), &[]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("no native FFmpeg in PATH to compare with: name one with --native"), "{table}");
    assert!(!table.contains("ratio") && table.contains("H.264, OpenH264"), "{table}");

    for (path, words) in [("missing", "cannot run missing: "), ("/bin/true", "is not FFmpeg")] {
        let output = afmpeg(folder.path(), &["bench", "--native", path]);
        let (error, _) = error_and_hint(&output);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn interrupt_ends_the_bench_and_removes_its_media() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(binary());
    command.args(["bench", "--rounds", "1000", "--native"]).arg(native());
    command.env("AFMPEG_MODULE", module_path(LEAN_LGPL)).env("TMPDIR", folder.path());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(300);
    while std::fs::read_dir(folder.path()).unwrap().count() == 0 {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "the media are not made");
        thread::sleep(Duration::from_millis(20));
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(255), "{output:?}");
    assert_eq!(error_and_hint(&output).0, "interrupted");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
