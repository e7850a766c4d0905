//! The work under faults.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use afmpeg_fleet::{Fleet, FleetFilm, FleetJob, Identity, JobState, Phase, StateChange, Stores};
use async_nats::jetstream;
use futures_util::StreamExt as _;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng as _};
use rustix::process::Signal;
use tokio::task::JoinHandle;

use super::{
    super::{
        cluster::{Cluster, WorkerSetup},
        fixtures::Fixtures,
        media::Media,
    },
    faults::{self, Fault, Ledger},
    work::Work,
};

/// The number of workers.
const WORKERS: usize = 3;

/// The number of attempts after which a worker gives up a job: more than any job has.
const ATTEMPTS: u32 = 30;

/// The time for which the server is down.
const DOWN: Duration = Duration::from_millis(500);

/// The time between two looks at the states of all jobs.
const LOOK: Duration = Duration::from_millis(300);

/// The time before a submitter tries again.
const PAUSE: Duration = Duration::from_millis(200);

/// The stream of the messages.
const QUEUE: &str = "afmpeg-jobs";

/// A cluster under faults.
pub(super) struct Storm {
    pub(super) cluster: Cluster,
    pub(super) fleet: Fleet,
    pub(super) ledger: Ledger,
    /// The jobs by their numbers, once they are submitted.
    pub(super) identities: Vec<Identity>,
    pub(super) film: Option<Identity>,
    /// The jobs that left the state done, in which they end.
    pub(super) started_again: Arc<Mutex<BTreeSet<Identity>>>,
    rng: ChaCha8Rng,
    watch: JoinHandle<()>,
}

