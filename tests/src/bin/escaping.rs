//! Reads many random texts back through filter graphs: `cargo xtask soak --escapes N` calls it.
#![allow(clippy::print_stdout, reason = "for people at a terminal")]

use std::{error::Error, path::Path, process::ExitCode};

use afmpeg_engine::Runtime;
use afmpeg_tests::escaping::lost;

/// How many texts are between two lines about them.
const STEP: usize = 10_000;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().ok_or("how many texts?")?.parse()?;
    let seed: u64 = arguments.next().ok_or("which seed?")?.parse()?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no repository")?;
    let runtime = Runtime::builder().module(repository.join("target/wasm/ffmpeg-full-gpl.wasm")).build()?;
    let mut done = 0;
    while done < count {
        let step = STEP.min(count - done);
        // Each step has a seed of its own, which brings it back alone.
        let seed = seed + (done / STEP) as u64;
        let lost = lost(&runtime, seed, step)?;
        if let Some(first) = lost.first() {
            println!("{} of {step} texts of the seed {seed} were lost; {first}", lost.len());
            return Ok(ExitCode::FAILURE);
        }
        done += step;
        println!("{done} texts came back as they were");
    }
    Ok(ExitCode::SUCCESS)
}
