//! The command line, from which clap generates the help.

use std::{ffi::OsString, num::NonZero, path::PathBuf};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::{make::MakeOptions, module_option::ModuleOption, tool_name::ToolName};

/// Run FFmpeg in a sandbox, without FFmpeg installed
#[derive(Debug, Parser)]
#[command(name = "afmpeg", version, arg_required_else_help = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run ffmpeg or ffprobe on local files
    ///
    /// The first argument with a single dash, and all behind it, are FFmpeg's; the options below stand before it.
    ///
    /// FFmpeg can access only the current folder, at the same path as on the host, or the folders given with --dir
    /// instead. If its arguments contain them, it can also access descriptors that are open when the command starts
    /// (pipe:3, /dev/fd/63, a shell's <(...)) and named pipes in its folders. It can read the fonts of this system.
    ///
    /// On Unix, the first interrupt (Ctrl-C), or `q` on a terminal, lets FFmpeg finish its output, so that the file is
    /// playable; a second interrupt stops FFmpeg immediately.
    ///
    /// Example: afmpeg run -i clip.mp4 -vf scale=320:-2 -c:v libopenh264 out.mp4
    Run(RunOptions),
    /// Show format, duration and streams of media files
    ///
    /// A file that cannot be read does not stop the command: its error is printed to standard error, and the other files
    /// are shown.
    Probe(ProbeOptions),
    /// Make a GIF, a thumbnail, a trimmed or normalized file and more, without FFmpeg's options
    ///
    /// FFmpeg can read only the folders of the inputs. An output appears at its place once it is complete: an error or an
    /// interrupt leaves an older file as it is, and no half of a new one.
    ///
    /// H.264 has even sizes: of a video with an odd width or height, the last column or row of pixels is cut off.
    ///
    /// Example: afmpeg make gif clip.mp4
    Make(MakeOptions),
    /// Write an HTML page about media files: streams, frames, charts over time, and problems
    ///
    /// The page is one file that loads nothing else. It shows the streams, chapters and tags of each file, a strip of
    /// frames, the bit rate over time, the distances of key frames, scene changes, the waveform and the loudness of
    /// its sound, and the problems found, each with a fix: a variable frame rate, an index at the end, damaged
    /// packets, timestamps that go back, HDR without metadata, clipped sound and others.
    ///
    /// Each file is decoded from start to end. A file that cannot be read does not stop the command: its error is in
    /// the page and on standard error, and the other files are shown. With --json, the facts and problems are printed
    /// instead.
    ///
    /// Example: afmpeg report clip.mp4 -o clip.html
    Report(ReportOptions),
    /// Measure everyday jobs on this machine, in the sandbox and in an installed FFmpeg
    ///
    /// Prints the seconds of each job by the clock, on one thread and on all cores. Both programs run in turn, in several
    /// rounds, and their best times are compared. A job of the sandbox runs in this process, with its files in memory; one
    /// of the installed FFmpeg is a process of its own, with files in a temporary folder. The media are made by the module. A
    /// job whose encoder a program lacks is shown as absent.
    ///
    /// Example: afmpeg bench --rounds 5
    Bench(BenchOptions),
    /// List the module's codecs, formats and filters with their options
    ///
    /// Without arguments, prints the number of components of each kind; with KIND, the names of that kind; with KIND
    /// and NAME, the properties and options of that component.
    ///
    /// Example: afmpeg capabilities filter scale
    Capabilities(CapabilitiesOptions),
    /// Install, compile and inspect modules
    #[command(subcommand)]
    Module(ModuleCommand),
    /// Run the jobs of a fleet: several machines with one queue
    ///
    /// A worker takes as many jobs as it has slots, reads their inputs by range from object stores, and stores their outputs
    /// there. The queue is a NATS server with JetStream. If a worker is lost, another one does its jobs. On an interrupt, a
    /// worker takes no further jobs, and hands back those that do not end in time.
    ///
    /// Example: afmpeg worker --server nats://queue:4222 --allow s3://media/
    #[cfg(feature = "fleet")]
    Worker(crate::fleet::options::WorkerOptions),
    /// Give a job to the workers of a fleet
    ///
    /// Prints the identity of the job. The same job, with the same arguments and the same versions of its inputs, is run
    /// once, however often it is submitted. A job that has failed or was cancelled is run again.
    ///
    /// The first argument with a single dash, and all behind it, are FFmpeg's; the options below stand before it.
    ///
    /// Example: afmpeg submit --input in.mov=s3://media/7.mov --output out.mp4=s3://media/7.mp4 -i in.mov out.mp4
    #[cfg(feature = "fleet")]
    Submit(crate::fleet::options::SubmitOptions),
    /// Encode a film in chunks on the workers of a fleet
    ///
    /// The film is cut at key frames, workers encode the chunks at the same time, and the result is joined by copying. Its
    /// frames and their times are compared with those of the source. Prints the identity of the film; the same film is
    /// encoded once, however often it is submitted.
    ///
    /// Example: afmpeg film s3://media/film.mov --output 720=s3://media/720p.mp4 --option crf=22 --wait
    #[cfg(feature = "fleet")]
    Film(crate::fleet::options::FilmOptions),
    /// List, watch and cancel the jobs and films of a fleet
    ///
    /// Example: afmpeg jobs --watch
    #[cfg(feature = "fleet")]
    Jobs(crate::fleet::options::JobsOptions),
    /// Create the programs ffmpeg and ffprobe, which run in the sandbox
    ///
    /// They are links to this program, and behave as the native programs of FFmpeg: with the same arguments, output, keys
    /// and exit codes. Put their folder first in PATH to make scripts and libraries that call ffmpeg use them.
    ///
    /// They can access these folders under their own paths: the current folder, the one for temporary files, and the
    /// folder of each path on their command line, except the root. The environment variable AFMPEG_DIRS replaces
    /// that list: its folders are separated as in PATH, and AFMPEG_DIRS=/ is the whole tree. A file that a playlist or a
    /// list names outside of these folders does not exist for FFmpeg, nor does the target of a symbolic link outside of
    /// them. They can also read the fonts of this system.
    ///
    /// They can read http and https URLs that start with one of the prefixes in AFMPEG_ALLOW_URLS, which blanks separate
    /// (see --allow-url of afmpeg run). AFMPEG_MODULE names the module. On a terminal, the log has FFmpeg's colours, which
    /// NO_COLOR turns off.
    Shim(ShimOptions),
    /// Print completions of this command line for a shell
    ///
    /// Example: afmpeg completions bash > ~/.local/share/bash-completion/completions/afmpeg
    Completions(CompletionsOptions),
    /// Write manual pages of this command and its subcommands
    ///
    /// Example: afmpeg man ~/.local/share/man/man1
    Man(ManOptions),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModuleCommand {
    /// Compile a module to an artifact, which loads immediately and needs no compiler
    Compile(CompileOptions),
    /// Show versions, licence and target of a module or an artifact
    Info(InfoOptions),
    /// List the targets that modules can be compiled for
    Targets,
    /// Install a module from a release, compiled for this machine if the release has such code
    ///
    /// A release is a folder that `cargo xtask dist` wrote, or the URL of one. Its index is verified with the
    /// publisher's key, and every file with its hash in the index. A release that is older than one of the same publisher
    /// that was used before is refused. An interrupted download is resumed by the next attempt.
    ///
    /// Example: afmpeg module install --from https://media.example/afmpeg --key publisher.pub --variant lgpl
    Install(InstallOptions),
    /// List the installed modules
    List(ListOptions),
    /// Compare installed modules with the files of their release
    Verify(InstalledOptions),
    /// Remove installed modules
    Remove(RemoveOptions),
}

