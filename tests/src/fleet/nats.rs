//! A NATS server with JetStream, on a free port of this machine.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
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
    ports: Ports,
}

/// The messages that a server has received and sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// The number of messages in both directions.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The ports of a server.
#[derive(Debug, Clone, Copy)]
struct Ports {
    clients: u16,
    /// That of its statistics.
    monitoring: u16,
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
        let ports = ports_of(&folder, &process);
        Self { folder, process, ports }
    }

    /// Returns the address of the server.
    pub fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.ports.clients)
    }

    /// Kills the server, without a chance to store anything.
    pub fn kill(&mut self) {
        self.process.kill().expect("a process of this one");
        self.process.wait().expect("a process of this one");
    }

    /// Starts the server again, on the same port with the same data.
    pub fn restart(&mut self) {
        self.process = launch(&self.folder, self.ports.clients.into());
        self.ports = ports_of(&self.folder, &self.process);
    }

    /// Returns the messages since the server was started.
    pub fn traffic(&self) -> Traffic {
        let mut connection =
            TcpStream::connect(("127.0.0.1", self.ports.monitoring)).expect("a port of the server");
        connection.write_all(b"GET /varz HTTP/1.0\r\n\r\n").expect("a request");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body after the header");
        let statistics: Value = serde_json::from_str(body).expect("statistics in JSON");
        let number = |name: &str| statistics[name].as_u64().expect("a number");
        Traffic {
            messages: number("in_msgs") + number("out_msgs"),
            bytes: number("in_bytes") + number("out_bytes"),
        }
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
    command.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-m", "-1", "-sd"]).arg(folder.path());
    command.arg("--ports_file_dir").arg(folder.path());
    // Without it, a killed server loses the last moments.
    let config = folder.path().join("nats.conf");
    std::fs::write(&config, "jetstream { sync_interval: always }\n").expect("a file in a temporary folder");
    command.arg("--config").arg(config);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a nats-server")
}

/// Waits until the server has written its ports into a file.
fn ports_of(folder: &TempDir, process: &Child) -> Ports {
    let file = folder.path().join(format!("nats-server_{}.ports", process.id()));
    loop {
        let ports = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        if let Some(ports) = ports {
            let port = |kind: &str| {
                let address = ports[kind][0].as_str()?;
                address.rsplit_once(':')?.1.trim_end_matches('/').parse().ok()
            };
            let (clients, monitoring) = (port("nats"), port("monitoring"));
            return Ports {
                clients: clients.expect("a port in the file of ports"),
                monitoring: monitoring.expect("a port of statistics in the file of ports"),
            };
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
