use std::{
    error::Error,
    path::Path,
    time::{Duration, Instant},
};

use afmpeg_engine::{JobSpec, Runtime};
use afmpeg_fleet::{FilmPhase, FleetJob, Phase};

use super::{cluster::Cluster, source};

/// The duration of the film, in seconds: about as much work for one processor.
const SECONDS: u64 = 120;

/// The duration of a chunk, in seconds.
const CHUNK: u64 = 4;

/// The number of measurements, whose median counts.
const ROUNDS: usize = 3;

/// The number of jobs whose overhead is measured.
const JOBS: u32 = 50;

/// Measures the time for a film on one worker and on two, each pinned to a processor, and the overhead of the fleet for a
/// job.
///
/// # Errors
///
/// If a job fails.
pub async fn scale(repository: &Path) -> Result<(), Box<dyn Error>> {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for (workers, times) in [1, 2].into_iter().zip(&mut times) {
            let time = film(repository, workers).await?;
            println!("round {round}: {workers} workers take {:.1} s", time.as_secs_f64());
            times.push(time);
        }
    }
    let [one, two] = times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64()
    });
    println!("medians: {one:.1} s and {two:.1} s, which is {:.3} of the time", two / one);
    let overhead = overhead(repository).await?;
    println!("overhead for a job: {:.1} ms", overhead.as_secs_f64() * 1e3);
    Ok(())
}

async fn film(repository: &Path, workers: usize) -> Result<Duration, Box<dyn Error>> {
    let mut cluster = Cluster::start(repository)?;
    let runtime = Runtime::builder().module(cluster.module()).build()?;
    source::write(&cluster, &runtime, repository, SECONDS)?;
    let film = source::film(&cluster, &runtime, CHUNK)?;
    let fleet = cluster.fleet().await?;
    let identity = fleet.submit_film(film, &cluster.stores()).await?;
    let started = Instant::now();
    for processor in 0..workers {
        cluster.start_worker(Some(processor))?;
    }
    let state = fleet.wait_for_film(identity).await?;
    match state.phase {
        FilmPhase::Done => Ok(started.elapsed()),
        phase => Err(format!("the film is not done: {phase:?}").into()),
    }
}

/// Returns the time between two jobs that do nothing, without the time of the job itself.
async fn overhead(repository: &Path) -> Result<Duration, Box<dyn Error>> {
    let mut cluster = Cluster::start(repository)?;
    let runtime = Runtime::builder().module(cluster.module()).build()?;
    let fleet = cluster.fleet().await?;
    let mut identities = Vec::new();
    for number in 0..JOBS {
        let args = format!("-v error -f lavfi -i anullsrc -frames:a {} out.wav", number + 1);
        let job = FleetJob::new(JobSpec::new(args.split(' ')), runtime.module_sha256());
        let job = job.output("out.wav", cluster.url(&format!("{number}.wav")));
        identities.push(fleet.submit(job, &cluster.stores()).await?.identity);
    }
    // The first job waits for the worker to start.
    cluster.start_worker(None)?;
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
