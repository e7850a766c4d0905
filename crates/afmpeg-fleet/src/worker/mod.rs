//! Workers, which run the jobs of a fleet.

mod active;
mod attempt;
mod cancellation;
mod commit;
mod delivery;
mod events;
mod failure;
mod files;
mod film;
mod lease;
mod persist;
mod pull;
mod shared;

use std::{num::NonZero, sync::Arc, time::Duration};

use afmpeg_engine::{Limits, Runtime};
use afmpeg_vfs::SpoolLimits;
use futures_util::future::join_all;
use tokio::{sync::watch, task::JoinHandle};

use self::{
    active::Active,
    files::Readers,
    pull::Puller,
    shared::{Shared, Stop},
};
use crate::{error::Result, fleet::Fleet, stores::Stores};

/// The longest time to hand back jobs.
const HAND_BACK: Duration = Duration::from_secs(20);

/// A process that runs the jobs of a fleet, as many at once as it has slots.
///
/// A worker renews the lease of each job that it runs. A job whose worker is lost is given to another one when its lease
/// has expired.
///
/// ```no_run
/// use std::time::Duration;
///
/// use afmpeg_engine::Runtime;
/// use afmpeg_fleet::{Fleet, FleetOptions, Stores, Worker};
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().find_module().build()?;
/// let fleet = Fleet::connect("nats://localhost:4222", FleetOptions::default()).await?;
/// let stores = Stores::from_env(["s3://media/".parse()?]);
/// let worker = Worker::builder(fleet, runtime, stores).start().await?;
/// // Later: 30 seconds for the jobs that run; those that take longer are handed back.
/// worker.stop(Duration::from_secs(30)).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a worker that is dropped hands back its jobs"]
pub struct Worker {
    shared: Arc<Shared>,
    stop: watch::Sender<Stop>,
    slots: Vec<JoinHandle<()>>,
    cancellations: JoinHandle<()>,
}

/// Builds a [`Worker`].
#[derive(Debug, Clone)]
pub struct WorkerBuilder {
    fleet: Fleet,
    runtime: Runtime,
    stores: Stores,
    name: Option<String>,
    slots: Option<NonZero<usize>>,
    limits: Option<Limits>,
    spool: SpoolLimits,
}

impl Worker {
    /// Returns a builder of a worker that runs jobs with the module of `runtime`, on the media in `stores`.
    pub fn builder(fleet: Fleet, runtime: Runtime, stores: Stores) -> WorkerBuilder {
        WorkerBuilder {
            fleet,
            runtime,
            stores,
            name: None,
            slots: None,
            limits: None,
            spool: SpoolLimits::default(),
        }
    }

    /// Returns the name of the worker.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Returns the health of the worker, for a thread that reports it.
    pub fn health(&self) -> Health {
        Health(Arc::clone(&self.shared))
    }

    /// Takes no further jobs, waits up to `grace` for those that run, and hands back the others: another worker starts
    /// them again at once.
    pub async fn stop(self, grace: Duration) {
        self.stop_unless(grace, std::future::pending()).await;
    }

    /// As [`stop`](Self::stop), but hands back the jobs that run as soon as `hurry` ends.
    pub async fn stop_unless(mut self, grace: Duration, hurry: impl Future<Output = ()>) {
        self.stop.send_replace(Stop::AfterJobs);
        let slots = std::mem::take(&mut self.slots);
        let mut all = std::pin::pin!(join_all(slots));
        let has_ended = tokio::select! {
            _ = &mut all => true,
            () = tokio::time::sleep(grace) => false,
            () = hurry => false,
        };
        if !has_ended {
            self.stop.send_replace(Stop::Now);
            // Without the server, nothing can be handed back: its lease expires.
            if tokio::time::timeout(HAND_BACK, all).await.is_err() {
                tracing::warn!(
                    "the worker ends without its server: its jobs start again when their leases expire"
                );
                return;
            }
        }
        // Acknowledgements may wait in the client, which waits for a lost server without a limit.
        let client = self.shared.fleet.context.client();
        if !matches!(tokio::time::timeout(HAND_BACK, client.flush()).await, Ok(Ok(()))) {
            tracing::warn!("cannot send the last acknowledgements: the server is away");
        }
    }
}

/// The health of a [`Worker`].
///
/// ```
/// # fn f(worker: &afmpeg_fleet::Worker) {
/// let health = worker.health();
/// std::thread::spawn(move || println!("{} runs {} jobs", health.worker(), health.running()));
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Health(Arc<Shared>);

impl Health {
    /// Returns the name of the worker.
    pub fn worker(&self) -> &str {
        &self.0.name
    }

    /// Returns the number of jobs that it runs.
    pub fn running(&self) -> usize {
        self.0.active.len()
    }

    /// Whether it is connected to the server of the fleet.
    pub fn is_connected(&self) -> bool {
        let client = self.0.fleet.context.client();
        client.connection_state() == async_nats::connection::State::Connected
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.send_replace(Stop::Now);
        self.cancellations.abort();
    }
}

impl WorkerBuilder {
    /// Sets the name, which states of jobs show. Default: `worker-` and a random number.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the number of jobs that run at once. Default: the [slots](Runtime::slots) of the runtime.
    #[must_use]
    pub fn slots(mut self, slots: NonZero<usize>) -> Self {
        self.slots = Some(slots);
        self
    }

    /// Sets the largest limits of a job: a job that has larger ones, or none, runs within these. Default: the
    /// [runtime's](Runtime::limits).
    #[must_use]
    pub fn limits(mut self, most: Limits) -> Self {
        self.limits = Some(most);
        self
    }

    /// Sets the limits on memory and disk space for the outputs of each job, until they are stored.
    #[must_use]
    pub fn spool(mut self, limits: SpoolLimits) -> Self {
        self.spool = limits;
        self
    }

    /// Starts the worker.
    ///
    /// # Errors
    ///
    /// [`Error::Server`](crate::Error::Server).
    pub async fn start(self) -> Result<Worker> {
        let slots = self.slots.unwrap_or_else(|| self.runtime.slots()).get();
        let limits = self.limits.unwrap_or_else(|| self.runtime.limits().clone());
        let random = getrandom::u32().unwrap_or_else(|_| std::process::id());
        let shared = Arc::new(Shared {
            name: self.name.unwrap_or_else(|| format!("worker-{random:08x}")),
            runtime: self.runtime,
            fleet: self.fleet,
            stores: self.stores,
            limits,
            spool: self.spool,
            readers: Readers::default(),
            active: Active::default(),
        });
        let consumer = pull::consumer(&shared.fleet, shared.runtime.module_sha256()).await?;
        let (stop, stopping) = watch::channel(Stop::No);
        let slots = (0..slots).map(|_| {
            let puller =
                Puller { shared: Arc::clone(&shared), consumer: consumer.clone(), stop: stopping.clone() };
            tokio::spawn(puller.run())
        });
        let slots = slots.collect();
        let cancellations = tokio::spawn(cancellation::watch(Arc::clone(&shared)));
        tracing::info!(
            worker = shared.name,
            module = shared.runtime.module_sha256(),
            "the worker has started"
        );
        Ok(Worker { shared, stop, slots, cancellations })
    }
}
