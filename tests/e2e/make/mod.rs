//! `afmpeg make`, run as a user runs it.

mod films;
mod formats;
mod images;
mod outputs;
mod pictures;
mod podcasts;
mod printed;
mod sound;
mod streaming;
mod text;

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

use crate::{
    command_line::{binary, error_and_hint},
    harness::{FULL_GPL, module_path},
};

/// Returns the command `afmpeg make`, with the words of `line` and then `more`.
fn command(folder: &Path, line: &str, more: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.arg("make").args(line.split_whitespace()).args(more);
    command.current_dir(folder).env("AFMPEG_MODULE", module_path(FULL_GPL));
    command
}

/// Runs a command line that succeeds, and returns its standard output.
#[track_caller]
fn make(folder: &Path, line: &str) -> String {
    let output = command(folder, line, &[]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command line that fails, and returns its error and its hint.
#[track_caller]
fn refused(folder: &Path, line: &str) -> (String, String) {
    let output = command(folder, line, &[]).output().unwrap();
    assert!(!output.status.success(), "{line}: {output:?}");
    error_and_hint(&output)
}

/// Runs a command line with `--json`, and returns the result.
#[track_caller]
fn result(folder: &Path, line: &str) -> Value {
    let output: Output = command(folder, line, &["--json"]).output().unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["exit_code"], output.status.code().unwrap(), "{line}: {result}");
    result
}

/// Returns the names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
