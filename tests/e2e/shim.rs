//! The programs `ffmpeg` and `ffprobe` of `afmpeg shim`, beside the native ones.

use std::{
    io::{self, Write as _},
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use regex::Regex;

use crate::{
    command_line::{afmpeg, error_and_hint, folder_with_clip},
    harness::{CLIP_FRAMES, FULL_GPL, judge_host_file, module_path, native},
};

/// A folder with the clip, and one with the two programs.
struct Shim {
    folder: tempfile::TempDir,
    programs: tempfile::TempDir,
}

impl Shim {
    fn new() -> Self {
        let (folder, programs) = (folder_with_clip(), tempfile::tempdir().unwrap());
        let made = afmpeg(folder.path(), &["shim", programs.path().to_str().unwrap()]);
        assert!(made.status.success() && made.stdout.is_empty() && made.stderr.is_empty(), "{made:?}");
        Self { folder, programs }
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.path().join(name));
        command.current_dir(self.folder.path()).env("AFMPEG_MODULE", module_path(FULL_GPL));
        command.env_remove("AFMPEG_DIRS").stdin(Stdio::null());
        command
    }

    fn ffmpeg(&self, line: &str) -> Output {
        self.program("ffmpeg").args(line.split_whitespace()).output().unwrap()
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn natively(folder: &Path, line: &str) -> Output {
    let mut command = Command::new(native());
    command.current_dir(folder).args(line.split_whitespace()).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn exit_codes_are_those_of_native_ffmpeg() {
    let shim = Shim::new();
    std::fs::write(shim.path().join("exists.mp4"), "").unwrap();
    for line in [
        "",
        "-version",
        "-h",
        "-i missing.mp4 out.mp4",
        "-i clip.mp4 -nosuch 1 out.mp4",
        "-i clip.mp4 -c:v nosuch out.mp4",
        "-i clip.mp4 -vf nosuch out.mp4",
        "-i clip.mp4 -c copy none/out.mp4",
        "-i clip.mp4 -c copy exists.mp4",
        "-n -i clip.mp4 -c copy exists.mp4",
        "-nostdin -i clip.mp4 -c copy exists.mp4",
        "-i clip.mp4",
        "-i exists.mp4 -f null -",
        "-v quiet -i missing.mp4 out.mp4",
        "-i clip.mp4 -t 0.1 -f null -",
    ] {
        let (ours, theirs) = (shim.ffmpeg(line), natively(shim.path(), line));
        assert_eq!(ours.status.code(), theirs.status.code(), "{line}: {}", text(&ours.stderr));
        assert_eq!(ours.stderr.is_empty(), theirs.stderr.is_empty(), "{line}: {}", text(&ours.stderr));
        assert!(!text(&ours.stderr).contains("hint:"), "{line}: {}", text(&ours.stderr));
    }
}

#[test]
fn output_is_that_of_native_ffmpeg() {
    let shim = Shim::new();
    let line = "-v error -i clip.mp4 -map 0:v -f framemd5 -";
    let (ours, theirs) = (shim.ffmpeg(line), natively(shim.path(), line));
    assert_eq!(text(&ours.stdout), text(&theirs.stdout));
    assert_eq!(text(&ours.stdout).lines().filter(|line| !line.starts_with('#')).count() as u64, CLIP_FRAMES);

    let line = "-hide_banner -nosuch";
    assert_eq!(text(&shim.ffmpeg(line).stderr), text(&natively(shim.path(), line).stderr));
    let banner = text(&shim.ffmpeg("-i missing.mp4").stderr);
    assert!(banner.starts_with("ffmpeg version 9.0.2 Copyright"), "{banner}");
    let line = ["-v", "error", "-show_entries", "format=nb_streams", "clip.mp4"];
    let probed = shim.program("ffprobe").args(line).output().unwrap();
    assert_eq!(text(&probed.stdout), "[FORMAT]\nnb_streams=2\n[/FORMAT]\n");
}

#[test]
fn log_has_the_colours_of_native_ffmpeg() {
    let shim = Shim::new();
    std::fs::write(shim.path().join("torn.mp4"), "\0\0\0\x08ftyp\0\0\0\x10moov").unwrap();
    let palettes: [&[(&str, &str)]; 3] = [
        &[("AV_LOG_FORCE_COLOR", "1"), ("TERM", "xterm")],
        &[("AV_LOG_FORCE_COLOR", "1"), ("AV_LOG_FORCE_256COLOR", "1")],
        &[("AV_LOG_FORCE_NOCOLOR", "1")],
    ];
    for line in [
        "-hide_banner -v level+info -i missing.mp4",
        "-v level+warning -i clip.mp4 -vf scale=nosuch=1 -f null -",
        "-v warning -y -i clip.mp4 -c copy -movflags nosuch out.mp4",
        "-v warning -i clip.mp4 -c copy -bsf:a nosuch out.mp4",
        "-v warning -f mp4 -i torn.mp4 -f null -",
    ] {
        for palette in palettes {
            let colored = |mut command: Command| {
                command.envs(palette.iter().copied()).args(line.split_whitespace()).current_dir(shim.path());
                let output = command.stdin(Stdio::null()).output().unwrap();
                without_addresses(&text(&output.stderr))
            };
            let (ours, theirs) = (colored(shim.program("ffmpeg")), colored(Command::new(native())));
            assert_eq!(ours, theirs, "{line} {palette:?}");
            assert_eq!(ours.contains("\x1b["), palette.len() == 2, "{ours}");
        }
    }
}

#[test]
fn report_of_the_environment_is_written_as_natively() {
    let shim = Shim::new();
    for (name, mut command) in [("ours", shim.program("ffmpeg")), ("theirs", Command::new(native()))] {
        let status = command
            .args(["-v", "quiet", "-i", "missing.mp4"])
            .env("FFREPORT", format!("file={name}.log:level=16"))
            .current_dir(shim.path())
            .stdin(Stdio::null())
            .status();
        assert_eq!(status.unwrap().code(), Some(254), "{name}");
    }
    let errors = |name: &str| {
        let report = std::fs::read_to_string(shim.path().join(name)).unwrap();
        let lines = without_addresses(&report);
        lines.lines().filter(|line| line.contains("rror")).map(str::to_owned).collect::<Vec<_>>()
    };
    let ours = errors("ours.log");
    assert_eq!(ours, errors("theirs.log"));
    assert!(!ours.is_empty());
}

/// Replaces the addresses of FFmpeg's objects, which differ from run to run.
fn without_addresses(log: &str) -> String {
    let address = Regex::new("@ (0x)?[0-9a-f]+\\]").unwrap();
    address.replace_all(log, "@ ]").into_owned()
}

#[test]
fn exit_codes_without_a_reader_are_those_of_native_ffmpeg() {
    let shim = Shim::new();
    for line in [
        "-v error -i clip.mp4 -f rawvideo -",
        "-v error -y -i clip.mp4 -t 0.1 -f null -",
        "-v error -y -i clip.mp4 -c copy copy.mp4",
        "-version",
        "-hide_banner -encoders",
    ] {
        let code = |program: &Path, is_closed: bool| {
            let mut command = Command::new(if is_closed { Path::new("sh") } else { program });
            if is_closed {
                command.args(["-c", "exec \"$0\" \"$@\" >&-"]).arg(program);
            }
            let (reader, writer) = io::pipe().unwrap();
            drop(reader);
            command.current_dir(shim.path()).env("AFMPEG_MODULE", module_path(FULL_GPL));
            command.args(line.split_whitespace()).stdin(Stdio::null()).stdout(writer).stderr(Stdio::null());
            command.status().unwrap().code()
        };
        for is_closed in [true, false] {
            let ours = code(&shim.programs.path().join("ffmpeg"), is_closed);
            assert_eq!(ours, code(&native(), is_closed), "{line}, closed: {is_closed}");
        }
    }
}

#[test]
fn q_from_a_pipe_ends_an_encode_with_a_playable_file() {
    let shim = Shim::new();
    let line = "-v info -re -f lavfi -i testsrc2=s=160x90:d=60 -c:v libx264 -preset ultrafast x.mp4";
    let mut encode = shim.program("ffmpeg");
    let mut encode =
        encode.args(line.split_whitespace()).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(3));
    let mut keys = encode.stdin.take().unwrap();
    keys.write_all(b"q").unwrap();
    // The pipe stays open, as that of a program which may send more keys.
    let ended = encode.wait_with_output().unwrap();
    drop(keys);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert!(text(&ended.stderr).contains("[q] command received. Exiting."), "{}", text(&ended.stderr));
    judge_host_file(&shim.path().join("x.mp4")).assert_codec("video", "h264");
}

#[test]
fn existing_output_is_overwritten_when_the_answer_is_yes() {
    let shim = Shim::new();
    let out = shim.path().join("out.mp4");
    for (answer, is_overwritten) in [("n\n", false), ("", false), ("y\n", true)] {
        std::fs::write(&out, "before").unwrap();
        let mut copy = shim.program("ffmpeg");
        copy.args(["-i", "clip.mp4", "-c", "copy", "out.mp4"]).stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut copy = copy.spawn().unwrap();
        copy.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        let ended = copy.wait_with_output().unwrap();
        let log = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{log}");
        assert!(log.contains("File 'out.mp4' already exists. Overwrite? [y/N]"), "{log}");
        assert_eq!(std::fs::read(&out).unwrap() != b"before", is_overwritten, "{answer:?}: {log}");
    }
}

#[test]
fn files_outside_of_the_granted_folders_do_not_exist() {
    let shim = Shim::new();
    let elsewhere = folder_with_clip();
    // Not below the folder for temporary files, to which the programs have access.
    let temporary = tempfile::tempdir().unwrap();
    let secret = elsewhere.path().join("clip.mp4");
    let secret = secret.to_str().unwrap();
    std::fs::write(shim.path().join("list.txt"), format!("file '{secret}'\n")).unwrap();
    let playlist = format!("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:5,\n{secret}\n#EXT-X-ENDLIST\n");
    std::fs::write(shim.path().join("list.m3u8"), playlist).unwrap();
    let ffmpeg = |line: &str| {
        let mut command = shim.program("ffmpeg");
        command.env("TMPDIR", temporary.path()).args(line.split_whitespace()).output().unwrap()
    };
    std::fs::write(elsewhere.path().join("secret.srt"), "1\n00:00:00,000 --> 00:00:01,000\nsecret\n")
        .unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("secret.srt"), shim.path().join("link.srt")).unwrap();
    for (line, error) in [
        ("-f concat -safe 0 -i list.txt -f null -", "No such file or directory"),
        ("-allowed_extensions ALL -extension_picky 0 -i list.m3u8 -f null -", "Failed to open segment 0"),
        ("-i link.srt -f srt -", "No such file or directory"),
    ] {
        let refused = ffmpeg(line);
        assert!(!refused.status.success() && refused.stdout.is_empty(), "{line}");
        assert!(text(&refused.stderr).contains(error), "{}", text(&refused.stderr));
    }
    // A path on the command line is access to its folder.
    let granted = ffmpeg(&format!("-v error -i {secret} -t 0.1 -f null -"));
    assert!(granted.status.success(), "{granted:?}");
    let linked = ffmpeg(&format!("-v error -i {secret} -i link.srt -map 1 -f srt -"));
    assert!(linked.status.success() && text(&linked.stdout).contains("secret"), "{linked:?}");
    let list = ffmpeg(&format!("-v error -i {secret} -f concat -safe 0 -i list.txt -t 0.1 -f null -"));
    assert!(list.status.success(), "{list:?}");
}

#[test]
fn variable_replaces_the_granted_folders() {
    let shim = Shim::new();
    let elsewhere = folder_with_clip();
    let clip = elsewhere.path().join("clip.mp4");
    let read = |folders: &str, clip: &Path| {
        let mut command = shim.program("ffmpeg");
        let command = command.env("AFMPEG_DIRS", folders).args(["-v", "error", "-i"]).arg(clip);
        command.args(["-t", "0.1", "-f", "null", "-"]).output().unwrap().status.code()
    };
    let with = |folders: &str| read(folders, &clip);
    assert_eq!(with("/"), Some(0));
    assert_eq!(with(elsewhere.path().to_str().unwrap()), Some(0));
    let both = format!("{}:{}", shim.path().display(), elsewhere.path().display());
    assert_eq!(with(&both), Some(0));
    assert_eq!(with(shim.path().to_str().unwrap()), Some(254), "as for a missing file");

    // A folder has its path in the list, and the real one.
    std::os::unix::fs::symlink(elsewhere.path(), shim.path().join("link")).unwrap();
    let link = shim.path().join("link");
    assert_eq!(with(link.to_str().unwrap()), Some(0));
    assert_eq!(read(link.to_str().unwrap(), &link.join("clip.mp4")), Some(0));
    assert_eq!(read("./none/../link", &link.join("clip.mp4")), Some(0));
}

#[test]
fn shim_does_not_replace_another_program() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ffmpeg"), "#!/bin/sh\n").unwrap();
    let refused = afmpeg(folder.path(), &["shim", "."]);
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    assert_eq!(std::fs::read(folder.path().join("ffmpeg")).unwrap(), b"#!/bin/sh\n");
    assert!(text(&refused.stderr).contains("ffmpeg: File exists"), "{refused:?}");

    let empty = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        assert!(afmpeg(empty.path(), &["shim", "new"]).status.success());
    }
    assert!(empty.path().join("new/ffprobe").exists());
}

#[test]
fn temporary_files_have_a_folder_even_where_only_folders_in_it_are_visible() {
    let shim = Shim::new();
    let Ok(below) = shim.path().strip_prefix("/tmp") else { return };
    assert!(below.components().count() > 0);
    // The protocol writes what it has read to a file in /tmp, and removes its name.
    let mut command = shim.program("ffmpeg");
    command.env("TMPDIR", shim.path()).args("-v error -i cache:clip.mp4 -f framemd5 -c copy -".split(' '));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(
        output.stdout,
        natively(shim.path(), "-v error -i cache:clip.mp4 -f framemd5 -c copy -").stdout
    );

    let copy =
        ["run", "--dir", shim.path().to_str().unwrap(), "-i", "clip.mp4", "-c", "copy", "/tmp/lost.mp4"];
    let output = afmpeg(shim.path(), &copy);
    let (error, hint) = error_and_hint(&output);
    assert!(error.contains("/tmp/lost.mp4") && hint.contains("--dir /tmp"), "{error}\n{hint}");
    assert!(!Path::new("/tmp/lost.mp4").exists());
}
