//! Checks that a runtime leaks nothing over many jobs: `cargo xtask soak`, and a short run in the tests.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use afmpeg_engine::{CancelToken, ErrorKind, Limits, Runtime};
use afmpeg_vfs::{MemFs, VfsExt as _};

/// The memory and threads of this process at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Resident memory, in bytes.
    pub memory: u64,
    /// Threads of the host.
    pub threads: usize,
}

impl Sample {
    /// Samples this process after the threads of the last job have had time to end.
    ///
    /// # Panics
    ///
    /// If the system does not report memory use.
    pub fn take() -> Self {
        // An idle thread ends after a second.
        std::thread::sleep(Duration::from_millis(1200));
        let memory = memory_stats::memory_stats().expect("the system reports memory use");
        let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
        Self { memory: memory.physical_mem as u64, threads }
    }
}

/// The modules and the clip of the jobs.
pub struct Soak {
    ffmpeg: Runtime,
    waster: Runtime,
    clip: Vec<u8>,
}

impl Soak {
    /// Loads the modules that `cargo xtask test` has built in `repository`.
    ///
    /// # Errors
    ///
    /// When a module or the clip is missing.
    pub fn load(repository: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let runtime = |path: &str| Runtime::builder().module(repository.join(path)).build();
        Ok(Self {
            ffmpeg: runtime("target/wasm/ffmpeg-full-gpl.wasm")?,
            waster: runtime("target/wasm/guests/limits.wasm")?,
            clip: std::fs::read(repository.join("fixtures/bigbuckbunny.mp4"))?,
        })
    }

    /// Runs a job that succeeds: half a second of the clip, decoded, scaled and encoded with threads.
    ///
    /// # Panics
    ///
    /// When the job fails.
    pub fn job(&self) {
        let fs = MemFs::new();
        fs.write("/in.mp4", self.clip.clone()).expect("a write to a MemFs");
        let command = "-t 0.5 -i in.mp4 -vf scale=160:-2 -c:v libx264 -preset ultrafast -c:a aac out.mp4";
        if let Err(error) = self.ffmpeg.run(fs, command.split(' ')) {
            panic!("{error}");
        }
    }

    /// Runs a job with threads that compute, call, wait and sleep, and stops it: by a deadline for even `number`, else
    /// by a cancel.
    ///
    /// # Panics
    ///
    /// When the job ends in another way.
    pub fn stop(&self, number: usize) {
        let cancel = CancelToken::new();
        let token = cancel.clone();
        let job = self.waster.job(MemFs::new()).args(["threads", "spin", "park", "call", "sleep"]);
        let (job, kind) = if number.is_multiple_of(2) {
            let job = job.limits(Limits::default().wall_time(Duration::from_millis(20)));
            (job, ErrorKind::Timeout)
        } else {
            let job = job.cancel_token(&cancel).stdout(move |_| {
                token.cancel();
                Ok(())
            });
            (job, ErrorKind::Cancelled)
        };
        let started = Instant::now();
        let error = job.run().expect_err("a job that never ends");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(started.elapsed() < Duration::from_secs(10), "the stop took {:?}", started.elapsed());
    }
}