impl Storm {
    /// Starts a cluster whose first worker has a full disk, and lets it fail on the job with the long output.
    pub(super) async fn begin(work: &Work, seed: u64, fixtures: &Fixtures) -> Result<Self, Box<dyn Error>> {
        let mut cluster = Cluster::start(fixtures, Media::bucket()?);
        work.put(&cluster.media).await?;
        let fleet = cluster.fleet().await?;
        let started_again = Arc::default();
        let watch = tokio::spawn(watch(fleet.clone(), Arc::clone(&started_again)));
        let long = fleet.submit(work.long(&cluster.media), &cluster.media.stores()).await?.identity;
        let worker = cluster.start_worker(WorkerSetup { is_disk_full: true, ..WorkerSetup::default() })?;
        let failed = async {
            loop {
                let state = fleet.state(long).await?;
                if state.is_final() || state.last_failure.is_some() {
                    return Ok::<_, afmpeg_fleet::Error>(state);
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(60), failed).await;
        let state = in_time
            .map_err(|_| "no worker with a full disk: `unshare --user --mount` may not be permitted")??;
        if state.is_final() {
            return Err(format!("the worker with a full disk has ended the job: {:?}", state.phase).into());
        }
        cluster.kill_worker(worker);
        let mut ledger = Ledger::default();
        ledger.hit(long, fleet.state(long).await?.attempts);
        let rng = ChaCha8Rng::seed_from_u64(seed);
        let (identities, film) = (Vec::new(), None);
        Ok(Self { cluster, fleet, ledger, identities, film, started_again, rng, watch })
    }

    /// Submits everything twice, and injects faults until all jobs have ended.
    pub(super) async fn run(&mut self, work: &Work, jobs: usize) -> Result<(), Box<dyn Error>> {
        if let Some(faults) = self.cluster.media.faults() {
            faults.begin();
        }
        for _ in 0..WORKERS {
            self.start_worker()?;
        }
        let film = work.film(&self.cluster.media)?;
        // Every chunk, the sound, the join, and the long output.
        let total = jobs + film.plan.chunks.len() + film.plan.sound.iter().len() + film.plan.joins.len() + 1;
        let submitters = [false, true].map(|is_reversed| {
            let (fleet, stores) = (self.fleet.clone(), self.cluster.media.stores());
            tokio::spawn(submit(fleet, work.jobs(&self.cluster.media), film.clone(), stores, is_reversed))
        });
        let faults = faults::plan(jobs, &mut self.rng);
        let mut injected = 0;
        loop {
            tokio::time::sleep(LOOK).await;
            let Ok(states) = self.fleet.jobs().await else { continue };
            let ended = states.iter().filter(|change| change.state.is_final()).count();
            // A fault needs jobs that run.
            let due = (ended * (faults.len() + 1) / total).min(faults.len());
            while injected < due {
                if !self.inject(faults[injected]).await? {
                    break;
                }
                injected += 1;
            }
            if ended == total && injected == faults.len() {
                break;
            }
            if ended == total {
                return Err("the jobs have ended before the last fault".into());
            }
        }
        for submitter in submitters {
            let (identities, film) = submitter.await?.map_err(|error| format!("cannot submit: {error}"))?;
            (self.identities, self.film) = (identities, Some(film));
        }
        self.settle().await
    }

    /// Waits until the server has no message, and the film has ended.
    async fn settle(&mut self) -> Result<(), Box<dyn Error>> {
        let queue = self.queue().await?;
        while queue.get_info().await?.state.messages > 0 {
            tokio::time::sleep(LOOK).await;
        }
        self.watch.abort();
        let refused = self.cluster.media.faults().map(|faults| faults.record().refused).unwrap_or_default();
        let by_key: BTreeMap<String, Identity> = self.keys().await?;
        for key in refused {
            if let Some(job) = by_key.get(&key) {
                self.ledger.hit(*job, 1);
            }
        }
        Ok(())
    }

    /// Returns the jobs by the keys of their inputs and outputs.
    async fn keys(&self) -> Result<BTreeMap<String, Identity>, Box<dyn Error>> {
        let mut keys = BTreeMap::new();
        for (number, job) in self.identities.iter().enumerate() {
            keys.insert(super::work::input(number), *job);
        }
        for StateChange { identity, state, .. } in self.fleet.jobs().await? {
            let objects = state.objects.iter().map(|object| &object.url);
            keys.extend(objects.chain(&state.outputs).map(|url| (url.path()[1..].to_owned(), identity)));
        }
        Ok(keys)
    }

    /// Injects a fault; false if it is not possible now.
    async fn inject(&mut self, fault: Fault) -> Result<bool, Box<dyn Error>> {
        let is_done = match fault {
            Fault::KilledWorker => self.kill_worker().await?,
            Fault::KilledServer => self.kill_server().await?,
            Fault::Duplicate => self.duplicate().await?,
        };
        if is_done {
            self.ledger.count(fault);
        }
        Ok(is_done)
    }

    /// Kills a worker in the middle of a job, which is a chunk for the first one.
    async fn kill_worker(&mut self) -> Result<bool, Box<dyn Error>> {
        let workers = self.cluster.workers();
        let victim = workers[faults::index_below(workers.len(), &mut self.rng)];
        // It does not go on while its states are read.
        self.cluster.signal(victim, Signal::STOP)?;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let hit: Vec<StateChange> = match self.fleet.jobs().await {
            Ok(states) => {
                states.into_iter().filter(|change| is_of(&change.state, &Cluster::name(victim))).collect()
            }
            Err(_) => Vec::new(),
        };
        let is_chunk = |change: &StateChange| change.state.outputs[0].path().contains("/chunk-");
        let is_first = !self.ledger.counts.contains_key(&Fault::KilledWorker);
        if !hit.iter().any(|change| is_chunk(change) || !is_first) {
            self.cluster.signal(victim, Signal::CONT)?;
            return Ok(false);
        }
        self.cluster.kill_worker(victim);
        for change in hit {
            self.ledger.hit(change.identity, 1);
        }
        self.start_worker()?;
        Ok(true)
    }

    /// Kills the server. A lease that could not be renewed may have expired.
    async fn kill_server(&mut self) -> Result<bool, Box<dyn Error>> {
        let Ok(states) = self.fleet.jobs().await else { return Ok(false) };
        let is_running =
            |state: &JobState| matches!(state.phase, Phase::Running { .. } | Phase::Committing { .. });
        self.cluster.nats.kill();
        tokio::time::sleep(DOWN).await;
        self.cluster.nats.restart();
        // Those that ran before, and those that a worker has started since.
        let mut hit: BTreeSet<Identity> = BTreeSet::new();
        hit.extend(states.iter().filter(|change| is_running(&change.state)).map(|change| change.identity));
        let states = loop {
            match self.fleet.jobs().await {
                Ok(states) => break states,
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        };
        hit.extend(states.iter().filter(|change| is_running(&change.state)).map(|change| change.identity));
        for job in hit {
            self.ledger.hit(job, 1);
        }
        Ok(true)
    }

    /// Sends a message of the queue again.
    async fn duplicate(&mut self) -> Result<bool, Box<dyn Error>> {
        let Ok(queue) = self.queue().await else { return Ok(false) };
        let state = &queue.cached_info().state;
        let count = (state.last_sequence + 1).saturating_sub(state.first_sequence);
        if state.messages == 0 || count == 0 {
            return Ok(false);
        }
        let sequence = state.first_sequence + faults::below(count, &mut self.rng);
        // It may have been acknowledged since.
        let Ok(message) = queue.get_raw_message(sequence).await else { return Ok(false) };
        let context = self.context().await?;
        context.publish(message.subject, message.payload).await?.await?;
        Ok(true)
    }

    async fn queue(&self) -> Result<jetstream::stream::Stream, Box<dyn Error>> {
        Ok(self.context().await?.get_stream(QUEUE).await?)
    }

    async fn context(&self) -> Result<jetstream::Context, Box<dyn Error>> {
        Ok(jetstream::new(async_nats::connect(self.cluster.nats.address()).await?))
    }

    fn start_worker(&mut self) -> Result<(), Box<dyn Error>> {
        self.cluster
            .start_worker(WorkerSetup { attempts: Some(ATTEMPTS), ..WorkerSetup::default() })
            .map(drop)
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// Submits everything, each until it succeeds, and returns the identities of the jobs by their numbers.
async fn submit(
    fleet: Fleet,
    jobs: Vec<FleetJob>,
    film: FleetFilm,
    stores: Stores,
    is_reversed: bool,
) -> Result<(Vec<Identity>, Identity), afmpeg_fleet::Error> {
    let mut numbered: Vec<(usize, FleetJob)> = jobs.into_iter().enumerate().collect();
    if is_reversed {
        numbered.reverse();
    }
    let film = until_done(|| fleet.submit_film(film.clone(), &stores)).await?;
    let mut identities = Vec::new();
    for (number, job) in numbered {
        let submitted = until_done(|| fleet.submit(job.clone(), &stores)).await?;
        identities.push((number, submitted.identity));
    }
    identities.sort_unstable();
    Ok((identities.into_iter().map(|(_, identity)| identity).collect(), film))
}

/// Repeats a request while the server or the store fails.
async fn until_done<T, F: Future<Output = Result<T, afmpeg_fleet::Error>>>(
    request: impl Fn() -> F,
) -> Result<T, afmpeg_fleet::Error> {
    loop {
        match request().await {
            Err(afmpeg_fleet::Error::Server { .. } | afmpeg_fleet::Error::Store { .. }) => {
                tokio::time::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}

/// Records the jobs that leave the state done.
async fn watch(fleet: Fleet, started_again: Arc<Mutex<BTreeSet<Identity>>>) {
    let mut done = BTreeSet::new();
    loop {
        if let Ok(changes) = fleet.watch().await {
            let mut changes = Box::pin(changes);
            while let Some(Ok(StateChange { identity, state, .. })) = changes.next().await {
                let is_done = matches!(state.phase, Phase::Done { .. });
                if is_done {
                    done.insert(identity);
                } else if done.contains(&identity) {
                    started_again.lock().unwrap_or_else(PoisonError::into_inner).insert(identity);
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether a job is with a worker.
fn is_of(state: &JobState, name: &str) -> bool {
    matches!(&state.phase, Phase::Running { worker, .. } | Phase::Committing { worker, .. } if worker == name)
}
