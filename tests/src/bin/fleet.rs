//! Runs a fleet on this machine, for `cargo xtask fleet`.
#![allow(clippy::print_stdout, reason = "prints a report")]

use std::{error::Error, path::Path};

use afmpeg_tests::fleet::{self, Chaos, Fixtures};

/// The numbers of jobs and of chunks under faults.
const CHAOS: (usize, u64) = (200, 60);

fn main() -> Result<(), Box<dyn Error>> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("repository not found")?;
    let fixtures = Fixtures::of(repository)?;
    let mut args = std::env::args().skip(1);
    let task = args.next().ok_or("missing argument: demo, scale or chaos")?;
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &*task {
        "demo" => threads.block_on(fleet::demo(&fixtures, &repository.join("target/fleet.mp4"))),
        "scale" => threads.block_on(fleet::scale(&fixtures)),
        "chaos" => {
            let seed = args.next().ok_or("missing argument: the seed")?.parse()?;
            let chaos = Chaos { seed, jobs: CHAOS.0, chunks: CHAOS.1 };
            println!("{}", threads.block_on(chaos.run(&fixtures))?);
            Ok(())
        }
        task => Err(format!("unknown argument: {task}").into()),
    }
}
