//! `afmpeg run`: FFmpeg's own command line on local folders.

use std::{
    env,
    ffi::OsString,
    io::{self, Write},
    path::Path,
    time::Duration,
};

use afmpeg_engine::{CancelToken, Error, ExitError, Job, Limits, Tool};
use afmpeg_vfs::VPath;

#[cfg(unix)]
use crate::handed;
use crate::{
    arguments,
    failure::Failure,
    folders::{self, Folder},
    interrupt::Interrupts,
    keys::Keys,
    module,
    options::RunOptions,
    output, stderr, stdin, usage,
};

/// The one of a tool's unattended arguments that `--banner` leaves out.
const HIDE_BANNER: &str = "-hide_banner";

/// FFmpeg's exit code after a signal.
const INTERRUPTED: u8 = 255;

/// FFmpeg's exit code after the reader of its standard output has closed it.
const BROKEN_PIPE: u8 = 224;

pub(crate) fn run(options: &RunOptions) -> Result<(), Failure> {
    #[cfg(unix)]
    let descriptors = handed::Descriptors::named_in(&options.arguments)?;
    let here = env::current_dir().and_then(|here| here.canonicalize()).map_err(|error| {
        Failure::filesystem(
            format!("cannot use the current folder: {error}"),
            "change to a folder that exists",
        )
    })?;
    let folders = visible_folders(&options.dirs, &here)?;
    let fs = folders::filesystem(&folders)?;
    // Relative paths start at the current folder if the guest can access it, else at its first folder.
    let current_dir = folders
        .iter()
        .find_map(|folder| folder.guest_path_of(&here))
        .or_else(|| folders.first().map(|folder| folder.guest().to_owned()))
        .unwrap_or_else(|| "/".to_owned());

    let tool = Tool::from(options.tool);
    let cancel = CancelToken::new();
    let mut job = module::load(&options.module)?
        .job(fs.clone())
        .tool(tool)
        // There is no terminal in the guest: this process reads the keys.
        .args(
            tool.unattended_args()
                .iter()
                .copied()
                .filter(|option| !(options.banner && *option == HIDE_BANNER)),
        )
        .args_os(&options.arguments)
        .current_dir(&current_dir)
        .limits(limits(options)?)
        .cancel_token(&cancel)
        .stdout(standard_output())
        .stderr(|bytes| {
            stderr::print(bytes);
            Ok(())
        });
    if let Some(count) = options.processors {
        job = job.processors(count);
    }
    #[cfg(unix)]
    {
        job = descriptors.give_to(job);
        job = handed::give_named_pipes(job, tool, &options.arguments, &fs, &folders, &current_dir);
    }
    let keys = Keys::watch(tool, &options.arguments, &cancel);
    if keys.is_none() {
        job = stdin::give_to(job);
    }
    let ending = until_interrupted(job, &cancel, keys.is_some());
    drop(keys);
    ending.map_err(|ending| ending.failure(&options.arguments, &folders, &current_dir))
}

/// Returns a writer to the standard output, which is opened at the first write: a closed one is an error only then.
fn standard_output() -> impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static {
    let mut stdout = None;
    move |bytes| {
        let stdout = match &mut stdout {
            Some(stdout) => stdout,
            none => none.insert(output::stdout()?),
        };
        stdout.write_all(bytes)?;
        stdout.flush()
    }
}

/// The ending of an interrupted or failed job.
enum Ending {
    Interrupted,
    Failed(Error),
}

fn until_interrupted(job: Job, cancel: &CancelToken, with_keys: bool) -> Result<(), Ending> {
    let interrupts = Interrupts::watch(cancel, with_keys);
    match job.run() {
        Ok(_) | Err(Error::Cancelled { .. } | Error::Exit(_)) if interrupts.received() => {
            Err(Ending::Interrupted)
        }
        Ok(_) => Ok(()),
        Err(error) => Err(Ending::Failed(error)),
    }
}

impl Ending {
    fn failure(self, arguments: &[OsString], folders: &[Folder], current_dir: &str) -> Failure {
        let error = match self {
            // FFmpeg has already reported the signal.
            Ending::Interrupted => return Failure::silent(INTERRUPTED),
            Ending::Failed(error) => error,
        };
        match &error {
            Error::Filesystem { path, source, .. }
                if is_stream(path) && source.kind() == io::ErrorKind::BrokenPipe =>
            {
                Failure::from(error).with_code(BROKEN_PIPE)
            }
            Error::Filesystem { path, .. } if path == STANDARD_OUTPUT => {
                Failure::from(error).with_hint(output::UNWRITABLE_HINT.to_owned())
            }
            // FFmpeg's log is off.
            Error::Exit(exit) if arguments::are_quiet(arguments) => Failure::silent(exit.status().low_byte()),
            Error::LostFile { path, .. } => {
                let folder = VPath::new(path).ok().and_then(|path| path.parent()).unwrap_or_else(VPath::root);
                let hint = format!(
                    "give FFmpeg access to that folder with --dir {folder}, and to the current one with --dir ."
                );
                Failure::from(error).with_hint(hint)
            }
            Error::Exit(exit) => match hint(exit, folders, current_dir) {
                Some(hint) => Failure::from(error).with_hint(hint),
                None => error.into(),
            },
            _ => error.into(),
        }
    }
}

