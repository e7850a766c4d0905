//! `afmpeg completions` and `afmpeg man`: texts from the definition of the command line.

use clap::CommandFactory as _;

use crate::{
    failure::Failure,
    options::{CompletionsOptions, ManOptions, Options},
    output,
};

/// Prints the completions for a shell.
pub(crate) fn completions(options: &CompletionsOptions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Options::command(), "afmpeg", &mut script);
    output::print_bytes(&script).map(drop)
}

/// Writes the manual pages to a folder.
pub(crate) fn man(options: &ManOptions) -> Result<(), Failure> {
    let folder = &options.folder;
    let write = || {
        std::fs::create_dir_all(folder)?;
        clap_mangen::generate_to(Options::command(), folder)
    };
    write().map_err(|error| {
        Failure::filesystem(
            format!("cannot write manual pages to {}: {error}", folder.display()),
            "choose a folder that can be written",
        )
    })
}
