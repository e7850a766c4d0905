//! An installed FFmpeg.

use std::{
    collections::BTreeSet,
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use afmpeg_engine::ComponentKind;

use super::jobs::{Need, Work};
use crate::failure::Failure;

/// A program that runs FFmpeg's command lines, and the names of its components.
#[derive(Debug)]
pub(super) struct Native {
    path: PathBuf,
    version: String,
    encoders: BTreeSet<String>,
    decoders: BTreeSet<String>,
    filters: BTreeSet<String>,
}

impl Native {
    /// Returns the given program, or else the first `ffmpeg` in `PATH`; `None` if there is none.
    pub(super) fn find(given: Option<&Path>) -> Result<Option<Self>, Failure> {
        let path = match given {
            Some(path) => Some(path.to_owned()),
            None => in_path(&env::var_os("PATH").unwrap_or_default()),
        };
        path.map(Self::new).transpose()
    }

    fn new(path: PathBuf) -> Result<Self, Failure> {
        // The bench runs in another folder.
        let path = fs::canonicalize(&path).map_err(|error| {
            Failure::not_found(
                format!("cannot run {}: {error}", path.display()),
                "check the path of the program",
            )
        })?;
        let version = printed(&path, "-version")?;
        let version = version
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("ffmpeg version "))
            .ok_or_else(|| {
                Failure::usage(format!("{} is not FFmpeg", path.display()), "name an ffmpeg with --native")
            })?;
        Ok(Self {
            version: version.split(' ').next().unwrap_or_default().to_owned(),
            encoders: names(&printed(&path, "-encoders")?),
            decoders: names(&printed(&path, "-decoders")?),
            filters: names(&printed(&path, "-filters")?),
            path,
        })
    }

    /// Returns the version and the path.
    pub(super) fn described(&self) -> (String, String) {
        (self.version.clone(), self.path.display().to_string())
    }

    pub(super) fn has(&self, need: Need) -> bool {
        match need.kind {
            ComponentKind::Encoder => self.encoders.contains(need.name),
            ComponentKind::Decoder => self.decoders.contains(need.name),
            ComponentKind::Filter => self.filters.contains(need.name),
            _ => false,
        }
    }

    /// Runs a job in a folder.
    pub(super) fn run(&self, folder: &Path, work: &Work, arguments: &[&str]) -> Result<(), Failure> {
        let mut command = Command::new(&self.path);
        command.current_dir(folder).args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        let output = command.output().map_err(|error| unusable(&self.path, &error.to_string()))?;
        if output.status.success() {
            return Ok(());
        }
        let log = String::from_utf8_lossy(&output.stderr);
        let last = log.lines().last().unwrap_or("it printed no error");
        Err(unusable(&self.path, &format!("{} failed with {}: {last}", work.name, output.status)))
    }
}

/// Returns the first program in the folders of a variable such as `PATH`, except links to this one, which
/// `afmpeg shim` creates.
fn in_path(folders: &OsStr) -> Option<PathBuf> {
    let own = env::current_exe().and_then(fs::canonicalize).ok();
    let names =
        env::split_paths(folders).map(|folder| folder.join(format!("ffmpeg{}", env::consts::EXE_SUFFIX)));
    let mut programs = names.filter_map(|path| fs::canonicalize(path).ok()).filter(|path| path.is_file());
    programs.find(|path| Some(path) != own.as_ref())
}

/// Returns the standard output of the program with an option.
fn printed(path: &Path, option: &str) -> Result<String, Failure> {
    let mut command = Command::new(path);
    let output = command.args(["-hide_banner", option]).stdin(Stdio::null()).output();
    let output = output.map_err(|error| unusable(path, &error.to_string()))?;
    if !output.status.success() {
        return Err(unusable(path, &format!("{option} failed with {}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the names in a list of components: each is the second word of its line.
fn names(list: &str) -> BTreeSet<String> {
    list.lines().filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect()
}

fn unusable(path: &Path, reason: &str) -> Failure {
    Failure::usage(format!("cannot run {}: {reason}", path.display()), "name another ffmpeg with --native")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_ffmpegs_lists() {
        let encoders =
            "Encoders:\n V..... = Video\n ------\n V....D libx264              libx264 H.264 (codec h264)\n";
        assert!(names(encoders).contains("libx264") && !names(encoders).contains("H.264"));
        let filters =
            "Filters:\n  T.. = Timeline support\n ..C scale             V->V       Scale the input.\n";
        assert!(names(filters).contains("scale"));
    }

    #[test]
    fn link_to_this_program_is_not_a_native_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(in_path(folder.path().as_os_str()), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(env::current_exe().unwrap(), folder.path().join("ffmpeg")).unwrap();
            assert_eq!(in_path(folder.path().as_os_str()), None);
        }
    }
}
