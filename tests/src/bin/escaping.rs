//! Reads many random texts back through filter graphs, for `cargo xtask soak --escapes N`.
#![allow(clippy::print_stdout, reason = "prints a report")]

use std::{error::Error, path::Path, process::ExitCode};

use afmpeg_engine::Runtime;
use afmpeg_tests::escaping::changed;

/// Texts per line of the report.
const STEP: usize = 10_000;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().ok_or("missing argument: the number of texts")?.parse()?;
    let seed: u64 = arguments.next().ok_or("missing argument: the seed")?.parse()?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("repository not found")?;
    let runtime = Runtime::builder().module(repository.join("target/wasm/ffmpeg-full-gpl.wasm")).build()?;
    let mut done = 0;
    while done < count {
        let step = STEP.min(count - done);
        // A seed per step, so that a failed step can be repeated alone.
        let seed = seed + (done / STEP) as u64;
        let changed = changed(&runtime, seed, step)?;
        if let Some(first) = changed.first() {
            println!("{} of {step} texts from seed {seed} changed; {first}", changed.len());
            return Ok(ExitCode::FAILURE);
        }
        done += step;
        println!("{done} texts unchanged");
    }
    Ok(ExitCode::SUCCESS)
}
