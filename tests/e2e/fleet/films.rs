//! One film on many workers.

use std::time::Duration;

use afmpeg_cmd::{
    Codec,
    encoders::video::libx264,
    film::{Film, FilmPlan, Variant},
};
use afmpeg_fleet::{FilmPhase, FilmState, FleetFilm, Phase};
use futures_util::StreamExt as _;

use super::stage::{LOOPS, Stage, looped_clip, run};
use crate::harness::{CLIP_FRAMES, FRAME, full, judge_host_file};

/// Writes the film into the media of a stage.
fn write_source(stage: &Stage) {
    std::fs::write(stage.path("film.mp4"), looped_clip()).unwrap();
}

fn plan(stage: &Stage, heights: &[u32], codec: &Codec) -> FilmPlan {
    let fs = afmpeg_vfs::HostDir::open(stage.media.path()).unwrap();
    let probe = stage.runtime.probe_request(fs, "film.mp4").packets().run().unwrap();
    let film = Film::new("film.mp4", &probe).chunk_duration(Duration::from_secs(4));
    let variants =
        heights.iter().map(|height| Variant::new(format!("{height}p"), codec.clone()).height(*height));
    variants.fold(film, Film::variant).plan(|file| file.path()).unwrap()
}

fn film(stage: &Stage, plan: FilmPlan) -> FleetFilm {
    let variants: Vec<String> = plan.joins.iter().map(|join| join.variant.clone()).collect();
    let film =
        FleetFilm::new(plan, stage.url("film.mp4"), stage.url("parts/"), stage.runtime.module_sha256());
    variants.into_iter().fold(film, |film, variant| {
        let output = stage.url(&format!("out-{variant}.mp4"));
        film.output(variant, output)
    })
}

async fn run_film(stage: &Stage, film: FleetFilm) -> FilmState {
    let workers = [stage.worker().await, stage.worker().await];
    let identity = stage.fleet.submit_film(film, &stage.stores()).await.unwrap();
    let state = stage.fleet.wait_for_film(identity).await.unwrap();
    for worker in workers {
        worker.stop(Duration::from_secs(60)).await;
    }
    state
}

#[test]
fn film_of_two_sizes_has_every_frame_and_its_parts_are_removed() {
    run(async {
        let stage = Stage::open_with(full().runtime).await;
        write_source(&stage);
        let plan = plan(&stage, &[180, 90], &libx264().preset("ultrafast").crf(30).into());
        assert!(plan.chunks.len() >= 3, "{}", plan.chunks.len());
        let client = async_nats::connect(stage.nats.address()).await.unwrap();
        let mut messages = client.subscribe("afmpeg.jobs.*").await.unwrap();
        let state = run_film(&stage, film(&stage, plan.clone())).await;
        assert_eq!((&state.phase, state.done.len()), (&FilmPhase::Done, plan.chunks.len() + 3), "{state:?}");
        for (name, height) in [("out-180p.mp4", 180), ("out-90p.mp4", 90)] {
            let judged = judge_host_file(&stage.path(name));
            judged.assert_frames(LOOPS * CLIP_FRAMES).assert_codec("audio", "aac");
            judged.assert_size(height * 16 / 9, height).assert_duration(5.28 * LOOPS as f64, 3.0 * FRAME);
        }
        let left: Vec<_> = std::fs::read_dir(stage.path("parts")).into_iter().flatten().collect();
        let files = |entry: &Result<std::fs::DirEntry, _>| files_below(&entry.as_ref().unwrap().path());
        assert_eq!(left.iter().map(files).sum::<usize>(), 0, "{left:?}");

        // Messages of its parts that come again change nothing, and leave the queue.
        for _ in 0..plan.chunks.len() + 3 {
            stage.publish(messages.next().await.unwrap().payload).await;
        }
        let worker = stage.worker().await;
        stage.until_empty().await;
        drop(worker);
        let jobs = stage.fleet.jobs().await.unwrap();
        assert!(jobs.iter().all(|job| job.state.attempts == 1), "{jobs:?}");
        // The same film is not made again, as long as it exists.
        let again = stage.fleet.submit_film(film(&stage, plan.clone()), &stage.stores()).await.unwrap();
        assert_eq!(stage.fleet.film_state(again).await.unwrap(), state);
        std::fs::remove_file(stage.path("out-90p.mp4")).unwrap();
        let again = run_film(&stage, film(&stage, plan).overwrite()).await;
        assert_eq!((again.phase, again.generation), (FilmPhase::Done, 1));
        judge_host_file(&stage.path("out-90p.mp4")).assert_frames(LOOPS * CLIP_FRAMES);
    });
}

fn files_below(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

#[test]
fn part_that_fails_ends_the_film_and_its_other_parts() {
    run(async {
        let stage = Stage::open_with(full().runtime).await;
        write_source(&stage);
        let broken = plan(&stage, &[90], &libx264().opt("preset", "nope").into());
        let state = run_film(&stage, film(&stage, broken)).await;
        assert!(matches!(&state.phase, FilmPhase::Failed { .. }), "{state:?}");
        let jobs = stage.fleet.jobs().await.unwrap();
        let failed = |job: &&afmpeg_fleet::StateChange| matches!(job.state.phase, Phase::Failed { .. });
        assert!(jobs.iter().any(|job| failed(&job)), "{jobs:?}");
        for job in &jobs {
            stage.fleet.wait(job.identity).await.unwrap();
        }
        assert!(!stage.path("out-90p.mp4").exists());
    });
}

#[test]
fn cancelled_film_leaves_no_job_in_the_queue() {
    run(async {
        let stage = Stage::open_with(full().runtime).await;
        write_source(&stage);
        let plan = plan(&stage, &[90], &libx264().preset("ultrafast").into());
        let identity = stage.fleet.submit_film(film(&stage, plan.clone()), &stage.stores()).await.unwrap();
        let state = stage.fleet.cancel_film(identity, &stage.stores()).await.unwrap();
        assert_eq!(state.phase, FilmPhase::Cancelled);
        let jobs = stage.fleet.jobs().await.unwrap();
        assert_eq!(jobs.len(), plan.chunks.len() + 1);
        assert!(jobs.iter().all(|job| job.state.phase == Phase::Cancelled), "{jobs:?}");

        let again = run_film(&stage, film(&stage, plan)).await;
        assert_eq!((again.phase, again.generation), (FilmPhase::Done, 1));
        judge_host_file(&stage.path("out-90p.mp4")).assert_frames(LOOPS * CLIP_FRAMES);
    });
}
