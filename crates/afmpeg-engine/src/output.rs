use std::time::Duration;

use afmpeg_vfs::{FileStats, VPath};

use crate::{log::LogLine, statistics::Statistics};

/// The result of a successful job, in addition to the files on its filesystem.
#[derive(Debug, Clone)]
pub struct Output {
    pub(crate) stdout: Vec<u8>,
    pub(crate) log: String,
    pub(crate) elapsed: Duration,
    pub(crate) cpu_time: Duration,
    pub(crate) files: Vec<(VPath, FileStats)>,
    pub(crate) statistics: Statistics,
    /// The error records of the log, oldest first.
    pub(crate) errors: Vec<LogLine>,
}

impl Output {
    /// Returns the standard output of the tool, unless the job has a [sink](crate::Job::stdout) for it.
    pub fn stdout(&self) -> &[u8] {
        &self.stdout
    }

    /// Returns [`Output::stdout`] by value.
    pub fn into_stdout(self) -> Vec<u8> {
        self.stdout
    }

    /// Returns the log of the tool: the last 256 KiB if it is longer.
    pub fn log(&self) -> &str {
        &self.log
    }

    /// Returns the time from the start of the job to the end of its last thread.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns the processor time of all threads of the job; zero if the system cannot measure it.
    pub fn cpu_time(&self) -> Duration {
        self.cpu_time
    }

    /// Returns the counts of damage in the inputs, of gaps in sequences of images, and of dropped and duplicated
    /// frames. In ffprobe jobs, only inputs that end early are counted.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Returns the numbers of bytes read from and written to each file, by the path under which it was opened. `/dev`
    /// and a private `/tmp` are not counted. A file that was only opened, such as an output that `-n` keeps, is not
    /// listed.
    pub fn files(&self) -> &[(VPath, FileStats)] {
        &self.files
    }
}
