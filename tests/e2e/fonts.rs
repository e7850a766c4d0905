//! Text without a font file: fonts that FFmpeg finds in folders.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use afmpeg_engine::ErrorKind;
use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::{
    command_line::binary,
    harness::{FULL_GPL, fixture, full, log_of, module_path, native},
};

/// The options of a frame, and its file. The text has the default size.
const FRAME: &str = "-frames:v 1 -pix_fmt gray -f rawvideo -y";

const DRAWN: &str = "color=s=320x90:d=0.04,drawtext=text=Quick:fontcolor=white:fontsize=48";

const SUBTITLES: &str = "1\n00:00:00,000 --> 00:00:01,000\nQuick\n\n";

/// A filesystem with a font and subtitles.
fn with_font() -> MemFs {
    let fs = MemFs::new();
    fs.create_dir_all("/fonts/deep").unwrap();
    fs.write("/fonts/deep/mono.ttf", fixture("DejaVuSansMono.ttf")).unwrap();
    fs.write("/text.srt", SUBTITLES).unwrap();
    fs
}

fn drawn(fs: &MemFs, graph: &str, folders: &[&str]) -> Vec<u8> {
    let line = format!("-f lavfi -i {graph} {FRAME} /drawn.gray");
    let job = full().runtime.job(fs.clone()).args(line.split_whitespace());
    let job = job.font_folders(folders.iter().copied());
    job.run().unwrap_or_else(|error| panic!("{error}\n{}", log_of(&error)));
    fs.read("/drawn.gray").unwrap().to_vec()
}

/// Returns the picture of native FFmpeg, whose fontconfig has the fonts in `folder` alone.
fn drawn_natively(folder: &Path, graph: &str) -> Vec<u8> {
    let config = folder.join("fonts.conf");
    let folders = format!("<dir>{0}</dir><cachedir>{0}/cache</cachedir>", folder.display());
    std::fs::write(&config, format!("<fontconfig>{folders}</fontconfig>")).unwrap();
    let mut ffmpeg = Command::new(native());
    ffmpeg.current_dir(folder).env("FONTCONFIG_FILE", config).stdin(Stdio::null());
    let line = format!("-v error -f lavfi -i {graph} {FRAME} -");
    let output = ffmpeg.args(line.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Returns the mean difference of two pictures, in levels of 255.
fn difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

#[test]
fn text_has_a_font_of_the_folders() {
    let fs = with_font();
    let by_path = drawn(&fs, &format!("{DRAWN}:fontfile=/fonts/deep/mono.ttf"), &[]);
    let nothing = drawn(&fs, "color=s=320x90:d=0.04", &[]);
    assert!(by_path != nothing);
    assert!(drawn(&fs, DRAWN, &["/none", "/fonts"]) == by_path);
    assert!(drawn(&fs, &format!("{DRAWN}:font=Arial"), &["/fonts"]) == by_path);

    let subtitles = "color=s=320x90:d=0.04,subtitles=/text.srt";
    let by_folder = drawn(&fs, &format!("{subtitles}:fontsdir=/fonts/deep"), &[]);
    assert!(by_folder != nothing);
    assert!(drawn(&fs, subtitles, &["/fonts"]) == by_folder);
}

#[test]
fn text_is_that_of_native_ffmpeg_with_fontconfig() {
    let fs = with_font();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mono.ttf"), fixture("DejaVuSansMono.ttf")).unwrap();
    std::fs::write(folder.path().join("text.srt"), SUBTITLES).unwrap();
    for graph in [
        DRAWN,
        "color=s=320x90:d=0.04,drawtext=text=Quick:fontcolor=white:font=Sans",
        "color=s=320x90:d=0.04,subtitles=text.srt",
    ] {
        let (ours, theirs) = (drawn(&fs, graph, &["/fonts"]), drawn_natively(folder.path(), graph));
        let nothing = vec![ours[0]; ours.len()];
        let (apart, text) = (difference(&ours, &theirs), difference(&theirs, &nothing));
        assert!(text > 0.05 && apart < text / 20.0, "{graph}: {apart} of {text}");
    }
}

/// Returns the font with another family and full name, which have as many letters.
fn renamed(family: &str) -> Vec<u8> {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let (from, to) = (utf16("DejaVu Sans Mono"), utf16(family));
    assert_eq!(from.len(), to.len());
    let mut font = fixture("DejaVuSansMono.ttf").to_vec();
    let places: Vec<usize> = font
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        font[at..at + to.len()].copy_from_slice(&to);
    }
    font
}

#[test]
fn font_is_found_by_its_family() {
    let fs = with_font();
    fs.write("/fonts/other.ttf", renamed("Ancient Letter Z")).unwrap();
    let used = |options: &str| {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let graph = format!("{DRAWN}{options}");
        let line = ["-v", "verbose", "-f", "lavfi", "-i", graph.as_str()];
        let job = full().runtime.job(fs.clone()).args(line).args(FRAME.split(' ')).args(["/drawn.gray"]);
        let job = job.font_folders(["/fonts"]);
        let job = job.on_log(move |record| kept.lock().unwrap().push(record.message.clone()));
        job.run().unwrap();
        let lines = lines.lock().unwrap();
        lines.iter().find_map(|line| Some(line.strip_prefix("Using \"")?.strip_suffix('"')?.to_owned()))
    };
    let mono = Some("/fonts/deep/mono.ttf".to_owned());
    assert_eq!(used(""), mono, "a common text face");
    assert_eq!(used(":font=DejaVu Sans Mono"), mono);
    assert_eq!(used(":font=ancient letter z"), Some("/fonts/other.ttf".to_owned()));
}

#[test]
fn text_without_any_font_is_an_error() {
    let fs = with_font();
    for folders in [&[][..], &["/none"]] {
        let line = format!("-f lavfi -i {DRAWN} {FRAME} /drawn.gray");
        let job = full().runtime.job(fs.clone()).args(line.split_whitespace());
        let error = job.font_folders(folders.iter().copied()).run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("font"), "{error}");
        assert!(error.hint().unwrap().contains("font_folders"), "{:?}", error.hint());
    }
}

#[test]
fn command_has_the_fonts_of_the_system() {
    let home = tempfile::tempdir().unwrap();
    let fonts = home.path().join(".local/share/fonts");
    std::fs::create_dir_all(&fonts).unwrap();
    std::fs::write(fonts.join("mono.ttf"), fixture("DejaVuSansMono.ttf")).unwrap();
    let here = tempfile::tempdir().unwrap();
    let run = |options: &[&str], output: &str| {
        let mut command = Command::new(binary());
        command.current_dir(here.path()).env("AFMPEG_MODULE", module_path(FULL_GPL));
        command.env("HOME", home.path()).env_remove("XDG_DATA_HOME").stdin(Stdio::null());
        let line = format!("-v error -f lavfi -i {DRAWN} {FRAME} {output}");
        command.arg("run").args(options).args(line.split_whitespace()).output().unwrap()
    };
    let drawn = run(&[], "-");
    assert!(drawn.status.success(), "{drawn:?}");
    assert!(drawn.stdout.iter().any(|level| *level > 200), "no text is drawn");
    assert!(!run(&["--no-system-fonts"], "-").status.success());

    let inside = fonts.join("new.gray");
    assert!(!run(&[], inside.to_str().unwrap()).status.success());
    assert!(!inside.exists(), "fonts are read-only");
}
