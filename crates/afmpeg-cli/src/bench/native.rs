//! An installed FFmpeg.

use std::{
    collections::BTreeSet,
    env,
    ffi::OsStr,
    fs,
    io::{self, Read as _, Seek as _},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use afmpeg_engine::ComponentKind;
use wait_timeout::ChildExt as _;

use super::jobs::{Need, Work};
use crate::failure::Failure;

/// The longest run of the program.
const TIMEOUT: Duration = Duration::from_secs(600);

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
        if is_this_program(&path) {
            return Err(Failure::usage(
                format!("{} is afmpeg itself, to which `afmpeg shim` creates links", path.display()),
                "name an installed ffmpeg with --native",
            ));
        }
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
        command.current_dir(folder).args(arguments).stdout(Stdio::null());
        let ended =
            finish(&mut command, TIMEOUT).map_err(|error| unusable(&self.path, &error.to_string()))?;
        if ended.status.success() {
            return Ok(());
        }
        let log = ended.stderr;
        let last = log.lines().last().unwrap_or("it printed no error");
        Err(unusable(&self.path, &format!("{} failed with {}: {last}", work.name, ended.status)))
    }
}

/// Returns the first program in the folders of a variable such as `PATH`, except links to this one, which
/// `afmpeg shim` creates.
fn in_path(folders: &OsStr) -> Option<PathBuf> {
    let names =
        env::split_paths(folders).map(|folder| folder.join(format!("ffmpeg{}", env::consts::EXE_SUFFIX)));
    let mut programs = names.filter_map(|path| fs::canonicalize(path).ok()).filter(|path| path.is_file());
    programs.find(|path| !is_this_program(path))
}

/// Returns the standard output of the program with an option.
fn printed(path: &Path, option: &str) -> Result<String, Failure> {
    let mut command = Command::new(path);
    let unusable = |error: &io::Error| unusable(path, &error.to_string());
    let mut stdout = tempfile::tempfile().map_err(|error| unusable(&error))?;
    let copy = stdout.try_clone().map_err(|error| unusable(&error))?;
    command.args(["-hide_banner", option]).stdout(copy);
    let status = finish(&mut command, TIMEOUT).map_err(|error| unusable(&error))?.status;
    if !status.success() {
        return Err(unusable(&io::Error::other(format!("{option} failed with {status}"))));
    }
    contents(&mut stdout).map_err(|error| unusable(&error))
}

/// The end of a program.
#[derive(Debug)]
struct Ended {
    status: ExitStatus,
    stderr: String,
}

/// Runs a program without a standard input, and kills it at the time limit.
fn finish(command: &mut Command, limit: Duration) -> io::Result<Ended> {
    // A file, since nothing reads a pipe while this waits.
    let mut stderr = tempfile::tempfile()?;
    let mut child = command.stdin(Stdio::null()).stderr(stderr.try_clone()?).spawn()?;
    let Some(status) = child.wait_timeout(limit)? else {
        child.kill()?;
        child.wait()?;
        return Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("it ran for more than {} s", limit.as_secs_f64()),
        ));
    };
    Ok(Ended { status, stderr: contents(&mut stderr)? })
}

fn contents(file: &mut fs::File) -> io::Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_this_program(path: &Path) -> bool {
    env::current_exe().and_then(fs::canonicalize).is_ok_and(|own| own == path)
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
    #[cfg(unix)]
    fn program_that_hangs_is_killed_at_the_limit() {
        let error = finish(Command::new("sleep").arg("1000"), Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.to_string(), "it ran for more than 0.05 s");
        let ended = finish(Command::new("sh").args(["-c", "echo wrong >&2; exit 3"]), TIMEOUT).unwrap();
        assert_eq!((ended.status.code(), ended.stderr.as_str()), (Some(3), "wrong\n"));
    }

    #[test]
    fn link_to_this_program_is_not_a_native_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(in_path(folder.path().as_os_str()), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(env::current_exe().unwrap(), folder.path().join("ffmpeg")).unwrap();
            assert_eq!(in_path(folder.path().as_os_str()), None);
            let error = Native::find(Some(&folder.path().join("ffmpeg"))).unwrap_err();
            assert!(error.message().unwrap().contains("afmpeg itself"), "{error:?}");
        }
    }
}
