//! Reads the command line: afmpeg's own options, then FFmpeg's arguments.

use std::{
    ffi::{OsStr, OsString},
    io::{self, IsTerminal as _},
};

use clap::{Args as _, Parser as _, error::ErrorKind};

use crate::{
    failure::Failure,
    options::{Command, Options, RunOptions},
    output,
};

/// Separates the options of `afmpeg run` from FFmpeg's arguments where these do not start with a single dash.
const SEPARATOR: &str = "--";

/// Reads a command line, whose first word is the program.
pub(crate) fn parse(line: &[OsString]) -> Result<Options, clap::Error> {
    // There are no options before the name of the command.
    if line.get(1).is_none_or(|command| command != "run" && command != "submit") {
        return Options::try_parse_from(line);
    }
    let (own, ffmpegs) = split(line);
    let mut options = Options::try_parse_from(own)?;
    let arguments = match &mut options.command {
        Command::Run(run) => &mut run.arguments,
        #[cfg(feature = "fleet")]
        Command::Submit(submit) => &mut submit.arguments,
        _ => return Ok(options),
    };
    arguments.extend_from_slice(ffmpegs);
    if arguments.is_empty() {
        return Err(without_arguments());
    }
    Ok(options)
}

/// Prints an error of the command line, or the help or the version, which clap returns as errors, too.
pub(crate) fn show(error: &clap::Error) -> Result<(), Failure> {
    if error.use_stderr() {
        // The exit code reports the error if nothing can be written there.
        let _ = error.print();
        return Err(Failure::usage_shown());
    }
    if io::stdout().is_terminal() {
        // In colours, unless the environment turns them off.
        let _ = error.print();
    } else {
        output::print(&error.render().to_string())?;
    }
    Ok(())
}

/// Splits a command line before its first argument with a single dash. All behind it is FFmpeg's, even with two dashes.
fn split(line: &[OsString]) -> (&[OsString], &[OsString]) {
    let Some(place) = line.iter().position(|word| word == SEPARATOR || has_single_dash(word)) else {
        return (line, &[]);
    };
    let (own, ffmpegs) = line.split_at(place);
    (own, ffmpegs.strip_prefix(&[SEPARATOR.into()]).unwrap_or(ffmpegs))
}

fn has_single_dash(word: &OsStr) -> bool {
    let word = word.as_encoded_bytes();
    word.starts_with(b"-") && !word.starts_with(b"--")
}

/// Returns whether `afmpeg run` has this option, such as `--timeout`.
pub(crate) fn is_option_of_run(option: &str) -> bool {
    let run = run_command();
    run.get_arguments()
        .any(|argument| argument.get_long().is_some_and(|name| option.strip_prefix("--") == Some(name)))
}

fn run_command() -> clap::Command {
    RunOptions::augment_args(clap::Command::new("run").bin_name("afmpeg run"))
}

fn without_arguments() -> clap::Error {
    run_command().error(
        ErrorKind::MissingRequiredArgument,
        "FFmpeg's arguments are missing: give them at the end, as in `afmpeg run -i clip.mp4 out.mp4`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_run(words: &[&str]) -> Result<RunOptions, String> {
        let line: Vec<OsString> = ["afmpeg", "run"].iter().chain(words).map(OsString::from).collect();
        match parse(&line).map_err(|error| error.to_string())?.command {
            Command::Run(run) => Ok(run),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn first_argument_with_a_single_dash_and_all_behind_it_are_ffmpegs() {
        let cases: [(&[&str], &[&str]); 9] = [
            (&["-i", "clip.mp4", "out.mp4"], &["-i", "clip.mp4", "out.mp4"]),
            (&["--timeout", "9", "-i", "a"], &["-i", "a"]),
            (&["-h"], &["-h"]),
            (&["-hide_banner", "-i", "a"], &["-hide_banner", "-i", "a"]),
            (&["-i", "a", "--timeout", "9"], &["-i", "a", "--timeout", "9"]),
            (&["--tool", "ffprobe", "clip.mp4"], &["clip.mp4"]),
            (&["--tool", "ffprobe", "clip.mp4", "-of", "json"], &["clip.mp4", "-of", "json"]),
            (&["--", "--", "-i", "a"], &["--", "-i", "a"]),
            (&["--timeout=9", "--", "--strange.mp4"], &["--strange.mp4"]),
        ];
        for (line, ffmpegs) in cases {
            assert_eq!(parse_run(line).unwrap().arguments, ffmpegs, "{line:?}");
        }
    }

    #[test]
    fn option_of_the_command_without_its_value_does_not_take_ffmpegs_argument() {
        let error = parse_run(&["--timeout", "-i", "a"]).unwrap_err();
        assert!(error.contains("a value is required for '--timeout <SECONDS>'"), "{error}");
    }

    #[test]
    fn misspelt_option_of_the_command_is_not_passed_to_ffmpeg() {
        let error = parse_run(&["--timout", "3", "-i", "a"]).unwrap_err();
        assert!(error.contains("'--timeout'"), "{error}");
        assert!(parse_run(&["--gpu", "-i", "a"]).unwrap_err().contains("'--gpu'"));
    }

    #[test]
    fn line_without_arguments_of_ffmpeg_shows_an_example() {
        for line in [&[] as &[&str], &["--"], &["--timeout", "9"]] {
            let error = parse_run(line).unwrap_err();
            assert!(error.contains("afmpeg run -i clip.mp4 out.mp4"), "{error}");
            assert!(error.contains("Usage: afmpeg run [OPTIONS] ARGUMENTS..."), "{error}");
        }
    }
}
