//! Failures of the command: a one-line message, a hint and an exit code.

use std::{error::Error as _, process::ExitCode};

use afmpeg_engine::{Error, ErrorKind, Limit};

use crate::stderr;

/// Exit codes that FFmpeg never uses: its own are 0, 1, 8, 69, 88 and everything above 122.
mod code {
    pub(super) const USAGE: u8 = 2;
    pub(super) const MODULE: u8 = 3;
    pub(super) const FILESYSTEM: u8 = 4;
    pub(super) const GUEST: u8 = 5;
}

/// A failure of the command.
#[derive(Debug)]
pub(crate) struct Failure {
    /// `None` if the tool has already printed the error.
    message: Option<String>,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// An invalid command line.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: Some(message.into()), hint: Some(hint.into()), code: code::USAGE }
    }

    /// An invalid command line whose error has been printed.
    pub(crate) fn usage_shown() -> Self {
        Self::silent(code::USAGE)
    }

    /// A missing module.
    pub(crate) fn no_module(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: Some(message.into()), hint: Some(hint.into()), code: code::MODULE }
    }

    /// An unusable file of the host, or standard output.
    pub(crate) fn filesystem(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: Some(message.into()), hint: Some(hint.into()), code: code::FILESYSTEM }
    }

    /// A failure that prints nothing: the tool has already printed the error, or its log is off.
    pub(crate) fn silent(code: u8) -> Self {
        Self { message: None, hint: None, code }
    }

    pub(crate) fn with_hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The same exit code, for a failure that has been printed.
    pub(crate) fn without_message(self) -> Self {
        Self::silent(self.code)
    }

    /// Adds `note` to the message, in parentheses.
    pub(crate) fn with_note(self, note: &str) -> Self {
        Self { message: self.message.map(|message| format!("{message} ({note})")), ..self }
    }

    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    pub(crate) fn print(&self) {
        let Some(message) = &self.message else { return };
        let hint = self.hint.as_ref().map(|hint| format!("hint: {hint}\n")).unwrap_or_default();
        stderr::print(format!("error: {message}\n{hint}"));
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
            // The library's hints name methods, not options.
            Error::Limit(limit) => match limit.limit() {
                Limit::Memory { .. } => Some("raise --memory".to_owned()),
                Limit::WallTime(_) => Some("raise --timeout".to_owned()),
                _ => error.hint(),
            },
            Error::ModuleNotFound { .. } => {
                Some("check the path, or build a module with `cargo xtask build-wasm`".to_owned())
            }
            Error::NotAModule { .. } => Some(
                "pass a module that `cargo xtask build-wasm` built, or an artifact that this version of `afmpeg module \
                 compile` wrote"
                    .to_owned(),
            ),
            Error::ModuleTooLarge { .. } => {
                Some("pass a module that `cargo xtask build-wasm` built, which is shorter".to_owned())
            }
            _ => error.hint(),
        };
        let message = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        Self { message: Some(message), hint, code }
    }
}
