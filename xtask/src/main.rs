//! Builds the module, runs the demo and the tests: `cargo xtask --help`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

mod audit;
mod backends;
mod bench;
mod checkasm;
mod clients;
mod codegen;
mod command;
mod debian;
mod demo;
mod dist;
mod failure;
mod fate;
mod fleet;
mod guide;
mod native;
mod nats;
mod pip;
mod profile;
mod progress;
mod project;
mod soak;
mod suite;
mod threads;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    failure::Failure,
    wasm::{ModuleName, Variant},
};

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
    /// Build every module, and print its size, its licence and the cost of each library
    Modules(wasm::ModuleChoices),
    /// Compile the programs in C and C++ that the tests run in the engine, into target/wasm/guests
    Guests,
    /// Generate the typed filters and encoders of afmpeg-cmd from the capabilities of the fullest module
    Codegen(codegen::Choices),
    /// Build the module if needed, render a handful of jobs in memory, and print the results
    Demo,
    /// Build the modules if needed, and run every test
    Test,
    /// Render the guide with mdBook, which is compiled the first time, into target/guide
    Guide,
    /// Run many jobs and as many stops in one process, and check that it leaks nothing
    Soak {
        /// Number of jobs and of stops
        #[arg(long, default_value_t = 1000)]
        jobs: usize,
        /// Instead, read crafted files and N damaged ones, and check the outcomes
        #[arg(long, value_name = "N", conflicts_with = "jobs")]
        hostile: Option<u64>,
        /// Instead, read N random texts back through filter graphs
        #[arg(long, value_name = "N", conflicts_with_all = ["jobs", "hostile"])]
        escapes: Option<usize>,
        /// Number of the first damaged file, or first seed of the texts
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        first: u64,
    },
    /// Run a fleet on this machine: encode a film in chunks on two workers, and kill one of them on the way
    Fleet(fleet::Choices),
    /// Compile every source of the fullest module, and report calls of functions with mismatched types
    AuditCalls {
        /// Parts of the module: x264, ffmpeg... Default: all
        parts: Vec<String>,
    },
    /// Run every codec with threads on 1 to 64 processors, and compare its frames
    Threads {
        /// Words in the descriptions of the trials to run: an encoder, a size... Default: all
        words: Vec<String>,
    },
    /// Run the same jobs on code from Cranelift and from LLVM, and compare the outputs byte by byte
    Backends,
    /// Run FFmpeg's own test suite, FATE, on our runtime: all tests without sample files, or the named ones
    Fate {
        /// The licence of the full module that is tested
        #[arg(long, value_enum, default_value_t = Variant::Gpl)]
        variant: Variant,
        #[command(flatten)]
        selection: fate::Selection,
    },
    /// Compare SIMD kernels with the C functions that they replace, on random inputs
    Checkasm(checkasm::Seeds),
    /// Run the tests of programs that run FFmpeg on native FFmpeg and on the programs of `afmpeg shim`, and compare
    Clients(clients::Choices),
    /// Run a job under perf, and show the functions of the module in which it spends its time
    Profile(profile::Choices),
    /// Make a release: modules, compiled for known machines, their sources, the command, and a signed index
    Dist(dist::Choices),
    /// Try a release as its users do: in an empty home, from a server on this machine
    TryRelease(dist::trial::Choices),
    /// Run benchmarks, mostly as ratios from one run
    #[command(subcommand)]
    Bench(bench::Subject),
}

fn main() -> ExitCode {
    let done = match Options::parse().task {
        Task::BuildWasm { module, verify_reproducible: true, .. } => wasm::verify_reproducible(module),
        Task::BuildWasm { module, no_cache, .. } => wasm::build(module, !no_cache).map(drop),
        Task::Modules(choices) => wasm::modules(choices),
        Task::Guests => wasm::guests::build(),
        Task::Codegen(choices) => codegen::run(&choices),
        Task::Demo => demo::run(),
        Task::Test => suite::run(),
        Task::Guide => guide::run(),
        Task::Soak { hostile: Some(count), first, .. } => soak::hostile(count, first),
        Task::Soak { escapes: Some(count), first, .. } => soak::escapes(count, first),
        Task::Soak { jobs, .. } => soak::run(jobs),
        Task::Fleet(choices) => fleet::run(&choices),
        Task::AuditCalls { parts } => audit::run(&parts),
        Task::Threads { words } => threads::run(&words),
        Task::Backends => backends::run(),
        Task::Fate { variant, selection } => fate::run(variant, &selection),
        Task::Checkasm(seeds) => checkasm::run(seeds),
        Task::Clients(choices) => clients::run(&choices),
        Task::Profile(choices) => profile::run(&choices),
        Task::Dist(choices) => dist::run(&choices),
        Task::TryRelease(choices) => dist::trial::run(&choices),
        Task::Bench(subject) => subject.measure(),
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
