//! The command lines of fleets.

use std::{ffi::OsString, net::SocketAddr, num::NonZero, path::PathBuf, time::SystemTime};

use afmpeg_engine::JobSpec;
use afmpeg_fleet::{Identity, Url};
use clap::{ArgAction, Args, Subcommand};

use crate::{module_option::ModuleOption, tool_name::ToolName};

/// The server of a fleet.
#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    /// Address of the NATS server of the fleet, which has JetStream enabled: nats://HOST:PORT, or tls://HOST:PORT. Default:
    /// the environment variable NATS_URL, or nats://localhost:4222
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,

    /// File with the credentials of a user of the server
    #[arg(long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,

    /// Name of the fleet: several of them can share a server
    #[arg(long, value_name = "NAME", default_value = "afmpeg")]
    pub(crate) fleet: String,
}

/// Run the jobs of a fleet.
#[derive(Debug, Args)]
pub(crate) struct WorkerOptions {
    #[command(flatten)]
    pub(crate) server: ServerOptions,

    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Let jobs read and write the objects below PREFIX, such as s3://media/talks/ or file:///srv/media/. May be repeated.
    /// Options of stores come from the environment, such as AWS_ACCESS_KEY_ID, AWS_REGION and AWS_ENDPOINT_URL
    #[arg(long = "allow", value_name = "PREFIX", required = true)]
    pub(crate) allowed: Vec<Url>,

    /// Number of jobs that run at once. Default: the number of processors
    #[arg(long, value_name = "COUNT")]
    pub(crate) slots: Option<NonZero<usize>>,

    /// End a job after this many seconds, and try it again. Jobs can have shorter limits of their own
    #[arg(long, value_name = "SECONDS", default_value_t = 24 * 60 * 60)]
    pub(crate) timeout: u64,

    /// Limit FFmpeg's memory in each job, in MiB. Default: 2560, plus 128 for each processor of the job
    #[arg(long, value_name = "MIB")]
    pub(crate) memory: Option<u64>,

    /// Limit the outputs of each job on the disk of the worker until they are stored, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 256 << 10)]
    pub(crate) disk: u64,

    /// Name of the worker in the states of jobs. Default: a random one
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Seconds after which the jobs of a lost worker are given to another one. All workers of a fleet need the same
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) lease: u64,

    /// Number of attempts after which a job is given up
    #[arg(long, value_name = "COUNT", default_value_t = 5)]
    pub(crate) attempts: u32,

    /// Seconds that running jobs have to end after an interrupt (Ctrl-C, SIGTERM). Jobs that take longer are handed back to
    /// the fleet; a second interrupt hands back all of them
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) grace: u64,

    /// Serve the health of the worker at http://ADDRESS/health: status 200 while it is connected, otherwise 503
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) health: Option<SocketAddr>,
}

/// Submit a job to a fleet.
#[derive(Debug, Args)]
pub(crate) struct SubmitOptions {
    #[command(flatten)]
    pub(crate) server: ServerOptions,

    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// SHA-256 of the module, in place of a module on this machine
    #[arg(long, value_name = "HEX", conflicts_with = "module")]
    pub(crate) module_sha256: Option<String>,

    /// Object that FFmpeg reads at PATH, as in in.mov=s3://media/talks/7.mov. May be repeated
    #[arg(long = "input", value_name = "PATH=URL", value_parser = located)]
    pub(crate) inputs: Vec<(String, Url)>,

    /// Object that is stored from the file at PATH, as in out.mp4=s3://media/talks/7.mp4. With a slash at the end of the
    /// URL, PATH is a folder, and all files in it are stored below the URL. May be repeated
    #[arg(long = "output", value_name = "PATH=URL", value_parser = located, required = true)]
    pub(crate) outputs: Vec<(String, Url)>,

    /// FFmpeg tool to run
    #[arg(long, value_enum, default_value_t = ToolName::Ffmpeg)]
    pub(crate) tool: ToolName,

    #[command(flatten)]
    pub(crate) submission: Submission,

    /// Print help
    #[arg(id = "help", long = "help", action = ArgAction::Help)]
    _help: Option<bool>,

    /// Arguments of the tool. If the first one has two dashes, put `--` before it
    #[arg(trailing_var_arg = true, value_name = "ARGUMENTS")]
    pub(crate) arguments: Vec<OsString>,
}

