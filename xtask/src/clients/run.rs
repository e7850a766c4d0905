//! A run of a client's tests with one pair of programs.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;

use super::{
    client::Client,
    outcome::{self, Outcomes},
    programs::Programs,
};
use crate::{failure::Failure, project};

/// The time limit of a test in seconds. A test that reaches it has failed.
const TEST_LIMIT: &str = "600";

/// The folder of the plugin.
const PLUGIN: &str = "xtask/src/clients/plugin";

/// The variables that could change an outcome.
const FOREIGN_VARIABLES: &[&str] =
    &["AFMPEG_DIRS", "DISPLAY", "WAYLAND_DISPLAY", "PYTEST_ADDOPTS", "PYTHONHOME", "PYTHONSTARTUP"];

/// The folders of a client's runs.
#[derive(Debug)]
pub(super) struct Folders<'a> {
    /// The packages of Python.
    pub(super) packages: &'a Path,
    /// The client's files before a run.
    pub(super) pristine: &'a Path,
    /// The folder of the runs, the same for all, since the names of some tests contain it.
    pub(super) work: &'a Path,
    /// The folder of outcomes and logs.
    pub(super) results: &'a Path,
}

/// The outcomes of a run, and its time.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) outcomes: Outcomes,
    pub(super) time: Duration,
}

/// Runs the tests in a copy of the pristine files.
pub(super) fn run(client: &Client, programs: &Programs, folders: &Folders<'_>) -> anyhow::Result<Run> {
    let result =
        |extension: &str| folders.results.join(format!("{}-{}.{extension}", client.name, programs.name));
    let (outcomes, log, left_out) = (result("jsonl"), result("log"), folders.results.join("left-out.json"));
    fs::write(&left_out, client.left_out_json()?)?;
    copy(folders.pristine, folders.work)?;
    let temporary = folders.results.join("tmp");
    empty(&temporary)?;

    let mut pytest = Command::new("python3");
    for variable in FOREIGN_VARIABLES {
        pytest.env_remove(variable);
    }
    pytest
        .current_dir(folders.work)
        .env("PATH", joined(&[&programs.folder], env::var_os("PATH").as_deref())?)
        .env("PYTHONPATH", joined(&[folders.packages, &project::root().join(PLUGIN)], None)?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        .env("LC_ALL", "C.UTF-8")
        .env("TMPDIR", &temporary)
        // imageio-ffmpeg and moviepy use a program of their own otherwise.
        .env("IMAGEIO_FFMPEG_EXE", programs.ffmpeg())
        .env("FFMPEG_BINARY", programs.ffmpeg())
        .envs(programs.variables.iter().cloned())
        // Without the user's packages.
        .args([
            "-s",
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-p",
            "pytest_timeout",
            "-p",
            "afmpeg_clients",
        ])
        .args([
            "--timeout",
            TEST_LIMIT,
            "--rootdir",
            ".",
            "--continue-on-collection-errors",
            "--override-ini",
            "addopts=",
        ])
        .arg("--outcomes")
        .arg(&outcomes)
        .arg("--left-out")
        .arg(&left_out)
        .arg("--downloads")
        .arg(folders.work.join("downloads"))
        .args(&client.tests);
    let file = fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let started = Instant::now();
    let status = pytest.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).status();
    let status = status.context("cannot run python3")?;
    let time = started.elapsed();
    // pytest's codes if all tests have passed, and if some have failed.
    if !matches!(status.code(), Some(0 | 1)) {
        return Err(Failure::new(
            format!(
                "the tests of {} with {} did not run to their end ({status})",
                client.name, programs.name
            ),
            format!("see {}", log.display()),
        )
        .into());
    }
    Ok(Run { outcomes: outcome::read(&outcomes)?, time })
}

/// Returns a list of folders as in `PATH`: these, then those of a list.
fn joined(folders: &[&Path], list: Option<&std::ffi::OsStr>) -> anyhow::Result<std::ffi::OsString> {
    let others: Vec<PathBuf> = list.map(|list| env::split_paths(list).collect()).unwrap_or_default();
    Ok(env::join_paths(folders.iter().copied().chain(others.iter().map(PathBuf::as_path)))?)
}

/// Replaces a folder by a copy of another.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    empty(to)?;
    let status =
        Command::new("cp").arg("-R").arg(from.join(".")).arg(to).status().context("cannot run cp")?;
    anyhow::ensure!(status.success(), "cannot copy {} ({status})", from.display());
    Ok(())
}

/// Creates an empty folder in place of the one that is there.
pub(super) fn empty(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}
