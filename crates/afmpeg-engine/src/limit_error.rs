use std::{fmt, time::Duration};

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::{error_kind::ErrorKind, limits::MAX_COLLECTED_STDOUT, tool::Tool};

/// A limit that a job exceeded, with its value.
///
/// ```
/// use std::time::Duration;
///
/// use afmpeg_engine::Limit;
///
/// assert_eq!(Limit::WallTime(Duration::from_secs(90)).to_string(), "1m 30s of time");
/// ```
///
/// Serializes to its name, which is that of the field of [`Limits`](crate::Limits) if there is one, and its value, named
/// by its unit: `bytes`, `seconds` or `count`.
///
/// ```
/// # use std::time::Duration;
/// # use afmpeg_engine::Limit;
/// let json = serde_json::to_string(&Limit::WallTime(Duration::from_millis(500))).unwrap();
/// assert_eq!(json, r#"{"name":"wall_time","seconds":0.5}"#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::memory`](crate::Limits::memory), in bytes.
    Memory {
        /// The limit.
        allowed: u64,
        /// The size of the refused allocation, on top of the memory in use.
        requested: u64,
    },
    /// [`Limits::wall_time`](crate::Limits::wall_time)
    WallTime(Duration),
    /// [`Limits::cpu_time`](crate::Limits::cpu_time)
    CpuTime(Duration),
    /// [`Limits::stall`](crate::Limits::stall)
    Stall(Duration),
    /// [`Limits::output`](crate::Limits::output), in bytes.
    Output(u64),
    /// The most bytes of standard output: [`Limits::output`](crate::Limits::output), and at most 256 MiB if it has no
    /// sink.
    Stdout(u64),
    /// [`ProbeRequest::max_output_bytes`](crate::ProbeRequest::max_output_bytes), in bytes.
    ProbeOutput(u64),
    /// [`Limits::host_memory`](crate::Limits::host_memory), in bytes.
    HostMemory(u64),
    /// [`Limits::tmp`](crate::Limits::tmp), in bytes.
    Tmp(u64),
    /// The most files and folders in the private `/tmp`: 65,536.
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
            | Limit::ProbeOutput(_)
            | Limit::HostMemory(_)
            | Limit::Tmp(_)
            | Limit::TmpFiles(_)
            | Limit::Files(_) => ErrorKind::OutputLimit,
            Limit::Threads(_) => ErrorKind::ThreadLimit,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Limit::Memory { .. } => "memory",
            Limit::WallTime(_) => "wall_time",
            Limit::CpuTime(_) => "cpu_time",
            Limit::Stall(_) => "stall",
            Limit::Output(_) => "output",
            Limit::Stdout(_) => "stdout",
            Limit::ProbeOutput(_) => "probe_output",
            Limit::HostMemory(_) => "host_memory",
            Limit::Tmp(_) => "tmp",
            Limit::TmpFiles(_) => "tmp_files",
            Limit::Files(_) => "files",
            Limit::Threads(_) => "threads",
        }
    }

    pub(crate) fn hint(self) -> String {
        let alternative = match self {
            Limit::Memory { .. } => "use fewer threads or smaller frames",
            Limit::WallTime(_) | Limit::CpuTime(_) => "choose a faster preset",
            Limit::Stall(_) => "check its input, filesystem and output reader: one of them kept it waiting",
            Limit::Output(_) => "end the output early with `-fs` or `-t`",
            Limit::Stdout(MAX_COLLECTED_STDOUT) => {
                return "send the standard output to a sink (Job::stdout) or to a file: no limit raises this"
                    .to_owned();
            }
            Limit::ProbeOutput(_) => {
                return "raise ProbeRequest::max_output_bytes, request less, or read the packets and frames one at a \
                        time with ProbeRequest::for_each"
                    .to_owned();
            }
            Limit::TmpFiles(_) => {
                return "give the job a filesystem that has a `/tmp`: no limit raises this".to_owned();
            }
            Limit::Stdout(_) => "write less to the standard output",
            Limit::HostMemory(_) => "use a filesystem on a disk (HostDir)",
            Limit::Tmp(_) => "give the job a filesystem that has a `/tmp`",
            Limit::Files(_) => "write longer segments",
            Limit::Threads(_) => "pass `-threads 1`, so that codecs start none",
        };
        let limit = match self {
            Limit::Stdout(_) => "output",
            _ => self.name(),
        };
        format!("raise Limits::{limit} if the job is trusted with more, or {alternative}")
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Limit", 3)?;
        fields.serialize_field("name", self.name())?;
        match *self {
            Limit::Memory { allowed, requested } => {
                fields.serialize_field("bytes", &allowed)?;
                fields.serialize_field("requested_bytes", &requested)?;
            }
            Limit::WallTime(time) | Limit::CpuTime(time) | Limit::Stall(time) => {
                fields.serialize_field("seconds", &time.as_secs_f64())?;
            }
            Limit::Output(bytes)
            | Limit::Stdout(bytes)
            | Limit::ProbeOutput(bytes)
            | Limit::HostMemory(bytes)
            | Limit::Tmp(bytes) => fields.serialize_field("bytes", &bytes)?,
            Limit::TmpFiles(count) | Limit::Files(count) => fields.serialize_field("count", &count)?,
            Limit::Threads(count) => fields.serialize_field("count", &count)?,
        }
        fields.end()
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Limit::Memory { allowed, requested } => {
                write!(f, "{} of memory ({} more requested)", Bytes(allowed), Bytes(requested))
            }
            Limit::WallTime(time) => write!(f, "{} of time", Seconds(time)),
            Limit::CpuTime(time) => write!(f, "{} of processor time", Seconds(time)),
            Limit::Stall(time) => write!(f, "{} without progress", Seconds(time)),
            Limit::Output(bytes) => write!(f, "{} of output", Bytes(bytes)),
            Limit::Stdout(bytes) => write!(f, "{} of standard output", Bytes(bytes)),
            Limit::HostMemory(bytes) => write!(f, "{} of the host's memory", Bytes(bytes)),
            Limit::Tmp(bytes) => write!(f, "{} in /tmp", Bytes(bytes)),
            Limit::ProbeOutput(bytes) => write!(f, "{} of probe output", Bytes(bytes)),
            Limit::TmpFiles(count) => write!(f, "{count} files in /tmp"),
            Limit::Files(count) => write!(f, "{count} files"),
            Limit::Threads(count) => write!(f, "{count} threads"),
        }
    }
}

