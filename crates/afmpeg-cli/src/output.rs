//! The standard output.

use std::io::{self, Write as _};

use crate::failure::Failure;

/// Prints `text`. A closed pipe, such as that of `head`, is not an error: the reader needs no more.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::filesystem(
            format!("cannot write to the standard output: {error}"),
            "check that its target is not full",
        )),
        _ => Ok(()),
    }
}
