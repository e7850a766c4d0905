//! Runs every codec with threads on many numbers of processors: `cargo xtask threads` calls it.
#![allow(clippy::print_stdout, reason = "for people at a terminal")]

use std::{error::Error, path::Path, process::ExitCode};

use afmpeg_tests::threads::{self, Judge};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let words: Vec<String> = arguments.by_ref().collect();
    let native = std::env::var_os("AFMPEG_NATIVE").ok_or("name a native ffmpeg 9.0.2 in AFMPEG_NATIVE")?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no repository")?;
    let judge = Judge::load(repository, native.into())?;
    let mut trials = threads::all();
    // Every word is part of the description of those that are tried.
    trials.retain(|trial| words.iter().all(|word| trial.to_string().contains(word)));
    let mut failed = 0;
    for trial in &trials {
        match judge.compare(*trial) {
            Ok(()) => println!("ok      {trial}"),
            Err(error) => {
                failed += 1;
                println!("FAILED  {trial}: {error}");
            }
        }
    }
    println!("{} of {} failed", failed, trials.len());
    Ok(if failed == 0 && !trials.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
