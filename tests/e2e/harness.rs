//! The modules under test, real media in memory, and an independent reader of the outputs.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use afmpeg_engine::{Output, Runtime};
use afmpeg_vfs::{MemFs, Vfs, VfsExt as _};
use serde_json::Value;

/// The real clip: H.264 1280x720 at 25 fps, 132 frames, 5.28 s; AAC 5.1 at 48 kHz.
pub(crate) const CLIP: &str = "bigbuckbunny.mp4";
pub(crate) const CLIP_FRAMES: u64 = 132;
pub(crate) const CLIP_SECONDS: f64 = 5.28;
/// The duration of one frame of the clip in seconds, the tolerance for durations.
pub(crate) const FRAME: f64 = 0.04;

/// Returns a native FFmpeg of the module's version, to compare with.
pub(crate) fn native() -> PathBuf {
    std::env::var_os("AFMPEG_NATIVE")
        .expect("AFMPEG_NATIVE names a native ffmpeg 9.0.2; `cargo xtask test` sets it")
        .into()
}

/// Writes a file in a folder by native FFmpeg; spaces separate the arguments.
#[track_caller]
pub(crate) fn write_natively(folder: &Path, name: &str, arguments: &str) {
    let mut ffmpeg = Command::new(native());
    let made = ffmpeg.current_dir(folder).args(["-v", "error"]).args(arguments.split(' ')).arg(name);
    let made = made.output().unwrap();
    assert!(made.status.success(), "{name}: {made:?}");
}

/// Runs FFmpeg in the full module and natively without assembly, and compares the bytes on their standard outputs. The
/// arguments need no files.
pub(crate) fn assert_same_as_native_without_assembly(arguments: &[&str]) {
    let theirs = Command::new(native()).args(["-cpuflags", "0"]).args(arguments).output().unwrap();
    assert!(theirs.status.success() && !theirs.stdout.is_empty(), "{arguments:?}: {theirs:?}");
    let ours = full().runtime.job(memory_with(&[])).args(arguments.iter().copied()).run().unwrap();
    assert_eq!(ours.stdout(), theirs.stdout, "{arguments:?}");
}

/// Whether to test every case of a large table instead of a sample, as `.ci/slow` does.
pub(crate) fn has_every_case() -> bool {
    std::env::var_os("AFMPEG_EVERY_CASE").is_some()
}

/// Returns the folder of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = repository().join("fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A module under test, with its variant and runtime.
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    /// An encoder of H.264, with options that make it fast.
    pub(crate) h264_encoder: &'static str,
    pub(crate) full: bool,
    pub(crate) runtime: Runtime,
}

pub(crate) const FULL_GPL: &str = "full-gpl";
pub(crate) const LEAN_LGPL: &str = "lean-lgpl";

pub(crate) fn module_path(name: &str) -> PathBuf {
    repository().join("target").join("wasm").join(format!("ffmpeg-{name}.wasm"))
}

pub(crate) fn runtime(name: &str) -> Runtime {
    Runtime::builder()
        .module(module_path(name))
        .build()
        .unwrap_or_else(|error| panic!("{error} (run `cargo xtask test`)"))
}

/// Returns the path of a small C program from `wasm-build/guests`.
pub(crate) fn guest_path(name: &str) -> PathBuf {
    repository().join("target/wasm/guests").join(format!("{name}.wasm"))
}

pub(crate) fn guest(name: &str) -> Runtime {
    Runtime::builder()
        .module(guest_path(name))
        .build()
        .unwrap_or_else(|error| panic!("{error} (run `cargo xtask test`)"))
}

/// Replaces text in an artifact's label, which precedes its length (8 bytes) and the magic (16 bytes) at the end.
#[track_caller]
pub(crate) fn relabelled(artifact: &[u8], from: &str, to: &str) -> Vec<u8> {
    let (rest, magic) = artifact.split_at(artifact.len() - 16);
    let (rest, length) = rest.split_at(rest.len() - 8);
    let length = u64::from_le_bytes(length.try_into().unwrap());
    let (code, label) = rest.split_at(rest.len() - usize::try_from(length).unwrap());
    let label = std::str::from_utf8(label).unwrap();
    assert!(label.contains(from), "no {from} in {label}");
    let label = label.replacen(from, to, 1);
    [code, label.as_bytes(), &(label.len() as u64).to_le_bytes(), magic].concat()
}

pub(crate) fn full() -> Variant {
    Variant {
        name: FULL_GPL,
        h264_encoder: "libx264 -preset ultrafast",
        full: true,
        runtime: runtime(FULL_GPL),
    }
}

pub(crate) fn lean() -> Variant {
    Variant { name: LEAN_LGPL, h264_encoder: "libopenh264", full: false, runtime: runtime(LEAN_LGPL) }
}

/// Returns the largest and the smallest module: the full profile with GPL code, and the lean one without.
pub(crate) fn variants() -> [Variant; 2] {
    [full(), lean()]
}

