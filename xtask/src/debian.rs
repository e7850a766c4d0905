//! Debian packages of the machine.

use std::process::Command;

use crate::{
    command::{self, output_of},
    failure::Failure,
};

/// Installs missing packages if this is root on a machine with apt; otherwise returns an error with the command to run.
pub(crate) fn ensure_installed(packages: &[impl AsRef<str>]) -> anyhow::Result<()> {
    let missing: Vec<&str> =
        packages.iter().map(AsRef::as_ref).filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if output_of(Command::new("apt-get").arg("--version")).is_none() {
        return Err(Failure::new(
            format!("cannot install the Debian packages {names} without apt"),
            "set WASI_SDK_PATH to a WASI SDK with clang 22, and have ffprobe, make and patch on the PATH",
        )
        .into());
    }
    if !is_root() {
        return Err(Failure::new(
            format!("missing Debian packages: {names}"),
            format!("run: sudo apt-get update && sudo apt-get install --no-install-recommends {names}"),
        )
        .into());
    }
    command::run(apt_get().args(["update", "--quiet"]))?;
    command::run(apt_get().args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(missing))
}

fn apt_get() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

fn is_installed(package: &str) -> bool {
    output_of(Command::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]))
        .is_some_and(|status| status == "installed")
}

/// Returns the exact version of an installed package.
pub(crate) fn version(package: &str) -> Option<String> {
    output_of(Command::new("dpkg-query").args(["--show", "--showformat=${Version}", package]))
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// Returns the base URLs of the mirrors in the machine's apt configuration, without duplicates.
pub(crate) fn mirrors() -> Vec<String> {
    let targets = output_of(Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]));
    let mut mirrors: Vec<String> = Vec::new();
    for mirror in targets.unwrap_or_default().lines() {
        let mirror = mirror.trim_end_matches('/').to_owned();
        if mirror.starts_with("http") && !mirrors.contains(&mirror) {
            mirrors.push(mirror);
        }
    }
    mirrors
}
