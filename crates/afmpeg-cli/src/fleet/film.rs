//! `afmpeg film`: encodes a film in chunks on the workers of a fleet.

use std::time::Duration;

use afmpeg::cmd::{
    Codec,
    film::{Film, FilmFile, FilmPlan, Variant},
};
use afmpeg_engine::{JobSpec, Runtime};
use afmpeg_fleet::{FilmPhase, FilmState, Fleet, FleetFilm, FleetOptions, Identity, Stores, Url};

use super::{failure, options::FilmOptions, server, shown};
use crate::{bar::Bar, failure::Failure, job_result, module, output, stderr};

/// The path of the source in the jobs.
const SOURCE: &str = "source";

/// The time between two looks at the film.
const LOOK: Duration = Duration::from_millis(500);

pub(crate) fn film(options: &FilmOptions) -> Result<(), Failure> {
    let runtime = module::load(&options.module)?;
    server::block_on(run(options, runtime))
}

async fn run(options: &FilmOptions, runtime: Runtime) -> Result<(), Failure> {
    let submission = &options.submission;
    let parts = parts(options)?;
    let urls = options.outputs.iter().map(|(_, url)| url).chain([&options.source, &parts]);
    let stores = server::stores(urls);
    // First, since the times of all frames take a while to read.
    let fleet = server::connect(&options.server, FleetOptions::default()).await?;
    let plan = plan(options, &runtime, &stores).await?;
    for stream in &plan.omitted {
        stderr::print(format!("note: {stream}\n"));
    }
    let mut film = FleetFilm::new(plan, options.source.clone(), parts, runtime.module_sha256())
        .spec(submission.settings(JobSpec::default()));
    for (height, url) in &options.outputs {
        film = film.output(name(*height), url.clone());
    }
    let film = if submission.overwrite { film.overwrite() } else { film };
    let identity = fleet.submit_film(film, &stores).await?;
    let state = match submission.wait {
        true => wait(&fleet, identity, submission.json).await?,
        false => fleet.film_state(identity).await?,
    };
    if submission.json {
        output::print(&job_result::to_line(&shown::film_json(identity, &state))?)?;
    } else {
        output::print(&format!("{identity}\n"))?;
    }
    match &state.phase {
        FilmPhase::Failed { failure, .. } => Err(failure::of_job(failure)),
        FilmPhase::Cancelled if submission.wait => Err(Failure::interrupted()),
        _ => Ok(()),
    }
}

/// Reads the times of the frames, and plans the chunks.
async fn plan(options: &FilmOptions, runtime: &Runtime, stores: &Stores) -> Result<FilmPlan, Failure> {
    let (fs, path) = stores.open(&options.source)?;
    let bar = Bar::new("reading the times of all frames", options.submission.json);
    let probe = runtime.probe_request(fs, path.as_str()).packets().run_async().await;
    drop(bar);
    let probe = probe.map_err(|error| {
        Failure::from(error).with_texts(|text| text.replace(path.as_str(), options.source.as_str()))
    })?;
    let codec = Codec::new(&options.encoder);
    let codec = options.encoder_options.iter().fold(codec, |codec, (name, value)| codec.opt(name, &**value));
    let mut film = Film::new(SOURCE, &probe).chunk_duration(Duration::from_secs(options.chunk));
    for (height, _) in &options.outputs {
        let variant = Variant::new(name(*height), codec.clone());
        film = film.variant(match height {
            Some(height) => variant.height(*height),
            None => variant,
        });
    }
    let film = match (options.no_audio, &*options.audio) {
        (true, _) => film.no_audio(),
        (false, "copy") => film.audio(Codec::copy()),
        (false, encoder) => film.audio(encoder),
    };
    let planned = film.plan(|file| match file {
        FilmFile::Film { variant } => format!("{variant}.{}", ending(options, variant)),
        file => file.path(),
    });
    planned.map_err(|error| Failure::usage(error.to_string(), "see `afmpeg film --help`"))
}

/// Returns the name of the variant with this height.
fn name(height: Option<u32>) -> String {
    height.map_or_else(|| "original".to_owned(), |height| format!("{height}p"))
}

/// Returns the ending of the output of a variant, which selects its format.
fn ending<'a>(options: &'a FilmOptions, variant: &str) -> &'a str {
    let output = options.outputs.iter().find(|(height, _)| name(*height) == variant);
    let file = output.and_then(|(_, url)| url.path_segments()?.next_back());
    file.and_then(|file| file.rsplit_once('.')).map_or("", |(_, ending)| ending)
}

/// Returns the prefix of the intermediate objects.
fn parts(options: &FilmOptions) -> Result<Url, Failure> {
    let invalid = |url: &Url| Failure::usage(format!("{url} has no folders"), "pass another --parts PREFIX");
    match &options.parts {
        Some(prefix) => {
            let mut prefix = prefix.clone();
            prefix.path_segments_mut().map_err(|()| invalid(&options.source))?.pop_if_empty().push("");
            Ok(prefix)
        }
        None => {
            let output = &options.outputs[0].1;
            output.join("parts/").map_err(|_| invalid(output))
        }
    }
}

/// Waits for the end of a film, and shows its progress.
async fn wait(fleet: &Fleet, identity: Identity, is_hidden: bool) -> Result<FilmState, Failure> {
    let bar = Bar::new("encoding", is_hidden);
    loop {
        let state = fleet.film_state(identity).await?;
        if state.is_final() {
            return Ok(state);
        }
        bar.show_fraction(state.done.len() as f64 / (state.parts + state.joins) as f64);
        tokio::time::sleep(LOOK).await;
    }
}
