//! A NATS server with JetStream, on a free port of this machine.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

/// A server whose data outlive it. It is killed on drop.
pub struct Nats {
    folder: TempDir,
    process: Child,
    port: u16,
}

impl Nats {
    /// Starts a server without data.
    ///
    /// # Panics
    ///
    /// As all methods, if the server of `AFMPEG_NATS_SERVER` does not start.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let process = launch(&folder, -1);
        let port = port_of(&folder, &process);
        Self { folder, process, port }
    }

    /// Returns the address of the server.
    pub fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Kills the server, without a chance to store anything.
    pub fn kill(&mut self) {
        self.process.kill().expect("a process of this one");
        self.process.wait().expect("a process of this one");
    }

    /// Starts the server again, on the same port with the same data.
    pub fn restart(&mut self) {
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
    // Without it, a killed server loses the last moments.
    let config = folder.path().join("nats.conf");
    std::fs::write(&config, "jetstream { sync_interval: always }\n").expect("a file in a temporary folder");
    command.arg("--config").arg(config);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a nats-server")
}

/// Waits until the server has written its port into a file.
fn port_of(folder: &TempDir, process: &Child) -> u16 {
    let file = folder.path().join(format!("nats-server_{}.ports", process.id()));
    loop {
        let ports = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        if let Some(ports) = ports {
            let port = ports["nats"][0].as_str().and_then(|address| address.rsplit_once(':')?.1.parse().ok());
            return port.expect("a port in the file of ports");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
