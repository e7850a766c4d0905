//! Inputs and outputs other than named files: descriptors by number, process substitution, named pipes, and streams that
//! the caller passes to a job.

use std::{
    error::Error as _,
    io,
    path::Path,
    process::{Command, Output},
    sync::{Arc, Mutex},
};

use afmpeg_engine::ErrorKind;
use afmpeg_vfs::{MemFs, OpenOptions, VPath, Vfs as _, VfsExt as _};

use crate::{
    command_line::{binary, error_and_hint},
    harness::{FULL_GPL, full, judge, judge_host_file, module_path, native},
};

/// The number of frames of the clip.
const FRAMES: u64 = 25;

/// Returns a second of video in Matroska.
fn clip() -> Vec<u8> {
    let fs = MemFs::new();
    full().ffmpeg(&fs, "-f lavfi -i testsrc2=s=64x36:d=1 -c:v mpeg2video clip.mkv");
    fs.read("/clip.mkv").unwrap().to_vec()
}

/// Returns a filesystem with the clip.
fn with_clip() -> MemFs {
    let fs = MemFs::new();
    fs.write("/clip.mkv", clip()).unwrap();
    fs
}

/// Runs a shell command line, in which `$FF` is a command with its first arguments.
fn shell(folder: &Path, ff: &str, line: &str) -> Output {
    // A pipe whose other end is never opened must not block the test.
    Command::new("timeout")
        .args(["100", "bash", "-c", line])
        .current_dir(folder)
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .env("FF", ff)
        .output()
        .unwrap()
}

fn ours() -> String {
    format!("{} run -- -v error", binary().display())
}

#[test]
fn command_passes_on_descriptors_of_a_shell_like_native_ffmpeg() {
    // Command lines, and the files that contain the whole clip afterwards.
    let lines: [(&str, &[&str]); 12] = [
        ("$FF -i clip.mkv -c copy two.mkv -c copy -f mpegts pipe:4 4>four.ts", &["two.mkv", "four.ts"]),
        ("$FF -i clip.mkv -c copy two.mkv -c copy -f mpegts pipe:6 6>six.ts", &["two.mkv", "six.ts"]),
        ("$FF -i pipe:3 -c copy out.mkv 3<clip.mkv", &["out.mkv"]),
        ("$FF -i /dev/fd/8 -c copy out.mkv 8<clip.mkv", &["out.mkv"]),
        ("cat clip.mkv | $FF -i /dev/fd/0 -c copy out.mkv", &["out.mkv"]),
        ("$FF -fd 5 -i fd: -c copy out.mkv 5<clip.mkv", &["out.mkv"]),
        ("$FF -i <(cat clip.mkv) -c copy out.mkv", &["out.mkv"]),
        ("$FF -f concat -safe 0 -i <(echo \"file '$PWD/clip.mkv'\") -c copy out.mkv", &["out.mkv"]),
        (
            "$FF -y -i clip.mkv -c copy -f mpegts >(cat >out.ts); status=$?; wait $!; exit $status",
            &["out.ts"],
        ),
        (
            "$FF -i clip.mkv -map 0 -c copy -f tee 'two.mkv|[f=mpegts]pipe:7' 7>seven.ts",
            &["two.mkv", "seven.ts"],
        ),
        ("mkfifo in; cat clip.mkv >in & $FF -i in -c copy out.mkv", &["out.mkv"]),
        (
            "mkfifo o; cat o >out.ts & $FF -y -i clip.mkv -c copy -f mpegts o; status=$?; wait; exit $status",
            &["out.ts"],
        ),
    ];
    let clip = clip();
    let theirs = format!("{} -nostdin -v error", native().display());
    for (line, files) in lines {
        for ff in [&ours(), &theirs] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("clip.mkv"), &clip).unwrap();
            let output = shell(folder.path(), ff, line);
            let log = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{ff}: {line}: {log}");
            for file in files {
                judge_host_file(&folder.path().join(file))
                    .assert_codec("video", "mpeg2video")
                    .assert_frames(FRAMES);
            }
        }
    }
}

