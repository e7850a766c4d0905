use std::io;

use afmpeg::{Error, Fault};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// A failure of a request, as a status and a line of text.
#[derive(Debug)]
pub(crate) enum Failure {
    Job(Error),
    NoPicture,
    /// The upload does not fit into memory.
    Memory(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Job(error)
    }
}

/// Returns the error of a job that arrived through its stream.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.downcast() {
            Ok(error) => Self::Job(error),
            Err(error) => Self::Memory(error),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Job(error) => (status(&error), format!("{error}\n")).into_response(),
            Self::NoPicture => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "the file has no picture\n").into_response()
            }
            Self::Memory(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
        }
    }
}

fn status(error: &Error) -> StatusCode {
    match error.fault() {
        // The requests of this service are right, so an absent stream is a fault of the file.
        Fault::Input | Fault::Request => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Fault::Resources if error.kind().may_be_retried() => StatusCode::SERVICE_UNAVAILABLE,
        Fault::Resources => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
