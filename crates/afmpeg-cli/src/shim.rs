//! The program under the name of a tool: `ffmpeg` or `ffprobe`.

use std::{
    env,
    ffi::{OsStr, OsString},
    io,
    path::{Component, Path, PathBuf},
};

use afmpeg_engine::{Error, ExitStatus, Limits, Tool};

#[cfg(unix)]
use crate::handed;
use crate::{
    failure::Failure,
    folders::Folder,
    invocation::{self, Ending, Invocation},
    module,
    options::ShimOptions,
    run::{BROKEN_PIPE, STANDARD_OUTPUT},
    terminal::Terminal,
    urls::Urls,
};

/// The environment variable with the folders that replace the default ones.
const FOLDERS: &str = "AFMPEG_DIRS";

/// Returns the tool that has the name of `program`, without an extension such as `.exe`.
pub(crate) fn tool_of(program: &OsStr) -> Option<Tool> {
    let name = Path::new(program).file_stem()?;
    [Tool::Ffmpeg, Tool::Ffprobe].into_iter().find(|tool| name == tool.name())
}

/// Runs a tool as its native program runs: with the same output, exit code and keys.
pub(crate) fn run(tool: Tool, arguments: &[OsString]) -> Result<(), Failure> {
    #[cfg(unix)]
    let descriptors = handed::Descriptors::named_in(arguments)?;
    let here = invocation::current_folder()?;
    let folders = match env::var_os(FOLDERS) {
        Some(list) => listed(&list)?,
        None => default_folders(&here, arguments),
    };
    let invocation = Invocation {
        tool,
        arguments,
        added: Vec::new(),
        current_dir: invocation::current_dir_in(&folders, &here),
        folders,
        system_fonts: true,
        report: env::var_os(invocation::REPORT),
        urls: Urls::of_environment()?,
        limits: Limits::none(),
        processors: None,
        terminal: Terminal::of_stdin(),
        has_stdout: true,
        #[cfg(unix)]
        descriptors,
    };
    match invocation.run(&module::load_default()?, |_| {}) {
        Ok(_) => Ok(()),
        // FFmpeg has reported the signal.
        Err(Ending::Interrupted) => Err(Failure::interrupted().silent()),
        Err(Ending::NotStarted(failure)) => Err(failure),
        Err(Ending::LostFile(path)) => Err(Failure::lost_file(&path)),
        // FFmpeg has printed the error, and does not count an output that exists as a failure.
        Err(Ending::Failed(Error::Exit(exit))) => match exit.status().av_error().map(|error| error.name()) {
            Some("AVERROR_EXIT") => Ok(()),
            _ => Err(Failure::exit(exit.status().low_byte())),
        },
        Err(Ending::Failed(Error::Filesystem { path, source, status, .. })) if path == STANDARD_OUTPUT => {
            // FFmpeg checks its outputs, but not what it prints, such as its version.
            if status.is_some_and(ExitStatus::is_success) {
                end_as_printing(&source);
                return Ok(());
            }
            Err(Failure::exit(code_of(&source)))
        }
        Err(Ending::Failed(error)) => Err(error.into()),
    }
}

/// Ends the process as one that prints to a closed pipe: by `SIGPIPE`, which FFmpeg ignores only while it transcodes.
#[cfg(unix)]
fn end_as_printing(error: &io::Error) {
    use signal_hook::{consts::signal::SIGPIPE, low_level::emulate_default_handler};

    if error.kind() == io::ErrorKind::BrokenPipe {
        // Where it cannot be raised, the exit code reports success, as for other errors of printing.
        let _ = emulate_default_handler(SIGPIPE);
    }
}

#[cfg(not(unix))]
fn end_as_printing(_: &io::Error) {}

/// Returns FFmpeg's exit code for an error of its output: the low byte of the negated error number.
fn code_of(error: &io::Error) -> u8 {
    error.raw_os_error().map_or(BROKEN_PIPE, |number| number.wrapping_neg().to_le_bytes()[0])
}

/// Returns the folders of `AFMPEG_DIRS`, which is a list like `PATH`, under their paths in the list and their real ones.
fn listed(list: &OsStr) -> Result<Vec<Folder>, Failure> {
    let paths = env::split_paths(list).filter(|path| !path.as_os_str().is_empty());
    let absolute = paths.map(|path| std::path::absolute(&path).map_or(path, |path| without_dots(&path)));
    let folders = absolute.map(|path| Folder::as_given(&path)).collect::<Result<Vec<_>, _>>()?;
    Ok(folders.concat())
}

