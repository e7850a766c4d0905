//! The file of the page.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

use crate::{failure::Failure, output, stderr};

/// The place of a page: a file, or the standard output.
#[derive(Debug)]
pub(super) enum Destination<'a> {
    StandardOutput,
    File { path: &'a Path, overwrites: bool },
}

impl<'a> Destination<'a> {
    /// Checks that the page can be written, before files are read for minutes.
    pub(super) fn new(path: &'a Path, overwrites: bool, inputs: &[PathBuf]) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self::StandardOutput);
        }
        if path.is_dir() {
            return Err(unwritable(path, &io::ErrorKind::IsADirectory.into()));
        }
        if !overwrites && path.symlink_metadata().is_ok() {
            return Err(unwritable(path, &io::ErrorKind::AlreadyExists.into()));
        }
        let real = path.canonicalize().ok();
        if inputs.iter().any(|input| real.is_some() && input.canonicalize().ok() == real) {
            return Err(Failure::usage(
                format!("cannot write {}: it is one of the media", path.display()),
                "name another file with -o",
            ));
        }
        // Removed at once.
        temporary(path)?;
        Ok(Self::File { path, overwrites })
    }

    /// Writes the page, and prints its path unless `is_quiet`.
    pub(super) fn write(&self, page: &str, is_quiet: bool) -> Result<(), Failure> {
        match self {
            Self::StandardOutput => output::print(page).map(drop),
            Self::File { path, overwrites } => {
                let mut file = temporary(path)?;
                file.write_all(page.as_bytes()).map_err(|error| unwritable(path, &error))?;
                // A half-written page never has this name.
                let kept = if *overwrites { file.persist(path) } else { file.persist_noclobber(path) };
                kept.map_err(|error| unwritable(path, &error.error))?;
                if !is_quiet {
                    stderr::print(format!("{}: {} bytes\n", path.display(), page.len()));
                }
                Ok(())
            }
        }
    }
}

/// Creates a file in the folder of the page.
fn temporary(path: &Path) -> Result<NamedTempFile, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    builder.prefix(".afmpeg-report-");
    // By default, others cannot read a temporary file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let folder = PathBuf::from(path.parent().unwrap_or(path));
    let hint = match error.kind() {
        io::ErrorKind::AlreadyExists => "pass --overwrite to replace it, or another name with -o".to_owned(),
        io::ErrorKind::IsADirectory => "add the name of a file".to_owned(),
        io::ErrorKind::NotFound => format!("create the folder {}, or choose another", folder.display()),
        io::ErrorKind::PermissionDenied => "choose a folder that you may write to".to_owned(),
        _ => "choose another file with -o".to_owned(),
    };
    // The error's own text has the path of the temporary file.
    let reason = error.kind();
    Failure::filesystem(format!("cannot write the page {}: {reason}", path.display()), hint)
}
