//! The progress of jobs.

mod report;
mod watch;

use std::time::Duration;

pub(crate) use report::ReportReader;
pub(crate) use watch::ProgressSender;
pub use watch::ProgressWatch;

/// The progress of a job, from FFmpeg's `-progress`, twice a second.
///
/// Values that FFmpeg has not reported are `None`. Counts, `time`, `elapsed` and `fraction` never decrease. FFmpeg
/// counts the frames of one video stream and the bytes of one output; [`Statistics`](crate::statistics::Statistics)
/// counts dropped and duplicated frames of all streams.
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
    /// The state of the job.
    pub state: JobState,
    /// The number of frames written to the first video stream of the outputs.
    pub frame: Option<u64>,
    /// The average number of frames written to the first video stream of the outputs per second since the start.
    pub fps: Option<f64>,
    /// The time of the most advanced stream of all outputs.
    pub time: Option<Duration>,
    /// The average seconds of output per second since the start.
    pub speed: Option<f64>,
    /// The number of bytes written to the first output.
    pub bytes: Option<u64>,
    /// The number of frames duplicated in the first video stream of the outputs to keep a constant rate.
    pub dup: Option<u64>,
    /// The number of frames dropped from the first video stream of the outputs to keep a constant rate.
    pub drop: Option<u64>,
    /// The running time of the job at this report.
    pub elapsed: Duration,
    /// The completed fraction of the job, from 0 to 1, if its [`expected_duration`](crate::Job::expected_duration) is
    /// set. It is 1 only after the job has succeeded.
    pub fraction: Option<f64>,
    /// The estimated remaining time of a running job, once [`Progress::fraction`] is above 0.
    pub eta: Option<Duration>,
}

/// The state of a job.
///
/// ```no_run
/// # fn f(job: afmpeg_engine::Job) -> afmpeg_engine::Result<()> {
/// use afmpeg_engine::JobState;
///
/// let job = job.spawn()?;
/// if job.progress().latest().state == JobState::Waiting {
///     println!("the job waits for a slot");
/// }
/// job.wait()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobState {
    /// The job has not started, or waits for a slot.
    #[default]
    Waiting,
    /// The tool runs.
    Running,
    /// The job has ended, successfully or not.
    Ended,
}
