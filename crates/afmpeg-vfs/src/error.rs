use std::io;

/// The error for a path that leads through too many symbolic links: POSIX's `ELOOP`.
///
/// `std` has no stable [`io::ErrorKind`] for it, and its number differs between hosts. Backends wrap this error in an
/// [`io::Error`] of the kind [`InvalidInput`](io::ErrorKind::InvalidInput); [`SymlinkLoop::is`] tests for it.
///
/// ```
/// use afmpeg_vfs::{MemFs, SymlinkLoop, VPath, Vfs as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = MemFs::new();
/// let ouroboros = VPath::new("/ouroboros")?;
/// fs.symlink("ouroboros", &ouroboros)?;
/// assert!(SymlinkLoop::is(&fs.metadata(&ouroboros).unwrap_err()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many levels of symbolic links")]
#[non_exhaustive]
pub struct SymlinkLoop;

impl SymlinkLoop {
    /// Creates the error; [`io::Error::from`] wraps it.
    ///
    /// ```
    /// # use afmpeg_vfs::SymlinkLoop;
    /// assert!(SymlinkLoop::is(&SymlinkLoop::new().into()));
    /// ```
    #[expect(clippy::new_without_default, reason = "an error has no default")]
    pub fn new() -> Self {
        Self
    }

    /// Whether `error` wraps a [`SymlinkLoop`].
    ///
    /// ```
    /// # use afmpeg_vfs::SymlinkLoop;
    /// assert!(!SymlinkLoop::is(&std::io::ErrorKind::NotFound.into()));
    /// ```
    pub fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|cause| cause.is::<Self>())
    }
}

impl From<SymlinkLoop> for io::Error {
    fn from(error: SymlinkLoop) -> Self {
        io::Error::new(io::ErrorKind::InvalidInput, error)
    }
}
