//! The standard output of the `afmpeg` command: output that cannot be written is an error.

use std::{
    io,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::{
    command_line::{binary, error_and_hint, folder_with_clip},
    harness::{LEAN_LGPL, module_path},
};

/// Runs a command line in bash, in which `afmpeg` is the command.
fn shell(folder: &Path, line: &str) -> Output {
    Command::new("bash")
        .args(["-c", &format!("afmpeg() {{ \"$AFMPEG\" \"$@\"; }}; {line}")])
        .current_dir(folder)
        .env("AFMPEG", binary())
        .env("AFMPEG_MODULE", module_path(LEAN_LGPL))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Command lines that print.
const PRINTING: &[&str] = &[
    "afmpeg capabilities",
    "afmpeg capabilities --json filters",
    "afmpeg probe clip.mp4",
    "afmpeg probe --json clip.mp4 clip.mp4",
    "afmpeg module info",
    "afmpeg --version",
    "afmpeg run --help",
];

/// Line of FFmpeg that writes a sound to its standard output.
const SOUND: &str = "afmpeg run -v error -i clip.mp4 -f wav -";

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let folder = folder_with_clip();
    // Closed, full, and open for reading only.
    for redirection in [">&-", ">/dev/full", "1</dev/null"] {
        for line in PRINTING {
            let output = shell(folder.path(), &format!("{line} {redirection}"));
            assert_eq!(output.status.code(), Some(4), "{line} {redirection}: {output:?}");
            let (error, hint) = error_and_hint(&output);
            assert!(error.starts_with("cannot write to the standard output: "), "{error}");
            assert!(hint.contains("open for writing"), "{hint}");
        }
        let output = shell(folder.path(), &format!("{SOUND} {redirection}"));
        assert_eq!(output.status.code(), Some(4), "{redirection}: {output:?}");
        let (error, hint) = error_and_hint(&output);
        assert!(error.starts_with("cannot write /dev/stdout: "), "{error}");
        assert!(hint.contains("open for writing"), "{hint}");
    }
}

#[test]
fn output_may_be_discarded_and_an_unused_one_may_be_closed() {
    let folder = folder_with_clip();
    for line in PRINTING {
        // Python's `subprocess.DEVNULL` is open for reading, too.
        for redirection in [">/dev/null", "1<>/dev/null"] {
            let output = shell(folder.path(), &format!("{line} {redirection}"));
            assert!(output.status.success() && output.stderr.is_empty(), "{line} {redirection}: {output:?}");
        }
    }
    let output = shell(folder.path(), "afmpeg run -v error -i clip.mp4 -c copy out.mkv >&-");
    assert!(output.status.success(), "{output:?}");
    assert!(folder.path().join("out.mkv").exists());
}

#[test]
fn closed_pipe_ends_a_command_without_an_error() {
    let folder = folder_with_clip();
    let run = |line: &str| {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        Command::new(binary())
            .args(line.split_whitespace().skip(1))
            .current_dir(folder.path())
            .env("AFMPEG_MODULE", module_path(LEAN_LGPL))
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap()
    };
    for line in PRINTING {
        let output = run(line);
        assert!(output.status.success() && output.stderr.is_empty(), "{line}: {output:?}");
    }
    // The error of an earlier file counts, and later files are not read.
    let output = run("afmpeg probe missing.mp4 clip.mp4 later.mp4");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(error_and_hint(&output).0.contains("missing.mp4"), "{output:?}");
}

#[test]
fn exit_code_does_not_depend_on_the_standard_error() {
    let folder = folder_with_clip();
    for redirection in ["2>&-", "2>/dev/full"] {
        let output = shell(folder.path(), &format!("afmpeg probe missing.mp4 clip.mp4 {redirection}"));
        assert_eq!(output.status.code(), Some(4), "{redirection}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("clip.mp4"), "{output:?}");
    }
}
