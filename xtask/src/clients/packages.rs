//! Packages of Python, in the cache.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::client::Client;
use crate::{command, pip, project};

const REQUIREMENTS: &str = "xtask/src/clients/requirements.txt";

/// Returns a folder with the packages that clients and their tests need.
pub(super) fn installed() -> anyhow::Result<PathBuf> {
    let requirements = project::root().join(REQUIREMENTS);
    let text = fs::read(&requirements).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let hash: String = Sha256::digest(text)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    // Some packages have parts that are compiled for one version of Python.
    let mut python = Command::new("python3");
    let python = command::output_of(python.args(["-c", "import sys; print(sys.implementation.cache_tag)"]));
    let python = python.context("cannot run python3")?;
    let folder = cache()?.join(format!("{python}-{hash}"));
    fill(&folder, |folder| pip::install_pinned(&requirements, folder))?;
    Ok(folder)
}

/// Unpacks a client's sdist with this hash as `folder`. `packages` has the build backends of all clients.
pub(super) fn unpack_sdist(
    client: &Client,
    sha256: &str,
    packages: &Path,
    folder: &Path,
) -> anyhow::Result<()> {
    let downloaded = cache()?.join(format!("sdist-{}", &sha256[..16]));
    fill(&downloaded, |folder| pip::download_sdist(&client.name, &client.version, sha256, packages, folder))?;
    let sdist = only_entry(&downloaded)?;
    let unpacked = tempfile::tempdir_in(cache()?)?;
    let tar = flate2::read::GzDecoder::new(File::open(&sdist)?);
    tar::Archive::new(tar)
        .unpack(unpacked.path())
        .with_context(|| format!("cannot unpack {}", sdist.display()))?;
    command::run(Command::new("cp").arg("-R").arg(only_entry(unpacked.path())?.join(".")).arg(folder))
}

/// Returns the path of the one file or folder in a folder.
fn only_entry(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut entries = fs::read_dir(folder)?;
    let entry = entries.next().with_context(|| format!("{} is empty", folder.display()))??;
    anyhow::ensure!(entries.next().is_none(), "{} has more than one entry", folder.display());
    Ok(entry.path())
}

fn cache() -> anyhow::Result<PathBuf> {
    Ok(project::cache()?.join("clients"))
}

/// Fills a folder unless it exists. An interrupted run leaves no folder that looks complete.
fn fill(folder: &Path, fill: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let cache = cache()?;
    fs::create_dir_all(&cache)?;
    let partial = tempfile::tempdir_in(cache)?;
    fill(partial.path())?;
    fs::rename(partial.keep(), folder)?;
    Ok(())
}
