//! The limits on paths, which every filesystem and adapter shares: those of Linux.

/// The longest name, in bytes: `NAME_MAX`.
pub(crate) const MAX_NAME: usize = 255;

/// The longest path of a guest, in bytes: `PATH_MAX`.
#[cfg(feature = "wasi")]
pub(crate) const MAX_PATH: usize = 4096;

/// The longest text of a symbolic link, in bytes: `PATH_MAX`.
pub(crate) const MAX_LINK_TEXT: usize = 4096;

/// How many symbolic links are followed in one path.
pub(crate) const MAX_LINKS: usize = 40;

/// The longest path that is found by walking from folder to folder, in bytes. A program can nest a hundred thousand
/// folders, and the total length of their paths grows with the square of the depth.
pub(crate) const MAX_FOUND: usize = 16 << 10;
