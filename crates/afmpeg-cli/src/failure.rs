//! Failures of the command: a one-line message, a hint and an exit code.

use std::error::Error as _;

use afmpeg::cmd::recipes::RecipeError;
use afmpeg_engine::{Error, ErrorKind, Limit};
use afmpeg_vfs::VPath;
use serde::Serialize;

use crate::{cause::Cause, stderr};

/// Exit codes of failures. FFmpeg does not use those of the command: its own are 0, 1, 8, 69, 88 and everything above
/// 122.
mod code {
    pub(super) const USAGE: u8 = 2;
    pub(super) const MODULE: u8 = 3;
    pub(super) const FILESYSTEM: u8 = 4;
    pub(super) const GUEST: u8 = 5;
    /// FFmpeg's own, after a signal.
    pub(super) const INTERRUPTED: u8 = 255;
}

/// A failure of the command. Its JSON is the error in the result of `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    kind: ErrorKind,
    retryable: bool,
    message: Option<String>,
    hint: Option<String>,
    #[serde(flatten)]
    cause: Box<Cause>,
    #[serde(skip)]
    code: u8,
    /// Whether nothing is printed: the error has been printed already, or the tool's log is off.
    #[serde(skip)]
    is_silent: bool,
}

impl Failure {
    fn new(kind: ErrorKind, code: u8, message: Option<String>, hint: Option<String>) -> Self {
        let (retryable, cause) = (kind.may_be_retried(), Box::default());
        Self { kind, retryable, message, hint, cause, code, is_silent: false }
    }

    /// An invalid command line.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, code::USAGE, Some(message.into()), Some(hint.into()))
    }

    /// An invalid command line whose error has been printed.
    pub(crate) fn usage_shown() -> Self {
        Self::new(ErrorKind::InvalidArgument, code::USAGE, None, None)
    }

    /// A missing module.
    pub(crate) fn no_module(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorKind::Module, code::MODULE, Some(message.into()), Some(hint.into()))
    }

    /// An unusable file of the host, or standard output.
    pub(crate) fn filesystem(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorKind::Filesystem, code::FILESYSTEM, Some(message.into()), Some(hint.into()))
    }

    /// A file of the host that does not exist.
    pub(crate) fn not_found(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, code::FILESYSTEM, Some(message.into()), Some(hint.into()))
    }

    /// A failure of a job that ran elsewhere.
    #[cfg(feature = "fleet")]
    pub(crate) fn guest(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(kind, code::GUEST, Some(message.into()), Some(hint.into()))
    }

    /// A tool that left the file at `path` in its own `/tmp`.
    pub(crate) fn lost_file(path: &str) -> Self {
        let folder = VPath::new(path).ok().and_then(|path| path.parent()).unwrap_or_else(VPath::root);
        let failure = Self::usage(
            format!("cannot keep {path}: FFmpeg's own /tmp is discarded when it ends"),
            format!(
                "give FFmpeg access to that folder with --dir {folder}, and to the current one with --dir ."
            ),
        );
        Self { cause: Box::new(Cause::of_subject(path)), ..failure }
    }

    /// A job that an interrupt ended.
    pub(crate) fn interrupted() -> Self {
        Self::new(ErrorKind::Cancelled, code::INTERRUPTED, Some("interrupted".to_owned()), None)
    }

    /// A failure of a tool that has printed its error.
    pub(crate) fn exit(code: u8) -> Self {
        Self::new(ErrorKind::Exit, code, None, None)
    }

    pub(crate) fn with_hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The same failure, with texts that `change` returns.
    pub(crate) fn with_texts(mut self, change: impl Fn(&str) -> String) -> Self {
        self.message = self.message.as_deref().map(&change);
        self.hint = self.hint.as_deref().map(&change);
        self.cause.change_subject(change);
        self
    }

    /// The same failure, which prints nothing.
    pub(crate) fn silent(self) -> Self {
        Self { is_silent: true, ..self }
    }

    /// Adds `note` to the message, in parentheses.
    pub(crate) fn with_note(self, note: &str) -> Self {
        Self { message: self.message.map(|message| format!("{message} ({note})")), ..self }
    }

    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    pub(crate) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub(crate) fn print(&self) {
        let Some(message) = self.message.as_ref().filter(|_| !self.is_silent) else { return };
        let hint = self.hint.as_ref().map(|hint| format!("hint: {hint}\n")).unwrap_or_default();
        stderr::print(format!("error: {message}\n{hint}"));
    }

    /// Returns the exit code of the command.
    pub(crate) fn code(&self) -> u8 {
        self.code
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
        Self { cause: Box::new(Cause::of(&error)), ..Self::new(error.kind(), code, Some(message), hint) }
    }
}

impl From<RecipeError> for Failure {
    fn from(error: RecipeError) -> Self {
        match error {
            RecipeError::Missing { parameter, missing, hint } => {
                Self::usage(format!("{parameter} has no {missing}"), hint)
            }
            error => {
                Self::usage(error.to_string(), "see `afmpeg make --help` for the options of each recipe")
            }
        }
    }
}
