use std::{fmt, time::Duration};

use crate::{ErrorKind, Tool, guest::STDOUT_COLLECTED};

/// A limit that a job went over, and what it is set to.
///
/// ```
/// use std::time::Duration;
///
/// use afmpeg_engine::Limit;
///
/// assert_eq!(Limit::WallTime(Duration::from_secs(90)).to_string(), "1m 30s of time");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::memory`](crate::Limits::memory), in bytes.
    Memory {
        /// What the guest may have.
        allowed: u64,
        /// What it asked for at once, beside what it had, when it was refused.
        asked: u64,
    },
    /// [`Limits::wall_time`](crate::Limits::wall_time)
    WallTime(Duration),
    /// [`Limits::cpu_time`](crate::Limits::cpu_time)
    CpuTime(Duration),
    /// [`Limits::stall`](crate::Limits::stall)
    Stall(Duration),
    /// [`Limits::output`](crate::Limits::output), in bytes.
    Output(u64),
    /// What the standard output may collect or pass on, in bytes: [`Limits::output`](crate::Limits::output), and no
    /// more than 256 MiB where it has no sink.
    Stdout(u64),
    /// [`ProbeRequest::answer_limit`](crate::ProbeRequest::answer_limit), in bytes.
    Answer(u64),
    /// [`Limits::host_memory`](crate::Limits::host_memory), in bytes.
    HostMemory(u64),
    /// [`Limits::tmp`](crate::Limits::tmp), in bytes.
    Tmp(u64),
    /// How many files and folders the private `/tmp` may have: 65 536.
    TmpFiles(u64),
    /// [`Limits::files`](crate::Limits::files)
    Files(u64),
    /// [`Limits::threads`](crate::Limits::threads)
    Threads(usize),
}

impl Limit {
    pub(crate) fn kind(self) -> ErrorKind {
        match self {
            Limit::Memory { .. } => ErrorKind::MemoryLimit,
            Limit::WallTime(_) | Limit::CpuTime(_) | Limit::Stall(_) => ErrorKind::Timeout,
            Limit::Output(_)
            | Limit::Stdout(_)
            | Limit::Answer(_)
            | Limit::HostMemory(_)
            | Limit::Tmp(_)
            | Limit::TmpFiles(_)
            | Limit::Files(_) => ErrorKind::OutputLimit,
            Limit::Threads(_) => ErrorKind::ThreadLimit,
        }
    }

    pub(crate) fn hint(self) -> String {
        let (what, otherwise) = match self {
            Limit::Memory { .. } => ("memory", "fewer threads and smaller pictures take less"),
            Limit::WallTime(_) => ("wall_time", "a faster preset takes less"),
            Limit::CpuTime(_) => ("cpu_time", "a faster preset takes less"),
            Limit::Stall(_) => {
                ("stall", "its input, its filesystem or the reader of its output kept it waiting")
            }
            Limit::Output(_) => ("output", "`-fs` and `-t` end an output in good order"),
            Limit::Stdout(STDOUT_COLLECTED) => {
                return "no limit raises it: send the standard output to a sink (Job::stdout), or to a file"
                    .to_owned();
            }
            Limit::Answer(_) => {
                return "raise ProbeRequest::answer_limit, ask for less, or read it piece by piece with \
                        ProbeRequest::for_each"
                    .to_owned();
            }
            Limit::TmpFiles(_) => {
                return "no limit raises it: give the job a filesystem with a `/tmp` of its own".to_owned();
            }
            Limit::Stdout(_) => ("output", "a sink (Job::stdout) takes what is too much to collect"),
            Limit::HostMemory(_) => ("host_memory", "a filesystem on a disk (HostDir) takes none"),
            Limit::Tmp(_) => ("tmp", "a filesystem with a `/tmp` of its own has its own limit"),
            Limit::Files(_) => ("files", "longer segments are fewer"),
            Limit::Threads(_) => ("threads", "`-threads 1` makes codecs start none"),
        };
        format!("raise Limits::{what} if the job is to be trusted with more; {otherwise}")
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Limit::Memory { allowed, asked } => {
                write!(f, "{} of memory (it asked for {} more)", Bytes(allowed), Bytes(asked))
            }
            Limit::WallTime(time) => write!(f, "{} of time", Seconds(time)),
            Limit::CpuTime(time) => write!(f, "{} of processor time", Seconds(time)),
            Limit::Stall(time) => write!(f, "{} without progress", Seconds(time)),
            Limit::Output(bytes) => write!(f, "{} of output", Bytes(bytes)),
            Limit::Stdout(bytes) => write!(f, "{} of standard output", Bytes(bytes)),
            Limit::HostMemory(bytes) => write!(f, "{} of the host's memory", Bytes(bytes)),
            Limit::Tmp(bytes) => write!(f, "{} in /tmp", Bytes(bytes)),
            Limit::Answer(bytes) => write!(f, "{} for its answer", Bytes(bytes)),
            Limit::TmpFiles(count) => write!(f, "{count} files in /tmp"),
            Limit::Files(count) => write!(f, "{count} files"),
            Limit::Threads(count) => write!(f, "{count} threads"),
        }
    }
}

/// A job that went over one of its [limits](crate::Limits).
#[derive(Debug)]
pub struct LimitError {
    pub(crate) tool: Tool,
    pub(crate) limit: Limit,
    pub(crate) log: Vec<String>,
}

impl LimitError {
    /// The limit, and what it is set to.
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// The last lines of the tool's log, oldest first.
    pub fn log(&self) -> &[String] {
        &self.log
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} went over its limit of {}", self.tool, self.limit)
    }
}

/// Bytes, in the largest unit that says them whole, or with one digit after the point.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        let mut unit = 0;
        let (mut whole, mut rest) = (self.0, 0);
        while whole >= 1024 && unit + 1 < units.len() {
            (whole, rest) = (whole / 1024, whole % 1024);
            unit += 1;
        }
        match rest * 10 / 1024 {
            0 => write!(f, "{whole} {}", units[unit]),
            tenths => write!(f, "{whole}.{tenths} {}", units[unit]),
        }
    }
}

/// A time in hours, minutes and seconds.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, 0, _) => write!(f, "{}s", self.0.as_secs_f64()),
            (0, minutes, seconds) => write!(f, "{minutes}m {seconds}s"),
            (hours, minutes, seconds) => write!(f, "{hours}h {minutes}m {seconds}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_is_said_in_units_that_people_read() {
        assert_eq!(Limit::Output(16 << 30).to_string(), "16 GiB of output");
        assert_eq!(Limit::Output(1_500_000).to_string(), "1.4 MiB of output");
        assert_eq!(Limit::Stdout(12).to_string(), "12 bytes of standard output");
        assert_eq!(Limit::CpuTime(Duration::from_millis(500)).to_string(), "0.5s of processor time");
        assert_eq!(Limit::WallTime(Duration::from_secs(3600)).to_string(), "1h 0m 0s of time");
        let memory = Limit::Memory { allowed: 512 << 20, asked: 65_536 };
        assert_eq!(memory.to_string(), "512 MiB of memory (it asked for 64 KiB more)");
    }

    #[test]
    fn hint_names_no_limit_that_cannot_be_raised() {
        assert!(Limit::Stdout(12).hint().contains("raise Limits::output"));
        let hint = Limit::Stdout(STDOUT_COLLECTED).hint();
        assert!(!hint.contains("raise Limits") && hint.contains("Job::stdout"), "{hint}");
    }
}
