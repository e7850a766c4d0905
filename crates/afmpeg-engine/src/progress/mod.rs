//! How far a job has come.

mod report;
mod watch;

use std::time::Duration;

pub(crate) use report::ReportReader;
pub(crate) use watch::ProgressSender;
pub use watch::ProgressWatch;

/// How far a job has come, as FFmpeg's own `-progress` reports it, twice a second.
///
/// What FFmpeg does not know, or has not said yet, is `None`. Nothing in it ever goes back.
///
/// ```no_run
/// use afmpeg_engine::Runtime;
/// use afmpeg_vfs::HostDir;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let job = runtime.job(HostDir::open("media")?).args(["-i", "clip.mp4", "small.mp4"]).spawn()?;
/// for progress in job.progress() {
///     println!("{:?} at {:?} times its speed", progress.time, progress.speed);
/// }
/// job.wait()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// What the job is doing.
    pub state: JobState,
    /// How many frames of video were written.
    pub frame: Option<u64>,
    /// Frames of video a second, since the start.
    pub fps: Option<f64>,
    /// How far the output has come, by the stream that is furthest: others may be behind.
    pub time: Option<Duration>,
    /// Seconds of output a second, since the start.
    pub speed: Option<f64>,
    /// How many bytes were written to the output.
    pub bytes: Option<u64>,
    /// How many frames were written twice, to keep a constant rate.
    pub dup: Option<u64>,
    /// How many frames were left out, to keep a constant rate.
    pub drop: Option<u64>,
    /// How long the job had been running when this was reported.
    pub elapsed: Duration,
    /// The part of the job that is done, from 0 to 1: known only where the output's duration is
    /// ([`Job::expected_duration`](crate::Job::expected_duration)). It is 1 when the job has succeeded, and less
    /// before.
    pub fraction: Option<f64>,
    /// How long the rest may take, where [`Progress::fraction`] is known.
    pub eta: Option<Duration>,
}

/// What a job is doing.
///
/// ```
/// assert_eq!(afmpeg_engine::JobState::default(), afmpeg_engine::JobState::Waiting);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobState {
    /// It waits to be started, or for a slot.
    #[default]
    Waiting,
    /// The tool runs.
    Running,
    /// It has ended, well or not.
    Ended,
}
