//! The parts that the drivers of all build systems share.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use crate::{
    command::Log,
    wasm::{files::files_below, workspace::Workspace},
};

/// Builds a library with one build system.
pub(super) trait Driver {
    /// The options of the build that do not depend on the machine.
    fn options(&self) -> Vec<String>;

    /// The options of each part of the library, by the part's name.
    fn configured(&self, library: &str) -> BTreeMap<String, Vec<String>> {
        BTreeMap::from([(library.to_owned(), self.options())])
    }

    /// Builds the unpacked source and installs it in the prefix.
    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()>;
}

/// The place in which one library is built.
pub(super) struct Site<'a> {
    pub(super) name: &'a str,
    pub(super) workspace: Workspace<'a>,
    pub(super) log: Log,
    /// The jobs of all builds that run at once. One of them belongs to this build.
    pub(super) jobs: &'a jobserver::Client,
}

impl Site<'_> {
    pub(super) fn source(&self) -> PathBuf {
        self.workspace.source(self.name)
    }

    pub(super) fn prefix(&self) -> PathBuf {
        self.workspace.prefix()
    }

    /// Puts the path of the prefix into options that contain `{prefix}`.
    pub(super) fn resolve(&self, options: &[String]) -> Vec<String> {
        let prefix = self.prefix().display().to_string();
        options.iter().map(|option| option.replace("{prefix}", &prefix)).collect()
    }

    /// Runs a program in `folder`; its output goes to the log.
    pub(super) fn run(
        &mut self,
        folder: &Path,
        program: impl AsRef<Path>,
        arguments: &[String],
    ) -> anyhow::Result<()> {
        let mut command: Command = self.workspace.command(program.as_ref());
        self.log.run(command.current_dir(folder).args(arguments))
    }

    /// Runs `make` in `folder` once for each list of arguments, after the common ones. It shares the jobs of other builds.
    pub(super) fn make(
        &mut self,
        folder: &Path,
        common: &[String],
        runs: &[Vec<String>],
    ) -> anyhow::Result<()> {
        for arguments in runs {
            let mut make = self.workspace.command("make");
            self.jobs.configure_make(&mut make);
            self.log.run(make.current_dir(folder).args(common).args(arguments))?;
        }
        Ok(())
    }

    /// Copies the files and folders that match a pattern in the source to a folder in the prefix.
    pub(super) fn install(&self, pattern: &str, folder: &str) -> anyhow::Result<()> {
        let folder = self.prefix().join(folder);
        fs::create_dir_all(&folder)?;
        let source = glob::Pattern::escape(&self.source().display().to_string());
        let mut count = 0;
        for path in glob::glob(&format!("{source}/{pattern}"))? {
            let path = path?;
            copy(&path, &folder.join(path.file_name().context("a file has a name")?))?;
            count += 1;
        }
        anyhow::ensure!(count > 0, "{} has no file {pattern} to install", self.name);
        Ok(())
    }
}

/// Copies a file, or a folder with all that it contains.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.is_dir() {
        fs::copy(from, to)?;
        return Ok(());
    }
    for file in files_below(from)? {
        let to = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        fs::copy(file, to)?;
    }
    Ok(())
}

/// The default of a recipe's `make`.
pub(super) fn install_target() -> Vec<Vec<String>> {
    vec![vec!["install".to_owned()]]
}

pub(super) fn owned(options: &[&str]) -> Vec<String> {
    options.iter().map(|option| (*option).to_owned()).collect()
}
