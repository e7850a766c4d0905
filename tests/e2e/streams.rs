//! Standard streams between a job and its caller.

use std::{
    io::{self, Write as _},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use afmpeg_engine::{CancelToken, Error, ErrorKind, Limits};
use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};

use crate::{
    command_line::{afmpeg, binary},
    harness::{CLIP, FULL_GPL, fixture, full, guest, index_is_first, memory_with, module_path, native},
};

/// Decodes standard input and prints a line for each frame.
const FRAMES: &[&str] = &["-v", "error", "-i", "-", "-map", "0:v", "-f", "framemd5", "-"];

/// Returns an MP4 with its index after its media.
fn late_index() -> Vec<u8> {
    let fs = memory_with(&[CLIP]);
    full().ffmpeg(&fs, &format!("-i {CLIP} -map 0:v -c copy -frames:v 10 late.mp4"));
    let late = fs.read("/late.mp4").unwrap();
    assert!(!index_is_first(&late));
    late.to_vec()
}

fn decoded(framemd5: &[u8]) -> usize {
    String::from_utf8_lossy(framemd5).lines().filter(|line| !line.starts_with('#')).count()
}

#[test]
fn job_ends_while_its_standard_input_waits() {
    let runtime = full().runtime;
    // The writers stay open and never write, so the reads block until the test ends.
    let (waiting, _writer) = io::pipe().unwrap();
    let job = runtime.job(MemFs::new()).args(FRAMES.iter().copied()).stdin(waiting);
    let ended = job.limits(Limits::default().wall_time(Duration::from_millis(300))).run();
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Timeout);

    let (waiting, _another) = io::pipe().unwrap();
    let token = CancelToken::new();
    let job = runtime.job(MemFs::new()).args(FRAMES.iter().copied()).stdin(waiting).cancel_token(&token);
    let job = job.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    token.cancel();
    assert_eq!(job.wait().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn guest_can_look_for_input_without_waiting() {
    let (input, keyboard) = io::pipe().unwrap();
    let (output, printed) = (Arc::new(Mutex::new(Vec::new())), Mutex::new(Some(keyboard)));
    let copy = Arc::clone(&output);
    let job = guest("poll").job(MemFs::new()).stdin(input).stdout(move |bytes| {
        copy.lock().unwrap().extend_from_slice(bytes);
        // After its last look at an input without bytes.
        if let Some(mut keyboard) = printed.lock().unwrap().take() {
            keyboard.write_all(b"ab")?;
        }
        Ok(())
    });
    job.run().unwrap();
    let printed = String::from_utf8(output.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(
        lines,
        [
            "at the start 0, 0; after 50 ms 0",
            "waiting",
            "read a",
            "with a byte left 1, 1, 1",
            "read b",
            "at the end 1",
            "read returned 0",
        ]
    );
}

#[test]
fn file_as_standard_input_is_seekable() {
    let fs = MemFs::new();
    fs.write("/late.mp4", late_index()).unwrap();
    let open = || fs.open(&VPath::new("/late.mp4").unwrap(), OpenOptions::new().read(true)).unwrap();
    for input in ["-", "/dev/stdin", "fd:", "pipe:0"] {
        let mut args = FRAMES.to_vec();
        args[3] = input;
        let job = full().runtime.job(MemFs::new()).args(args).stdin_file(open());
        match job.run() {
            Ok(output) => assert_eq!(decoded(output.stdout()), 10, "{input}"),
            // The protocol does not seek, in native FFmpeg either.
            Err(error) => assert_eq!((input, error.kind()), ("pipe:0", ErrorKind::InvalidData), "{error}"),
        }
    }
}

#[test]
fn standard_streams_are_files_in_dev() {
    let tone = full().ffmpeg(&MemFs::new(), "-f lavfi -i sine=d=0.5 -f wav -").stdout().to_vec();
    let args = ["-v", "error", "-i", "/dev/stdin", "-f", "s16le", "-y", "/dev/stdout"];
    let output = full().runtime.job(MemFs::new()).args(args).stdin(io::Cursor::new(tone)).run().unwrap();
    assert_eq!(output.stdout().len(), 44_100);
    // A muxer that seeks fails, as with a pipe.
    let args = ["-v", "error", "-f", "lavfi", "-i", "sine=d=0.1", "-f", "mp4", "-y", "/dev/stdout"];
    assert_eq!(full().runtime.job(MemFs::new()).args(args).run().unwrap_err().kind(), ErrorKind::Mux);
}

#[test]
fn failing_sink_of_the_caller_fails_the_job_with_its_cause() {
    let job =
        || full().runtime.job(MemFs::new()).args(["-f", "lavfi", "-i", "sine=d=0.1", "-f", "s16le", "-"]);
    let full_disk = |_: &[u8]| Err(io::Error::other("disk full"));
    let cases = [
        ("/dev/stdout", "disk full", job().stdout(full_disk)),
        ("/dev/stdout", "panicked: no room", job().stdout(|_| panic!("no room"))),
        // A kind of error that a filesystem may return without failing the job.
        ("/dev/stdout", "permission denied", job().stdout(|_| Err(io::ErrorKind::PermissionDenied.into()))),
        ("/dev/stderr", "disk full", job().stderr(full_disk)),
        ("/dev/stderr", "panicked: no log", job().on_log(|_| panic!("no log"))),
    ];
    for (stream, cause, job) in cases {
        let error = job.run().unwrap_err();
        let Error::Filesystem { path, source, .. } = &error else { panic!("{cause}: {error:?}") };
        assert_eq!(path, stream);
        assert!(source.to_string().contains(cause), "{cause}: {source}");
        assert!(error.hint().unwrap().contains("sink"), "{error}");
    }
}

#[test]
fn command_seeks_in_a_redirected_file_and_stops_waiting_for_a_pipe_at_its_timeout() {
    let folder = tempfile::tempdir().unwrap();
    let late = folder.path().join("late.mp4");
    std::fs::write(&late, late_index()).unwrap();
    let run = |options: &[&str], stdin: Stdio| {
        Command::new(binary())
            .current_dir(folder.path())
            .env("AFMPEG_MODULE", module_path(FULL_GPL))
            .args([&["run"], options, &["--"], FRAMES].concat())
            .stdin(stdin)
            .output()
            .unwrap()
    };
    let output = run(&[], std::fs::File::open(&late).unwrap().into());
    assert_eq!(decoded(&output.stdout), 10, "{}", String::from_utf8_lossy(&output.stderr));

    let (waiting, _writer) = io::pipe().unwrap();
    let output = run(&["--timeout", "0.5"], waiting.into());
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && log.contains("0.5s of time"), "{log}");
}

#[test]
fn command_exits_like_native_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clip.mp4"), fixture(CLIP)).unwrap();
    let source = "-f lavfi -i testsrc2=s=64x64:d=0.2";
    // The arguments, FFmpeg 9.0.2's exit code, and whether it writes to standard output and to standard error.
    let cases = [
        ("-hide_banner".to_owned(), 1, false, true),
        (format!("-v error -progress pipe:1 {source} -f null -"), 0, true, false),
        (format!("-v error {source} -f rawvideo -"), 0, true, false),
        (format!("-v error {source} -f rawvideo -y /dev/stdout"), 0, true, false),
        (format!("-n -v quiet {source} clip.mp4"), 0, false, false),
        ("-v quiet -i missing.mp4 -f null -".to_owned(), 254, false, false),
        ("-v quiet -nosuch 1".to_owned(), 8, false, false),
        ("-v quiet -i clip.mp4".to_owned(), 1, false, false),
    ];
    for (line, code, prints, logs) in cases {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ours = afmpeg(folder.path(), &[&["run", "--"], &words[..]].concat());
        let result = (ours.status.code(), !ours.stdout.is_empty(), !ours.stderr.is_empty());
        let log = String::from_utf8_lossy(&ours.stderr);
        assert_eq!(result, (Some(code), prints, logs), "{line}: {log}");
        let mut theirs = Command::new(native());
        let theirs = theirs.current_dir(folder.path()).args(&words).stdin(Stdio::null()).output().unwrap();
        assert_eq!(theirs.status.code(), Some(code), "native: {line}");
        assert_eq!(!theirs.stdout.is_empty(), prints, "native: {line}");
    }
}

#[test]
fn command_with_a_closed_reader_exits_like_native_ffmpeg() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let output = Command::new(binary())
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .args(["run", "-v", "error", "-f", "lavfi", "-i", "testsrc2=d=1", "-f", "rawvideo", "-"])
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(224), "FFmpeg's exit code for EPIPE: {log}");
    assert!(log.contains("/dev/stdout"), "{log}");
}
