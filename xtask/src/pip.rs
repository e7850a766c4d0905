//! Packages of Python, for programs that judge results, and as clients of afmpeg.

use std::{fs, io::Write as _, path::Path, process::Command};

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

/// Installs the packages of a requirements file, which has the hashes of all of them, into `folder`.
pub(crate) fn install_pinned(requirements: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target"]).arg(folder);
    command::run(pip.arg("--requirement").arg(requirements))
}

/// Downloads the sdist of a package into `folder`. To check the name, pip calls the build backend, which is in `packages`.
pub(crate) fn download_sdist(
    name: &str,
    version: &str,
    sha256: &str,
    packages: &Path,
    folder: &Path,
) -> anyhow::Result<()> {
    // pip reads hashes from files only.
    let mut requirements = tempfile::NamedTempFile::new()?;
    writeln!(requirements, "{name}=={version} --hash=sha256:{sha256}")?;
    let mut pip = Command::new("python3");
    pip.env("PYTHONPATH", packages).args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--require-hashes",
    ]);
    pip.args(["--no-binary", ":all:", "--no-build-isolation", "--dest"]).arg(folder);
    command::run(pip.arg("--requirement").arg(requirements.path()))
}
