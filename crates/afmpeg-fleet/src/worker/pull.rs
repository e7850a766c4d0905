//! A slot of a worker: it takes a job only when it is free.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{
    Message,
    consumer::{AckPolicy, Consumer, pull},
};
use futures_util::StreamExt as _;
use tokio::sync::watch;

use super::{
    delivery,
    shared::{Shared, Stop},
};
use crate::{
    error::{Error, Result},
    fleet::Fleet,
    names::Names,
};

/// The time for which a request for a job waits on the server.
const WAIT: Duration = Duration::from_secs(30);

/// The time before the next request after a failed one.
const PAUSE: Duration = Duration::from_millis(500);

/// Returns the consumer of all workers with a module.
pub(super) async fn consumer(fleet: &Fleet, module: &str) -> Result<Consumer<pull::Config>> {
    let config = pull::Config {
        durable_name: Some(Names::consumer(module)),
        filter_subject: fleet.names.job_subject(module),
        ack_policy: AckPolicy::Explicit,
        ack_wait: fleet.options.lease,
        // Workers count attempts.
        max_deliver: -1,
        max_ack_pending: -1,
        num_replicas: fleet.options.replicas,
        ..pull::Config::default()
    };
    let operation = "create the workers' consumer";
    let stream = fleet.context.get_stream(fleet.names.jobs()).await.map_err(Error::server(operation))?;
    stream.create_consumer(config).await.map_err(Error::server(operation))
}

/// A slot.
pub(super) struct Puller {
    pub(super) shared: Arc<Shared>,
    pub(super) consumer: Consumer<pull::Config>,
    pub(super) stop: watch::Receiver<Stop>,
}

impl Puller {
    /// Runs one job after the other until the worker stops.
    pub(super) async fn run(mut self) {
        while *self.stop.borrow() == Stop::No {
            let mut stop = self.stop.clone();
            let taken = tokio::select! {
                _ = stop.wait_for(|stop| *stop != Stop::No) => break,
                taken = self.take() => taken,
            };
            match taken {
                Ok(Some(message)) => delivery::handle(&self.shared, message, &mut self.stop).await,
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, source = ?std::error::Error::source(&error), "cannot take a job");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Takes the next job; `None` if none came for a time.
    async fn take(&self) -> Result<Option<Message>> {
        let failed = || Error::server("take a job");
        let batch = self.consumer.batch().max_messages(1).expires(WAIT).messages();
        let mut batch = batch.await.map_err(failed())?;
        batch
            .next()
            .await
            .transpose()
            .map_err(|error| Error::Server { operation: "take a job".to_owned(), source: error })
    }
}
