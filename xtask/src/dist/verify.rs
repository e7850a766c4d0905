//! Checks of a release: a second build, and builds from its archives of sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use afmpeg_types::release::SIGNATURE;
use anyhow::Context as _;

use super::{keys::Keys, read, sources::UPSTREAM};
use crate::{command, debian, failure::Failure, wasm::sha256_of_file};

/// Builds the release again, and compares all files but the signature, which has random bytes and is checked.
pub(super) fn again(
    out: &Path,
    keys: &Keys,
    release: impl FnOnce(PathBuf) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if !keys.have_signed(out)? {
        return Err(Failure::new(
            format!("the index of {} is not signed by the given key", out.display()),
            "pass the key of the release with --key",
        )
        .into());
    }
    let temporary = tempfile::tempdir()?;
    let second = temporary.path().join("release");
    release(second.clone())?;
    let names = names(out)?.union(&names(&second)?).cloned().collect::<Vec<_>>();
    let differing = names
        .iter()
        .filter(|name| *name != SIGNATURE)
        .filter(|name| {
            let hash = |folder: &Path| sha256_of_file(&folder.join(name)).ok();
            hash(out) != hash(&second)
        })
        .cloned()
        .collect::<Vec<_>>();
    if differing.is_empty() {
        let count = names.len() - 1;
        println!(
            "The signature of {} is valid, and its {count} other files are those of the second build.",
            out.display()
        );
        return Ok(());
    }
    Err(Failure::new(
        format!("the second build differs in {}", differing.join(", ")),
        "build it with the tools, the commit, the key and the serial of the first one",
    )
    .into())
}

fn names(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// Builds each module from its archive of sources, and compares the hashes.
pub(super) fn sources(out: &Path) -> anyhow::Result<()> {
    debian::ensure_installed(&["zstd"])?;
    let index = read::index(out)?;
    let mut differing = Vec::new();
    let archives: BTreeSet<&String> = index.modules.iter().map(|module| &module.sources).collect();
    for archive in archives {
        let folder = tempfile::tempdir()?;
        unpack(&out.join(archive), folder.path())?;
        for module in index.modules.iter().filter(|module| module.sources == *archive) {
            let mut cargo = command::cargo();
            cargo
                .current_dir(folder.path())
                .args(["xtask", "build-wasm", "--no-cache", "--variant", &module.variant, "--profile"])
                .arg(&module.profile)
                .env("CARGO_TARGET_DIR", folder.path().join("target"))
                .env("AFMPEG_SOURCES", folder.path().join(UPSTREAM))
                .env("AFMPEG_CACHE", folder.path().join("cache"));
            command::run(&mut cargo)?;
            let built = folder.path().join(format!("target/wasm/{}.wasm", module.name));
            let manifest: serde_json::Value = serde_json::from_slice(&fs::read(out.join(&module.manifest))?)?;
            let found = sha256_of_file(&built)?;
            println!("{found}  {}.wasm, built from {archive}", module.name);
            if manifest["sha256"] != found.as_str() {
                differing.push(module.name.clone());
            }
        }
    }
    if differing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("the archives of sources build another {}", differing.join(" and another ")),
        "compare the modules' manifests: they list the tools and the files",
    )
    .into())
}

fn unpack(archive: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut zstd = Command::new("zstd")
        .args(["--decompress", "--quiet", "--stdout", "--"])
        .arg(archive)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run zstd")?;
    let unpacked = zstd.stdout.take().context("a piped stream")?;
    tar::Archive::new(unpacked).unpack(folder)?;
    let status = zstd.wait()?;
    anyhow::ensure!(status.success(), "zstd cannot unpack {} ({status})", archive.display());
    Ok(())
}
