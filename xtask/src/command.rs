//! Running other programs.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use anyhow::Context as _;

use crate::{failure::Failure, progress, project};

/// The number of lines of a log in an error, and the number of bytes at its end to read them from.
const SHOWN_LINES: usize = 20;
const SHOWN_BYTES: u64 = 8 << 10;

/// The output of the commands of one step.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    pub(crate) fn create(path: PathBuf) -> anyhow::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        // Append, since each command writes to the file through a separate handle.
        let _ = std::fs::remove_file(&path);
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)
            .with_context(|| format!("cannot write the log {}", path.display()))?;
        Ok(Self { path, file })
    }

    /// Runs a command to its end, with its output in the log.
    pub(crate) fn run(&mut self, command: &mut Command) -> anyhow::Result<()> {
        writeln!(self.file, "$ {}", describe(command))?;
        let name = Path::new(command.get_program()).display().to_string();
        let status = command
            .stdin(Stdio::null())
            .stdout(self.file.try_clone()?)
            .stderr(self.file.try_clone()?)
            .status()
            .with_context(|| format!("cannot run {name}"))?;
        if status.success() {
            return Ok(());
        }
        let tail = self.tail().unwrap_or_default();
        Err(Failure::new(
            format!("{name} failed ({status}); the end of {}:\n{tail}", self.path.display()),
            "read the log for details",
        )
        .into())
    }

    fn tail(&mut self) -> std::io::Result<String> {
        let start = self.file.metadata()?.len().saturating_sub(SHOWN_BYTES);
        self.file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        Ok(lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n"))
    }
}

/// Prints and runs a command on the terminal.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    eprintln!("$ {}", describe(command));
    let status = command.status().with_context(|| format!("cannot run {}", describe(command)))?;
    anyhow::ensure!(status.success(), "`{}` failed ({status})", describe(command));
    Ok(())
}

/// Returns the trimmed output of a command, or `None` if it cannot be run or fails.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The prefixes of the variables in which cargo describes a package to its children.
const PACKAGE_VARIABLES: &[&str] = &["CARGO_MANIFEST_", "CARGO_PKG_"];

/// The variable for the folder into which cargo builds.
const TARGET_VARIABLE: &str = "CARGO_TARGET_DIR";

/// Returns the cargo that runs this program, in the repository's folder.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(project::root());
    // Programs are run from this folder, and find modules in it. The user's variable or configuration may name another.
    cargo.env(TARGET_VARIABLE, project::target());
    // Remove the variables about this package: a nested cargo would rebuild everything that reads them.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| PACKAGE_VARIABLES.iter().any(|prefix| name.starts_with(prefix))) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// The packages and features that cargo works on: everything that needs no installed library, so all but LLVM.
///
/// The demo and the tests use the same selection: with a smaller one, cargo would select other features of the
/// dependencies and compile wasmer again.
pub(crate) const SELECTION: &[&str] = &["--workspace", "--features", "full"];

/// Runs a command while `work` runs, which leaves processors idle at times; prints its lines above the progress of `work`.
pub(crate) fn run_beside<T>(
    command: &mut Command,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    progress::print(&format!("$ {}", describe(command)));
    let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot run {}", describe(command)))?;
    let lines = BufReader::new(child.stderr.take().context("a piped stream")?).lines();
    let printer = thread::spawn(|| lines.map_while(Result::ok).for_each(|line| progress::print(&line)));
    let done = work();
    if done.is_err() {
        // The error of `work` is reported now, and not after minutes of building.
        let _ = child.kill();
    }
    let status = child.wait()?;
    let _ = printer.join();
    let done = done?;
    anyhow::ensure!(status.success(), "`{}` failed ({status})", describe(command));
    Ok(done)
}

/// Returns the command that builds the demonstration, with the features of the whole workspace.
pub(crate) fn build_of_demo() -> Command {
    let mut build = cargo();
    build.arg("build").args(SELECTION).args(["--bin", "afmpeg-demo"]);
    build
}

/// Returns the command that builds the whole workspace, including tests.
pub(crate) fn build_of_workspace() -> Command {
    let mut build = cargo();
    build.arg("build").args(SELECTION).arg("--all-targets");
    build
}

/// Builds the whole workspace, including tests.
pub(crate) fn build_workspace() -> anyhow::Result<()> {
    run(&mut build_of_workspace())
}

/// Builds the command `afmpeg`, with the features of the whole workspace, and returns its path.
pub(crate) fn build_afmpeg() -> anyhow::Result<PathBuf> {
    run(cargo().arg("build").args(SELECTION).args(["--bin", "afmpeg"]))?;
    Ok(project::target().join("debug/afmpeg"))
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_builds_into_the_folder_from_which_programs_are_run() {
        let (cargo, target) = (cargo(), project::target());
        let folder = cargo.get_envs().find(|(name, _)| *name == TARGET_VARIABLE).unwrap().1;
        assert_eq!(folder, Some(target.as_os_str()));
    }

    #[test]
    fn error_of_a_failed_command_has_its_log_file_and_the_end_of_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("step.log");
        let mut log = Log::create(path.clone()).unwrap();
        let script = "for i in $(seq 1 100); do echo line $i; done; exit 3";
        let error = log.run(Command::new("sh").args(["-c", script])).unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        assert!(error.contains("line 100") && error.contains("line 85"), "{error}");
        assert!(!error.contains("line 50\n"), "{error}");
    }
}
