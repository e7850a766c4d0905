//! The film of the harness, made by the module.

use std::{error::Error, num::NonZero, path::Path, time::Duration};

use afmpeg_cmd::{
    encoders::video::libx264,
    film::{Film, FilmFile, FilmPlan, Variant},
};
use afmpeg_engine::{JobSpec, Runtime};
use afmpeg_fleet::FleetFilm;
use afmpeg_vfs::HostDir;

use super::cluster::Cluster;

/// The name of the film.
const NAME: &str = "film.mp4";

/// The time between two key frames, in frames at 25 per second.
const KEY_FRAMES: u32 = 50;

/// The variant of the film.
const VARIANT: &str = "360p";

/// Writes the clip, repeated to `seconds`, with sound and a key frame every two seconds, into the media of a cluster.
pub(super) fn write(
    cluster: &Cluster,
    runtime: &Runtime,
    repository: &Path,
    seconds: u64,
) -> Result<(), Box<dyn Error>> {
    std::fs::copy(repository.join("fixtures/bigbuckbunny.mp4"), cluster.path("clip.mp4"))?;
    let fs = HostDir::open(cluster.path(""))?;
    let args = format!(
        "-stream_loop -1 -i clip.mp4 -t {seconds} -map 0:v -map 0:a -c:a copy -c:v libx264 -preset ultrafast \
         -g {KEY_FRAMES} {NAME}"
    );
    runtime.run(fs, args.split_whitespace())?;
    Ok(())
}

/// Plans the film in chunks of `chunk` seconds. Its jobs always make the same bytes.
pub(super) fn film(cluster: &Cluster, runtime: &Runtime, chunk: u64) -> Result<FleetFilm, Box<dyn Error>> {
    let fs = HostDir::open(cluster.path(""))?;
    let probe = runtime.probe_request(fs, NAME).packets().run()?;
    let plan: FilmPlan = Film::new(NAME, &probe)
        .variant(Variant::new(VARIANT, libx264().preset("medium").crf(23)).height(360))
        .chunk_duration(Duration::from_secs(chunk))
        .plan(|file| match file {
            FilmFile::Chunk { variant, index } => format!("{variant}/chunk-{index:05}.mp4"),
            FilmFile::List { variant } => format!("{variant}/chunks.txt"),
            FilmFile::Film { variant } => format!("{variant}.mp4"),
            FilmFile::Sound => "sound.mp4".to_owned(),
        })?;
    let mut spec = JobSpec::default();
    spec.processors = NonZero::new(1);
    spec.seed = Some(0);
    spec.time_of_day = Some(std::time::SystemTime::UNIX_EPOCH);
    let film = FleetFilm::new(plan, cluster.url(NAME), cluster.url("parts/"), runtime.module_sha256());
    Ok(film.spec(spec).output(VARIANT, cluster.url("joined.mp4")))
}
