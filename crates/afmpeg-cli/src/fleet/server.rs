//! The connection to the server of a fleet.

use std::env;

use afmpeg_fleet::{Fleet, FleetOptions, Stores, Url};

use super::options::ServerOptions;
use crate::failure::Failure;

/// The environment variable with the address of a server, which programs of NATS share.
const VARIABLE: &str = "NATS_URL";

/// The address of a server on this machine.
const LOCAL: &str = "nats://localhost:4222";

/// Runs asynchronous `work`.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::filesystem(
            format!("cannot start threads: {error}"),
            "raise the limit on processes of the user",
        )
    })?;
    runtime.block_on(work)
}

/// Returns the stores of the media, with the options of the environment.
pub(super) fn stores<'a>(allowed: impl IntoIterator<Item = &'a Url>) -> Stores {
    // Clients of stores need it; it fails only if the program has a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Stores::from_env(allowed.into_iter().cloned())
}

/// Connects to a fleet.
pub(super) async fn connect(server: &ServerOptions, options: FleetOptions) -> Result<Fleet, Failure> {
    let address =
        server.server.clone().or_else(|| env::var(VARIABLE).ok()).unwrap_or_else(|| LOCAL.to_owned());
    let mut connecting = async_nats::ConnectOptions::new().name("afmpeg");
    if let Some(file) = &server.credentials {
        connecting = connecting.credentials_file(file).await.map_err(|error| {
            let message = format!("cannot read the credentials {}: {error}", file.display());
            Failure::filesystem(message, "pass a file that the tools of the server have written")
        })?;
    }
    let client = connecting.connect(&address).await.map_err(|error| {
        let hint = "check the address (--server or NATS_URL), and that the server runs with JetStream (-js)";
        Failure::filesystem(format!("cannot connect to {address}: {error}"), hint)
    })?;
    Ok(Fleet::with_client(client, options.name(&server.fleet)).await?)
}