/// Returns a hint where the library's does not fit the command.
fn hint(exit: &ExitError, folders: &[Folder], current_dir: &str) -> Option<String> {
    if names(exit, &["AVERROR_EXIT"]) {
        return Some("pass `-y` to overwrite it: afmpeg does not prompt".to_owned());
    }
    if is_without_descriptor(exit) {
        return Some(NO_DESCRIPTOR.to_owned());
    }
    if let Some(option) = own_option(exit) {
        return Some(format!(
            "put {option} before FFmpeg's arguments: behind the first one, all are FFmpeg's"
        ));
    }
    outside_of(exit.subject()?, folders, current_dir)
}

/// Returns whether a tool's exit status is one of these errors.
fn names(exit: &ExitError, errors: &[&str]) -> bool {
    exit.status().av_error().is_some_and(|error| errors.contains(&error.name()))
}

/// The hint for a descriptor that is not open.
const NO_DESCRIPTOR: &str = "open it, in a shell with `3< FILE` or `4> FILE` after the command; descriptors named in \
                             lists and playlists are not passed on";

/// Returns the option of `afmpeg run` that FFmpeg does not have: it removes one of the two dashes.
fn own_option(exit: &ExitError) -> Option<String> {
    let option = format!("-{}", exit.subject()?);
    (names(exit, &["AVERROR_OPTION_NOT_FOUND"]) && usage::is_option_of_run(&option)).then_some(option)
}

/// Returns whether FFmpeg failed to use a descriptor that is not open.
fn is_without_descriptor(exit: &ExitError) -> bool {
    const PREFIXES: [&str; 4] = ["pipe:", "fd:", "/dev/fd/", "/proc/self/fd/"];
    names(exit, &["EBADF", "ENOENT"])
        && exit.subject().is_some_and(|url| PREFIXES.iter().any(|prefix| url.starts_with(prefix)))
}

/// The path of a job's standard output.
const STANDARD_OUTPUT: &str = "/dev/stdout";

/// Returns whether `path` is that of a job's stream, and not of a file in a folder.
fn is_stream(path: &str) -> bool {
    path == STANDARD_OUTPUT || path.starts_with("/dev/fd/")
}

/// Returns a hint for a path outside the folders that FFmpeg can access.
fn outside_of(path: &str, folders: &[Folder], current_dir: &str) -> Option<String> {
    // URLs, and words that are not paths, are in no folder.
    if !path.contains('/') || path.contains("://") {
        return None;
    }
    let path = VPath::new(current_dir).ok()?.join(path.strip_prefix("file:").unwrap_or(path)).ok()?;
    let is_below = |folder: &str| VPath::new(folder).is_ok_and(|folder| path.starts_with(&folder));
    if is_below("/dev") || folders.iter().any(|folder| is_below(folder.guest())) {
        return None;
    }
    let parent = path.parent().unwrap_or_else(VPath::root);
    let guests: Vec<&str> = folders.iter().map(Folder::guest).collect();
    Some(format!(
        "add --dir {parent}, and --dir . for the current folder: FFmpeg can access {} and nothing else",
        guests.join(" and ")
    ))
}

/// Returns the limits from the options. There are no others: a user runs the command on trusted files.
fn limits(options: &RunOptions) -> Result<Limits, Failure> {
    let mut limits = Limits::none();
    if let Some(mebibytes) = options.memory {
        limits = limits.memory(mebibytes.saturating_mul(1 << 20));
    }
    if let Some(seconds) = options.timeout {
        let time = Duration::try_from_secs_f64(seconds).map_err(|error| {
            Failure::usage(
                format!("--timeout {seconds}: {error}"),
                "give a number of seconds, such as 90 or 0.5",
            )
        })?;
        limits = limits.wall_time(time);
    }
    Ok(limits)
}

fn visible_folders(dirs: &[OsString], here: &Path) -> Result<Vec<Folder>, Failure> {
    if dirs.is_empty() {
        return Ok(vec![Folder::at_own_path(here, false)?]);
    }
    dirs.iter().map(|dir| Folder::parse(dir)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hint_for_a_folder_is_given_only_for_paths_outside_all_folders() {
        let here = tempfile::tempdir().unwrap();
        let here = here.path().canonicalize().unwrap();
        let folder = Folder::at_own_path(&here, false).unwrap();
        let guest = folder.guest().to_owned();
        let hint = |path: &str| outside_of(path, std::slice::from_ref(&folder), &guest);
        for inside in ["clip.mp4", "./clip.mp4", "sub/clip.mp4", "/dev/stdout", "https://example.com/a"] {
            assert_eq!(hint(inside), None, "{inside}");
        }
        assert!(hint("../clip.mp4").unwrap().contains("--dir"));
        assert!(hint("/elsewhere/clip.mp4").unwrap().contains("--dir /elsewhere"));
    }
}
