//! Requests that are repeated until the server answers.

use std::{future::Future, time::Duration};

use crate::error::{Error, Result};

/// The time between two requests.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// Repeats `request` while the server cannot be reached: a worker that has done its work does not give it up. It ends
/// with the process.
pub(super) async fn persist<T, F: Future<Output = Result<T>>>(request: impl Fn() -> F) -> Result<T> {
    loop {
        match request().await {
            Err(error @ Error::Server { .. }) => {
                tracing::warn!(%error, source = ?std::error::Error::source(&error), "the server does not answer");
                tokio::time::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}
