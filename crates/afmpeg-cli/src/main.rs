//! The `afmpeg` command: runs FFmpeg in a sandbox. FFmpeg need not be installed.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command prints its results")]

mod arguments;
mod bar;
mod bench;
mod capabilities;
mod cause;
mod compile;
mod completions;
mod failure;
#[cfg(feature = "fleet")]
mod fleet;
mod folders;
#[cfg(unix)]
mod handed;
mod info;
mod installed;
mod interrupt;
mod invocation;
mod job_result;
mod log_colors;
mod make;
mod media_file;
mod module;
mod module_option;
mod options;
mod output;
mod probe;
mod report;
mod run;
mod shim;
mod stderr;
mod stdin;
mod system_fonts;
mod terminal;
mod tool_name;
mod urls;
mod usage;

use std::{env, ffi::OsString, process::ExitCode};

use crate::{
    failure::Failure,
    options::{Command, ModuleCommand, Options},
};

fn main() -> ExitCode {
    let line: Vec<OsString> = env::args_os().collect();
    let result = match line.first().and_then(|program| shim::tool_of(program)) {
        Some(tool) => shim::run(tool, &line[1..]),
        None => usage::parse(&line).map_or_else(|error| usage::show(&error), |options| execute(&options)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.code())
        }
    }
}

fn execute(options: &Options) -> Result<(), Failure> {
    match &options.command {
        Command::Run(run) => run::run(run),
        Command::Probe(probe) => probe::probe(probe),
        Command::Make(options) => make::make(options),
        Command::Report(options) => report::report(options),
        Command::Bench(options) => bench::bench(options),
        Command::Capabilities(options) => capabilities::capabilities(options),
        Command::Module(ModuleCommand::Compile(compile)) => compile::compile(compile),
        Command::Module(ModuleCommand::Info(info)) => info::info(info),
        Command::Module(ModuleCommand::Targets) => compile::targets(),
        Command::Module(ModuleCommand::Install(options)) => installed::install(options),
        Command::Module(ModuleCommand::List(options)) => installed::list(options),
        Command::Module(ModuleCommand::Verify(options)) => installed::verify(options),
        Command::Module(ModuleCommand::Remove(options)) => installed::remove(options),
        #[cfg(feature = "fleet")]
        Command::Worker(options) => fleet::worker(options),
        #[cfg(feature = "fleet")]
        Command::Submit(options) => fleet::submit(options),
        #[cfg(feature = "fleet")]
        Command::Film(options) => fleet::film(options),
        #[cfg(feature = "fleet")]
        Command::Jobs(options) => fleet::jobs(options),
        Command::Shim(options) => shim::create(options),
        Command::Completions(options) => completions::completions(options),
        Command::Man(options) => completions::man(options),
    }
}
