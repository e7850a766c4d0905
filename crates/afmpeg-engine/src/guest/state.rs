use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use afmpeg_vfs::{FaultLog, adapter::wasi::Descriptors};

use super::{
    cpu_time::CpuTime,
    job::GuestJob,
    root::GuestRoot,
    stdio::{LogFile, OutputFile},
    stop::Stop,
    threads::GuestThreads,
    watch,
};

/// How long the last threads may take to notice that their job is over: a call to the caller's filesystem may have
/// to end first.
const THREADS_GRACE: Duration = Duration::from_secs(10);

/// The state that the host keeps for a guest. It outlives the instance.
pub(super) struct HostState {
    pub(super) job: GuestJob,
    pub(super) started: Instant,
    pub(super) stop: Arc<Stop>,
    pub(super) cpu: CpuTime,
    pub(super) faults: FaultLog,
    pub(super) log: LogFile,
    pub(super) root: GuestRoot,
    pub(super) files: Arc<Descriptors>,
    /// The standard output.
    pub(super) stdout: OutputFile,
    /// All output streams, the standard output first.
    pub(super) outputs: Vec<OutputFile>,
    pub(super) threads: GuestThreads,
}

impl HostState {
    /// Returns a function that checks whether a limit has refused the guest something.
    pub(super) fn refusals(&self) -> impl Fn() -> bool + Send + 'static {
        let (stop, threads) = (Arc::clone(&self.stop), self.threads.clone());
        let (root, outputs) = (self.root.clone(), self.outputs.clone());
        move || {
            stop.is_memory_refused()
                || threads.refused()
                || threads.failure().is_some()
                || root.has_refused()
                || outputs.iter().any(OutputFile::has_refused)
        }
    }

    /// Ends the threads that are left, and returns whether all have ended in time.
    pub(super) fn end_threads(&self) -> bool {
        let deadline = Instant::now() + THREADS_GRACE;
        // The end of main does not wake threads that wait on a lock.
        loop {
            self.stop.kill();
            if self.threads.wait_until_gone(watch::AGAIN) {
                self.stop.detach();
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
        }
    }
}
