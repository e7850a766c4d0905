//! Failures of the command: one line that names the thing, a hint, an exit code.

use std::{error::Error as _, process::ExitCode};

use afmpeg_engine::{Error, ErrorKind, Limit};

/// Exit codes that FFmpeg never uses: its own are 0, 1, 8, 69, 88 and those above 122.
mod code {
    pub(super) const USAGE: u8 = 2;
    pub(super) const MODULE: u8 = 3;
    pub(super) const FILESYSTEM: u8 = 4;
    pub(super) const GUEST: u8 = 5;
}

/// A failure of the command.
#[derive(Debug)]
pub(crate) struct Failure {
    /// None where all was said already.
    message: Option<String>,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// The command line asks for something that cannot be.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: Some(message.into()), hint: Some(hint.into()), code: code::USAGE }
    }

    /// There is no module to run.
    pub(crate) fn no_module(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: Some(message.into()), hint: Some(hint.into()), code: code::MODULE }
    }

    /// A file of this machine, or the standard output, cannot be used.
    pub(crate) fn filesystem(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: Some(message.into()), hint: Some(hint.into()), code: code::FILESYSTEM }
    }

    /// The tool has said what there is to be said, or was asked to say nothing.
    pub(crate) fn silent(code: u8) -> Self {
        Self { message: None, hint: None, code }
    }

    pub(crate) fn with_hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    pub(crate) fn print(&self) {
        let Some(message) = &self.message else { return };
        eprintln!("error: {message}");
        if let Some(hint) = &self.hint {
            eprintln!("hint: {hint}");
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match (&error, error.kind()) {
            (Error::Exit(exit), _) => exit.status().low_byte(),
            (_, ErrorKind::Module | ErrorKind::Cache) => code::MODULE,
            (_, ErrorKind::Filesystem) => code::FILESYSTEM,
            (_, ErrorKind::InvalidArgument) => code::USAGE,
            _ => code::GUEST,
        };
        let hint = match &error {
            // The library's words are for programs.
            Error::Limit(limit) => match limit.limit() {
                Limit::Memory { .. } => Some("give it more with --memory".to_owned()),
                Limit::WallTime(_) => Some("give it more with --timeout".to_owned()),
                _ => error.hint(),
            },
            _ => error.hint(),
        };
        let message = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        Self { message: Some(message), hint, code }
    }
}
