//! The film of the harness, made by the module.

use std::{error::Error, num::NonZero, time::Duration};

use afmpeg_cmd::{
    encoders::video::libx264,
    film::{Film, FilmPlan, Variant},
};
use afmpeg_engine::{JobSpec, Runtime};
use afmpeg_fleet::FleetFilm;
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;

use super::{fixtures::Fixtures, media::Media};

/// The name of the film.
pub(super) const NAME: &str = "film.mp4";

/// The name of the joined film.
pub(super) const JOINED: &str = "joined.mp4";

/// The time between two key frames, in frames at 25 per second.
const KEY_FRAMES: u32 = 50;

/// Returns the clip, repeated to `seconds`, with sound and a key frame every two seconds.
pub(super) fn film(runtime: &Runtime, fixtures: &Fixtures, seconds: u64) -> Result<Bytes, Box<dyn Error>> {
    let args = format!(
        "-stream_loop -1 -i clip.mp4 -t {seconds} -map 0:v -map 0:a -c:a copy -c:v libx264 -preset ultrafast \
         -g {KEY_FRAMES} {NAME}"
    );
    let fs = MemFs::new();
    fs.write("/clip.mp4", std::fs::read(&fixtures.clip)?)?;
    runtime.run(fs.clone(), args.split_whitespace())?;
    Ok(fs.read(format!("/{NAME}"))?)
}

/// The variant that takes about as much time as the film, on one processor.
pub(super) fn variant() -> Variant {
    Variant::new("360p", libx264().preset("medium").crf(23)).height(360)
}

/// Plans the film in chunks of `chunk` seconds, to be read from and stored in `media`.
pub(super) fn plan(
    film: Bytes,
    variant: Variant,
    chunk: u64,
    runtime: &Runtime,
    media: &Media,
) -> Result<FleetFilm, Box<dyn Error>> {
    let fs = MemFs::new();
    fs.write(format!("/{NAME}"), film)?;
    let probe = runtime.probe_request(fs, NAME).packets().run()?;
    let plan: FilmPlan = Film::new(NAME, &probe)
        .variant(variant)
        .chunk_duration(Duration::from_secs(chunk))
        .plan(|file| file.path())?;
    let name = plan.joins.iter().map(|join| join.variant.clone()).next().ok_or("no variant")?;
    let film = FleetFilm::new(plan, media.url(NAME), media.url("parts/"), runtime.module_sha256());
    Ok(film.spec(repeatable(JobSpec::default())).output(name, media.url(JOINED)))
}

/// Lets a job always make the same bytes.
pub(super) fn repeatable(mut spec: JobSpec) -> JobSpec {
    spec.processors = NonZero::new(1);
    spec.seed = Some(0);
    spec.time_of_day = Some(std::time::SystemTime::UNIX_EPOCH);
    spec
}
