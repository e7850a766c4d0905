//! Text over a video.

use std::{path::Path, process::Command};

use super::{command, make, refused};
use crate::{
    command_line::error_and_hint,
    harness::{fixture, judge_host_file, native},
};

const WIDTH: usize = 320;
const HEIGHT: usize = 180;

/// Returns a folder with a black film of two seconds, and a font.
fn folder_with_black_film() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("font.ttf"), fixture("DejaVuSansMono.ttf")).unwrap();
    let graph = format!("color=black:s={WIDTH}x{HEIGHT}:r=10:d=2");
    let made = Command::new(native())
        .args(["-v", "error", "-f", "lavfi", "-i", &graph, "-f", "lavfi", "-i", "sine=d=2"])
        .args(["-c:v", "libx264", "-c:a", "aac", "film.mp4"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    folder
}

/// Returns the frames of a film in RGB, by native FFmpeg.
#[track_caller]
fn frames(file: &Path) -> Vec<Vec<u8>> {
    let output = Command::new(native())
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-map", "0:v", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout.chunks(WIDTH * HEIGHT * 3).map(<[u8]>::to_vec).collect()
}

/// Returns the pixel at a place, in red, green and blue.
fn pixel(frame: &[u8], x: usize, y: usize) -> [u8; 3] {
    let at = (y * WIDTH + x) * 3;
    [frame[at], frame[at + 1], frame[at + 2]]
}

/// Returns the lines and columns with a pixel that a test accepts.
fn lit(frame: &[u8], is_lit: impl Fn([u8; 3]) -> bool) -> (Vec<usize>, Vec<usize>) {
    let lines = (0..HEIGHT).filter(|y| (0..WIDTH).any(|x| is_lit(pixel(frame, x, *y))));
    let columns = (0..WIDTH).filter(|x| (0..HEIGHT).any(|y| is_lit(pixel(frame, *x, y))));
    (lines.collect(), columns.collect())
}

fn is_white([red, green, blue]: [u8; 3]) -> bool {
    red.min(green).min(blue) > 160
}

#[test]
fn text_is_wrapped_inside_the_picture_between_its_times() {
    let folder = folder_with_black_film();
    let words = ["--text", "A caption: it's %{pts} of many words, 100% wrapped"];
    let line = "text film.mp4 --from 0.5 --to 1.5 --size 24 --margin 10 --font-file font.ttf";
    let output = command(folder.path(), line, &words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = folder.path().join("film-text.mp4");
    judge_host_file(&path).assert_codec("video", "h264").assert_codec("audio", "aac").assert_frames(20);

    let frames = frames(&path);
    let shown: Vec<usize> = (0..20).filter(|number| !lit(&frames[*number], is_white).0.is_empty()).collect();
    assert_eq!(shown, (5..15).collect::<Vec<_>>());
    let (lines, columns) = lit(&frames[10], is_white);
    let (left, right) = (columns[0], columns[columns.len() - 1]);
    assert!(left >= 10 && right < WIDTH - 10, "from {left} to {right}");
    assert!((left + right).abs_diff(WIDTH) < 20, "centered: from {left} to {right}");
    assert!(lines[0] > HEIGHT / 3 && lines[lines.len() - 1] < HEIGHT - 8, "{lines:?}");
    // Letters of 24 pixels are about 18 high.
    assert!(lines.len() > 2 * 18, "several lines of text: {lines:?}");
}

#[test]
fn style_and_any_option_of_the_filter_apply() {
    let folder = folder_with_black_film();
    let font = "--font-file font.ttf --text Hi --size 32";
    let style = "--color red --box blue --padding 8 --position top-left --margin 20";
    make(folder.path(), &format!("text film.mp4 {font} {style} -o box.mp4"));
    let shown = frames(&folder.path().join("box.mp4")).swap_remove(0);
    let is_blue = |[red, _, blue]: [u8; 3]| blue > 128 && red < 100;
    let (lines, columns) = lit(&shown, is_blue);
    assert!(lines[0].abs_diff(20) <= 2 && columns[0].abs_diff(20) <= 2, "{} {}", lines[0], columns[0]);
    let (_, letters) = lit(&shown, |[red, _, blue]| red > 128 && blue < 100);
    assert!(letters[0] >= columns[0] + 6, "the padding: {} after {}", letters[0], columns[0]);

    make(folder.path(), &format!("text film.mp4 {font} --option alpha=0 --option y=0 -o clear.mp4"));
    assert_eq!(lit(&frames(&folder.path().join("clear.mp4"))[0], is_white).0, [0; 0]);

    let (error, _) = refused(folder.path(), &format!("text film.mp4 {font} --option shadwx=2"));
    assert!(error.contains("shadwx"), "{error}");
    let (error, hint) = refused(folder.path(), &format!("text film.mp4 {font} --from 3"));
    assert!(error.contains("--from 3") && hint.contains("before 2"), "{error}: {hint}");
}

#[test]
fn text_has_a_font_of_the_system() {
    let folder = folder_with_black_film();
    let fonts = folder.path().join("home/.local/share/fonts");
    std::fs::create_dir_all(&fonts).unwrap();
    std::fs::rename(folder.path().join("font.ttf"), fonts.join("font.ttf")).unwrap();
    let mut text =
        command(folder.path(), "text film.mp4", &["--text", "- Hello", "--font", "DejaVu Sans Mono"]);
    // The compiled module is in the cache of the real home.
    let cache = std::env::var_os("XDG_CACHE_HOME").unwrap_or_else(|| {
        std::env::home_dir().expect("the user has a home").join(".cache").into_os_string()
    });
    text.env("HOME", folder.path().join("home")).env("XDG_CACHE_HOME", cache).env_remove("XDG_DATA_HOME");
    let output = text.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let frames = frames(&folder.path().join("film-text.mp4"));
    assert!(!lit(&frames[19], is_white).0.is_empty(), "no text was drawn");

    let (error, _) =
        error_and_hint(&command(folder.path(), "text film.mp4 -o a.mp4", &["--text", ""]).output().unwrap());
    assert!(error.contains("text") && error.contains("at least one character"), "{error}");
}
