//! `afmpeg run`: FFmpeg's own command line, on folders of this machine.

use std::{
    env,
    io::{self, Write as _},
    path::Path,
    time::Duration,
};

use afmpeg_engine::{Limits, Tool};

use crate::{
    failure::Failure,
    folders::{self, Folder},
    module,
    options::RunOptions,
};

pub(crate) fn run(options: &RunOptions) -> Result<(), Failure> {
    let here = env::current_dir().and_then(|here| here.canonicalize()).map_err(|error| {
        Failure::filesystem(
            format!("cannot use the current folder: {error}"),
            "change to a folder that exists",
        )
    })?;
    let folders = visible_folders(&options.dirs, &here)?;
    let fs = folders::filesystem(&folders)?;
    // Where relative paths start: here if the guest can see it, else at the first folder it was given.
    let current_dir = folders
        .iter()
        .find_map(|folder| folder.guest_path_of(&here))
        .or_else(|| folders.first().map(|folder| folder.guest().to_owned()))
        .unwrap_or_else(|| "/".to_owned());

    let tool = Tool::from(options.tool);
    let unasked: &[&str] = match tool {
        // There is no terminal in the guest to ask questions on.
        Tool::Ffmpeg => &["-hide_banner", "-nostdin"],
        Tool::Ffprobe => &["-hide_banner"],
        Tool::Capabilities => &[],
    };
    module::load(&options.module)?
        .job(fs)
        .tool(tool)
        .args(unasked.iter().copied())
        .args(options.arguments.iter().cloned())
        .current_dir(current_dir)
        .limits(limits(options)?)
        .stdin(io::stdin())
        .stdout(|bytes| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes)?;
            stdout.flush()
        })
        .stderr(|bytes| io::stderr().write_all(bytes))
        .run()?;
    Ok(())
}

/// A person runs the command on files of theirs: only what they limit is limited.
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

fn visible_folders(dirs: &[String], here: &Path) -> Result<Vec<Folder>, Failure> {
    if dirs.is_empty() {
        return Ok(vec![Folder::at_own_path(here, false)?]);
    }
    dirs.iter().map(|dir| Folder::parse(dir)).collect()
}
