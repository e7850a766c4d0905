use std::{num::NonZero, time::Duration};

use serde::{Deserialize, Serialize};

/// The most bytes of standard output that a job collects. ffprobe's output about a long file's packets is the largest
/// that is written without a sink.
pub(crate) const MAX_COLLECTED_STDOUT: u64 = 256 << 20;

/// Limits on a job's resources. A job that exceeds one fails with an [`Error::Limit`](crate::Error::Limit) that names
/// it, except for [`slot_wait`](Limits::slot_wait), [`log`](Limits::log) and [`stack`](Limits::stack).
///
/// ```
/// use std::time::Duration;
///
/// use afmpeg_engine::Limits;
///
/// let limits = Limits::default().memory(256 << 20).wall_time(Duration::from_secs(60)).output(1 << 30);
/// assert_eq!(limits.memory, Some(256 << 20));
/// assert_eq!(limits.wall_time, Some(Duration::from_secs(60)));
/// assert_eq!(Limits::none().wall_time, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// The memory of the guest with all of its threads, in bytes. Default (`None`): [`Limits::memory_for`] of the job's
    /// processors. At most 4 GiB, the address space of 32-bit WebAssembly. Files on the job's filesystem do not count.
    pub memory: Option<u64>,
    /// The wall-clock time from the job's start to its end, not counting the wait for a slot or the commit of the
    /// filesystem. Default: one hour.
    pub wall_time: Option<Duration>,
    /// The time to wait for a slot, after which the job fails with [`Error::Busy`](crate::Error::Busy). Default: no
    /// limit.
    pub slot_wait: Option<Duration>,
    /// The longest time without progress: the job neither computes nor transfers bytes of streams or of the files on
    /// its filesystem, but waits for its input, filesystem or reader. Default: no limit except the wall time. On
    /// systems other than Linux, where the processor time of running threads is not available, only bytes count as
    /// progress.
    pub stall: Option<Duration>,
    /// The processor time of all of the job's threads. Default: no limit except the wall time. Accurate to some 10 ms
    /// on Linux; on other systems, a thread's time counts when the thread ends.
    pub cpu_time: Option<Duration>,
    /// The total growth of the files on the job's filesystem, and separately the length of its standard output and of
    /// each output stream, in bytes. Default: 16 GiB.
    pub output: u64,
    /// The memory in bytes that the job's data may use in this process, outside of the guest's
    /// [memory](Limits::memory): the growth of files on filesystems that [keep them in
    /// memory](afmpeg_vfs::Vfs::keeps_in_memory), the private `/tmp`, the collected standard output, and the end of
    /// the log. Default: 1 GiB. A sparse file counts with its whole length.
    ///
    /// Not counted are some 10 MiB for each job, 1 MiB for each of its threads, and 1 KiB for each of its
    /// [`files`](Limits::files). A collected standard output, which has at most 256 MiB, needs up to 8 MiB more than
    /// its length. While it grows, it needs twice its length, except on Linux, which can grow an allocation in place.
    pub host_memory: u64,
    /// The number of files and folders that the job adds to its filesystem. Default: 100,000.
    pub files: u64,
    /// The size of the private `/tmp`, in bytes. Default: 512 MiB. Unused if the job's filesystem has a `/tmp`.
    pub tmp: u64,
    /// The length of the log that is passed to sinks, in bytes. The rest is dropped, with a notice as the last line.
    /// The end of a log is always kept in [`Output::log`](crate::Output::log) and in errors. Default: 64 MiB.
    pub log: u64,
    /// The number of simultaneous threads of the guest, not counting its main thread. Default (`None`):
    /// [`Limits::threads_for`] of the job's processors. At most 1024. FFmpeg starts one for each input, output, filter
    /// graph, decoder and encoder, and codecs start more.
    pub threads: Option<usize>,
    /// The host stack of each of the guest's threads, in bytes. A job that overflows it fails with
    /// [`Error::Trap`](crate::Error::Trap). Default: 8 MiB. At most 100 MiB. (C keeps its arrays on another stack, of
    /// 2 MiB per thread, in the guest's memory.) A thread may reuse the stack of an earlier job in this process, which
    /// can be larger.
    pub stack: usize,
}

impl Limits {
    /// The most memory that a guest can address, in bytes: 4 GiB.
    pub const MAX_MEMORY: u64 = 4 << 30;

    /// The most threads of a job.
    pub const MAX_THREADS: usize = 1024;

    /// The largest stack on the host, in bytes.
    pub const MAX_STACK: usize = 100 << 20;

