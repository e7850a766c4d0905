//! Errors of the command line, with tips for FFmpeg's arguments.

use std::{
    ffi::{OsStr, OsString},
    io::{self, IsTerminal as _},
};

use clap::{
    CommandFactory as _, Parser as _,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{failure::Failure, options::Options, output};

/// Separates the options of the command from FFmpeg's arguments.
const SEPARATOR: &str = "--";

/// Reads a command line, whose first word is the program.
pub(crate) fn parse(line: &[OsString]) -> Result<Options, clap::Error> {
    Options::try_parse_from(line).map_err(|error| {
        // There are no options before the name of the command.
        if line.get(1).is_some_and(|command| command == "run") { with_tip(error, line) } else { error }
    })
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

/// Adds the corrected command line if FFmpeg's arguments, or the separator before them, are missing.
fn with_tip(mut error: clap::Error, line: &[OsString]) -> clap::Error {
    let tip = match error.kind() {
        ErrorKind::MissingRequiredArgument => {
            Some("give them after `--`, as in: afmpeg run -- -i clip.mp4 out.mp4".to_owned())
        }
        ErrorKind::UnknownArgument if !has_two_dashes(&error) => separated(line),
        ErrorKind::DisplayHelp => match unintended_help(line) {
            Some(option) => return with_tip(unknown(option), line),
            None => None,
        },
        _ => None,
    };
    if let Some(tip) = tip {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// Returns whether the unknown argument is meant for the command: FFmpeg's options have one dash.
fn has_two_dashes(error: &clap::Error) -> bool {
    matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(option)) if option.starts_with("--"))
}

/// Returns a tip with the separator before the first argument that is not the command's.
fn separated(line: &[OsString]) -> Option<String> {
    let mut words = line.to_vec();
    if let Some(place) = words.iter().position(|word| word == SEPARATOR) {
        words.remove(place);
    }
    let mut last_accepted = None;
    for place in 2..words.len() {
        let own = words[..place].iter().cloned().chain([SEPARATOR.into(), "argument".into()]);
        match Options::try_parse_from(own).map_err(|error| error.kind()) {
            Ok(_) => last_accepted = Some(place),
            Err(ErrorKind::UnknownArgument | ErrorKind::DisplayHelp) => break,
            // An option without its value.
            Err(_) => {}
        }
    }
    words.insert(last_accepted?, SEPARATOR.into());
    let words: Vec<String> = words.iter().skip(1).map(|word| quoted(word)).collect();
    Some(format!("put `--` before FFmpeg's arguments: afmpeg {}", words.join(" ")))
}

fn quoted(word: &OsStr) -> String {
    shell_words::quote(&word.to_string_lossy()).into_owned()
}

/// Returns the option of FFmpeg that clap reads as `-h` with more letters, such as `-hide_banner`.
fn unintended_help(line: &[OsString]) -> Option<&OsStr> {
    let own = line.iter().take_while(|word| *word != SEPARATOR);
    let mut own = own.map(OsString::as_os_str);
    if own.clone().any(|word| word == "-h" || word == "--help") {
        return None;
    }
    own.find(|word| word.as_encoded_bytes().starts_with(b"-h"))
}

fn unknown(option: &OsStr) -> clap::Error {
    let mut command = Options::command();
    command.build();
    let mut error = clap::Error::new(ErrorKind::UnknownArgument);
    let option = option.to_string_lossy().into_owned();
    error.insert(ContextKind::InvalidArg, ContextValue::String(option));
    if let Some(run) = command.find_subcommand_mut("run") {
        error.insert(ContextKind::Usage, ContextValue::StyledStr(run.render_usage()));
        error = error.with_cmd(run);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: &[&str]) -> String {
        let line: Vec<OsString> = ["afmpeg"].iter().chain(line).map(OsString::from).collect();
        parse(&line).unwrap_err().to_string()
    }

    #[test]
    fn separator_is_placed_after_the_options_of_the_command() {
        let cases: [(&[&str], &str); 6] = [
            (&["-i", "clip.mp4", "out.mp4"], "-- -i clip.mp4 out.mp4"),
            (&["clip.mp4"], "-- clip.mp4"),
            (&["--dir", ".:/in", "-i", "/in/a b.mp4"], "--dir .:/in -- -i '/in/a b.mp4'"),
            (&["--timeout", "9", "-y", "--", "-i", "a"], "--timeout 9 -- -y -i a"),
            (&["-hide_banner", "-i", "a"], "-- -hide_banner -i a"),
            (&["-i", "a", "--timeout", "9"], "-- -i a --timeout 9"),
        ];
        for (line, corrected) in cases {
            let error = error(&[&["run"], line].concat());
            let tip = format!("tip: put `--` before FFmpeg's arguments: afmpeg run {corrected}\n");
            assert!(error.contains(&tip) && error.contains("Usage: afmpeg run"), "{error}");
        }
    }

    #[test]
    fn misspelt_option_of_the_command_is_not_taken_for_ffmpegs() {
        let misspelt = error(&["run", "--timout", "3", "--", "-i", "a"]);
        assert!(misspelt.contains("'--timeout'") && !misspelt.contains("FFmpeg's"), "{misspelt}");
        assert!(!error(&["run", "--gpu", "--", "-i", "a"]).contains("FFmpeg's"));
    }
}
