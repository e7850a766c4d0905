use std::time::Duration;

/// What a job may use of the host. Over a limit, it ends with an [`Error`](crate::Error) that names the limit.
///
/// ```
/// use std::time::Duration;
///
/// use afmpeg_engine::Limits;
///
/// let limits = Limits::default().memory(256 << 20).wall_time(Duration::from_secs(60)).output(1 << 30);
/// assert_eq!(limits.memory, 256 << 20);
/// assert_eq!(limits.wall_time, Some(Duration::from_secs(60)));
/// assert_eq!(Limits::none().wall_time, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The guest's memory, all of its threads together, in bytes. Default: 512 MiB. At most 4 GiB, all that 32-bit
    /// WebAssembly can address. Files on the job's filesystem do not count.
    pub memory: u64,
    /// From the job's start to its end, in the world's time; waiting for a slot and committing the filesystem do
    /// not count. Default: one hour.
    pub wall_time: Option<Duration>,
    /// The time that processors spend on the job, all of its threads together. Default: no limit but the wall
    /// time's. Kept to within some 10 ms on Linux; elsewhere a thread's time counts when it has ended.
    pub cpu_time: Option<Duration>,
    /// How much longer the files of the job's filesystem may become, all together, in bytes; and how much it may
    /// write to its standard output. Default: 16 GiB.
    pub output: u64,
    /// How many files and folders the job may add to its filesystem. Default: 100 000.
    pub files: u64,
    /// What the job may keep in its private `/tmp`, in bytes. Over it, writes there fail with `ENOSPC`. Default:
    /// 512 MiB. It counts for nothing where the filesystem has a `/tmp` of its own.
    pub tmp: u64,
    /// How much of its log is passed on to sinks, in bytes: what comes later is dropped, and a last line says so. The
    /// end of a log is kept all the same, in [`Output::log`](crate::Output::log) and in errors. Default: 64 MiB.
    pub log: u64,
    /// How many threads the guest may have at once, its first one not counted. Default: 512; at most 1024. FFmpeg
    /// starts one for each input, output, filter graph, decoder and encoder, and codecs start more.
    pub threads: usize,
    /// The stack of each of the guest's threads on the host, in bytes. Default: 8 MiB; at most 100 MiB. (C keeps its
    /// arrays on another stack, of 2 MiB a thread, in the guest's own memory.)
    pub stack: usize,
}

impl Limits {
    /// The most memory that a guest can address, in bytes: 4 GiB.
    pub const MAX_MEMORY: u64 = 4 << 30;

    /// The most threads that a job can have.
    pub const MAX_THREADS: usize = 1024;

    /// The largest stack on the host, in bytes.
    pub const MAX_STACK: usize = 100 << 20;

    /// As little limited as can be: for what one's own command line does to one's own files.
    ///
    /// ```
    /// # use afmpeg_engine::Limits;
    /// assert_eq!(Limits::none().memory, Limits::MAX_MEMORY);
    /// ```
    pub fn none() -> Self {
        Self {
            memory: Self::MAX_MEMORY,
            wall_time: None,
            cpu_time: None,
            output: u64::MAX,
            files: u64::MAX,
            tmp: u64::MAX,
            log: u64::MAX,
            threads: Self::MAX_THREADS,
            stack: Self::default().stack,
        }
    }

    /// Sets [`Limits::memory`], in bytes.
    #[must_use]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// Sets [`Limits::wall_time`]; `None` for no limit.
    #[must_use]
    pub fn wall_time(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.wall_time = time.into();
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
        self.threads = count;
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
            memory: 512 << 20,
            wall_time: Some(Duration::from_secs(60 * 60)),
            cpu_time: None,
            output: 16 << 30,
            files: 100_000,
            tmp: 512 << 20,
            log: 64 << 20,
            threads: 512,
            stack: 8 << 20,
        }
    }
}
