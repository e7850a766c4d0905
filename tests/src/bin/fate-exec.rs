//! Runs one program of FFmpeg's test suite as if it were the host's: `cargo xtask fate` has it for `TARGET_EXEC`.
//!
//!     AFMPEG_FATE_ROOT=<folder> fate-exec <program> [argument]...
//!
//! The program, a WebAssembly module, sees the folder at its own path, starts in the current folder, and has this
//! process's standard streams and exit status.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use afmpeg_engine::{Error, ErrorKind, Limits, Runtime, Tool};
use afmpeg_vfs::{HostDir, MemFs, Mount, VPath};

/// The variable that names the folder.
const ROOT: &str = "AFMPEG_FATE_ROOT";

/// The variable that says how many processors the program has. Default: those of the host.
const PROCESSORS: &str = "AFMPEG_FATE_PROCESSORS";

/// How long one program may run: one that hangs is to fail, not to hold up all the others.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a shell says of a program that aborted, and of one that cannot be run; `timeout`'s of one that takes too long.
const ABORTED: u8 = 134;
const CANNOT_RUN: u8 = 126;
const TOO_LONG: u8 = 124;

fn main() -> ExitCode {
    match run() {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            say(&format!("fate-exec: {error}"));
            ExitCode::from(CANNOT_RUN)
        }
    }
}

/// The exit status of the program.
fn run() -> Result<u8, Box<dyn std::error::Error>> {
    let mut args = env::args_os().skip(1);
    let program = PathBuf::from(args.next().ok_or("no program was given")?);
    let args = args
        .map(|arg| arg.into_string().map_err(|arg| format!("the argument {} is not UTF-8", arg.display())))
        .collect::<Result<Vec<_>, _>>()?;
    let root = fs::canonicalize(env::var_os(ROOT).ok_or_else(|| format!("{ROOT} is not set"))?)?;
    let current = env::current_dir()?;

    // A program has the folder where the host has it, so that paths mean the same to both.
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
        .limits(Limits::none().wall_time(PATIENCE))
        .stdin(io::stdin())
        .stdout(|bytes| pass_on(&mut io::stdout().lock(), bytes))
        .stderr(|bytes| pass_on(&mut io::stderr().lock(), bytes))
        .run();
    match result {
        Ok(_) => Ok(0),
        Err(Error::Exit(exit)) => Ok(exit.status().low_byte()),
        Err(error @ Error::Trap(_)) => {
            say(&format!("fate-exec: {error}"));
            if let Error::Trap(trap) = &error {
                say(&trap.backtrace().join("\n"));
            }
            Ok(ABORTED)
        }
        Err(error) if error.kind() == ErrorKind::Timeout => {
            say(&format!("fate-exec: {error}"));
            Ok(TOO_LONG)
        }
        Err(error) => Err(error.into()),
    }
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("{} is not UTF-8", path.display()))
}

fn pass_on(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

/// Standard error may be closed, as any program's; then there is nobody to tell.
fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
