//! Runs every codec with threads on several numbers of processors, for `cargo xtask threads`.
#![allow(clippy::print_stdout, reason = "prints a report")]

use std::{error::Error, path::Path, process::ExitCode};

use afmpeg_tests::threads::{self, Judge};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let words: Vec<String> = arguments.by_ref().collect();
    let native = std::env::var_os("AFMPEG_NATIVE").ok_or("set AFMPEG_NATIVE to a native ffmpeg 9.0.2")?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("repository not found")?;
    let judge = Judge::load(repository, native.into())?;
    let mut trials = threads::all();
    // Keep the trials whose description contains every word.
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
    println!("{failed} of {} failed", trials.len());
    Ok(if failed == 0 && !trials.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
