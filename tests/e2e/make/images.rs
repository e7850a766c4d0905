//! Recipes that draw images of a whole file.

use super::{command, make, names, refused, result};
use crate::{
    command_line::{error_and_hint, folder_with_clip},
    harness::{LEAN_LGPL, fixture, judge_host_file, module_path},
};

#[test]
fn animated_webp_has_the_size_of_the_clip_in_fewer_bytes_than_a_gif() {
    let folder = folder_with_clip();
    for line in ["webp clip.mp4 --to 2", "gif clip.mp4 --to 2"] {
        make(folder.path(), line);
    }
    // Debian's ffprobe does not read animated WebP: its canvas is in the header.
    let webp = std::fs::read(folder.path().join("clip.webp")).unwrap();
    assert_eq!((&webp[..4], &webp[8..16]), (&b"RIFF"[..], &b"WEBPVP8X"[..]));
    let side = |at: usize| u32::from_le_bytes([webp[at], webp[at + 1], webp[at + 2], 0]) + 1;
    assert_eq!((side(24), side(27)), (480, 270));
    assert_eq!(webp.windows(4).filter(|name| name == b"ANMF").count(), 30, "15 frames per second");
    let gif = std::fs::metadata(folder.path().join("clip.gif")).unwrap().len();
    assert!((webp.len() as u64) < gif, "{} and {gif}", webp.len());
}

#[test]
fn sheet_is_a_grid_of_frames_and_their_times() {
    let folder = folder_with_clip();
    std::fs::write(folder.path().join("font.ttf"), fixture("DejaVuSansMono.ttf")).unwrap();
    make(folder.path(), "sheet clip.mp4 --columns 3 --rows 2 --padding 2");
    let path = folder.path().join("clip-sheet.jpg");
    // Three cells of 240x135 on even numbers, with two pixels between and around them.
    judge_host_file(&path).assert_codec("video", "mjpeg").assert_size(3 * 240 + 8, 2 * 134 + 6);
    make(folder.path(), "sheet clip.mp4 --columns 3 --rows 2 --padding 2 --times font.ttf -o times.png");
    make(folder.path(), "sheet clip.mp4 --columns 3 --rows 2 --padding 2 -o plain.png");
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert_ne!(bytes("times.png"), bytes("plain.png"), "the times are drawn");
}

#[test]
fn sprites_are_sheets_with_the_times_of_their_frames() {
    let folder = folder_with_clip();
    let made = result(folder.path(), "sprites clip.mp4 --columns 2 --rows 2 --width 160");
    let sprites = folder.path().join("clip-sprites");
    // Six frames, one for each second that begins.
    assert_eq!(names(&sprites), ["sprites.vtt", "sprites_001.jpg", "sprites_002.jpg"]);
    judge_host_file(&sprites.join("sprites_001.jpg")).assert_size(320, 180);
    let vtt = std::fs::read_to_string(sprites.join("sprites.vtt")).unwrap();
    assert!(vtt.starts_with("WEBVTT\n") && vtt.contains("sprites_002.jpg#xywh=160,0,160,90"), "{vtt}");
    assert_eq!(made["outputs"].as_array().unwrap().len(), 3, "{made}");

    let (error, hint) = refused(folder.path(), "sprites clip.mp4");
    assert!(error.contains("not empty") && hint.contains("--overwrite"), "{error}: {hint}");
    make(folder.path(), "sprites clip.mp4 --overwrite");
    assert_eq!(names(&sprites), ["sprites.vtt", "sprites_001.jpg", "sprites_002.jpg"], "the old one stays");
}

#[test]
fn waveform_and_spectrum_are_images_of_the_requested_size() {
    let folder = folder_with_clip();
    for recipe in ["waveform", "spectrum"] {
        make(folder.path(), &format!("{recipe} clip.mp4 --width 320 --height 80"));
        let path = folder.path().join(format!("clip-{recipe}.png"));
        judge_host_file(&path).assert_codec("video", "png").assert_size(320, 80).assert_frames(1);
    }
}

#[test]
fn recipe_that_the_module_lacks_is_refused_before_it_starts() {
    let folder = folder_with_clip();
    let lean = |line: &str| {
        let mut lean = command(folder.path(), line, &[]);
        lean.env("AFMPEG_MODULE", module_path(LEAN_LGPL)).output().unwrap()
    };
    let (error, hint) = error_and_hint(&lean("waveform clip.mp4"));
    assert!(error.contains("the module has no filter \"showwavespic\""), "{error}");
    assert_eq!(hint, "use the full profile of the module, which has it");
    assert_eq!(names(folder.path()), ["clip.mp4"]);

    // It encodes H.264 with OpenH264.
    let output = lean("trim clip.mp4 --to 1 --exact");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let judged = judge_host_file(&folder.path().join("clip-trimmed.mp4"));
    judged.assert_codec("video", "h264").assert_size(1280, 720).assert_frames(25);
}
