//! Encoders at each of their speeds, which run code of their own.

use std::fmt::Display;

use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{
    quality::picture_quality,
    source::{natively, on_host},
};
use crate::harness::full;

const SIZE: (usize, usize) = (128, 96);
/// The least quality of a frame, in decibels: a damaged one is far below.
const LEAST: f64 = 26.0;

/// Encodes moving pictures at each speed, and compares each frame that native FFmpeg decodes with its source.
fn check<S: Display>(encoder: &str, speeds: impl IntoIterator<Item = S>) {
    let (width, height) = SIZE;
    // More than two groups of 16 pictures, in which an encoder for random access orders them, and two changes of scene.
    let source = natively(&format!(
        "-f lavfi -i testsrc2=s={width}x{height}:r=25,hue=h=floor(2*t)*90 -frames:v 40 -pix_fmt yuv420p -f rawvideo pipe:"
    ));
    let (module, fs) = (full(), MemFs::new());
    fs.write("/source.yuv", source.clone()).unwrap();
    for speed in speeds {
        module.ffmpeg(
            &fs,
            &format!(
                "-f rawvideo -s {width}x{height} -r 25 -i source.yuv {encoder} {speed} -f nut encoded.nut -y"
            ),
        );
        let decoded = on_host("encoded.nut", &fs.read("/encoded.nut").unwrap(), |path| {
            natively(&format!("-xerror -i {path} -fps_mode passthrough -pix_fmt yuv420p -f rawvideo pipe:"))
        });
        let frame = width * height * 3 / 2;
        assert_eq!(decoded.len() / frame, source.len() / frame, "frames of {encoder} {speed}");
        for (index, (source, decoded)) in source.chunks(frame).zip(decoded.chunks(frame)).enumerate() {
            let quality = picture_quality(source, decoded, "yuv420p");
            assert!(quality > LEAST, "frame {index} of {encoder} {speed}: {quality:.1} dB");
        }
    }
}

#[test]
fn frames_of_each_preset_of_av1_are_decoded() {
    check("-c:v libsvtav1 -crf 30 -preset", 0..=13);
}

#[test]
fn frames_of_each_speed_of_vp8_and_vp9_are_decoded() {
    check("-c:v libvpx -b:v 1M -deadline good -cpu-used", 0..=5);
    check("-c:v libvpx -b:v 1M -deadline realtime -cpu-used", [-16, -8, -4, 4, 8, 16]);
    check("-c:v libvpx-vp9 -b:v 0 -crf 25 -deadline good -cpu-used", 0..=5);
    check("-c:v libvpx-vp9 -b:v 1M -deadline realtime -cpu-used", 0..=8);
}

#[test]
fn frames_of_each_preset_of_x264_and_x265_are_decoded() {
    let presets = [
        "ultrafast",
        "superfast",
        "veryfast",
        "faster",
        "fast",
        "medium",
        "slow",
        "slower",
        "veryslow",
        "placebo",
    ];
    check("-c:v libx264 -preset", presets);
    check("-c:v libx265 -preset", presets);
}
