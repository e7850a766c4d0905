use std::{
    error::Error,
    fmt,
    time::{Duration, Instant},
};

use afmpeg_engine::JobSpec;
use afmpeg_fleet::{FilmPhase, FleetJob, Phase};
use async_nats::jetstream::{self, kv};
use futures_util::TryStreamExt as _;

use super::{
    cluster::{Cluster, WorkerSetup},
    fixtures::Fixtures,
    media::Media,
    nats::{Nats, Traffic},
    source,
};

/// The duration of the film, in seconds: about as much work for one processor.
const SECONDS: u64 = 90;

/// The duration of a chunk, in seconds.
const CHUNK: u64 = 2;

/// The number of measurements, whose median counts.
const ROUNDS: usize = 3;

/// The number of jobs whose overhead is measured.
const JOBS: u32 = 50;

/// The number of states that are updated at once.
const KEYS: usize = 16;

/// The number of updates by each client.
const UPDATES: u32 = 50;

/// The length of a state, in bytes.
const STATE: usize = 600;

/// Measures the time for a film on one worker and on two, each pinned to a processor, the overhead of the fleet for a
/// job, and the load on the server.
///
/// # Errors
///
/// If a job fails.
pub async fn scale(fixtures: &Fixtures) -> Result<(), Box<dyn Error>> {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for (workers, times) in [1, 2].into_iter().zip(&mut times) {
            let time = film(fixtures, Media::folder()?, workers).await?.time;
            println!("round {round}: {workers} workers take {:.1} s", time.as_secs_f64());
            times.push(time);
        }
    }
    let [one, two] = times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64()
    });
    println!("medians: {one:.1} s and {two:.1} s, which is {:.3} of the time", two / one);
    println!("load: {}", film(fixtures, Media::bucket()?, 2).await?);
    let overhead = overhead(fixtures).await?;
    println!("overhead for a job: {:.1} ms", overhead.as_secs_f64() * 1e3);
    let [apart, together] = [updates(KEYS).await?, updates(1).await?];
    println!("updates of states by compare-and-set: {apart:.0} per second, and {together:.0} of one state");
    Ok(())
}

/// The load that a film was for its server.
struct Load {
    time: Duration,
    jobs: usize,
    traffic: Traffic,
    /// The bytes that the store has sent, and the length of the film.
    media: [u64; 2],
    /// The number of messages that the server has stored, new states included.
    stored: u64,
}

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_job = |count: u64| count as f64 / self.jobs as f64;
        let [sent, film] = self.media;
        write!(
            formatter,
            "{} jobs, each with {:.0} messages of {:.1} kB in total, {:.1} of them stored; {:.1} MB of a film of {:.1} MB \
             were fetched",
            self.jobs,
            per_job(self.traffic.messages),
            per_job(self.traffic.bytes) / 1e3,
            per_job(self.stored),
            sent as f64 / 1e6,
            film as f64 / 1e6
        )
    }
}

async fn film(fixtures: &Fixtures, media: Media, workers: usize) -> Result<Load, Box<dyn Error>> {
    let mut cluster = Cluster::start(fixtures, media);
    let runtime = fixtures.runtime()?;
    let film = source::film(&runtime, fixtures, SECONDS)?;
    cluster.media.put(source::NAME, film.clone()).await?;
    let bytes = film.len() as u64;
    let film = source::plan(film, source::variant(), CHUNK, &runtime, &cluster.media)?;
    let fleet = cluster.fleet().await?;
    let identity = fleet.submit_film(film, &cluster.media.stores()).await?;
    let started = Instant::now();
    for processor in 0..workers {
        cluster.start_worker(WorkerSetup { processor: Some(processor), ..WorkerSetup::default() })?;
    }
    let state = fleet.wait_for_film(identity).await?;
    let (time, traffic, media) = (started.elapsed(), cluster.nats.traffic(), [cluster.media.sent(), bytes]);
    if state.phase != FilmPhase::Done {
        return Err(format!("the film is not done: {:?}", state.phase).into());
    }
    let mut streams = context(&cluster.nats).await?.streams();
    let mut stored = 0;
    while let Some(stream) = streams.try_next().await? {
        stored += stream.state.last_sequence;
    }
    Ok(Load { time, jobs: state.parts + state.joins, traffic, media, stored })
}

/// Returns the number of updates per second of this number of states, by as many clients as there are states at most. Each
/// client reads a state, and writes it if no other one has.
async fn updates(keys: usize) -> Result<f64, Box<dyn Error>> {
    let nats = Nats::start();
    let config = kv::Config { bucket: "states".to_owned(), ..kv::Config::default() };
    let bucket = context(&nats).await?.create_key_value(config).await?;
    for key in 0..keys {
        bucket.put(key.to_string(), "0".into()).await?;
    }
    let started = Instant::now();
    let client = |number: usize| {
        let (bucket, key) = (bucket.clone(), (number % keys).to_string());
        async move {
            let mut updates = 0;
            while updates < UPDATES {
                let entry = bucket.entry(&*key).await.ok().flatten();
                let revision = entry.map(|entry| entry.revision).unwrap_or_default();
                updates += u32::from(bucket.update(&*key, vec![b'1'; STATE].into(), revision).await.is_ok());
            }
        }
    };
    futures_util::future::join_all((0..KEYS).map(client)).await;
    Ok(KEYS as f64 * f64::from(UPDATES) / started.elapsed().as_secs_f64())
}

async fn context(nats: &Nats) -> Result<jetstream::Context, Box<dyn Error>> {
    Ok(jetstream::new(async_nats::connect(nats.address()).await?))
}

/// Returns the time between two jobs that do nothing, without the time of the job itself.
async fn overhead(fixtures: &Fixtures) -> Result<Duration, Box<dyn Error>> {
    let mut cluster = Cluster::start(fixtures, Media::folder()?);
    let runtime = fixtures.runtime()?;
    let fleet = cluster.fleet().await?;
    let mut identities = Vec::new();
    for number in 0..JOBS {
        let args = format!("-v error -f lavfi -i anullsrc -frames:a {} out.wav", number + 1);
        let job = FleetJob::new(JobSpec::new(args.split(' ')), runtime.module_sha256());
        let job = job.output("out.wav", cluster.media.url(&format!("{number}.wav")));
        identities.push(fleet.submit(job, &cluster.media.stores()).await?.identity);
    }
    // The first job waits for the worker to start.
    cluster.start_worker(WorkerSetup::default())?;
    fleet.wait(identities[0]).await?;
    let (started, mut own) = (Instant::now(), Duration::ZERO);
    for identity in &identities[1..] {
        match fleet.wait(*identity).await?.phase {
            Phase::Done { elapsed, .. } => own += elapsed,
            phase => return Err(format!("a job is not done: {phase:?}").into()),
        }
    }
    Ok(started.elapsed().saturating_sub(own) / (JOBS - 1))
}