    /// Returns the default memory of a job on this number of [processors](crate::Job::processors), in bytes: 2.5 GiB
    /// plus 128 MiB per processor, at most [`Limits::MAX_MEMORY`].
    ///
    /// This suffices for x264's `medium` preset at 3840x2160, the most demanding common job: the lookahead keeps 1.6
    /// GiB of frames, and each encoder thread, three per two processors, 100 MiB more. Over 80 frames, the guest's
    /// memory grows to 1.85 GiB on 2 processors and to 2.8 GiB on 8; a decoder of such frames takes some 300 MiB more.
    ///
    /// ```
    /// use std::num::NonZero;
    ///
    /// use afmpeg_engine::Limits;
    ///
    /// assert_eq!(Limits::memory_for(NonZero::new(8).unwrap()), (2560 << 20) + 8 * (128 << 20));
    /// assert_eq!(Limits::memory_for(NonZero::new(64).unwrap()), Limits::MAX_MEMORY);
    /// ```
    pub fn memory_for(processors: NonZero<usize>) -> u64 {
        let for_each = (processors.get() as u64).saturating_mul(128 << 20);
        for_each.saturating_add(2560 << 20).min(Self::MAX_MEMORY)
    }

    /// Returns the default number of threads of a job on this number of [processors](crate::Job::processors): 256
    /// plus 96 per processor, at most [`Limits::MAX_THREADS`]. This suffices for 66 inputs, each with a demuxer, two
    /// decoders, and as many threads in the video decoder as there are processors.
    ///
    /// ```
    /// use std::num::NonZero;
    ///
    /// use afmpeg_engine::Limits;
    ///
    /// assert_eq!(Limits::threads_for(NonZero::new(2).unwrap()), 448);
    /// assert_eq!(Limits::threads_for(NonZero::new(64).unwrap()), Limits::MAX_THREADS);
    /// ```
    pub fn threads_for(processors: NonZero<usize>) -> usize {
        processors.get().saturating_mul(96).saturating_add(256).min(Self::MAX_THREADS)
    }

    /// The memory of a job on this number of processors, in bytes.
    pub(crate) fn resolved_memory(&self, processors: NonZero<usize>) -> u64 {
        self.memory.unwrap_or_else(|| Self::memory_for(processors))
    }

    /// The threads of a job on this number of processors.
    pub(crate) fn resolved_threads(&self, processors: NonZero<usize>) -> usize {
        self.threads.unwrap_or_else(|| Self::threads_for(processors)).min(Self::MAX_THREADS)
    }

    /// Returns the loosest limits, for trusted commands on trusted files. The stack keeps its default size.
    ///
    /// ```
    /// # use afmpeg_engine::Limits;
    /// assert_eq!(Limits::none().memory, Some(Limits::MAX_MEMORY));
    /// ```
    pub fn none() -> Self {
        Self {
            memory: Some(Self::MAX_MEMORY),
            wall_time: None,
            slot_wait: None,
            stall: None,
            cpu_time: None,
            output: u64::MAX,
            host_memory: u64::MAX,
            files: u64::MAX,
            tmp: u64::MAX,
            log: u64::MAX,
            threads: Some(Self::MAX_THREADS),
            stack: Self::default().stack,
        }
    }

    /// Sets [`Limits::memory`], in bytes. To restore the default, set the field to `None`.
    #[must_use]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Sets [`Limits::wall_time`]; `None` for no limit.
    #[must_use]
    pub fn wall_time(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.wall_time = time.into();
        self
    }

    /// Sets [`Limits::slot_wait`]; `None` for no limit.
    #[must_use]
    pub fn slot_wait(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.slot_wait = time.into();
        self
    }

    /// Sets [`Limits::stall`]; `None` for no limit.
    #[must_use]
    pub fn stall(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.stall = time.into();
        self
    }

    /// Sets [`Limits::cpu_time`]; `None` for no limit.
    #[must_use]
    pub fn cpu_time(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.cpu_time = time.into();
        self
    }

    /// Sets [`Limits::output`], in bytes.
    #[must_use]
    pub fn output(mut self, bytes: u64) -> Self {
        self.output = bytes;
        self
    }

    /// Sets [`Limits::host_memory`], in bytes.
    #[must_use]
    pub fn host_memory(mut self, bytes: u64) -> Self {
        self.host_memory = bytes;
        self
    }

    /// Sets [`Limits::files`].
    #[must_use]
    pub fn files(mut self, count: u64) -> Self {
        self.files = count;
        self
    }

    /// Sets [`Limits::tmp`], in bytes.
    #[must_use]
    pub fn tmp(mut self, bytes: u64) -> Self {
        self.tmp = bytes;
        self
    }

    /// Sets [`Limits::log`], in bytes.
    #[must_use]
    pub fn log(mut self, bytes: u64) -> Self {
        self.log = bytes;
        self
    }

    /// Sets [`Limits::threads`]. To restore the default, set the field to `None`.
    #[must_use]
    pub fn threads(mut self, count: usize) -> Self {
        self.threads = Some(count);
        self
    }

    /// Sets [`Limits::stack`], in bytes.
    #[must_use]
    pub fn stack(mut self, bytes: usize) -> Self {
        self.stack = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: None,
            wall_time: Some(Duration::from_secs(60 * 60)),
            slot_wait: None,
            stall: None,
            cpu_time: None,
            output: 16 << 30,
            host_memory: 1 << 30,
            files: 100_000,
            tmp: 512 << 20,
            log: 64 << 20,
            threads: None,
            stack: 8 << 20,
        }
    }
}
