use std::{
    error::Error,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use afmpeg_fleet::{Fleet, FleetOptions, Stores, Url};
use tempfile::TempDir;

use super::nats::Nats;

/// The time after which the jobs of a lost worker are given to another one, in seconds.
const LEASE: u64 = 3;

/// A server, a folder of media, and workers.
pub struct Cluster {
    /// The server.
    pub nats: Nats,
    media: TempDir,
    command: PathBuf,
    module: PathBuf,
    workers: Vec<Option<Child>>,
}

impl Cluster {
    /// Starts a server, without workers. The command and the full module of `repository` have been built.
    ///
    /// # Errors
    ///
    /// If there is no room for temporary files.
    pub fn start(repository: &Path) -> Result<Self, Box<dyn Error>> {
        let module = repository.join("target/wasm/ffmpeg-full-gpl.wasm");
        let command = std::env::current_exe()?.with_file_name("afmpeg");
        Ok(Self { nats: Nats::start(), media: tempfile::tempdir()?, command, module, workers: Vec::new() })
    }

    /// Connects to the server.
    ///
    /// # Errors
    ///
    /// As [`Fleet::connect`].
    pub async fn fleet(&self) -> Result<Fleet, afmpeg_fleet::Error> {
        let options = FleetOptions::default().lease(std::time::Duration::from_secs(LEASE));
        Fleet::connect(&self.nats.address(), options).await
    }

    /// Returns the path of the full module.
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// Returns the path of a file in the folder of media.
    pub fn path(&self, name: &str) -> PathBuf {
        self.media.path().join(name)
    }

    /// Returns the location of a file in the folder of media.
    ///
    /// # Panics
    ///
    /// If the path of a temporary folder is not absolute.
    pub fn url(&self, name: &str) -> Url {
        let folder = Url::from_directory_path(self.media.path()).expect("an absolute path");
        folder.join(name).expect("a relative path")
    }

    /// Returns the stores of the media.
    pub fn stores(&self) -> Stores {
        Stores::from_env([self.url("")])
    }

    /// Starts a worker with one slot, on one processor if it is given, and returns its number.
    ///
    /// # Errors
    ///
    /// If the command was not built.
    pub fn start_worker(&mut self, processor: Option<usize>) -> Result<usize, Box<dyn Error>> {
        let number = self.workers.len();
        let mut command = match processor {
            Some(processor) => {
                let mut taskset = Command::new("taskset");
                taskset.args(["--cpu-list", &processor.to_string()]).arg(&self.command);
                taskset
            }
            None => Command::new(&self.command),
        };
        command.args(["worker", "--slots", "1", "--server", &self.nats.address()]);
        command.args(["--lease", &LEASE.to_string(), "--name", &format!("worker-{number}"), "--allow"]);
        command.arg(self.url("").as_str()).env("AFMPEG_MODULE", &self.module);
        self.workers.push(Some(command.stdin(Stdio::null()).stderr(Stdio::null()).spawn()?));
        Ok(number)
    }

    /// Kills a worker, without a chance to hand anything back.
    pub fn kill_worker(&mut self, number: usize) {
        if let Some(mut worker) = self.workers.get_mut(number).and_then(Option::take) {
            let _ = worker.kill();
            let _ = worker.wait();
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