impl Variant {
    /// Runs a command line, which is split at whitespace, without quoting.
    #[track_caller]
    pub(crate) fn ffmpeg(&self, fs: &MemFs, command: &str) -> Output {
        self.ffmpeg_args(fs, &command.split_whitespace().collect::<Vec<_>>())
    }

    #[track_caller]
    pub(crate) fn ffmpeg_args(&self, fs: &MemFs, args: &[&str]) -> Output {
        self.ffmpeg_args_on(fs.clone(), args)
    }

    #[track_caller]
    pub(crate) fn ffmpeg_args_on(&self, fs: impl Vfs, args: &[&str]) -> Output {
        match self.runtime.run(fs, args.iter().copied()) {
            Ok(output) => output,
            Err(error) => panic!("{}: ffmpeg {}: {error}\n{}", self.name, args.join(" "), log_of(&error)),
        }
    }
}

/// Returns the tool's log from an error.
pub(crate) fn log_of(error: &afmpeg_engine::Error) -> String {
    match error {
        afmpeg_engine::Error::Exit(exit) => exit.log().join("\n"),
        afmpeg_engine::Error::Trap(trap) => {
            format!("{}\n{}", trap.backtrace().join("\n"), trap.log().join("\n"))
        }
        afmpeg_engine::Error::Filesystem { log, .. } => log.join("\n"),
        _ => String::new(),
    }
}

/// Returns a filesystem in memory with these fixtures at its root.
pub(crate) fn memory_with(fixtures: &[&str]) -> MemFs {
    let fs = MemFs::new();
    for name in fixtures {
        fs.write(format!("/{name}"), fixture(name)).unwrap();
    }
    fs
}

/// The output of the host's ffprobe, Debian's, for a file in memory.
pub(crate) struct Judged {
    pub(crate) json: Value,
}

/// Reads a file in memory with the host's ffprobe, which decodes and counts every frame.
#[track_caller]
pub(crate) fn judge(fs: &dyn Vfs, path: &str) -> Judged {
    let name = path.rsplit('/').next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, fs.read(path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap();
    judge_host_file(&file)
}

#[track_caller]
pub(crate) fn judge_host_file(file: &Path) -> Judged {
    let output = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-count_frames",
            "-show_format",
            "-show_streams",
            "-show_chapters",
            "-of",
            "json",
        ])
        .arg(file)
        .output()
        .expect("ffprobe of Debian's package ffmpeg, which `cargo xtask test` installs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ffprobe {}: {errors}", file.display());
    assert_eq!(errors, "", "ffprobe reports errors in {}", file.display());
    Judged { json: serde_json::from_slice(&output.stdout).unwrap() }
}

impl Judged {
    /// Returns the first stream of a kind: `video` or `audio`.
    #[track_caller]
    pub(crate) fn stream(&self, kind: &str) -> &Value {
        self.streams()
            .iter()
            .find(|stream| stream["codec_type"] == kind)
            .unwrap_or_else(|| panic!("no {kind} stream in {}", self.json))
    }

    pub(crate) fn streams(&self) -> &[Value] {
        self.json["streams"].as_array().map_or(&[], Vec::as_slice)
    }

    #[track_caller]
    pub(crate) fn assert_codec(&self, kind: &str, codec: &str) -> &Self {
        assert_eq!(self.stream(kind)["codec_name"], codec, "{kind} codec");
        self
    }

    #[track_caller]
    pub(crate) fn assert_size(&self, width: u64, height: u64) -> &Self {
        let video = self.stream("video");
        assert_eq!((&video["width"], &video["height"]), (&width.into(), &height.into()), "size");
        self
    }

    /// Checks the number of decoded video frames.
    #[track_caller]
    pub(crate) fn assert_frames(&self, frames: u64) -> &Self {
        assert_eq!(self.stream("video")["nb_read_frames"], frames.to_string(), "decoded frames");
        self
    }

    #[track_caller]
    pub(crate) fn duration(&self) -> f64 {
        self.json["format"]["duration"].as_str().and_then(|text| text.parse().ok()).expect("a duration")
    }

    #[track_caller]
    pub(crate) fn assert_duration(&self, seconds: f64, tolerance: f64) -> &Self {
        let duration = self.duration();
        // Timestamps are printed in microseconds: allow for rounding of the last one.
        assert!((duration - seconds).abs() <= tolerance + 1e-6, "duration {duration}, expected {seconds}");
        self
    }
}

/// Returns whether an MP4 has its index before its media, as with faststart.
pub(crate) fn index_is_first(mp4: &[u8]) -> bool {
    let mut boxes = Vec::new();
    let mut offset = 0;
    while let Some(header) = mp4.get(offset..offset + 8) {
        let size = u32::from_be_bytes(header[..4].try_into().unwrap()) as usize;
        boxes.push(header[4..].to_vec());
        offset += if size >= 8 { size } else { break };
    }
    let position = |name: &[u8]| boxes.iter().position(|found| found == name);
    position(b"moov").expect("a moov box") < position(b"mdat").expect("an mdat box")
}
