use std::{
    error::Error,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use afmpeg_fleet::{FilmPhase, Phase};
use futures_util::StreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    cluster::{Cluster, WorkerSetup},
    fixtures::Fixtures,
    media::Media,
    source,
};

/// The duration of the film, in seconds.
const SECONDS: u64 = 120;

/// The duration of a chunk, in seconds.
const CHUNK: u64 = 10;

/// The longest time between two looks at the state of the film.
const LOOK: Duration = Duration::from_millis(200);

/// Encodes a film on two workers with a bar, kills one of them on the way, and prints the facts of the joined film, which it
/// writes to `output`.
///
/// # Errors
///
/// If the film is not done.
pub async fn demo(fixtures: &Fixtures, output: &Path) -> Result<(), Box<dyn Error>> {
    let mut cluster = Cluster::start(fixtures, Media::folder()?);
    let runtime = fixtures.runtime()?;
    println!("writing a film of {SECONDS} seconds");
    let film = source::film(&runtime, fixtures, SECONDS)?;
    cluster.media.put(source::NAME, film.clone()).await?;
    let film = source::plan(film, source::variant(), CHUNK, &runtime, &cluster.media)?;
    let (chunks, parts) = (film.plan.chunks.len(), film.plan.chunks.len() + 2);
    for _ in 0..2 {
        cluster.start_worker(WorkerSetup::default())?;
    }
    let fleet = cluster.fleet().await?;
    let started = Instant::now();
    let mut changes = Box::pin(fleet.watch().await?);
    let identity = fleet.submit_film(film, &cluster.media.stores()).await?;
    println!("encoding {chunks} chunks and the sound on 2 workers");
    let bar = ProgressBar::new(parts as u64);
    bar.set_style(ProgressStyle::with_template("{elapsed:>4} {bar:40} {pos}/{len} {msg}")?);
    let mut is_killed = false;
    let state = loop {
        let state = fleet.film_state(identity).await?;
        bar.set_position(state.done.len() as u64);
        if state.is_final() {
            break state;
        }
        // The state of the film changes shortly after that of its last job.
        let Ok(change) = tokio::time::timeout(LOOK, changes.next()).await else { continue };
        let change = change.ok_or("the server has ended the watch")??;
        let is_of_first = |worker: &str| worker == Cluster::name(0);
        if let Phase::Running { worker, .. } = &change.state.phase {
            bar.set_message(format!("{worker} encodes {}", change.state.outputs[0].path()));
            // In the middle of a chunk.
            if !is_killed && is_of_first(worker) && state.done.len() * 4 > parts {
                cluster.kill_worker(0);
                is_killed = true;
                bar.suspend(|| {
                    println!("killed worker-0; its chunk starts again elsewhere when the lease has expired")
                });
            }
        }
    };
    bar.finish_and_clear();
    if state.phase != FilmPhase::Done {
        return Err(format!("the film is not done: {:?}", state.phase).into());
    }
    let jobs = fleet.jobs().await?;
    let again = jobs.iter().filter(|job| job.state.attempts > 1).count();
    println!(
        "done in {:.1} s; {again} of {} jobs took two attempts",
        started.elapsed().as_secs_f64(),
        jobs.len()
    );
    std::fs::copy(cluster.media.path(source::JOINED), output)?;
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-count_packets", "-of", "compact=nk=0:p=0", "-show_entries"]);
    ffprobe.arg("format=duration,size:stream=codec_name,width,height,nb_read_packets").arg(output);
    print!("{}:\n{}", output.display(), String::from_utf8(ffprobe.output()?.stdout)?);
    Ok(())
}
