//! The health of a worker, for the systems that start and stop it.

use std::net::SocketAddr;

use afmpeg_fleet::{Health, Worker};
use axum::{Json, Router, http::StatusCode, routing::get};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::failure::Failure;

/// A server that ends with this value.
pub(super) struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves the health of a worker at `address`.
pub(super) async fn serve(address: SocketAddr, worker: &Worker) -> Result<Server, Failure> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::filesystem(
            format!("cannot serve at {address}: {error}"),
            "choose another address for --health",
        )
    })?;
    let health = worker.health();
    let routes = Router::new().route("/health", get(move || async move { answer(&health) }));
    Ok(Server(tokio::spawn(async move {
        // It ends only with its task.
        let _ = axum::serve(listener, routes).await;
    })))
}

fn answer(health: &Health) -> (StatusCode, Json<serde_json::Value>) {
    let status = if health.is_connected() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "worker": health.worker(),
        "connected": health.is_connected(),
        "running": health.running(),
    });
    (status, Json(body))
}
