//! Runs a program of FFmpeg's test suite in the sandbox: the `TARGET_EXEC` of `cargo xtask fate`.
//!
//!     AFMPEG_FATE_ROOT=<folder> fate-exec <program> [argument]...
//!
//! The program, a WebAssembly module, can access the folder under its host path, starts in the current folder, and uses
//! this process's standard streams and exit status.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use afmpeg_engine::{Error, ErrorKind, Limits, Runtime, Tool};
use afmpeg_vfs::{HostDir, MemFs, Mount, VPath};

/// The environment variable for the folder.
const ROOT: &str = "AFMPEG_FATE_ROOT";

/// The environment variable for the number of processors. Default: those of the host.
const PROCESSORS: &str = "AFMPEG_FATE_PROCESSORS";

/// The longest run of a program, so that one that hangs fails instead of blocking the others.
const TIMEOUT: Duration = Duration::from_secs(600);

/// A shell's exit codes for a program that aborted and one that cannot be run, and that of `timeout`.
const ABORTED: u8 = 134;
const CANNOT_RUN: u8 = 126;
const TIMED_OUT: u8 = 124;

fn main() -> ExitCode {
    match run() {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            report(&format!("fate-exec: {error}"));
            ExitCode::from(CANNOT_RUN)
        }
    }
}

/// Runs the program and returns its exit status.
fn run() -> Result<u8, Box<dyn std::error::Error>> {
    let mut args = env::args_os().skip(1);
    let program = PathBuf::from(args.next().ok_or("missing argument: the program")?);
    let args = args
        .map(|arg| arg.into_string().map_err(|arg| format!("the argument {} is not UTF-8", arg.display())))
        .collect::<Result<Vec<_>, _>>()?;
    let root = fs::canonicalize(env::var_os(ROOT).ok_or_else(|| format!("{ROOT} is not set"))?)?;
    let current = env::current_dir()?;

    // Mount the folder at its host path, so that paths are the same in the program and outside.
    let fs = Mount::new(std::sync::Arc::new(MemFs::new()))
        .mount(VPath::new(text(&root)?)?, std::sync::Arc::new(HostDir::open(&root)?));
    let tool =
        if program.file_name().is_some_and(|name| name == "ffprobe") { Tool::Ffprobe } else { Tool::Ffmpeg };
    let mut job = Runtime::builder().module(&program).build()?.job(fs);
    if let Ok(processors) = env::var(PROCESSORS) {
        job = job
            .processors(processors.parse().map_err(|error| format!("{PROCESSORS}={processors}: {error}"))?);
    }
    let result = job
        .tool(tool)
        .args(args)
        .current_dir(text(&current)?)
        .limits(Limits::none().wall_time(TIMEOUT))
        .stdin(io::stdin())
        .stdout(|bytes| write_flushed(&mut io::stdout().lock(), bytes))
        .stderr(|bytes| write_flushed(&mut io::stderr().lock(), bytes))
        .run();
    match result {
        Ok(_) => Ok(0),
        Err(Error::Exit(exit)) => Ok(exit.status().low_byte()),
        Err(error @ Error::Trap(_)) => {
            report(&format!("fate-exec: {error}"));
            if let Error::Trap(trap) = &error {
                report(&trap.backtrace().join("\n"));
            }
            Ok(ABORTED)
        }
        Err(error) if error.kind() == ErrorKind::Timeout => {
            report(&format!("fate-exec: {error}"));
            Ok(TIMED_OUT)
        }
        Err(error) => Err(error.into()),
    }
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("{} is not UTF-8", path.display()))
}

fn write_flushed(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

/// Prints a line, and ignores a closed standard error.
fn report(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
