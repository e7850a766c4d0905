//! The pictures and the sound that every encoder gets, and native FFmpeg.

use std::process::Command;

use crate::harness::{CLIP, native, repository};

/// The size and the number of the pictures, which are of the clip.
pub(super) const SIZE: (usize, usize) = (320, 180);
pub(super) const FRAMES: usize = 10;

/// The sampling rate and the number of channels of the sound, which is of the clip.
pub(super) const RATE: usize = 48_000;
pub(super) const CHANNELS: usize = 2;
pub(super) const SECONDS: usize = 5;

/// Joins the brightness of the pictures to them as their alpha.
const WITH_ALPHA: &str = "split[a][b];[a]format=yuva444p[a];[b]format=gray[b];[a][b]alphamerge";

pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
}

/// Runs native FFmpeg, and returns its standard output.
#[track_caller]
pub(crate) fn natively(line: &str) -> Vec<u8> {
    let output = Command::new(native()).args(["-v", "error"]).args(words(line)).output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    output.stdout
}

/// Writes bytes to a file of the host and calls `use_path` with its path.
pub(crate) fn on_host<T>(name: &str, bytes: &[u8], use_path: impl FnOnce(&str) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    use_path(file.to_str().unwrap())
}

/// Returns the path of the clip on the host.
pub(super) fn clip() -> String {
    repository().join("fixtures").join(CLIP).to_str().unwrap().to_owned()
}

/// The form of raw pictures or samples.
#[derive(Clone, Copy)]
pub(super) enum Raw {
    /// Pictures with a pixel format.
    Pictures(&'static str),
    /// Samples with a format, which is the name of a muxer.
    Sound(&'static str),
}

impl Raw {
    /// Returns the source in this form, with a number of pictures.
    pub(super) fn source(self, pictures: usize) -> Vec<u8> {
        match self {
            Self::Pictures(format) => {
                let (width, height) = SIZE;
                // No other formats of the cases have this letter.
                let alpha = if format.contains('a') { WITH_ALPHA } else { "null" };
                natively(&format!(
                    "-ss 1 -i {} -an -frames:v {pictures} \
                     -filter_complex scale={width}:{height},{alpha},format={format} -f rawvideo pipe:",
                    clip()
                ))
            }
            Self::Sound(format) => natively(&format!(
                "-i {} -vn -t {SECONDS} -ac {CHANNELS} -ar {RATE} -f {format} pipe:",
                clip()
            )),
        }
    }

    /// Returns the options with which the source is read.
    pub(super) fn input(self) -> String {
        match self {
            Self::Pictures(format) => {
                format!("-f rawvideo -s {}x{} -r 25 -pix_fmt {format}", SIZE.0, SIZE.1)
            }
            Self::Sound(format) => format!("-f {format} -ar {RATE} -ac {CHANNELS}"),
        }
    }

    /// Returns the options with which a file is decoded to this form.
    pub(super) fn output(self) -> String {
        match self {
            // Animated WebP joins equal pictures.
            Self::Pictures(format) => format!("-pix_fmt {format} -fps_mode cfr -r 25 -f rawvideo"),
            Self::Sound(format) => format!("-ar {RATE} -ac {CHANNELS} -f {format}"),
        }
    }

    /// Returns the letter of the kind of stream in options.
    pub(super) fn kind(self) -> char {
        match self {
            Self::Pictures(_) => 'v',
            Self::Sound(_) => 'a',
        }
    }
}