#[derive(Debug, Args)]
#[command(after_help = OTHER_EXIT_CODES)]
pub(crate) struct InstallOptions {
    /// Folder or URL of the release. Default: the environment variable AFMPEG_RELEASES
    #[arg(long, value_name = "FOLDER|URL")]
    pub(crate) from: Option<OsString>,

    /// Public key of the publisher, or the file that minisign wrote it to. Default: the environment variable
    /// AFMPEG_RELEASE_KEY, or the key that this program was built with
    #[arg(long, value_name = "KEY|FILE")]
    pub(crate) key: Option<OsString>,

    /// Licence of the module: gpl includes x264 and x265
    #[arg(long, value_enum, default_value_t = Variant::Gpl)]
    pub(crate) variant: Variant,

    /// Components of the module
    #[arg(long, value_enum, default_value_t = Profile::Full)]
    pub(crate) profile: Profile,
}

#[derive(Debug, Args)]
#[command(after_help = OTHER_EXIT_CODES)]
pub(crate) struct ListOptions {
    /// Print all details as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = OTHER_EXIT_CODES)]
pub(crate) struct InstalledOptions {
    /// Installed modules, such as ffmpeg-full-gpl. Default: all
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = OTHER_EXIT_CODES)]
pub(crate) struct RemoveOptions {
    /// Installed modules, such as ffmpeg-full-gpl
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Variant {
    Gpl,
    Lgpl,
}

impl Variant {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gpl => "gpl",
            Self::Lgpl => "lgpl",
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Profile {
    Full,
    Lean,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Lean => "lean",
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = COMPILE_EXIT_CODES)]
pub(crate) struct CompileOptions {
    /// FFmpeg module built by `cargo xtask build-wasm`, not an artifact. Default: the first of the file that
    /// AFMPEG_MODULE names, ffmpeg.wasm beside this program, afmpeg/ffmpeg.wasm in the user's data folder, and, if
    /// cargo built this program, the newest module in target/wasm
    #[arg(long, value_name = "FILE")]
    pub(crate) module: Option<PathBuf>,

