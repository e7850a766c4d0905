//! Reads hostile and damaged media and prints the outcomes, for `cargo xtask soak --hostile N`.
#![allow(clippy::print_stdout, reason = "prints a report")]

use std::{error::Error, path::Path, process::ExitCode, time::Instant};

use afmpeg_engine::Runtime;
use afmpeg_tests::{
    hostile::{Corpus, Report},
    soak::Sample,
};

/// Samples of the process during the damaged files.
const ROWS: u64 = 10;

/// Allowed growth of the warm process's memory, in bytes: allocators vary in how much freed memory they keep.
const TOLERANCE: u64 = 48 << 20;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().ok_or("missing argument: the number of damaged files")?.parse()?;
    let first: u64 = arguments.next().map_or(Ok(0), |first| first.parse())?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("repository not found")?;
    let runtime = Runtime::builder().module(repository.join("target/wasm/ffmpeg-full-gpl.wasm")).build()?;
    let corpus = Corpus::make(&runtime, repository)?;
    let started = Instant::now();
    let mut all = Report::default();
    let mut samples = Vec::new();
    println!("{:>7} {:>9} {:>9} {:>8}", "runs", "seconds", "memory", "threads");
    let mut row = |all: &Report| {
        let sample = Sample::take();
        samples.push(sample);
        let seconds = started.elapsed().as_secs();
        println!("{:>7} {seconds:>9} {:>5} MiB {:>8}", all.runs(), sample.memory >> 20, sample.threads);
    };
    all.merge(Report::of(&runtime, corpus.crafted().iter().cloned()));
    row(&all);
    let truncations = corpus.truncations();
    let step = truncations.len().div_ceil(usize::try_from(count)?.max(1)).max(1);
    all.merge(Report::of(&runtime, truncations.into_iter().step_by(step)));
    row(&all);
    for part in 0..ROWS {
        let numbers = first + count * part / ROWS..first + count * (part + 1) / ROWS;
        all.merge(Report::of(&runtime, numbers.map(|number| corpus.damaged(number))));
        row(&all);
    }
    print!("{all}");
    for (ending, example) in &all.examples {
        println!("first {ending}: {example}");
    }
    for surprise in &all.surprises {
        println!("SURPRISE {surprise}");
    }
    let (warm, last) = (samples[2], samples[samples.len() - 1]);
    let grown = last.memory.saturating_sub(warm.memory);
    let is_flat = grown <= TOLERANCE && last.threads <= warm.threads;
    println!("{}: {} KiB more than after warming up", if is_flat { "flat" } else { "NOT FLAT" }, grown >> 10);
    Ok(if is_flat && all.surprises.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
