//! The standard output.

use std::io::{self, Write as _};

use crate::failure::Failure;

/// A closed pipe, as `head` leaves it, is the reader's way of saying that it has enough.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::filesystem(
            format!("cannot write to the standard output: {error}"),
            "whatever it was redirected to may be full",
        )),
        _ => Ok(()),
    }
}
