use std::io;

/// A path led through more symbolic links than any path needs: POSIX's `ELOOP`.
///
/// `std` has no stable [`io::ErrorKind`] for it, and its number differs from host to host. So backends wrap this
/// in an [`io::Error`] of the kind [`InvalidInput`](io::ErrorKind::InvalidInput), and whoever needs the difference
/// asks [`SymlinkLoop::is`].
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
    /// The error, to be wrapped by [`io::Error::from`].
    ///
    /// ```
    /// # use afmpeg_vfs::SymlinkLoop;
    /// assert!(SymlinkLoop::is(&SymlinkLoop::new().into()));
    /// ```
    #[expect(clippy::new_without_default, reason = "an error without a reason to default to it")]
    pub fn new() -> Self {
        Self
    }

    /// Whether `error` is one.
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
