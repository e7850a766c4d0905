//! Access rights of files. An artifact is native code, so only this user and root may be able to write it.

use std::{fs, io, path::Path};

/// Creates the folder if it is missing, for this user alone, and checks it.
#[cfg(unix)]
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    check_private(&fs::metadata(folder)?)
}

#[cfg(not(unix))]
pub(super) fn create_folder(_: &Path) -> io::Result<()> {
    Err(unsupported())
}

/// Refuses a file or folder that a user other than this one or root can write to.
#[cfg(unix)]
pub(crate) fn check_private(metadata: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    let user = rustix::process::geteuid().as_raw();
    if (metadata.uid() != user && metadata.uid() != 0) || metadata.mode() & 0o022 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "others can write to it, and an artifact is code that runs in this process",
        ));
    }
    Ok(())
}

/// Refuses every file: this system has no check of who can write to it.
#[cfg(not(unix))]
pub(crate) fn check_private(_: &fs::Metadata) -> io::Result<()> {
    Err(unsupported())
}

#[cfg(not(unix))]
fn unsupported() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "afmpeg cannot check who can write to it on this system, and an artifact is code that runs in this process: \
         compile the module at each start, without a cache",
    )
}