    /// Target machine, such as aarch64-unknown-linux-gnu. Default: this machine
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,

    /// Required CPU features: x86-64-v2, x86-64-v3, native, or a list such as avx2,fma. Default: native for this
    /// machine; x86-64-v2 or neon for another target
    #[arg(long, value_name = "FEATURES")]
    pub(crate) cpu: Option<String>,

    /// Compiler: cranelift takes seconds; llvm takes minutes, for code that is about as fast. Default: the first of these
    /// that this program includes
    #[arg(long, value_name = "BACKEND")]
    pub(crate) backend: Option<String>,

    /// Keep the symbols of functions and wasmer's debug information, for a profiler such as perf: the artifact is a
    /// quarter larger, and takes longer to load
    #[arg(long)]
    pub(crate) keep_symbols: bool,

    /// File to write the artifact to
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = OTHER_EXIT_CODES)]
pub(crate) struct InfoOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Print all details as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// The module or artifact, the same as --module FILE
    #[arg(value_name = "FILE", conflicts_with = "module")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = OTHER_EXIT_CODES)]
pub(crate) struct ShimOptions {
    /// Folder to create them in. An existing program of another kind is not replaced
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = OTHER_EXIT_CODES)]
pub(crate) struct CompletionsOptions {
    /// Shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
#[command(after_help = OTHER_EXIT_CODES)]
pub(crate) struct ManOptions {
    /// Folder to write them to
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}

const RUN_EXIT_CODES: &str = "\
The exit code is FFmpeg's own, 255 after an interrupt, and 187 if the output exists and -n is not given, where ffmpeg \
exits with 0. Failures of afmpeg exit with 2 (usage), 3 (module), 4 (filesystem) or 5 (any other failure, such as an \
exceeded limit or a crash of FFmpeg).";

const PROBE_EXIT_CODES: &str = "\
If FFmpeg cannot read a file, the exit code is the low byte of its error code. Failures of afmpeg exit with 2 (usage), \
3 (module), 4 (filesystem) or 5 (any other failure, such as a crash of FFmpeg). If several files fail, the exit code is \
that of the first. A closed pipe at the standard output, such as that of `head`, ends the command without an error.";

const COMPILE_EXIT_CODES: &str =
    "Failures exit with 2 (usage), 3 (module), 4 (filesystem) or 5 (any other failure).";

const OTHER_EXIT_CODES: &str = "\
Failures exit with 2 (usage), 3 (module), 4 (filesystem) or 5 (any other failure). A closed pipe at the standard output, \
such as that of `head`, ends the command without an error.";

#[derive(Debug, Args)]
#[command(
    after_help = RUN_EXIT_CODES,
    override_usage = "afmpeg run [OPTIONS] ARGUMENTS...",
    // `-h` is FFmpeg's.
    disable_help_flag = true
)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Give FFmpeg access to the folder HOST at the path GUEST (default: the same path); :ro makes it read-only.
    /// GUEST must start with a slash, as in --dir .:/in:ro; a colon that is not followed by a slash, or by a final
    /// ro, is part of HOST. May be repeated. With --dir, FFmpeg cannot access the current folder, unless --dir . adds
    /// it
    #[arg(long = "dir", value_name = "HOST[:GUEST][:ro]")]
    pub(crate) dirs: Vec<OsString>,

    /// FFmpeg tool to run
    #[arg(long, value_enum, default_value_t = ToolName::Ffmpeg)]
    pub(crate) tool: ToolName,

    /// Limit FFmpeg's memory, in MiB. Default: 4096, the most that FFmpeg can address (the library's default is 2560,
    /// plus 128 for each processor)
    #[arg(long, value_name = "MIB")]
    pub(crate) memory: Option<u64>,

    /// Stop FFmpeg after this many seconds, such as 90 or 0.5. Default: no limit (the library's default is one hour)
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<f64>,

    /// Number of processors that FFmpeg detects; most codecs start one thread for each. Default: the number on this
    /// machine, at most 8. Values above 12 count as 12, since the frames of more threads do not fit into FFmpeg's 4 GiB
    #[arg(long, value_name = "COUNT")]
    pub(crate) processors: Option<NonZero<usize>>,

    /// Do not let FFmpeg read the fonts of this system, which text without a font file has by default
    #[arg(long)]
    pub(crate) no_system_fonts: bool,

    /// Let FFmpeg read http and https URLs that start with PREFIX, such as https://media.example/films/; https:// allows
    /// all of them. May be repeated. Redirects are checked, too. Private, link-local and other addresses that are not
    /// public are refused, unless a PREFIX names the address, as in http://10.0.0.7:9000/. Default: none
    #[arg(long = "allow-url", value_name = "PREFIX")]
    pub(crate) allow_urls: Vec<String>,

    /// Print the result to the standard output as one line of JSON, which FFmpeg then cannot write to: exit code, time
    /// and processor time in seconds, bytes, frames and, after a failure, the error's kind, message, hint, FFmpeg's code
    /// for it, the exceeded limit, and whether another attempt may succeed
    #[arg(long)]
    pub(crate) json: bool,

    /// Print FFmpeg's banner: its version, the configuration of its build and the versions of its libraries
    #[arg(long)]
    pub(crate) banner: bool,

    /// Print help
    #[arg(id = "help", long = "help", action = ArgAction::Help)]
    _help: Option<bool>,

    /// Arguments of the tool. If the first one has two dashes, put `--` before it
    #[arg(trailing_var_arg = true, value_name = "ARGUMENTS")]
    pub(crate) arguments: Vec<OsString>,
}

