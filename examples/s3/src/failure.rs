use std::{error::Error as _, fmt, io};

use afmpeg::{Error, cmd::recipes::RecipeError};

/// The reason that nothing was written, with a fix.
#[derive(Debug)]
pub struct Failure {
    /// The error, in one line.
    pub message: String,
    /// A fix, in the imperative.
    pub hint: String,
}

impl Failure {
    /// Creates a failure.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nhint: {}", self.message, self.hint)
    }
}

impl std::error::Error for Failure {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // The store's own error is the source.
        let message = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        let hint = match &error {
            Error::Filesystem { .. } | Error::Commit(_) => {
                "check the bucket, the keys and the credentials".to_owned()
            }
            Error::Limit(_) => "choose a shorter part".to_owned(),
            _ => error.hint().unwrap_or_else(|| "see the log of FFmpeg".to_owned()),
        };
        Self { message, hint }
    }
}

impl From<RecipeError> for Failure {
    fn from(error: RecipeError) -> Self {
        Self::new(error.to_string(), "choose another part, or another film")
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(format!("cannot use the bucket: {error}"), "check the bucket and the keys")
    }
}

impl From<object_store::Error> for Failure {
    fn from(error: object_store::Error) -> Self {
        Self::new(error.to_string(), "check the environment variables that start with AWS_")
    }
}
