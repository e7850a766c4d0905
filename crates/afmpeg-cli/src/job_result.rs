//! The result of a job as one line of JSON.

use std::time::{Duration, Instant};

use afmpeg_engine::{Output, ProgressWatch, Tool, statistics};
use serde::Serialize;

use crate::failure::Failure;

/// A job that has started.
pub(crate) struct Started {
    at: Instant,
    progress: ProgressWatch,
}

impl Started {
    pub(crate) fn now(progress: ProgressWatch) -> Self {
        Self { at: Instant::now(), progress }
    }
}

/// The result of a job. A number that is not known is null.
#[derive(Serialize)]
struct JobResult<'a> {
    result: &'static str,
    tool: &'static str,
    exit_code: u8,
    error: Option<&'a Failure>,
    /// The running time.
    seconds: f64,
    /// The processor time of all threads, of a job that succeeded.
    cpu_seconds: Option<f64>,
    bytes_read: u64,
    bytes_written: u64,
    /// The frames written to the first video stream.
    frames: Option<u64>,
    /// The duration of the longest stream that was written.
    output_seconds: Option<f64>,
    /// The files that were read or written, by their paths in the guest.
    files: Vec<File>,
    statistics: Option<Statistics>,
}

#[derive(Serialize)]
struct File {
    path: String,
    bytes_read: u64,
    bytes_written: u64,
}

/// FFmpeg's counters of a job that succeeded.
#[derive(Serialize)]
struct Statistics {
    read_errors: u32,
    decode_errors: u32,
    corrupt_packets: u32,
    corrupt_frames: u32,
    dropped_frames: u32,
    duplicated_frames: u32,
    sequence_gaps: u32,
}

impl From<statistics::Statistics> for Statistics {
    fn from(counted: statistics::Statistics) -> Self {
        Self {
            read_errors: counted.read_errors,
            decode_errors: counted.decode_errors,
            corrupt_packets: counted.corrupt_packets,
            corrupt_frames: counted.corrupt_frames,
            dropped_frames: counted.dropped_frames,
            duplicated_frames: counted.duplicated_frames,
            sequence_gaps: counted.sequence_gaps,
        }
    }
}

/// Returns the result of a job of `tool` as a line. `started` is `None` if the job failed before its start.
pub(crate) fn line(
    tool: Tool,
    result: &Result<Output, Failure>,
    started: Option<&Started>,
) -> Result<String, Failure> {
    let (output, error) = match result {
        Ok(output) => (Some(output), None),
        Err(failure) => (None, Some(failure)),
    };
    let progress = started.map(|started| started.progress.latest()).unwrap_or_default();
    let files: Vec<File> = started
        .map(|started| started.progress.files())
        .unwrap_or_default()
        .into_iter()
        .map(|(path, moved)| File {
            path: path.as_str().to_owned(),
            bytes_read: moved.bytes_read,
            bytes_written: moved.bytes_written,
        })
        .collect();
    let elapsed = output.map(Output::elapsed).or_else(|| Some(started?.at.elapsed()));
    to_line(&JobResult {
        result: if error.is_none() { "success" } else { "error" },
        tool: tool.name(),
        exit_code: error.map_or(0, Failure::code),
        error,
        seconds: elapsed.unwrap_or_default().as_secs_f64(),
        cpu_seconds: output.map(|output| output.cpu_time().as_secs_f64()),
        bytes_read: files.iter().map(|file| file.bytes_read).sum(),
        bytes_written: files.iter().map(|file| file.bytes_written).sum(),
        frames: progress.frame,
        output_seconds: progress.time.as_ref().map(Duration::as_secs_f64),
        files,
        statistics: output.map(|output| output.statistics().into()),
    })
}

/// Returns a value as one line of JSON.
pub(crate) fn to_line(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map(|line| line + "\n").map_err(|error| {
        Failure::filesystem(format!("cannot write the result as JSON: {error}"), "please report it")
    })
}
