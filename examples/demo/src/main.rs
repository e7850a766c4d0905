//! Renders a handful of unrelated jobs and a reel, from memory to memory, and prints a table of the outputs.
//!
//! Uses only the public API of the crates. `cargo xtask demo` builds the module and runs this program.

#![allow(clippy::print_stdout, reason = "a demonstration prints its results")]

mod jobs;
mod report;

use std::{fs, path::PathBuf};

use afmpeg_engine::{Probe, Runtime};
use afmpeg_vfs::{MemFs, VfsExt as _};
use anyhow::Context as _;
use clap::Parser;

use crate::{
    jobs::Job,
    report::{Bar, Row},
};

/// Render the demonstration.
#[derive(Debug, Parser)]
struct Options {
    /// The FFmpeg module, of the gpl variant
    #[arg(long)]
    module: PathBuf,
    /// The folder of media to read
    #[arg(long)]
    fixtures: PathBuf,
    /// The folder to write the results to, at the end
    #[arg(long)]
    out: PathBuf,
}

/// The fixtures that the jobs read.
const INPUTS: &[&str] = &["bigbuckbunny.mp4", "complete.oga", "alarm-clock-elapsed.oga"];

fn main() -> anyhow::Result<()> {
    let options = Options::parse();

    let memory = MemFs::new();
    for name in INPUTS {
        let path = options.fixtures.join(name);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        memory.write(format!("/{name}"), bytes)?;
    }

    let bar = Bar::new(jobs::seconds_of_output());
    bar.message("loading the module (the first time, compiling it)");
    let runtime = Runtime::builder().module(&options.module).build()?;

    let mut rows = Vec::new();
    for job in jobs::all() {
        rows.push(render(&runtime, &memory, &bar, &job).with_context(|| format!("the job '{}'", job.name))?);
    }
    bar.finish();
    report::print_table(&rows);

    fs::create_dir_all(&options.out)?;
    for name in jobs::all().iter().map(|job| job.output) {
        fs::write(options.out.join(name), memory.read(format!("/{name}"))?)?;
    }
    println!("\nNothing above touched the disk. The results are now in {}.", options.out.display());
    println!("{} shows them at a glance.", options.out.join(jobs::CONTACT_SHEET).display());
    Ok(())
}

fn render(runtime: &Runtime, memory: &MemFs, bar: &Bar, job: &Job) -> anyhow::Result<Row> {
    bar.start(job);
    let progress = bar.clone();
    for (path, text) in &job.texts {
        memory.write(path, text.clone())?;
    }
    let done = runtime
        .job(memory.clone())
        .args(["-nostdin", "-hide_banner", "-progress", "pipe:1"])
        .args(job.args.iter().cloned())
        .stdout(move |bytes| {
            progress.read(bytes);
            Ok(())
        })
        .run()?;
    bar.end(job);

    let probe: Probe = runtime.probe(memory.clone(), job.output)?;
    let bytes = memory.read(format!("/{}", job.output))?.len();
    Ok(Row::new(job, &probe, bytes, done.elapsed()))
}
