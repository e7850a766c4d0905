//! The failures of attempts.

use afmpeg_engine::ErrorKind;

use crate::{error::Error, state::Failure};

/// A failed attempt.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) failure: Failure,
    /// The last lines of FFmpeg's log.
    pub(super) log: Vec<String>,
}

impl Failed {
    fn new(kind: ErrorKind, message: String, hint: Option<String>, may_be_retried: bool) -> Self {
        let failure = Failure { kind, message, hint, may_be_retried, exit_code: None };
        Self { failure, log: Vec::new() }
    }

    /// A failure that no further attempt can heal.
    pub(super) fn for_good(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(kind, message.into(), Some(hint.into()), false)
    }

    /// A failure of a store or of the worker's disk.
    pub(super) fn of_files(message: impl Into<String>) -> Self {
        let hint = Some("check the store, and the worker's disk".to_owned());
        Self::new(ErrorKind::Filesystem, message.into(), hint, true)
    }
}

/// Returns an error with its cause in one line.
fn in_one_line(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

impl From<afmpeg_engine::Error> for Failed {
    fn from(error: afmpeg_engine::Error) -> Self {
        let kind = error.kind();
        let mut failed = Self::new(kind, in_one_line(&error), error.hint(), kind.may_be_retried());
        failed.log = error.log().to_vec();
        if let afmpeg_engine::Error::Exit(exit) = &error {
            failed.failure.exit_code = Some(exit.status().low_byte());
        }
        failed
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let (kind, may_be_retried) = match &error {
            error if error.is_missing_object() => (ErrorKind::NotFound, false),
            Error::Store { .. } | Error::Server { .. } => (ErrorKind::Filesystem, true),
            _ => (ErrorKind::InvalidArgument, false),
        };
        Self::new(kind, in_one_line(&error), error.hint(), may_be_retried)
    }
}
