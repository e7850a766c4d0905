//! The same work in native FFmpeg and in the module, as whole processes.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    command, native, project,
    wasm::{self, ModuleName},
};

/// The number of runs, of which the best counts.
const ROUNDS: usize = 3;

struct Case {
    name: &'static str,
    args: &'static [&'static str],
}

/// The clip is 5.3 s of 1280x720. It is read four times, so that start-up time matters little.
const CLIP: &[&str] = &["-stream_loop", "3", "-i", "bigbuckbunny.mp4"];

const CASES: &[Case] = &[
    Case { name: "decode H.264 720p", args: &["-an"] },
    Case { name: "decode + scale to 360p", args: &["-an", "-vf", "scale=640:-2"] },
    Case { name: "transcode to x264 ultrafast", args: &["-an", "-c:v", "libx264", "-preset", "ultrafast"] },
    Case { name: "transcode to x264 veryfast", args: &["-an", "-c:v", "libx264", "-preset", "veryfast"] },
    Case { name: "transcode to x264 medium", args: &["-an", "-c:v", "libx264", "-preset", "medium"] },
    Case { name: "transcode to x265 ultrafast", args: &["-an", "-c:v", "libx265", "-preset", "ultrafast"] },
    Case {
        name: "decode + draw text",
        args: &[
            "-an",
            "-vf",
            r"drawtext=fontfile=DejaVuSansMono.ttf:fontsize=64:text='%{pts\:hms} of a film'",
        ],
    },
    Case { name: "AAC encode, 5.1", args: &["-vn", "-c:a", "aac"] },
];

pub(super) fn run() -> anyhow::Result<()> {
    let native = native::ffmpeg()?;
    let module = wasm::build(ModuleName::FULL_GPL, true)?;
    command::build_workspace()?;
    let afmpeg = project::target().join("debug/afmpeg");

    println!("{:<30} {:>9} {:>9} {:>7}", "work on all cores", "native", "afmpeg", "ratio");
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
    // One extra run to fill the caches.
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
