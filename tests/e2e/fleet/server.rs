//! A NATS server with JetStream, on a free port of this machine.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

/// A server whose data outlive it.
pub(super) struct Nats {
    folder: TempDir,
    process: Child,
    port: u16,
}

impl Nats {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = launch(&folder, -1);
        let port = port_of(&folder, &process);
        Self { folder, process, port }
    }

    pub(super) fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Kills the server, without a chance to store anything.
    pub(super) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts the server again, on the same port with the same data.
    pub(super) fn restart(&mut self) {
        self.process = launch(&self.folder, self.port.into());
        port_of(&self.folder, &self.process);
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn launch(folder: &TempDir, port: i32) -> Child {
    let server: PathBuf = std::env::var_os("AFMPEG_NATS_SERVER")
        .expect("AFMPEG_NATS_SERVER names a nats-server; `cargo xtask test` sets it")
        .into();
    let mut command = Command::new(server);
    command.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]).arg(folder.path());
    command.arg("--ports_file_dir").arg(folder.path());
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until the server has written its port into a file.
fn port_of(folder: &TempDir, process: &Child) -> u16 {
    let file = folder.path().join(format!("nats-server_{}.ports", process.id()));
    loop {
        let ports = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        if let Some(ports) = ports {
            let address = ports["nats"][0].as_str().unwrap();
            return address.rsplit_once(':').unwrap().1.parse().unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
