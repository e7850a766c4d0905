//! The cost of starting, stopping and running jobs side by side, apart from FFmpeg's own work. Prints a line of JSON for
//! each figure; `cargo xtask bench engine` prints them with their targets.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints its results and may panic"
)]

use std::{
    io::{self, Read as _},
    num::NonZero,
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use afmpeg_engine::{CancelToken, Job, Runtime};
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn runtime(path: &str) -> Runtime {
    let module = format!("{REPOSITORY}/target/wasm/{path}.wasm");
    Runtime::builder().module(module).build().unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the median of `times` measurements.
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

/// Measures the time from the start of a process, with a cached artifact, to its guest's first byte of output.
fn first_output() -> Duration {
    let program = format!("{REPOSITORY}/target/debug/afmpeg");
    let module = format!("{REPOSITORY}/target/wasm/ffmpeg-full-gpl.wasm");
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(["run", "--module", &module, "-version"])
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

/// Measures the time in which a guest starts a thread and waits for its end: the same for each of many.
fn thread(stress: &Runtime) -> Duration {
    const THREADS: u32 = 500;
    let run = |threads: u32| timed(stress.job(MemFs::new()).args(["threads", &threads.to_string()]));
    run(THREADS).saturating_sub(run(0)) / THREADS
}

/// Measures the time from a cancel to the end of a job with four computing threads.
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

/// Encodes raw video in one thread, so that a job uses at most one core.
const ENCODE: [&str; 13] = [
    "-nostdin",
    "-threads",
    "1",
    "-filter_threads",
    "1",
    "-i",
    "in.y4m",
    "-c:v",
    "libx264",
    "-threads",
    "1",
    "-y",
    "out.mp4",
];

/// Measures two jobs in parallel as a fraction of the same two in sequence. Returns the median of rounds that alternate
/// between them, since the speed of a virtual machine's cores varies over time.
fn parallel_to_sequential<J>(start: impl Fn(usize) -> J, finish: impl Fn(J)) -> f64 {
    let mut ratios: Vec<f64> = (0..7)
        .map(|_| {
            let started = Instant::now();
            let jobs = [0, 1].map(&start);
            jobs.into_iter().for_each(&finish);
            let both = started.elapsed();
            (0..2).for_each(|job| finish(start(job)));
            both.as_secs_f64() / (started.elapsed() - both).as_secs_f64()
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

fn side_by_side(ffmpeg: &Runtime) {
    let native = std::env::var_os("AFMPEG_NATIVE").expect("AFMPEG_NATIVE names a native ffmpeg 9.0.2");
    let folders = [0, 1].map(|_| tempfile::tempdir().unwrap());
    let clip = format!("{REPOSITORY}/fixtures/bigbuckbunny.mp4");
    for folder in &folders {
        let status = Command::new(&native)
            .current_dir(folder.path())
            .args([
                "-v",
                "error",
                "-nostdin",
                "-i",
                &clip,
                "-vf",
                "scale=640:-2",
                "-frames:v",
                "100",
                "in.y4m",
            ])
            .status();
        assert!(status.unwrap().success());
    }
    let input = Bytes::from(std::fs::read(folders[0].path().join("in.y4m")).unwrap());

    let ours = parallel_to_sequential(
        |_| {
            let fs = MemFs::new();
            fs.write("/in.y4m", input.clone()).unwrap();
            ffmpeg.job(fs).args(ENCODE).processors(NonZero::<usize>::MIN).spawn().unwrap()
        },
        |job| drop(job.wait().unwrap()),
    );
    report("parallel", ours);
    let theirs = parallel_to_sequential(
        |job| {
            let mut command = Command::new(&native);
            command.current_dir(folders[job].path()).args(["-v", "error"]).args(ENCODE).spawn().unwrap()
        },
        |mut child| assert!(child.wait().unwrap().success()),
    );
    report("parallel native", theirs);
}

fn main() {
    let ffmpeg = runtime("ffmpeg-full-gpl").with_slots(NonZero::new(2).unwrap());
    let waster = runtime("guests/limits");

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

    let stress = runtime("guests/stress");
    report("thread", milliseconds(median(7, || thread(&stress))));

    stop(&waster);
    report("stop", milliseconds(median(50, || stop(&waster))));

    side_by_side(&ffmpeg);
}