/// The error of a job that exceeded one of its [limits](crate::Limits).
#[derive(Debug, thiserror::Error)]
#[error("{tool} exceeded its limit of {limit}")]
pub struct LimitError {
    pub(crate) tool: Tool,
    pub(crate) limit: Limit,
    pub(crate) log: Vec<String>,
}

impl LimitError {
    /// Returns the limit and its value.
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// Returns the last lines of the tool's log, oldest first.
    pub fn log(&self) -> &[String] {
        &self.log
    }
}

/// A number of bytes in its largest unit, with at most one decimal.
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

/// A duration in hours, minutes and seconds.
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
    fn limits_are_printed_in_readable_units() {
        assert_eq!(Limit::Output(16 << 30).to_string(), "16 GiB of output");
        assert_eq!(Limit::Output(1_500_000).to_string(), "1.4 MiB of output");
        assert_eq!(Limit::Stdout(12).to_string(), "12 bytes of standard output");
        assert_eq!(Limit::CpuTime(Duration::from_millis(500)).to_string(), "0.5s of processor time");
        assert_eq!(Limit::WallTime(Duration::from_secs(3600)).to_string(), "1h 0m 0s of time");
        let memory = Limit::Memory { allowed: 512 << 20, requested: 65_536 };
        assert_eq!(memory.to_string(), "512 MiB of memory (64 KiB more requested)");
    }

    #[test]
    fn json_of_a_limit_has_its_unit() {
        let json = |limit: Limit| serde_json::to_value(limit).unwrap();
        assert_eq!(
            json(Limit::Memory { allowed: 512, requested: 64 }),
            serde_json::json!({ "name": "memory", "bytes": 512, "requested_bytes": 64 })
        );
        assert_eq!(json(Limit::Threads(8)), serde_json::json!({ "name": "threads", "count": 8 }));
    }

    #[test]
    fn hint_never_suggests_to_raise_a_fixed_limit() {
        assert!(Limit::Stdout(12).hint().contains("raise Limits::output"));
        let hint = Limit::Stdout(MAX_COLLECTED_STDOUT).hint();
        assert!(!hint.contains("raise Limits") && hint.contains("Job::stdout"), "{hint}");
    }
}
