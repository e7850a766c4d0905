//! The command line, of which clap makes the help.

use std::{ffi::OsString, num::NonZero, path::PathBuf};

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
    /// List what the module has: codecs, formats, filters and their options
    Capabilities(CapabilitiesOptions),
    /// Compile modules ahead of time, and say what they are
    #[command(subcommand)]
    Module(ModuleCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModuleCommand {
    /// Compile a module for shipping: to an artifact, which starts at once and needs no compiler
    Compile(CompileOptions),
    /// Say what a module or an artifact is
    Info(InfoOptions),
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct CompileOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// The machine it is for, such as aarch64-unknown-linux-gnu. Default: this one
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,

    /// What its CPU must have: x86-64-v2, x86-64-v3, native, or a list such as avx2,fma. Default: native for this
    /// machine, else x86-64-v2 or neon
    #[arg(long, value_name = "FEATURES")]
    pub(crate) cpu: Option<String>,

    /// What compiles it: cranelift in seconds, or llvm in minutes to faster code, if this program has it
    #[arg(long, value_name = "BACKEND")]
    pub(crate) backend: Option<String>,

    /// Where to write the artifact
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct InfoOptions {
    /// The module or artifact
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

const EXIT_CODES: &str = "\
The exit code is FFmpeg's own. afmpeg's failures are 2 (usage), 3 (the module), 4 (the filesystem) and 5 \
(a limit was met, or FFmpeg crashed inside its sandbox or could not be started). After an interrupt it is 255.";

/// Run ffmpeg or ffprobe on files of this machine.
///
/// FFmpeg sees the current folder, under its own path, to read and to write, and nothing else of this machine.
/// With --dir it sees the named folders instead. What else the arguments name is handed over if it is open when the
/// command starts: descriptors (pipe:3, /dev/fd/63, a shell's <(...)) and, in those folders, named pipes.
///
/// An interrupt (Ctrl-C) ends FFmpeg in good order, so that its output plays, and a second one at once; so does `q` on a
/// terminal.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Let FFmpeg see HOST, as GUEST (default: under its own path), read-only with :ro. May be repeated;
    /// replaces the current folder, which `--dir .` adds again
    #[arg(long = "dir", value_name = "HOST[:GUEST][:ro]")]
    pub(crate) dirs: Vec<OsString>,

    /// Which of FFmpeg's tools to run
    #[arg(long, value_enum, default_value_t = ToolName::Ffmpeg)]
    pub(crate) tool: ToolName,

    /// The most memory that FFmpeg may have, in MiB. Default: the 4096 that it can address
    #[arg(long, value_name = "MIB")]
    pub(crate) memory: Option<u64>,

    /// End FFmpeg after so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<f64>,

    /// How many processors FFmpeg detects, which is how many threads most of its codecs start. Default: as many as there
    /// are, but no more than 8. More than 12 count as 12: frames of more threads do not fit into FFmpeg's 4 GiB
    #[arg(long, value_name = "COUNT")]
    pub(crate) processors: Option<NonZero<usize>>,

    /// The tool's own arguments, after `--`
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub(crate) arguments: Vec<OsString>,
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

/// List what the module has.
///
/// Without KIND: how many there are of each. With KIND: their names. With NAME too: what that one takes.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct CapabilitiesOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Print JSON, with all that is known
    #[arg(long)]
    pub(crate) json: bool,

    /// What to list
    #[arg(value_enum)]
    pub(crate) kind: Option<KindName>,

    /// Which of them
    pub(crate) name: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KindName {
    #[value(alias = "encoder")]
    Encoders,
    #[value(alias = "decoder")]
    Decoders,
    #[value(alias = "muxer")]
    Muxers,
    #[value(alias = "demuxer")]
    Demuxers,
    #[value(alias = "filter")]
    Filters,
    #[value(alias = "bitstream-filter", alias = "bsfs", alias = "bsf")]
    BitstreamFilters,
    #[value(alias = "protocol")]
    Protocols,
    #[value(alias = "pixel-format", alias = "pix_fmts", alias = "pix_fmt")]
    PixelFormats,
    #[value(alias = "sample-format", alias = "sample_fmts", alias = "sample_fmt")]
    SampleFormats,
    #[value(alias = "channel-layout", alias = "layouts", alias = "layout")]
    ChannelLayouts,
}

#[derive(Debug, Args)]
pub(crate) struct ModuleOption {
    /// The FFmpeg module, as `cargo xtask build-wasm` makes it, or its artifact. Default: ffmpeg.wasm beside this program, in
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
