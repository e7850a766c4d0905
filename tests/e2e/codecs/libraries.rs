//! The versions of the encoders' libraries, in the module and in native FFmpeg.

use afmpeg_vfs::{MemFs, VfsExt as _};
use regex::Regex;

use super::source::{Raw, on_host, words};
use crate::harness::{full, native, repository};

/// FFmpeg itself, whose own encoders need no library.
pub(super) const FFMPEG: &str = "ffmpeg";

/// The version that an encoder writes to its stream or to the log.
pub(super) struct Stated {
    /// An encoding that states it.
    raw: Raw,
    options: &'static str,
    /// A regular expression for the version.
    pattern: &'static str,
    /// The version of the library in the module.
    pub(super) ours: &'static str,
    /// The version of the library in native FFmpeg.
    pub(super) theirs: &'static str,
}

/// A library with encoders.
pub(super) struct Library {
    /// The name in `versions.lock`.
    pub(super) name: &'static str,
    encoders: &'static [&'static str],
    /// `None` if the encoders do not state their version.
    pub(super) stated: Option<Stated>,
}

const fn library(name: &'static str, encoders: &'static [&'static str]) -> Library {
    Library { name, encoders, stated: None }
}

impl Library {
    const fn stated(
        self,
        raw: Raw,
        options: &'static str,
        pattern: &'static str,
        ours: &'static str,
        theirs: &'static str,
    ) -> Self {
        Self { stated: Some(Stated { raw, options, pattern, ours, theirs }), ..self }
    }
}

const PICTURES: Raw = Raw::Pictures("yuv420p");
const SOUND: Raw = Raw::Sound("f32le");

const LIBRARIES: &[Library] = &[
    library("x264", &["libx264", "libx264rgb"]).stated(
        PICTURES,
        "-c:v libx264 -preset ultrafast -f h264",
        r"x264 - core (\d+)",
        "164",
        "165",
    ),
    library("x265", &["libx265"]).stated(
        PICTURES,
        "-c:v libx265 -preset ultrafast -f hevc",
        r"x265 \(build \d+\) - ([^:]+):",
        "4.1+1-1d117be",
        "4.3+49-020d7054",
    ),
    library("svt-av1", &["libsvtav1"]).stated(
        PICTURES,
        "-c:v libsvtav1 -preset 12 -f ivf",
        r"SVT-AV1 Encoder Lib v(\S+)",
        "2.3.0",
        "4.2.0-151-g5ed9ffbcb",
    ),
    library("libvpx", &["libvpx", "libvpx-vp9"]).stated(
        PICTURES,
        "-c:v libvpx -cpu-used 8 -deadline realtime -f ivf",
        r"\[libvpx @ \w+\] v(\S+)",
        "1.17.0",
        "1.17.0",
    ),
    library("openh264", &["libopenh264"]),
    library("libwebp", &["libwebp", "libwebp_anim"]),
    library("opus", &["libopus"]),
    library("lame", &["libmp3lame"]).stated(SOUND, "-c:a libmp3lame -f mp3", r"LAME([\d.]+)", "3.100", "4.1"),
    library("libvorbis", &["libvorbis"]).stated(
        SOUND,
        "-c:a libvorbis -f matroska",
        r"Xiph.Org libVorbis I (\d+)",
        "20200704",
        "20200704",
    ),
];

/// Returns the library of an encoder; `None` for one of FFmpeg's own.
pub(super) fn of_encoder(encoder: &str) -> Option<&'static Library> {
    LIBRARIES.iter().find(|library| library.encoders.contains(&encoder))
}

/// Returns the version that `versions.lock` pins.
pub(super) fn pinned(name: &str) -> String {
    let lock = std::fs::read_to_string(repository().join("wasm-build/versions.lock")).unwrap();
    let lock: toml::Table = lock.parse().unwrap();
    lock["source"][name]["version"].as_str().unwrap().to_owned()
}

impl Stated {
    /// Returns the version in a log and a stream.
    fn find(&self, log: &str, stream: &[u8]) -> Option<String> {
        let text = format!("{log}\n{}", String::from_utf8_lossy(stream));
        Some(Regex::new(self.pattern).unwrap().captures(&text)?[1].to_owned())
    }

    /// Returns the versions that the module and native FFmpeg state.
    fn versions(&self) -> [Option<String>; 2] {
        let source = self.raw.source(2);
        let line = |path: &str, output: &str| {
            format!("-v verbose -y {} -i {path} {} {output}", self.raw.input(), self.options)
        };
        let fs = MemFs::new();
        fs.write("/raw", source.clone()).unwrap();
        let log = full().ffmpeg(&fs, &line("raw", "out")).log().to_owned();
        let ours = self.find(&log, &fs.read("/out").unwrap());
        let theirs = on_host("raw", &source, |path| {
            let output = format!("{path}.out");
            let ran =
                std::process::Command::new(native()).args(words(&line(path, &output))).output().unwrap();
            self.find(&String::from_utf8_lossy(&ran.stderr), &std::fs::read(output).unwrap())
        });
        [ours, theirs]
    }
}

#[test]
fn encoders_state_the_versions_of_the_document() {
    for library in LIBRARIES {
        let Some(stated) = &library.stated else { continue };
        let expected = [stated.ours, stated.theirs].map(|version| Some(version.to_owned()));
        assert_eq!(stated.versions(), expected, "{}", library.name);
    }
}
