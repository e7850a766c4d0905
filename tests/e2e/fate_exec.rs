//! `fate-exec` passes streams, paths and exit status between FATE's programs and the host.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::harness::{FULL_GPL, fixture, module_path};

/// Runs `ffmpeg` in `folder`, with access to this folder only.
fn ffmpeg(folder: &Path, args: &[&str], stdin: &[u8]) -> Output {
    let program = folder.join("ffmpeg");
    if !program.exists() {
        std::fs::copy(module_path(FULL_GPL), &program).unwrap();
    }
    let mut running = Command::new(env!("CARGO_BIN_EXE_fate-exec"))
        .arg(program)
        .args(args)
        .current_dir(folder)
        .env("AFMPEG_FATE_ROOT", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    running.stdin.take().unwrap().write_all(stdin).unwrap();
    running.wait_with_output().unwrap()
}

#[test]
fn streams_pass_through_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let samples: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let output = ffmpeg(
        folder.path(),
        &["-v", "error", "-f", "s16le", "-i", "-", "-c", "copy", "-f", "s16le", "-"],
        &samples,
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout == samples, "{} of {} bytes", output.stdout.len(), samples.len());
    assert_eq!(output.stderr, b"");
}

#[test]
fn paths_are_the_same_inside_and_outside() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clip.mp4"), fixture("bigbuckbunny.mp4")).unwrap();
    let copy = folder.path().join("copy.mkv");
    let output =
        ffmpeg(folder.path(), &["-v", "error", "-i", "clip.mp4", "-c", "copy", copy.to_str().unwrap()], b"");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(copy.metadata().unwrap().len() > 0);
}

#[test]
fn exit_status_is_that_of_native_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    // Measured with FFmpeg 9.0.2 on Linux.
    for (args, status, message) in [
        (&["-i", "missing.mp4", "-f", "null", "-"][..], 254, "No such file or directory"),
        (&["-nosuchoption", "1", "out.mp4"], 8, "nosuchoption"),
    ] {
        let output = ffmpeg(folder.path(), args, b"");
        assert_eq!(output.status.code(), Some(status));
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(log.contains(message), "{log}");
    }
}
