//! Packages of Python, for programs that judge results.

use std::{fs, path::Path, process::Command};

use crate::command;

/// Installs a package into `folder`: `name==version`. Without `needs`, the packages that it needs are left out.
pub(crate) fn install(package: &str, needs: bool, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(folder);
    if !needs {
        pip.arg("--no-deps");
    }
    command::run(pip.arg(package))
}
