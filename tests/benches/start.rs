//! What starting costs beside FFmpeg's own work, in one process: loading the compiled module from the cache, and a job
//! that does next to nothing. `cargo xtask bench start` prints both, and what they should be.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and may fail where it is"
)]

use std::time::{Duration, Instant};

use afmpeg_engine::{CodeOrigin, Runtime};
use afmpeg_vfs::MemFs;

const MODULE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/wasm/ffmpeg-full-gpl.wasm");

/// How often each is done; the median counts.
const ROUNDS: usize = 101;

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed()
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

fn main() {
    let load = || Runtime::builder().module(MODULE).build().unwrap_or_else(|error| panic!("{error}"));
    // The first compiles, and the second verifies what that has left.
    drop(load());
    let runtime = load();
    assert_eq!(runtime.code_origin(), CodeOrigin::Cache);
    let loading = median(|| drop(load()));
    let job = median(|| drop(runtime.job(MemFs::new()).args(["-version"]).run().unwrap()));
    println!("{} {}", loading.as_secs_f64() * 1e3, job.as_secs_f64() * 1e3);
}
