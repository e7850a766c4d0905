//! Runs many jobs and as many stops, and prints the memory and threads of the process, for `cargo xtask soak --jobs N`.
#![allow(clippy::print_stdout, reason = "prints a report")]

use std::{error::Error, path::Path, process::ExitCode, time::Instant};

use afmpeg_tests::soak::{Sample, Soak};

/// Samples of the process after the first.
const ROWS: usize = 10;

/// Rows of warming up, in which pools and caches fill.
const WARM_UP: usize = 2;

/// Allowed growth of the warm process's memory, in bytes: allocators vary in how much freed memory they keep.
const TOLERANCE: u64 = 24 << 20;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let jobs: usize = std::env::args().nth(1).ok_or("missing argument: the number of jobs")?.parse()?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("repository not found")?;
    let soak = Soak::load(repository)?;
    let started = Instant::now();
    println!("{:>7} {:>7} {:>9} {:>9} {:>8}", "jobs", "stops", "seconds", "memory", "threads");
    let mut samples = Vec::new();
    for row in 0..=ROWS {
        let sample = Sample::take();
        samples.push(sample);
        let done = jobs * row / ROWS;
        let seconds = started.elapsed().as_secs();
        println!("{done:>7} {done:>7} {seconds:>9} {:>5} MiB {:>8}", sample.memory >> 20, sample.threads);
        for number in done..jobs * (row + 1) / ROWS {
            if row < ROWS {
                soak.job();
                soak.stop(number);
            }
        }
    }
    let (warm, last) = (samples[WARM_UP], samples[ROWS]);
    let grown = last.memory.saturating_sub(warm.memory);
    let is_flat = grown <= TOLERANCE && last.threads <= warm.threads;
    println!(
        "{}: {} KiB and {} threads more than after {} jobs",
        if is_flat { "flat" } else { "NOT FLAT" },
        grown >> 10,
        last.threads.saturating_sub(warm.threads),
        jobs * WARM_UP / ROWS,
    );
    Ok(if is_flat { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
