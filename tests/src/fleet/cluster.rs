use std::{
    error::Error,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use afmpeg_fleet::{Fleet, FleetOptions};
use tempfile::TempDir;

use super::{fixtures::Fixtures, media::Media, nats::Nats};

/// The time after which the jobs of a lost worker are given to another one, in seconds.
const LEASE: u64 = 3;

/// A server, media, and workers.
pub struct Cluster {
    /// The server.
    pub nats: Nats,
    /// The media.
    pub media: Media,
    fixtures: Fixtures,
    workers: Vec<Option<Process>>,
}

/// The choices of a worker, which has one slot.
#[derive(Debug, Clone, Copy, Default)]
pub struct WorkerSetup {
    /// The processor on which it runs. Default: any.
    pub processor: Option<usize>,
    /// Whether its disk is full.
    pub is_disk_full: bool,
    /// The number of attempts after which it gives up a job. Default: that of the command.
    pub attempts: Option<u32>,
}

/// The process of a worker.
struct Process {
    child: Child,
    /// The folder of its temporary files, if it is its own.
    _temporary: Option<TempDir>,
}

impl Cluster {
    /// Starts a server, without workers.
    pub fn start(fixtures: &Fixtures, media: Media) -> Self {
        Self { nats: Nats::start(), media, fixtures: fixtures.clone(), workers: Vec::new() }
    }

    /// Connects to the server.
    ///
    /// # Errors
    ///
    /// As [`Fleet::connect`].
    pub async fn fleet(&self) -> Result<Fleet, afmpeg_fleet::Error> {
        let options = FleetOptions::default().lease(Duration::from_secs(LEASE));
        Fleet::connect(&self.nats.address(), options).await
    }

    /// Starts a worker, and returns its number.
    ///
    /// # Errors
    ///
    /// If the command was not built, or there is no room for temporary files.
    pub fn start_worker(&mut self, setup: WorkerSetup) -> Result<usize, Box<dyn Error>> {
        let number = self.workers.len();
        let temporary = setup.is_disk_full.then(tempfile::tempdir).transpose()?;
        let mut command = match (&temporary, setup.processor) {
            (Some(folder), _) => on_full_disk(folder.path(), &self.fixtures.command),
            (None, Some(processor)) => {
                let mut taskset = Command::new("taskset");
                taskset.args(["--cpu-list", &processor.to_string()]).arg(&self.fixtures.command);
                taskset
            }
            (None, None) => Command::new(&self.fixtures.command),
        };
        command.args(["worker", "--slots", "1", "--server", &self.nats.address()]);
        command.args(["--lease", &LEASE.to_string(), "--name", &Self::name(number), "--allow"]);
        command.arg(self.media.url("").as_str());
        if let Some(attempts) = setup.attempts {
            command.args(["--attempts", &attempts.to_string()]);
        }
        command.env("AFMPEG_MODULE", &self.fixtures.module).envs(self.media.environment());
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn()?;
        self.workers.push(Some(Process { child, _temporary: temporary }));
        Ok(number)
    }

    /// Returns the name of a worker in the states of jobs.
    pub fn name(number: usize) -> String {
        format!("worker-{number}")
    }

    /// Returns the numbers of the workers that run.
    pub fn workers(&self) -> Vec<usize> {
        (0..self.workers.len()).filter(|number| self.workers[*number].is_some()).collect()
    }

    /// Sends a signal to a worker.
    ///
    /// # Errors
    ///
    /// If the worker does not run.
    pub fn signal(&self, number: usize, signal: rustix::process::Signal) -> std::io::Result<()> {
        let worker = self.workers.get(number).and_then(Option::as_ref).ok_or(std::io::ErrorKind::NotFound)?;
        let process = rustix::process::Pid::from_child(&worker.child);
        Ok(rustix::process::kill_process(process, signal)?)
    }

    /// Kills a worker, without a chance to hand anything back.
    pub fn kill_worker(&mut self, number: usize) {
        if let Some(mut worker) = self.workers.get_mut(number).and_then(Option::take) {
            let _ = worker.child.kill();
            let _ = worker.child.wait();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for number in 0..self.workers.len() {
            self.kill_worker(number);
        }
    }
}

/// Runs `command` with a disk of one MiB for its temporary files, in a mount namespace that ends with it.
fn on_full_disk(folder: &Path, command: &Path) -> Command {
    let mut unshare = Command::new("unshare");
    let script = "mount -t tmpfs -o size=1m none \"$TMPDIR\" && exec \"$0\" \"$@\"";
    unshare.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).arg(command);
    unshare.env("TMPDIR", folder);
    unshare
}