/// Show format, duration and streams of media files.
#[derive(Debug, Args)]
#[command(after_help = PROBE_EXIT_CODES)]
pub(crate) struct ProbeOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Print ffprobe's JSON: one document for each file, with its path as format.filename; none for a file that cannot
    /// be read
    #[arg(long)]
    pub(crate) json: bool,

    /// Media files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// Write an HTML page about media files.
#[derive(Debug, Args)]
#[command(after_help = PROBE_EXIT_CODES)]
pub(crate) struct ReportOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// File to write the page to; - is the standard output
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub(crate) output: PathBuf,

    /// Replace the page if it exists
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// Print the facts and problems as one line of JSON, instead of writing a page: for each file, its problems with
    /// severity, section, text and fix, ffprobe's output, and the measurements of its video and audio
    #[arg(long, conflicts_with_all = ["output", "overwrite"])]
    pub(crate) json: bool,

    /// Show neither progress nor the size of the page
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Media files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = OTHER_EXIT_CODES)]
pub(crate) struct BenchOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Number of rounds
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,

    /// The FFmpeg to compare with. Default: the first ffmpeg in PATH that `afmpeg shim` did not create. A run of it that
    /// takes more than 10 minutes is an error
    #[arg(long, value_name = "FILE")]
    pub(crate) native: Option<PathBuf>,

    /// Print the table as one line of JSON: for each job, its threads, seconds, native_seconds, their ratio, and the
    /// missing components
    #[arg(long)]
    pub(crate) json: bool,

    /// Show no progress
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
#[command(after_help = OTHER_EXIT_CODES)]
pub(crate) struct CapabilitiesOptions {
    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Print all details as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Kind of component to list, in the plural or the singular: filters or filter
    #[arg(value_enum)]
    pub(crate) kind: Option<KindName>,

    /// Component to show
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
