use std::{num::NonZero, time::Duration};

use serde::{Deserialize, Serialize};

/// What a job may use of the host. Over a limit, it ends with an [`Error`](crate::Error) that names the limit.
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
    /// The guest's memory, all of its threads together, in bytes. Default (`None`): what [`Limits::memory_for`] gives for
    /// the job's processors. At most 4 GiB, all that 32-bit WebAssembly can address. Files on the job's filesystem do not
    /// count.
    pub memory: Option<u64>,
    /// From the job's start to its end, in the world's time; waiting for a slot and committing the filesystem do
    /// not count. Default: one hour.
    pub wall_time: Option<Duration>,
    /// How long the job may wait for a slot before it begins. Over it, the job fails with
    /// [`Error::Busy`](crate::Error::Busy). Default: no limit.
    pub slot_wait: Option<Duration>,
    /// How long the job may make no progress: it neither computes nor moves bytes of files or standard streams, but waits
    /// for its input, its filesystem or its reader. Default: no limit but the wall time's. Where processor time of
    /// running threads is not known (elsewhere than on Linux), bytes alone are progress.
    pub stall: Option<Duration>,
    /// The time that processors spend on the job, all of its threads together. Default: no limit but the wall
    /// time's. Kept to within some 10 ms on Linux; elsewhere a thread's time counts when it has ended.
    pub cpu_time: Option<Duration>,
    /// How much longer the files of the job's filesystem may become, all together, in bytes; and how much it may
    /// write to its standard output. Default: 16 GiB.
    pub output: u64,
    /// What the job may keep in this process's own memory, beside [`Limits::memory`], in bytes: how much longer its files
    /// become on filesystems that [keep them in memory](afmpeg_vfs::Vfs::keeps_in_memory), what is in its private `/tmp`,
    /// its collected standard output, and the end of its log. Default: 1 GiB. Lengths count, holes included. Beside it,
    /// a job takes some 10 MiB, 1 MiB for each of its threads, and 1 KiB for each of its [`files`](Limits::files). A
    /// collected standard output, of 256 MiB at most, takes up to 8 MiB more than its length, and twice its length for a
    /// moment where the system cannot make an allocation longer in its place, as Linux can.
    pub host_memory: u64,
    /// How many files and folders the job may add to its filesystem. Default: 100 000.
    pub files: u64,
    /// What the job may keep in its private `/tmp`, in bytes. Default: 512 MiB. It counts for nothing where the filesystem has a `/tmp` of its own.
    pub tmp: u64,
    /// How much of its log is passed on to sinks, in bytes: what comes later is dropped, and a last line says so. The
    /// end of a log is kept all the same, in [`Output::log`](crate::Output::log) and in errors. Default: 64 MiB.
    pub log: u64,
    /// How many threads the guest may have at once, its first one not counted. Default (`None`): what
    /// [`Limits::threads_for`] gives for the job's processors; at most 1024. FFmpeg starts one for each input, output,
    /// filter graph, decoder and encoder, and codecs start more.
    pub threads: Option<usize>,
    /// The stack of each of the guest's threads on the host, in bytes. Default: 8 MiB; at most 100 MiB. (C keeps its
    /// arrays on another stack, of 2 MiB a thread, in the guest's own memory.) A larger one that an earlier job of this
    /// process had may be used again.
    pub stack: usize,
}

impl Limits {
    /// The most memory that a guest can address, in bytes: 4 GiB.
    pub const MAX_MEMORY: u64 = 4 << 30;

    /// The most threads that a job can have.
    pub const MAX_THREADS: usize = 1024;

    /// The largest stack on the host, in bytes.
    pub const MAX_STACK: usize = 100 << 20;

    /// The memory that a job on so many [processors](crate::Job::processors) may have by default, in bytes: 2.5 GiB, and
    /// 128 MiB for each processor, but no more than [`Limits::MAX_MEMORY`].
    ///
    /// It carries x264's `medium` preset at 3840x2160, the common job that needs most: the lookahead keeps 1.6 GiB of frames,
    /// and each of the encoder's threads, of which there are three for two processors, 100 MiB more. Over 80 frames, a
    /// guest's memory grows to 1.85 GiB on 2 processors and to 2.8 GiB on 8; a decoder of such frames before it takes some
    /// 300 MiB more.
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

    /// How many threads a job on so many [processors](crate::Job::processors) may have by default: 256, and 96 for each
    /// processor, but no more than [`Limits::MAX_THREADS`]. It carries 66 inputs, each with a demuxer, two decoders,
    /// and a thread of its video decoder on each processor.
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

    /// The memory of a job on so many processors, in bytes.
    pub(crate) fn resolved_memory(&self, processors: NonZero<usize>) -> u64 {
        self.memory.unwrap_or_else(|| Self::memory_for(processors))
    }

    /// The threads of a job on so many processors.
    pub(crate) fn resolved_threads(&self, processors: NonZero<usize>) -> usize {
        self.threads.unwrap_or_else(|| Self::threads_for(processors)).min(Self::MAX_THREADS)
    }

    /// As little limited as can be: for what one's own command line does to one's own files.
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

    /// Sets [`Limits::memory`], in bytes.
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

    /// Sets [`Limits::threads`].
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
