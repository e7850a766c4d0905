//! The command line, of which clap makes the help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// FFmpeg in a sandbox, without FFmpeg installed.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run ffmpeg or ffprobe on files of this machine
    Run(RunOptions),
    /// Say what media files are: format, duration, streams
    Probe(ProbeOptions),
}

const EXIT_CODES: &str = "\
The exit code is FFmpeg's own. afmpeg's failures are 2 (usage), 3 (the module), 4 (the filesystem) and 5 \
(FFmpeg crashed inside its sandbox, or could not be started).";

/// Run ffmpeg or ffprobe on files of this machine.
///
/// FFmpeg sees the current folder, under its own path, to read and to write, and nothing else of this machine.
/// With --dir it sees the named folders instead.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Let FFmpeg see HOST, as GUEST (default: under its own path), read-only with :ro. May be repeated;
    /// replaces the current folder, which `--dir .` adds again
    #[arg(long = "dir", value_name = "HOST[:GUEST][:ro]")]
    pub(crate) dirs: Vec<String>,

    /// Which of FFmpeg's tools to run
    #[arg(long, value_enum, default_value_t = ToolName::Ffmpeg)]
    pub(crate) tool: ToolName,

    /// The tool's own arguments, after `--`
    #[arg(last = true, required = true, value_name = "ARGUMENTS")]
    pub(crate) arguments: Vec<String>,
}

/// Say what media files are.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ProbeOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Print ffprobe's JSON, one document a file
    #[arg(long)]
    pub(crate) json: bool,

    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ModuleOption {
    /// The FFmpeg module, as `cargo xtask build-wasm` makes it. Default: ffmpeg.wasm beside this program, in
    /// the user's data folder for afmpeg, or the newest build of this checkout
    #[arg(long, value_name = "FILE", env = "AFMPEG_MODULE")]
    pub(crate) module: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ToolName {
    Ffmpeg,
    Ffprobe,
}

impl From<ToolName> for afmpeg_engine::Tool {
    fn from(name: ToolName) -> Self {
        match name {
            ToolName::Ffmpeg => Self::Ffmpeg,
            ToolName::Ffprobe => Self::Ffprobe,
        }
    }
}
