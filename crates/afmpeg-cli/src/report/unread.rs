//! The reason why a file, or a part of it, has no facts.

use std::io;

use afmpeg::cmd::recipes::RecipeError;
use afmpeg_engine::Error;
use afmpeg_vfs::PathError;
use serde::Serialize;

use crate::failure::Failure;

/// An error that the page shows in place of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Unread {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl From<&Failure> for Unread {
    fn from(failure: &Failure) -> Self {
        let message = failure.message().unwrap_or("it cannot be read").to_owned();
        Self { message, hint: failure.hint().map(str::to_owned) }
    }
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        (&Failure::from(error)).into()
    }
}

impl From<RecipeError> for Unread {
    fn from(error: RecipeError) -> Self {
        Self { message: format!("cannot measure it: {error}"), hint: None }
    }
}

impl From<PathError> for Unread {
    fn from(error: PathError) -> Self {
        Self { message: error.to_string(), hint: None }
    }
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self { message: error.to_string(), hint: None }
    }
}
