//! What it costs to start, to stop and to run side by side, beside FFmpeg's own work. `cargo xtask bench engine` prints
//! it with what it should be; this prints a line of JSON for each figure.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench is for people at a terminal"
)]

use std::{
    io::{self, Read as _},
    num::NonZero,
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use afmpeg_engine::{CancelToken, Job, Limits, Runtime};
use afmpeg_vfs::{MemFs, VfsExt as _};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn runtime(path: &str) -> Runtime {
    let module = format!("{REPOSITORY}/target/wasm/{path}.wasm");
    Runtime::builder().module(module).build().unwrap_or_else(|error| panic!("{error}"))
}

/// The median of so many measurements.
fn median(times: usize, mut measure: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<Duration> = (0..times).map(|_| measure()).collect();
    all.sort();
    all[all.len() / 2]
}

fn report(name: &str, value: f64) {
    println!("{}", serde_json::json!({ "name": name, "value": value }));
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// From the start of a process, whose artifact is cached, to the first byte that its guest prints.
fn first_output() -> Duration {
    let program = format!("{REPOSITORY}/target/debug/afmpeg");
    let module = format!("{REPOSITORY}/target/wasm/ffmpeg-full-gpl.wasm");
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(["run", "--module", &module, "--", "-version"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut first = [0];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    let elapsed = started.elapsed();
    child.wait_with_output().unwrap();
    elapsed
}

fn timed(job: Job) -> Duration {
    let started = Instant::now();
    job.run().unwrap();
    started.elapsed()
}

/// From the cancel to the end of a job of four threads that compute.
fn stop(waster: &Runtime) -> Duration {
    let cancel = CancelToken::new();
    let (sender, started) = mpsc::channel();
    let job =
        waster.job(MemFs::new()).args(["threads", "spin", "call", "spin", "call"]).cancel_token(&cancel);
    let job = job.stdout(move |_| sender.send(()).map_err(io::Error::other)).spawn().unwrap();
    started.recv().unwrap();
    let since = Instant::now();
    cancel.cancel();
    job.wait().unwrap_err();
    since.elapsed()
}

fn encode(ffmpeg: &Runtime, clip: &[u8]) -> Job {
    let fs = MemFs::new();
    fs.write("/in.mp4", clip.to_vec()).unwrap();
    let command = "-nostdin -threads 1 -i in.mp4 -an -filter_threads 1 -c:v libx264 -preset veryfast -threads 1 out.mp4";
    ffmpeg.job(fs).args(command.split(' ')).processors(NonZero::<usize>::MIN).limits(Limits::default())
}

fn main() {
    let ffmpeg = runtime("ffmpeg-full-gpl").with_slots(NonZero::new(2).unwrap());
    let waster = runtime("guests/limits");
    let clip = std::fs::read(format!("{REPOSITORY}/fixtures/bigbuckbunny.mp4")).unwrap();

    first_output();
    report("start", milliseconds(median(15, first_output)));

    let load = || {
        let started = Instant::now();
        drop(runtime("ffmpeg-full-gpl"));
        started.elapsed()
    };
    report("load", milliseconds(median(50, load)));

    let nothing = || timed(waster.job(MemFs::new()).args(["nothing"]));
    nothing();
    report("job", milliseconds(median(50, nothing)));

    let version = || timed(ffmpeg.job(MemFs::new()).args(["-version"]));
    version();
    report("version", milliseconds(median(50, version)));

    stop(&waster);
    report("stop", milliseconds(median(50, || stop(&waster))));

    let both = median(3, || {
        let started = Instant::now();
        let jobs = [(); 2].map(|()| encode(&ffmpeg, &clip).spawn().unwrap());
        jobs.into_iter().for_each(|job| drop(job.wait().unwrap()));
        started.elapsed()
    });
    let in_turn = median(3, || {
        let started = Instant::now();
        (0..2).for_each(|_| drop(encode(&ffmpeg, &clip).run().unwrap()));
        started.elapsed()
    });
    report("two at once", both.as_secs_f64() / in_turn.as_secs_f64());
}
