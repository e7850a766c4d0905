//! `afmpeg run`: FFmpeg's own command line on local folders.

use std::{ffi::OsString, io, path::Path, time::Duration};

use afmpeg_engine::{ComponentKind, Error, ExitError, Limits, Output, ProgressWatch, Tool};
use afmpeg_vfs::VPath;

#[cfg(unix)]
use crate::handed;
use crate::{
    arguments,
    failure::Failure,
    folders::Folder,
    invocation::{self, Ending, Invocation},
    job_result::{self, Started},
    module,
    options::RunOptions,
    output,
    terminal::Terminal,
    urls::{self, Urls},
    usage,
};

/// FFmpeg's exit code after the reader of its standard output has closed it.
pub(crate) const BROKEN_PIPE: u8 = 224;

pub(crate) fn run(options: &RunOptions) -> Result<(), Failure> {
    let mut started = None;
    let result = execute(options, |progress| started = Some(Started::now(progress)));
    if options.json {
        output::print(&job_result::line(options.tool.into(), &result, started.as_ref())?)?;
    }
    result.map(drop)
}

/// Runs the tool, and calls `start` when it starts.
fn execute(options: &RunOptions, start: impl FnOnce(ProgressWatch)) -> Result<Output, Failure> {
    let tool = Tool::from(options.tool);
    if options.json && tool == Tool::Ffprobe {
        return Err(Failure::usage(
            "--json describes jobs of ffmpeg: ffprobe prints its own output",
            "leave it out, and pass `-of json` to ffprobe, or use `afmpeg probe --json`",
        ));
    }
    #[cfg(unix)]
    let descriptors = handed::Descriptors::named_in(&options.arguments)?;
    let here = invocation::current_folder()?;
    let folders = visible_folders(&options.dirs, &here)?;
    let current_dir = invocation::current_dir_in(&folders, &here);
    let terminal = Terminal::of_stdin();
    let invocation = Invocation {
        tool,
        arguments: &options.arguments,
        added: added(tool, options, terminal.is_some()),
        folders: folders.clone(),
        system_fonts: !options.no_system_fonts,
        current_dir: current_dir.clone(),
        report: None,
        urls: Urls::below(options.allow_urls.iter().map(String::as_str))?,
        limits: limits(options)?,
        processors: options.processors,
        terminal,
        has_stdout: !options.json,
        #[cfg(unix)]
        descriptors,
    };
    let ended = invocation.run(&module::load(&options.module)?, start);
    ended.map_err(|ending| failure(ending, options, &folders, &current_dir))
}

/// Returns the options that a tool gets before its arguments: ffmpeg reads keys only from a terminal, since a standard
/// input without keys, such as that of a loop in a shell, is not for it.
fn added(tool: Tool, options: &RunOptions, has_terminal: bool) -> Vec<&'static str> {
    let is_left_out = |option: &str| match option {
        "-hide_banner" => options.banner,
        "-nostdin" => has_terminal,
        _ => false,
    };
    tool.unattended_args().iter().copied().filter(|option| !is_left_out(option)).collect()
}

fn failure(ending: Ending, options: &RunOptions, folders: &[Folder], current_dir: &str) -> Failure {
    let error = match ending {
        // FFmpeg has already reported the signal.
        Ending::Interrupted => return Failure::interrupted().silent(),
        Ending::NotStarted(failure) => return failure,
        Ending::LostFile(path) => return Failure::lost_file(&path),
        Ending::Failed(error) => error,
    };
    match &error {
        Error::Filesystem { path, source, .. }
            if is_stream(path) && source.kind() == io::ErrorKind::BrokenPipe =>
        {
            Failure::from(error).with_code(BROKEN_PIPE)
        }
        Error::Filesystem { path, .. } if path == STANDARD_OUTPUT && options.json => Failure::usage(
            "ffmpeg writes to the standard output, which has the result of --json",
            "write to a file or to another descriptor, such as pipe:3, or leave out --json",
        ),
        Error::Filesystem { path, .. } if path == STANDARD_OUTPUT => {
            Failure::from(error).with_hint(output::UNWRITABLE_HINT.to_owned())
        }
        // FFmpeg's log is off.
        Error::Exit(_) if arguments::are_quiet(&options.arguments) => Failure::from(error).silent(),
        Error::LostFile { path, .. } => Failure::lost_file(path),
        Error::Exit(exit) => match hint(exit, folders, current_dir) {
            Some(hint) => Failure::from(error).with_hint(hint),
            None => error.into(),
        },
        _ => error.into(),
    }
}

/// Returns a hint where the library's does not fit the command.
fn hint(exit: &ExitError, folders: &[Folder], current_dir: &str) -> Option<String> {
    if names(exit, &["AVERROR_EXIT"]) {
        return Some("pass `-y` to overwrite it: afmpeg does not prompt".to_owned());
    }
    if is_without_urls(exit) {
        return Some("allow FFmpeg to read it with --allow-url and the start of the URL".to_owned());
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

/// Returns whether FFmpeg failed to read a URL, and may read none.
fn is_without_urls(exit: &ExitError) -> bool {
    exit.component().is_some_and(|lacks| lacks.kind() == ComponentKind::Protocol)
        && exit.subject().is_some_and(urls::is_url)
}

/// Returns whether FFmpeg failed to use a descriptor that is not open.
fn is_without_descriptor(exit: &ExitError) -> bool {
    const PREFIXES: [&str; 4] = ["pipe:", "fd:", "/dev/fd/", "/proc/self/fd/"];
    names(exit, &["EBADF", "ENOENT"])
        && exit.subject().is_some_and(|url| PREFIXES.iter().any(|prefix| url.starts_with(prefix)))
}

/// The path of a job's standard output.
pub(crate) const STANDARD_OUTPUT: &str = "/dev/stdout";

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
        "add --dir {parent}, and --dir . for the current folder: FFmpeg can access only {}",
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
