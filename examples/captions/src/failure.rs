use std::{error::Error as _, io};

use afmpeg::{CheckError, Error, ErrorKind, Fault, cmd::recipes::RecipeError};
use serde::Serialize;

/// The reason that a request has no video: the answer to its sender, as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// The kind, for programs.
    pub kind: ErrorKind,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// The error, in one line.
    pub message: String,
    /// A fix, in the imperative.
    pub hint: String,
}

impl Failure {
    fn new(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, retryable: kind.may_be_retried(), message: message.into(), hint: hint.into() }
    }

    /// A mistake in the request.
    pub(crate) fn request(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message, hint)
    }

    /// A failure of the bot's own storage while it reads or writes `name`.
    pub(crate) fn storage(name: &str, error: &io::Error) -> Self {
        Self::new(
            ErrorKind::Filesystem,
            format!("cannot use {name}: {error}"),
            "send the request again later",
        )
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        // The library's hints are for the bot's programmer, except those about the files.
        let hint = match error.fault() {
            Fault::Resources => "send a shorter or smaller video".to_owned(),
            Fault::Input | Fault::Request => {
                error.hint().unwrap_or_else(|| "check the files of the request".to_owned())
            }
            _ => "send the request again later".to_owned(),
        };
        Self::new(error.kind(), message, hint)
    }
}

impl From<RecipeError> for Failure {
    fn from(error: RecipeError) -> Self {
        Self::request(error.to_string(), "correct the style")
    }
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Problems(problems) => {
                let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
                let hint = problems.iter().next().map(|problem| problem.hint().to_string());
                Self::new(ErrorKind::Unsupported, messages.join("; "), hint.unwrap_or_default())
            }
            CheckError::Module(error) => error.into(),
            error => Self::request(error.to_string(), "send another video"),
        }
    }
}
