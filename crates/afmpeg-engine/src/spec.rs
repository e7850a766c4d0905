use std::{
    collections::BTreeMap,
    num::NonZero,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    limits::Limits,
    partial_outputs::PartialOutputs,
    tool::Tool,
};

/// The plain description of a job: everything but its filesystem, its streams and its runtime.
///
/// It can be cloned, compared, and serialized, for a job that runs on another machine or later.
///
/// ```
/// use afmpeg_engine::{JobSpec, Tool};
///
/// let mut spec = JobSpec::new(["-i", "in.mp4", "out.mp4"]);
/// spec.seed = Some(7);
/// let json = serde_json::to_string(&spec)?;
/// let received: JobSpec = serde_json::from_str(&json)?;
/// assert_eq!(received, spec);
/// assert_eq!(received.tool, Tool::Ffmpeg);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct JobSpec {
    /// The tool to run. Default: [`Tool::Ffmpeg`].
    pub tool: Tool,
    /// The arguments, without the name of the tool.
    pub args: Vec<String>,
    /// The working directory: see [`Job::current_dir`](crate::Job::current_dir). Default: `/`.
    pub current_dir: String,
    /// The environment variables of the tool: see [`Job::env`](crate::Job::env). Default: none.
    pub env: BTreeMap<String, String>,
    /// The folders with fonts for text without a font file: see [`Job::font_folders`](crate::Job::font_folders).
    /// Default: none.
    pub font_folders: Vec<String>,
    /// The number of processors that the guest detects: see [`Job::processors`](crate::Job::processors). Default
    /// (`None`): the number that the process that runs the job may use, at most 8.
    pub processors: Option<NonZero<usize>>,
    /// The limits of the job. Default (`None`): those of the runtime that runs it.
    pub limits: Option<Limits>,
    /// The duration of the output, from which the progress is computed. Default: `None`, unknown.
    pub expected_duration: Option<Duration>,
    /// The seed of the random numbers: see [`Job::seed`](crate::Job::seed). Default (`None`): random numbers of the
    /// operating system.
    pub seed: Option<u64>,
    /// The fixed time of day: see [`Job::time_of_day`](crate::Job::time_of_day). Default (`None`): the host's clock.
    pub time_of_day: Option<SystemTime>,
    /// Whether a failed job keeps its output files. Default: [`PartialOutputs::Keep`].
    pub partial_outputs: PartialOutputs,
    /// Whether damage in an input fails the job: see [`Job::fail_on_damage`](crate::Job::fail_on_damage). Default: false.
    pub fail_on_damage: bool,
    /// Whether files may be left in the private `/tmp`: see [`Job::discard_tmp`](crate::Job::discard_tmp). Default: false.
    pub discard_tmp: bool,
}

impl JobSpec {
    /// Creates the description of an `ffmpeg` job with these arguments.
    pub fn new(args: impl IntoIterator<Item: Into<String>>) -> Self {
        Self { args: args.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Refuses arguments and variables that cannot be passed to a C program.
    pub(crate) fn check(&self) -> Result<()> {
        let invalid =
            |subject: String, reason: &str| Err(Error::InvalidJob { subject, reason: reason.to_owned() });
        if let Some(arg) = self.args.iter().find(|arg| arg.contains('\0')) {
            return invalid(format!("the argument {arg:?}"), "it has a NUL byte");
        }
        for (name, value) in &self.env {
            let problem = if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
                "its name is empty or has `=`, or there is a NUL byte in it"
            } else if name.starts_with("AFMPEG_") {
                "afmpeg sets the variables of this prefix"
            } else {
                continue;
            };
            return invalid(format!("the environment variable {name:?}"), problem);
        }
        if !self.current_dir.starts_with('/') {
            return invalid(format!("the working directory {}", self.current_dir), "it is not absolute");
        }
        Ok(())
    }
}

impl Default for JobSpec {
    fn default() -> Self {
        Self {
            tool: Tool::default(),
            args: Vec::new(),
            current_dir: "/".to_owned(),
            env: BTreeMap::new(),
            font_folders: Vec::new(),
            processors: None,
            limits: None,
            expected_duration: None,
            seed: None,
            time_of_day: None,
            partial_outputs: PartialOutputs::default(),
            fail_on_damage: false,
            discard_tmp: false,
        }
    }
}
