//! Renders a handful of unrelated jobs and a reel, from memory to memory, and prints a table of the outputs.
//!
//! Uses only the public API of the crate `afmpeg`. `cargo xtask demo` builds the module and runs this program.

#![allow(clippy::print_stdout, reason = "a demonstration prints its results")]

mod jobs;
mod report;

use std::{fs, path::PathBuf};

use afmpeg::{MemFs, Runtime, RuntimeExt as _, VfsExt as _, cmd::Codec};
use anyhow::Context as _;
use clap::Parser;

use crate::{
    jobs::Step,
    report::{Bar, Row},
};

/// Render the demonstration.
#[derive(Debug, Parser)]
struct Options {
    /// The FFmpeg module
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

    memory.write(format!("/{}", jobs::CONCAT_LIST), jobs::list()?)?;

    let mut bar = Bar::new();
    let compiling = bar.clone();
    let runtime = Runtime::builder().module(&options.module);
    let runtime = runtime.compile_progress(move |part| compiling.compiling(part)).build()?;
    // The variants of the module have different encoders.
    let has_x264 = runtime.capabilities()?.encoder("libx264").is_some();
    let h264 = if has_x264 {
        Codec::new("libx264").opt("preset", "veryfast")
    } else {
        Codec::new("libopenh264").opt("b", 3_000_000)
    };

    let steps = jobs::all(&h264)?;
    bar.begin(&steps);
    let mut rows = Vec::new();
    for step in &steps {
        rows.push(
            render(&runtime, &memory, &mut bar, step).with_context(|| format!("the job '{}'", step.name))?,
        );
    }
    bar.finish();
    report::print_table(&rows);

    fs::create_dir_all(&options.out)?;
    for name in steps.iter().map(|step| step.output) {
        fs::write(options.out.join(name), memory.read(format!("/{name}"))?)?;
    }
    println!("\nNothing above touched the disk. The results are now in {}.", options.out.display());
    println!("{} shows them at a glance.", options.out.join(jobs::CONTACT_SHEET).display());
    Ok(())
}

fn render(runtime: &Runtime, memory: &MemFs, bar: &mut Bar, step: &Step) -> anyhow::Result<Row> {
    bar.start(step);
    let prepared = runtime.prepare(memory.clone(), &step.command).probe()?;
    prepared.check()?;
    let job = prepared.job().spawn()?;
    for progress in job.progress() {
        bar.show(step, &progress);
    }
    let done = job.wait()?;
    bar.end(step);

    let probe = runtime.probe(memory.clone(), step.output)?;
    let bytes = memory.read(format!("/{}", step.output))?.len();
    Ok(Row::new(step, &probe, bytes, done.elapsed()))
}
