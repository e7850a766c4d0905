//! Builds the module, runs the demo and the tests: `cargo xtask --help`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people at a terminal")]

mod audit;
mod backends;
mod bench;
mod codegen;
mod command;
mod debian;
mod demo;
mod failure;
mod fate;
mod native;
mod progress;
mod project;
mod soak;
mod suite;
mod threads;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{failure::Failure, wasm::ModuleName};

/// Builds the module, runs the demo and the tests.
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build FFmpeg for WebAssembly, into target/wasm
    BuildWasm {
        #[command(flatten)]
        module: ModuleName,
        /// Build even if the cache has the result
        #[arg(long)]
        no_cache: bool,
        /// Build twice in two different folders, and fail unless the results are equal
        #[arg(long)]
        verify_reproducible: bool,
    },
    /// Compile the C programs that the tests run in the engine, into target/wasm/guests
    Guests,
    /// Write what afmpeg-cmd knows of filters, from what the fullest module says of itself
    Codegen(codegen::Choices),
    /// Build what is missing, then render a handful of jobs in memory and show what came out
    Demo,
    /// Build what is missing, then run every test
    Test,
    /// Run many jobs and as many stops in one process, and see that nothing of them stays
    Soak {
        /// How many of each
        #[arg(long, default_value_t = 1000)]
        jobs: usize,
        /// Read N damaged files instead, after those that are crafted, and see how that ends
        #[arg(long, value_name = "N", conflicts_with = "jobs")]
        hostile: Option<u64>,
        /// Read N random texts back through filter graphs instead
        #[arg(long, value_name = "N", conflicts_with_all = ["jobs", "hostile"])]
        escapes: Option<usize>,
        /// Which of endlessly many damaged files, or of the seeds of texts, is the first
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        first: u64,
    },
    /// Compile every source of the fullest module, and report functions that are called as if they had another type
    AuditCalls {
        /// Only these parts of it: x264, ffmpeg...
        parts: Vec<String>,
    },
    /// Run every codec with threads on 1 to 64 processors, and compare its frames
    Threads {
        /// Words of the descriptions of what is tried: an encoder, a size... By default, all of it
        words: Vec<String>,
    },
    /// Run the same jobs on code by Cranelift and by LLVM, and compare what they make, byte by byte
    Backends,
    /// Run FFmpeg's own test suite, FATE, on our runtime: all that needs no sample files, or the tests that are named
    Fate(fate::Selection),
    /// Measure, as ratios of one run
    Bench {
        /// What
        #[arg(default_value = "codecs")]
        subject: bench::Subject,
    },
}

fn main() -> ExitCode {
    let done = match Options::parse().task {
        Task::BuildWasm { module, verify_reproducible: true, .. } => wasm::verify_reproducible(module),
        Task::BuildWasm { module, no_cache, .. } => wasm::build(module, !no_cache).map(drop),
        Task::Guests => wasm::guests::build(),
        Task::Codegen(choices) => codegen::run(&choices),
        Task::Demo => demo::run(),
        Task::Test => suite::run(),
        Task::Soak { hostile: Some(count), first, .. } => soak::hostile(count, first),
        Task::Soak { escapes: Some(count), first, .. } => soak::escapes(count, first),
        Task::Soak { jobs, .. } => soak::run(jobs),
        Task::AuditCalls { parts } => audit::run(&parts),
        Task::Threads { words } => threads::run(&words),
        Task::Backends => backends::run(),
        Task::Fate(selection) => fate::run(&selection),
        Task::Bench { subject } => subject.measure(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            if let Some(failure) = error.downcast_ref::<Failure>() {
                eprintln!("hint: {}", failure.hint);
            }
            ExitCode::FAILURE
        }
    }
}
