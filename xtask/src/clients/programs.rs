//! Folders with the programs `ffmpeg` and `ffprobe`.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use crate::{
    command, debian, native,
    wasm::{self, ModuleName},
};

/// The Debian package with the native `ffprobe`: the one of the wheel's version is in no registry.
const PACKAGE: &str = "ffmpeg";

/// A folder with the two programs, and the environment variables that they need.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) name: &'static str,
    pub(super) folder: PathBuf,
    pub(super) variables: Vec<(&'static str, PathBuf)>,
}

impl Programs {
    /// Links the native programs in a folder.
    pub(super) fn native(folder: PathBuf) -> anyhow::Result<Self> {
        debian::ensure_installed(&[PACKAGE])?;
        fs::create_dir_all(&folder)?;
        for (name, program) in [("ffmpeg", native::ffmpeg()?), ("ffprobe", on_path("ffprobe")?)] {
            link(&program, &folder.join(name))?;
        }
        Ok(Self { name: "native", folder, variables: Vec::new() })
    }

    /// Creates our programs in a folder with `afmpeg shim`, and compiles their module, so that no test waits for it.
    pub(super) fn afmpeg(folder: PathBuf) -> anyhow::Result<Self> {
        let module = wasm::build(ModuleName::FULL_GPL, true)?;
        let afmpeg = command::build_afmpeg()?;
        command::run(Command::new(&afmpeg).arg("shim").arg(&folder))?;
        let variables = vec![("AFMPEG_MODULE", module)];
        let mut version = Command::new(folder.join("ffmpeg"));
        version.envs(variables.iter().cloned()).arg("-version");
        command::output_of(&mut version).context("the program ffmpeg of `afmpeg shim` does not run")?;
        Ok(Self { name: "afmpeg", folder, variables })
    }

    pub(super) fn ffmpeg(&self) -> PathBuf {
        self.folder.join("ffmpeg")
    }
}

fn on_path(name: &str) -> anyhow::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file());
    found.with_context(|| format!("{name} is not on the PATH"))
}

fn link(target: &Path, link: &Path) -> anyhow::Result<()> {
    match fs::remove_file(link) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => symlink(target, link).with_context(|| format!("cannot link {}", link.display())),
    }
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
