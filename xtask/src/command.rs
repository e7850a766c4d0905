//! Running other programs.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context as _;

use crate::{failure::Failure, project};

/// How many lines of a log an error shows, and from how many bytes at its end they are taken.
const SHOWN_LINES: usize = 20;
const SHOWN_BYTES: u64 = 8 << 10;

/// What the commands of one step print.
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
        // Appending: the commands write to the same file, each through a handle of its own.
        let _ = std::fs::remove_file(&path);
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)
            .with_context(|| format!("cannot write the log {}", path.display()))?;
        Ok(Self { path, file })
    }

    /// Runs a command to its end, with all it prints in the log.
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
            "the log has the whole story",
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

/// Runs a command on the terminal, and says what it runs.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    eprintln!("$ {}", describe(command));
    let status = command.status().with_context(|| format!("cannot run {}", describe(command)))?;
    anyhow::ensure!(status.success(), "`{}` failed ({status})", describe(command));
    Ok(())
}

/// What a command prints, without the blanks around it; none if it cannot be run or fails.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// What the variables begin with in which cargo describes a package to what it runs.
const PACKAGE_VARIABLES: &[&str] = &["CARGO_MANIFEST_", "CARGO_PKG_"];

/// The cargo that runs this, in the repository's folder.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(project::root());
    // cargo tells its children of this package; another cargo would take it for its own, and build anew what looks at it.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| PACKAGE_VARIABLES.iter().any(|prefix| name.starts_with(prefix))) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Which packages and features cargo works on: everything that needs nothing installed, so all but LLVM.
///
/// The demo and the tests do it alike: for any smaller part, cargo would choose other features of the
/// dependencies, and compile wasmer once more.
pub(crate) const SELECTION: &[&str] = &["--workspace", "--features", "full"];

/// Builds everything of the workspace that can be built, tests too.
pub(crate) fn build_workspace() -> anyhow::Result<()> {
    run(cargo().arg("build").args(SELECTION).arg("--all-targets"))
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_command_is_reported_with_its_log_and_the_end_of_it() {
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
