//! Requests to cancel the jobs that a worker runs.

use std::sync::Arc;

use futures_util::StreamExt as _;

use super::{persist::PAUSE, shared::Shared};

/// Cancels jobs on request, until its task is aborted.
pub(super) async fn watch(shared: Arc<Shared>) {
    loop {
        match shared.fleet.cancellations().await {
            Ok(requests) => {
                let mut requests = std::pin::pin!(requests);
                while let Some(identity) = requests.next().await {
                    shared.active.cancel(identity);
                }
            }
            Err(error) => tracing::warn!(%error, "cannot watch for cancelled jobs"),
        }
        // The next watch begins with all requests that were made before it.
        tokio::time::sleep(PAUSE).await;
    }
}