#[test]
fn descriptors_keep_append_mode_and_offset() {
    let folder = tempfile::tempdir().unwrap();
    let ours = ours();
    let run = |line: &str| {
        let output = shell(folder.path(), &ours, line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run("printf head >app; $FF -f lavfi -i 'aevalsrc=0:s=8000:d=0.01' -f u8 pipe:4 4>>app");
    let appended = std::fs::read(folder.path().join("app")).unwrap();
    assert_eq!((&appended[..4], appended.len()), (&b"head"[..], 84));
    run("exec 3<app; head -c 4 <&3 >head; $FF -f u8 -ar 8000 -ch_layout mono -i pipe:3 -f u8 rest");
    assert_eq!(std::fs::read(folder.path().join("head")).unwrap(), b"head");
    assert!(std::fs::read(folder.path().join("rest")).unwrap() == appended[4..]);
}

#[test]
fn command_reports_descriptors_that_it_cannot_pass_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clip.mkv"), clip()).unwrap();
    std::fs::write(folder.path().join("list.txt"), "file pipe:4\n").unwrap();
    let theirs = format!("{} -nostdin -v error", native().display());
    // Not open: FFmpeg's own exit code, and no other output is written to.
    for line in [
        "$FF -i clip.mkv -c copy two.mkv -c copy -f mpegts pipe:6",
        "$FF -i pipe:6 -f null -",
        "$FF -fd 6 -i fd: -f null -",
    ] {
        // The test runner may have left the descriptor open.
        let line = &format!("exec 6>&-; {line}");
        let output = shell(folder.path(), &ours(), line);
        assert_eq!(output.status.code(), Some(247), "{line}");
        let (error, hint) = error_and_hint(&output);
        assert!(error.contains("Bad file descriptor") && hint.contains("3< FILE"), "{line}: {error} {hint}");
        // Native FFmpeg may use its own descriptor with this number.
        if !line.contains("two.mkv") {
            assert_eq!(shell(folder.path(), &theirs, line).status.code(), Some(247), "native: {line}");
        }
        let _ = std::fs::remove_file(folder.path().join("two.mkv"));
    }
    // Only descriptors named on the command line are passed on.
    let line = "$FF -f concat -safe 0 -protocol_whitelist file,pipe -i list.txt -f null - 4<clip.mkv";
    assert!(!shell(folder.path(), &ours(), line).status.success());
    let output = shell(folder.path(), &ours(), "$FF -i pipe:4 -f null - 4<>clip.mkv");
    let (error, hint) = error_and_hint(&output);
    assert_eq!(output.status.code(), Some(4));
    assert!(error.contains("descriptor 4") && error.contains("both") && hint.contains("3< FILE"), "{error}");
    // A named pipe that is in no argument.
    let line = "mkfifo p; echo 'file p' >pipes.txt; $FF -f concat -i pipes.txt -f null -";
    let output = shell(folder.path(), &ours(), line);
    assert!(error_and_hint(&output).1.contains("not a regular file"));
}

#[test]
fn command_does_not_prompt_about_an_existing_output() {
    let folder = tempfile::tempdir().unwrap();
    let line = "printf old >o.mkv; echo y | $FF -f lavfi -i color=s=32x32:d=0.1 o.mkv";
    let output = shell(folder.path(), &ours(), line);
    assert_eq!(output.status.code(), Some(187));
    let (error, hint) = error_and_hint(&output);
    assert!(
        error.contains("o.mkv") && hint.contains("`-y`") && hint.contains("does not prompt"),
        "{error} {hint}"
    );
    assert_eq!(std::fs::read(folder.path().join("o.mkv")).unwrap(), b"old");
}

#[test]
fn descriptor_numbers_never_refer_to_other_files_of_the_job() {
    let runtime = full().runtime;
    for number in [3, 4, 6, 9] {
        let pipe = format!("pipe:{number}");
        let (tee, concat) = (format!("two.mkv|[f=mpegts]{pipe}"), format!("concat:{pipe}"));
        let number = number.to_string();
        let lines: [&[&str]; 6] = [
            &["-i", "clip.mkv", "-c", "copy", "two.mkv", "-c", "copy", "-f", "mpegts", &pipe],
            &["-i", "clip.mkv", "-c", "copy", "two.mkv", "-c", "copy", "-fd", &number, "-f", "mpegts", "fd:"],
            &["-i", "clip.mkv", "-map", "0", "-c", "copy", "-f", "tee", &tee],
            &["-i", "clip.mkv", "-i", &pipe, "-map", "1", "-c", "copy", "two.mkv"],
            &["-i", "clip.mkv", "-fd", &number, "-i", "fd:", "-map", "1", "-c", "copy", "two.mkv"],
            &["-i", "clip.mkv", "-i", &concat, "-map", "1", "-c", "copy", "two.mkv"],
        ];
        for line in lines {
            let fs = with_clip();
            let error = runtime.run(fs.clone(), line.iter().copied()).unwrap_err();
            assert!(!matches!(error.kind(), ErrorKind::Trap | ErrorKind::Timeout), "{line:?}: {error}");
            // The other output is Matroska, as far as it was written.
            let two = fs.read("/two.mkv").unwrap_or_default();
            assert!(two.is_empty() || two.starts_with(b"\x1aE\xdf\xa3"), "{line:?}");
        }
        let error = runtime.run(with_clip(), lines[0].iter().copied()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains(&pipe), "{error}");
        assert!(error.hint().unwrap().contains("Job::input_stream"), "{error}");
    }
    // Lists and playlists cannot name one either.
    let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\npipe:4\n#EXT-X-ENDLIST\n";
    let lists: [(&str, &str, &[&str]); 2] = [
        ("list.txt", "file pipe:4\n", &["-f", "concat", "-safe", "0"]),
        ("list.m3u8", playlist, &["-allowed_extensions", "ALL", "-extension_picky", "0"]),
    ];
    for (name, text, options) in lists {
        let fs = with_clip();
        fs.write(format!("/{name}"), text).unwrap();
        let input = ["-protocol_whitelist", "file,pipe", "-i", name, "-map", "1", "-c", "copy", "two.mkv"];
        let error = runtime.run(fs, [&["-i", "clip.mkv"], options, &input].concat()).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData | ErrorKind::InvalidArgument),
            "{error}"
        );
    }
}

