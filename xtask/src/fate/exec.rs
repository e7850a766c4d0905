//! `fate-exec`, which runs one program of a test suite in the sandbox.

use std::path::PathBuf;

use crate::project;

/// Its environment variable for the folder that the program can access.
pub(crate) const ROOT: &str = "AFMPEG_FATE_ROOT";

/// Its environment variable for the number of processors that the program detects. Default: those of the host.
pub(crate) const PROCESSORS: &str = "AFMPEG_FATE_PROCESSORS";

/// Returns its path, once the workspace is built.
pub(crate) fn path() -> anyhow::Result<PathBuf> {
    let exec = project::target().join("debug/fate-exec");
    anyhow::ensure!(exec.exists(), "{} is not built", exec.display());
    Ok(exec)
}