/// The choices of a job or film, and of waiting for it.
#[derive(Debug, Args)]
pub(crate) struct Submission {
    /// Replace objects that exist at the URLs of outputs
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// Number of processors that FFmpeg detects. It can change the bytes of outputs, so workers do not choose it
    #[arg(long, value_name = "COUNT", default_value_t = NonZero::<usize>::MIN)]
    processors: NonZero<usize>,

    /// Fix the random numbers and the clock, so that every attempt makes the same bytes
    #[arg(long)]
    deterministic: bool,

    /// Wait for the end, with a progress bar, and exit with the code of the job
    #[arg(long)]
    pub(crate) wait: bool,

    /// Print the state as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl Submission {
    /// Applies the choices to the settings of a job.
    pub(super) fn settings(&self, mut spec: JobSpec) -> JobSpec {
        spec.processors = Some(self.processors);
        if self.deterministic {
            spec.seed = Some(0);
            spec.time_of_day = Some(SystemTime::UNIX_EPOCH);
        }
        spec
    }
}

/// Encode a film on a fleet.
#[derive(Debug, Args)]
pub(crate) struct FilmOptions {
    #[command(flatten)]
    pub(crate) server: ServerOptions,

    #[command(flatten)]
    pub(crate) module: ModuleOption,

    /// Object to encode, such as s3://media/film.mov
    #[arg(value_name = "SOURCE")]
    pub(crate) source: Url,

    /// Location of the film: of its own size, or with HEIGHT in pixels, as in 720=s3://media/film-720p.mp4. May be repeated:
    /// all sizes are encoded at once
    #[arg(long = "output", value_name = "[HEIGHT=]URL", value_parser = rendition, required = true)]
    pub(crate) outputs: Vec<(Option<u32>, Url)>,

    /// Prefix of the intermediate objects, which are removed when the film is done. Default: the folder `parts` beside the
    /// first output
    #[arg(long, value_name = "PREFIX")]
    pub(crate) parts: Option<Url>,

    /// Duration of a chunk. Chunks start at key frames of the source
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) chunk: u64,

    /// Encoder of the video
    #[arg(long, value_name = "NAME", default_value = "libx264")]
    pub(crate) encoder: String,

    /// Option of the encoder of the video, such as crf=22 or preset=slow. May be repeated
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) encoder_options: Vec<(String, String)>,

    /// Encoder of the audio; `copy` keeps it as it is
    #[arg(long, value_name = "NAME", default_value = "aac", conflicts_with = "no_audio")]
    pub(crate) audio: String,

    /// Leave out the audio
    #[arg(long)]
    pub(crate) no_audio: bool,

    #[command(flatten)]
    pub(crate) submission: Submission,
}

/// List, watch and cancel the jobs of a fleet.
#[derive(Debug, Args)]
pub(crate) struct JobsOptions {
    #[command(flatten)]
    pub(crate) server: ServerOptions,

    /// Show the jobs with progress bars until all have ended
    #[arg(long)]
    pub(crate) watch: bool,

    /// Print a line of JSON for each job
    #[arg(long)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) action: Option<JobsAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobsAction {
    /// Cancel a job that waits or runs, or a film and its jobs
    Cancel {
        /// Identity of the job, as `afmpeg submit` prints it, or of the film
        #[arg(value_name = "JOB")]
        job: Identity,
    },
    /// Print the job, the error and the end of the log of a job that was given up, as JSON
    DeadLetter {
        /// Identity of the job
        #[arg(value_name = "JOB")]
        job: Identity,
    },
}

/// Parses `PATH=URL`.
fn located(text: &str) -> Result<(String, Url), String> {
    let (path, url) = text.split_once('=').ok_or("expected PATH=URL")?;
    Ok((path.to_owned(), self::url(url)?))
}

/// Parses `HEIGHT=URL` or a URL, which can contain an equals sign.
fn rendition(text: &str) -> Result<(Option<u32>, Url), String> {
    match text.split_once('=').map(|(height, url)| (height.parse(), url)) {
        Some((Ok(height), url)) => Ok((Some(height), self::url(url)?)),
        _ => Ok((None, url(text)?)),
    }
}

/// Parses `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn url(text: &str) -> Result<Url, String> {
    text.parse().map_err(|error| format!("{text:?} is not a URL: {error}"))
}