#[test]
fn job_reads_and_writes_streams_of_its_caller() {
    let clip = clip();
    let runtime = full().runtime;
    // The root of the filesystem has the number 3, too: the caller's stream takes precedence.
    for input in ["pipe:3", "/dev/fd/3", "/proc/self/fd/3"] {
        let fs = MemFs::new();
        let written = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&written);
        let job = runtime.job(fs.clone()).args(["-i", input, "-c", "copy", "two.mkv"]);
        job.args(["-c", "copy", "-f", "mpegts", "pipe:5"])
            .input_stream("/dev/fd/3", io::Cursor::new(clip.clone()))
            .output_stream("/dev/fd/5", move |bytes| {
                sink.lock().unwrap().extend_from_slice(bytes);
                Ok(())
            })
            .run()
            .unwrap();
        judge(&fs, "/two.mkv").assert_frames(FRAMES);
        fs.write("/five.ts", written.lock().unwrap().clone()).unwrap();
        judge(&fs, "/five.ts").assert_frames(FRAMES);
    }

    // A file is seekable, and a stream may have any name.
    let fs = MemFs::new();
    fs.write("/late.mkv", clip.clone()).unwrap();
    full().ffmpeg(&fs, "-i late.mkv -c copy late.mp4");
    let open = || fs.open(&VPath::new("/late.mp4").unwrap(), OpenOptions::new().read(true)).unwrap();
    for (path, input) in
        [("/dev/fd/9", "/dev/fd/9"), ("/dev/fd/9", "fd:"), ("/in/upload.mp4", "in/upload.mp4")]
    {
        let outputs = MemFs::new();
        let descriptor: &[&str] = if input == "fd:" { &["-fd", "9"] } else { &[] };
        let job =
            runtime.job(outputs.clone()).args([descriptor, &["-i", input, "-c", "copy", "out.mkv"]].concat());
        job.input_file(path, open()).run().unwrap();
        judge(&outputs, "/out.mkv").assert_frames(FRAMES);
    }

    let job = runtime.job(MemFs::new()).args(["-i", "in", "-f", "null", "-"]);
    let error = job.input_stream("in", io::empty()).run().unwrap_err();
    assert!(error.to_string().contains("\"in\""), "{error}");
}

#[test]
fn failing_stream_of_the_caller_fails_the_job_with_its_cause() {
    let runtime = full().runtime;
    let broken = io::Read::chain(io::Cursor::new(clip()[..2000].to_vec()), Broken);
    let job = runtime.job(MemFs::new()).args(["-i", "pipe:3", "-f", "null", "-"]);
    let error = job.input_stream("/dev/fd/3", broken).run().unwrap_err();
    assert_eq!(error.to_string(), "cannot read /dev/fd/3");
    assert_eq!(error.source().unwrap().to_string(), "the camera is gone");

    let job = runtime.job(with_clip()).args(["-i", "clip.mkv", "-c", "copy", "-f", "mpegts", "pipe:3"]);
    let error =
        job.output_stream("/dev/fd/3", |_| Err(io::Error::other("the viewer is gone"))).run().unwrap_err();
    assert_eq!(error.to_string(), "cannot write /dev/fd/3");
    assert_eq!(error.source().unwrap().to_string(), "the viewer is gone");
    assert!(error.hint().unwrap().contains("sink"), "{error}");
}

/// A reader that fails.
struct Broken;

impl io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the camera is gone"))
    }
}
