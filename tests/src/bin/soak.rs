//! Runs many jobs and as many stops, and prints what the process holds: `cargo xtask soak --jobs N` calls it.
#![allow(clippy::print_stdout, reason = "for people at a terminal")]

use std::{error::Error, path::Path, process::ExitCode, time::Instant};

use afmpeg_tests::soak::{Sample, Soak};

/// How often the process is looked at.
const ROWS: usize = 10;

/// How many of the rows are the warming up, in which pools and caches fill.
const WARM_UP: usize = 2;

/// By how much memory may differ between the warm process and the end, in bytes: what an allocator keeps varies.
const TOLERANCE: u64 = 24 << 20;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let jobs: usize = std::env::args().nth(1).ok_or("how many jobs?")?.parse()?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no repository")?;
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
