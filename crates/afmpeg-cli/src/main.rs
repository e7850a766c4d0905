//! The `afmpeg` command: FFmpeg in a sandbox, without FFmpeg installed.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the command is what speaks to people")]

mod capabilities;
mod failure;
mod folders;
mod module;
mod options;
mod output;
mod probe;
mod run;

use std::process::ExitCode;

use clap::Parser as _;

use crate::options::{Command, Options};

fn main() -> ExitCode {
    let options = Options::parse();
    let result = match options.command {
        Command::Run(run) => run::run(&run),
        Command::Probe(probe) => probe::probe(&probe),
        Command::Capabilities(options) => capabilities::capabilities(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            failure.exit_code()
        }
    }
}
