//! `cargo xtask dist`: a release, as a folder that can be published anywhere.

mod compiled;
mod docs;
mod folder;
mod keys;
mod program;
mod read;
mod sources;
pub(crate) mod trial;
mod verify;

use std::{
    fs,
    path::{Path, PathBuf},
};

use afmpeg_types::release::{FORMAT, INDEX, ReleaseIndex, ReleaseModule};
use anyhow::Context as _;

use self::{folder::Folder, keys::Keys, program::Program};
use crate::{command, failure::Failure, progress, project, wasm};

#[derive(Debug, clap::Args)]
pub(crate) struct Choices {
    /// Folder of the release. A release that is in it is replaced
    #[arg(long, value_name = "FOLDER", default_value = "target/dist")]
    out: PathBuf,
    /// File with the publisher's secret key, as minisign writes it without a password. If there is none, a pair of keys is
    /// created: this file, and FILE.pub. Default: afmpeg/release-key in the user's configuration folder
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Number of the release, larger than that of every release before. Default: the time of the last commit
    #[arg(long, value_name = "NUMBER")]
    serial: Option<u64>,
    /// Instead, build the release again, and fail unless every file is the same as in the folder
    #[arg(long)]
    verify: bool,
    /// Instead, build each module of the folder from nothing but its archive of sources, and fail unless it is the same
    #[arg(long, conflicts_with = "verify")]
    verify_sources: bool,
}

pub(crate) fn run(choices: &Choices) -> anyhow::Result<()> {
    let out = project::root().join(&choices.out);
    if choices.verify_sources {
        return verify::sources(&out);
    }
    let keys = Keys::read_or_create(&keys::path(choices.key.as_deref())?)?;
    let serial = choices.serial.map_or_else(time_of_last_commit, Ok)?;
    if choices.verify {
        return verify::again(&out, &keys, |folder| release(folder, &keys, serial));
    }
    replace(&out, |folder| release(folder, &keys, serial))?;
    println!("{} has the release {serial}. Its key is {}.", out.display(), keys.public_text());
    Ok(())
}

/// Writes the files of a release, and its signed index.
fn release(folder: PathBuf, keys: &Keys, serial: u64) -> anyhow::Result<()> {
    let mut folder = Folder::create(folder)?;
    let program = Program::build(&keys.public_text())?;
    let programs = vec![program.add_to(&mut folder)?];
    docs::add_to(&mut folder, &program)?;
    let names: Vec<wasm::ModuleName> = wasm::ModuleName::all().collect();
    let mut archives = sources::Archives::default();
    let mut modules = Vec::new();
    for name in names {
        let path = wasm::build(name, true)?;
        let facts = read::manifest(&path)?;
        let text = |fact: &str| facts[fact].as_str().with_context(|| format!("the manifest has no {fact}"));
        let base = text("name")?;
        progress::print(&format!("{base}: packing"));
        let beside = |end: &str| path.with_extension(end);
        modules.push(ReleaseModule {
            name: base.to_owned(),
            variant: text("variant")?.to_owned(),
            profile: text("profile")?.to_owned(),
            version: text("version")?.to_owned(),
            file: folder.pack(&format!("{base}.wasm.zst"), &path, folder::Packing::Smallest)?,
            manifest: folder.copy(&format!("{base}.wasm.json"), &beside("wasm.json"))?,
            licences: folder.copy(&format!("{base}.licences.txt"), &beside("licences.txt"))?,
            sbom: folder.copy(&format!("{base}.cdx.json"), &beside("cdx.json"))?,
            sources: archives.of(&mut folder, name)?,
            artifacts: compiled::add_to(&mut folder, &program, base, &path)?,
        });
    }
    docs::add_readme(&mut folder, &modules)?;
    let files = folder.finish()?;
    let afmpeg = format!("^{}", env!("CARGO_PKG_VERSION"));
    keys.sign(folder.path(), &ReleaseIndex { format: FORMAT, serial, afmpeg, files, modules, programs })
}

/// Calls `write` with a new folder, which then replaces `out`.
fn replace(out: &Path, write: impl FnOnce(PathBuf) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let parent = out.parent().context("the folder of a release is in another one")?;
    fs::create_dir_all(parent)?;
    if out.exists() && !out.join(INDEX).exists() {
        let hint = "remove it, or choose another folder with --out";
        return Err(Failure::new(format!("{} exists and is not a release", out.display()), hint).into());
    }
    let temporary = tempfile::Builder::new().prefix(".dist-").tempdir_in(parent)?;
    let folder = temporary.path().join("release");
    write(folder.clone())?;
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    fs::rename(folder, out).with_context(|| format!("cannot write {}", out.display()))
}

/// The time of the last commit in seconds, which grows from release to release and is the same in each build of one.
fn time_of_last_commit() -> anyhow::Result<u64> {
    let mut git = std::process::Command::new("git");
    git.current_dir(project::root()).args(["show", "--no-patch", "--format=%ct", "HEAD"]);
    command::output_of(&mut git).and_then(|time| time.parse().ok()).ok_or_else(|| {
        Failure::new("cannot read the time of the last commit", "give the release a number with --serial")
            .into()
    })
}