/// Returns the current folder, that for temporary files, and those of the paths in the arguments.
fn default_folders(here: &Path, arguments: &[OsString]) -> Vec<Folder> {
    let named = arguments.iter().flat_map(|argument| folders_in(argument));
    let mut paths: Vec<PathBuf> = [here.to_owned(), env::temp_dir()].into_iter().chain(named).collect();
    // A folder before those below it.
    paths.sort();
    let mut kept: Vec<PathBuf> = Vec::new();
    for path in paths {
        if !kept.iter().any(|folder| path.starts_with(folder)) {
            kept.push(path);
        }
    }
    // FFmpeg reports those that do not exist.
    kept.iter().filter_map(|path| Folder::as_given(path).ok()).flatten().collect()
}

/// Returns the folders of the paths in an argument: of the argument itself, and of the parts that start with `/` or `.`
/// in a list, a filter graph or an address such as `concat:/a.ts|/b.ts`. The root is none of them.
fn folders_in(argument: &OsStr) -> Vec<PathBuf> {
    const SEPARATORS: &[char] = &[':', '|', ',', ';', '=', '\'', '"', '[', ']', '\\'];
    let text = argument.to_string_lossy();
    let parts = text.split(SEPARATORS).filter(|part| part.starts_with(['/', '.']));
    let paths = parts.map(PathBuf::from).chain([PathBuf::from(argument)]);
    paths.filter(|path| path.components().count() > 1).filter_map(|path| folder_of(&path)).collect()
}

/// Returns the folder of a path, or the path itself if it is a folder.
fn folder_of(path: &Path) -> Option<PathBuf> {
    let absolute = without_dots(&std::path::absolute(path).ok()?);
    let folder = if absolute.is_dir() { absolute.as_path() } else { absolute.parent()? };
    let is_root = !folder.components().any(|part| matches!(part, Component::Normal(_)));
    (!is_root && folder.is_dir()).then(|| folder.to_owned())
}

/// Removes `.` and `..`, as the guest does: without a look at symbolic links.
fn without_dots(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                path.pop();
            }
            part => path.push(part),
        }
        path
    })
}

/// Creates links to this program, under the names of the tools.
pub(crate) fn create(options: &ShimOptions) -> Result<(), Failure> {
    let failed = |path: &Path, error: &io::Error| {
        Failure::filesystem(
            format!("cannot create {}: {error}", path.display()),
            "choose a folder that can be written and has no other program of this name",
        )
    };
    let program = env::current_exe().map_err(|error| failed(&options.folder, &error))?;
    std::fs::create_dir_all(&options.folder).map_err(|error| failed(&options.folder, &error))?;
    for tool in [Tool::Ffmpeg, Tool::Ffprobe] {
        let link = options.folder.join(tool.name()).with_extension(env::consts::EXE_EXTENSION);
        let is_ours = link.canonicalize().is_ok_and(|target| Some(target) == program.canonicalize().ok());
        if !is_ours {
            make_link(&program, &link).map_err(|error| failed(&link, &error))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn make_link(program: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(program, link)
}

#[cfg(not(unix))]
fn make_link(program: &Path, link: &Path) -> io::Result<()> {
    if link.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    std::fs::copy(program, link).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tool_is_chosen_by_the_name_of_the_program() {
        for (program, tool) in [
            ("ffmpeg", Some(Tool::Ffmpeg)),
            ("/usr/bin/ffprobe", Some(Tool::Ffprobe)),
            ("ffmpeg.exe", Some(Tool::Ffmpeg)),
            ("afmpeg", None),
            ("ffmpeg-9.0.2", None),
        ] {
            assert_eq!(tool_of(program.as_ref()), tool, "{program}");
        }
    }

    #[test]
    fn folders_of_all_paths_in_an_argument_are_found() {
        let made = tempfile::tempdir().unwrap();
        let root = made.path().canonicalize().unwrap();
        for folder in ["a", "b c", "fonts"] {
            std::fs::create_dir(root.join(folder)).unwrap();
        }
        let found = |argument: String| {
            let mut found = folders_in(argument.as_ref());
            found.sort();
            found.dedup();
            let names: Vec<String> = found
                .iter()
                .filter_map(|folder| folder.strip_prefix(&root).ok())
                .map(|folder| folder.display().to_string())
                .collect();
            names
        };
        let root = root.display();
        assert_eq!(found(format!("{root}/a/clip.mp4")), ["a"]);
        assert_eq!(found(format!("{root}/b c/clip.mp4")), ["b c"]);
        assert_eq!(found(format!("concat:{root}/a/1.ts|{root}/fonts/2.ts")), ["a", "fonts"]);
        assert_eq!(found(format!("subtitles={root}/a/x.srt:fontsdir={root}/fonts")), ["a", "fonts"]);
        assert_eq!(found(format!("[f=mp4]{root}/a/x.mp4|[f=null]-")), ["a"]);
        assert_eq!(found(format!("{root}/none/clip.mp4")), [""; 0]);
        for not_a_folder in ["/", "/clip.mp4", "iw/2", "1/25", "-", ""] {
            assert!(folders_in(not_a_folder.as_ref()).is_empty(), "{not_a_folder}");
        }
    }
}
