//! The standard output.

use std::io::{self, Write};

use crate::failure::Failure;

/// The other end of the standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Open,
    /// A closed pipe, such as that of `head`.
    Closed,
}

/// The hint for a standard output that cannot be written.
pub(crate) const UNWRITABLE_HINT: &str =
    "check that the standard output is open for writing, and that its target is not full";

/// Prints `text`. A closed pipe is not an error: its reader needs no more.
pub(crate) fn print(text: &str) -> Result<Reader, Failure> {
    print_bytes(text.as_bytes())
}

/// As [`print`], for text with names that may not be UTF-8.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<Reader, Failure> {
    let write = || {
        let mut stdout = stdout()?;
        stdout.write_all(bytes)?;
        stdout.flush()
    };
    match write() {
        Ok(()) => Ok(Reader::Open),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Closed),
        Err(error) => {
            Err(Failure::filesystem(format!("cannot write to the standard output: {error}"), UNWRITABLE_HINT))
        }
    }
}

/// Returns the standard output. `io::stdout` would report success for a descriptor that is closed or open for reading
/// only.
#[cfg(unix)]
pub(crate) fn stdout() -> io::Result<impl Write> {
    use std::{fs::File, os::fd::AsFd as _};

    if at_start::was_closed() {
        return Err(rustix::io::Errno::BADF.into());
    }
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

#[cfg(not(unix))]
pub(crate) fn stdout() -> io::Result<impl Write> {
    Ok(io::stdout())
}

/// The standard output when the process started: Rust opens `/dev/null` in place of a closed one, just before `main`.
#[cfg(unix)]
mod at_start {
    use std::{
        io,
        sync::atomic::{AtomicBool, Ordering},
    };

    static IS_CLOSED: AtomicBool = AtomicBool::new(false);

    ctor::declarative::ctor! {
        // Safe before `main`: it uses no thread, and no state that `main` sets up.
        #[ctor(unsafe)]
        fn note_closed() {
            IS_CLOSED.store(rustix::io::fcntl_getfd(io::stdout()).is_err(), Ordering::Relaxed);
        }
    }

    pub(super) fn was_closed() -> bool {
        IS_CLOSED.load(Ordering::Relaxed)
    }
}
