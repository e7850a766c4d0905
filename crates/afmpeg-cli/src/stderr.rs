//! The standard error.

use std::io::{self, Write as _};

/// Prints messages, or a part of FFmpeg's log. Like native FFmpeg, the command continues if nothing can be written there.
pub(crate) fn print(text: impl AsRef<[u8]>) {
    let _ = io::stderr().write_all(text.as_ref());
}
