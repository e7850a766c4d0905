//! The arguments of a command line, grouped by file.

use super::{
    error::{ParseError, Problem},
    options::{Name, Scope},
};
use crate::{Arg, Time};

/// An option with its value and position.
pub(super) struct OptionArg<'a> {
    pub(super) name: Name<'a>,
    pub(super) value: Option<&'a str>,
    /// The index of its value, or its own if it has none.
    pub(super) index: usize,
}

impl OptionArg<'_> {
    pub(super) fn arg(&self) -> Arg {
        Arg {
            name: self.name.name.clone().into_owned(),
            specifier: self.name.specifier.map(str::to_owned),
            value: self.value.map(Into::into),
        }
    }

    pub(super) fn wrong(&self, problem: impl Into<String>, hint: impl Into<String>) -> ParseError {
        Problem::new(problem, hint).of(self.index, self.value.unwrap_or(&self.name.name))
    }

    /// Returns an error if it is a misspelt switch, and no file follows.
    fn takes_a_file(&self) -> Option<ParseError> {
        let switch = self.name.misspelt()?;
        let problem = format!(
            "-{} is not an option of ffmpeg itself, and would take this as its value",
            self.name.name
        );
        Some(self.wrong(problem, format!("write -{switch}, which has no value")))
    }

    /// Returns the error that a command with `count` inputs has no input of this index.
    pub(super) fn err_no_input(&self, input: usize, count: usize) -> ParseError {
        let hint = match count {
            0 => "add -i and a file before the outputs".to_owned(),
            1 => "inputs count from 0, and there is one".to_owned(),
            _ => format!("inputs count from 0, and there are {count}"),
        };
        self.wrong(format!("there is no input {input}"), hint)
    }

    pub(super) fn time(&self) -> Result<Option<Time>, ParseError> {
        let time = self.value.unwrap_or_default().parse();
        time.map(Some).map_err(|_| self.wrong("not a duration", "write seconds, 1:02:03.5, or 200ms"))
    }
}

/// A file with the options that precede it.
pub(super) struct File<'a> {
    pub(super) path: String,
    pub(super) options: Vec<OptionArg<'a>>,
}

/// A command line, split at its files.
#[derive(Default)]
pub(super) struct Arguments<'a> {
    pub(super) global: Vec<OptionArg<'a>>,
    pub(super) inputs: Vec<File<'a>>,
    pub(super) outputs: Vec<File<'a>>,
}

impl<'a> Arguments<'a> {
    /// Splits it as `split_commandline` does.
    pub(super) fn of(words: &'a [String]) -> Result<Self, ParseError> {
        let mut all = Self::default();
        let mut pending: Vec<OptionArg<'a>> = Vec::new();
        let mut rest = words.iter().enumerate();
        while let Some((index, word)) = rest.next() {
            let wrong = |problem: Problem| problem.of(index, word.as_str());
            let mut value = || {
                let problem = || wrong(Problem::new("expected a value", "add one after it"));
                rest.next().ok_or_else(problem)
            };
            if word == "--" {
                // Any next word is a file.
                let Some((index, path)) = rest.next() else { break };
                let path =
                    if path.starts_with('-') && path != "-" { format!("./{path}") } else { path.clone() };
                all.outputs.push(file(path, &mut pending, Scope::Output, index)?);
                continue;
            }
            let Some(option) = word.strip_prefix('-').filter(|option| !option.is_empty()) else {
                if word.is_empty() {
                    return Err(wrong(Problem::new(
                        "empty file name",
                        "name the file, or remove the empty word",
                    )));
                }
                all.outputs.push(file(word.clone(), &mut pending, Scope::Output, index)?);
                continue;
            };
            if option == "i" {
                let (index, path) = value()?;
                all.inputs.push(file(path.clone(), &mut pending, Scope::Input, index)?);
                continue;
            }
            let name = Name::of(option).map_err(wrong)?;
            let (index, value) = if name.has_value {
                let (index, value) = value()?;
                if let Some(problem) = name.takes_an_option(value) {
                    return Err(wrong(problem));
                }
                (index, Some(value.as_str()))
            } else {
                (index, None)
            };
            let is_global = name.scope == Some(Scope::Global);
            if is_global { &mut all.global } else { &mut pending }.push(OptionArg { name, value, index });
        }
        if let Some(error) = pending.iter().find_map(OptionArg::takes_a_file) {
            return Err(error);
        }
        match pending.first() {
            Some(option) => Err(Problem::new(
                format!("-{} follows the last file", option.name.name),
                "put options of an output before it",
            )
            .of(option.index, option.value.unwrap_or(&option.name.name))),
            None if all.outputs.is_empty() => {
                Err(Problem::new("there is no output", "add a file at the end").of(words.len(), ""))
            }
            None => Ok(all),
        }
    }
}

fn file<'a>(
    path: String,
    pending: &mut Vec<OptionArg<'a>>,
    scope: Scope,
    index: usize,
) -> Result<File<'a>, ParseError> {
    let other = if scope == Scope::Input { Scope::Output } else { Scope::Input };
    if let Some(option) = pending.iter().find(|option| option.name.scope == Some(other)) {
        let (owner, file) =
            if scope == Scope::Input { ("an output", "an input") } else { ("an input", "an output") };
        let problem = format!("-{} is an option of {owner}, and precedes {file}", option.name.name);
        return Err(
            option.wrong(problem, format!("move it from before argument {index} to before its own file"))
        );
    }
    Ok(File { path, options: std::mem::take(pending) })
}
