//! The failures of fleets and of their jobs.

use std::error::Error as _;

use afmpeg_engine::ErrorKind;
use afmpeg_fleet::Error;

use crate::failure::Failure;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        let hint = match &error {
            Error::NotAllowed { .. } => Some("allow a prefix of the location with --allow".to_owned()),
            Error::OutputExists { .. } => Some("choose another output, or pass --overwrite".to_owned()),
            Error::OutputTaken { owner, .. } => Some(format!(
                "choose another output; or pass --overwrite if that job is done, and otherwise `afmpeg jobs cancel {owner}`"
            )),
            Error::NoJob { .. } => Some("list the jobs with `afmpeg jobs`".to_owned()),
            _ => error.hint(),
        };
        let hint = hint.unwrap_or_else(|| "see `afmpeg submit --help`".to_owned());
        match error {
            Error::Server { .. } | Error::Store { .. } | Error::Data { .. } => {
                Self::filesystem(message, hint)
            }
            _ => Self::usage(message, hint),
        }
    }
}

/// Returns the failure of a job, with its exit code.
pub(super) fn of_job(failure: &afmpeg_fleet::Failure) -> Failure {
    let hint = failure.hint.clone().unwrap_or_else(|| "see `afmpeg jobs dead-letter`".to_owned());
    let shown = match failure.kind {
        ErrorKind::InvalidArgument => Failure::usage(&failure.message, hint),
        ErrorKind::NotFound => Failure::not_found(&failure.message, hint),
        ErrorKind::Filesystem => Failure::filesystem(&failure.message, hint),
        _ => Failure::guest(failure.kind, &failure.message, hint),
    };
    match failure.exit_code {
        Some(code) => shown.with_code(code),
        None => shown,
    }
}
