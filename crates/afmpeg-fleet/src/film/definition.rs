use std::{collections::BTreeMap, time::Duration};

use afmpeg_cmd::{
    Command,
    film::{FilmPlan, Join},
};
use afmpeg_engine::{JobSpec, Tool};
use afmpeg_vfs::VPath;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    error::{Error, Result},
    identity::Identity,
    job::{FleetJob, Input},
    part::{FilmPart, FilmRole},
};

/// A submission of a film.
#[derive(Debug, Clone, Copy)]
pub(super) struct Submission {
    pub(super) identity: Identity,
    pub(super) generation: u32,
}

/// A film of a fleet: its plan, the object that it is made of, and the locations of its outputs.
///
/// Each chunk, the sound and each join is a [`FleetJob`]. Their files are stored below
/// `<prefix>/<identity of the film>/` until the film is done.
///
/// ```no_run
/// use afmpeg_cmd::{encoders::video::libx264, film::{Film, Variant}};
/// use afmpeg_engine::{JobSpec, Runtime};
/// use afmpeg_fleet::{Fleet, FleetFilm, Stores};
///
/// # async fn f(fleet: Fleet, runtime: Runtime, stores: Stores, fs: afmpeg_vfs::MemFs) -> Result<(), Box<dyn std::error::Error>> {
/// let probe = runtime.probe_request(fs, "film.mov").packets().run()?;
/// let film = Film::new("film.mov", &probe).variant(Variant::new("720p", libx264().crf(22)).height(720));
/// let plan = film.plan(|file| file.path())?;
/// let film = FleetFilm::new(plan, "s3://media/film.mov".parse()?, "s3://media/parts/".parse()?, runtime.module_sha256())
///     .output("720p", "s3://media/film.mp4".parse()?);
/// let identity = fleet.submit_film(film, &stores).await?;
/// let state = fleet.wait_for_film(identity).await?;
/// println!("{:?}", state.phase);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FleetFilm {
    /// The commands. Their paths are relative.
    pub plan: FilmPlan,
    /// The object that every command reads, at the path of [`FilmPlan::source`].
    pub source: Input,
    /// The location of intermediate objects: a URL that ends in `/`.
    pub prefix: Url,
    /// The locations of the joined films, by the names of their variants.
    pub outputs: BTreeMap<String, Url>,
    /// The SHA-256 of the module, in hexadecimal digits.
    pub module: String,
    /// The settings of all jobs: processors, seed, time of day, limits. Its arguments are not used.
    pub spec: JobSpec,
    /// Whether objects that exist at the locations of outputs are replaced.
    #[serde(default)]
    pub overwrite: bool,
}

impl FleetFilm {
    /// Creates a film without outputs from the object at `source`, for workers with this module.
    pub fn new(plan: FilmPlan, source: Url, prefix: Url, module: impl Into<String>) -> Self {
        Self {
            plan,
            source: Input { url: source, version: None },
            prefix,
            outputs: BTreeMap::new(),
            module: module.into(),
            spec: JobSpec::default(),
            overwrite: false,
        }
    }

    /// Sets the location of the joined film of a variant.
    #[must_use]
    pub fn output(mut self, variant: impl Into<String>, url: Url) -> Self {
        self.outputs.insert(variant.into(), url);
        self
    }

    /// Sets [`FleetFilm::spec`].
    #[must_use]
    pub fn spec(mut self, spec: JobSpec) -> Self {
        self.spec = spec;
        self
    }

    /// Replaces objects that exist at the locations of outputs.
    #[must_use]
    pub fn overwrite(mut self) -> Self {
        self.overwrite = true;
        self
    }

    /// Refuses films that no fleet can make.
    pub(super) fn check(&self) -> Result<()> {
        if !self.prefix.path().ends_with('/') {
            return Err(Error::invalid(format!("the prefix {}", self.prefix), "it does not end in /"));
        }
        let joins = &self.plan.joins;
        if let Some(join) = joins.iter().find(|join| !self.outputs.contains_key(&join.variant)) {
            return Err(Error::invalid(format!("the variant {}", join.variant), "it has no output"));
        }
        if let Some(name) = self.outputs.keys().find(|name| joins.iter().all(|join| join.variant != **name)) {
            return Err(Error::invalid(format!("the output {name}"), "the plan has no such variant"));
        }
        let chunks = self.plan.chunks.iter().flat_map(|chunk| &chunk.paths);
        let lists = joins.iter().map(|join| &join.list_path);
        for path in chunks.chain(lists).chain(self.plan.sound.iter().map(|sound| &sound.path)) {
            relative(path)?;
        }
        Ok(())
    }

    /// Returns the identity of the film, once its source has a version.
    pub(super) fn identity(&self) -> Result<Identity> {
        let mut spec = self.spec.clone();
        (spec.limits, spec.expected_duration, spec.args) = (None, None, Vec::new());
        let parts = ("film", 1, spec, &self.plan, &self.source, &self.prefix, &self.outputs, &self.module);
        let bytes =
            serde_json::to_vec(&parts).map_err(|error| Error::invalid("the film", error.to_string()))?;
        Ok(Identity::of(&bytes))
    }

    /// Returns the location of an intermediate object.
    pub(super) fn location(&self, film: Identity, path: &str) -> Result<Url> {
        let mut url = self.prefix.clone();
        let path = relative(path)?;
        let names = path.as_str().split('/').filter(|name| !name.is_empty());
        url.path_segments_mut()
            .map_err(|()| Error::invalid(format!("the prefix {}", self.prefix), "it has no path"))?
            .pop_if_empty()
            .push(&film.to_string())
            .extend(names);
        Ok(url)
    }

    /// Returns the location of the definition.
    pub(super) fn definition(&self, film: Identity) -> Result<Url> {
        self.location(film, "film.json")
    }

    /// Returns the number of parts: chunks and sound.
    pub(super) fn parts(&self) -> usize {
        self.plan.chunks.len() + usize::from(self.plan.sound.is_some())
    }

    /// Returns the number of a job among the parts and joins.
    pub(super) fn number(&self, role: FilmRole) -> usize {
        match role {
            FilmRole::Chunk(index) => index,
            FilmRole::Sound => self.plan.chunks.len(),
            FilmRole::Join(index) => self.parts() + index,
        }
    }

    /// Returns the jobs of the chunks and of the sound.
    pub(super) fn part_jobs(&self, film: Submission) -> Result<Vec<FleetJob>> {
        let mut jobs = Vec::new();
        for chunk in &self.plan.chunks {
            let base = self.plan.time_base;
            let ticks = (chunk.end - chunk.start) as f64;
            let seconds = ticks * base.num() as f64 / base.den() as f64;
            let mut job = self.job(film, &chunk.command, FilmRole::Chunk(chunk.index))?;
            job.spec.expected_duration = Duration::try_from_secs_f64(seconds).ok();
            for path in &chunk.paths {
                job = job.output(path, self.location(film.identity, path)?);
            }
            jobs.push(job);
        }
        if let Some(sound) = &self.plan.sound {
            let job = self.job(film, &sound.command, FilmRole::Sound)?;
            jobs.push(job.output(&sound.path, self.location(film.identity, &sound.path)?));
        }
        Ok(jobs)
    }

    /// Returns the jobs of the joins.
    pub(super) fn join_jobs(&self, film: Submission) -> Result<Vec<FleetJob>> {
        self.plan.joins.iter().enumerate().map(|(index, join)| self.join_job(film, index, join)).collect()
    }

    /// Returns the job with a role.
    pub(super) fn job_with(&self, film: Submission, role: FilmRole) -> Result<FleetJob> {
        let jobs = match role {
            FilmRole::Join(_) => self.join_jobs(film)?,
            FilmRole::Chunk(_) | FilmRole::Sound => self.part_jobs(film)?,
        };
        let found = jobs.into_iter().find(|job| job.film.as_ref().is_some_and(|part| part.role == role));
        found.ok_or_else(|| Error::invalid(format!("the role {role:?}"), "the film has no such part"))
    }

    fn join_job(&self, film: Submission, index: usize, join: &Join) -> Result<FleetJob> {
        let mut job = self.job(film, &join.command, FilmRole::Join(index))?;
        let chunks = self.plan.chunks.iter().filter_map(|chunk| chunk.paths.get(index));
        for path in chunks.chain([&join.list_path]).chain(self.plan.sound.iter().map(|sound| &sound.path)) {
            job = job.input(path, self.location(film.identity, path)?);
        }
        if let Some(output) = self.outputs.get(&join.variant) {
            job = job.output(&join.path, output.clone());
        }
        Ok(if self.overwrite { job.overwrite() } else { job })
    }

    fn job(&self, film: Submission, command: &Command, role: FilmRole) -> Result<FleetJob> {
        let mut spec = self.spec.clone();
        spec.args = Tool::Ffmpeg.unattended_args().iter().map(|arg| (*arg).to_owned()).collect();
        spec.args.extend(command.to_args());
        let mut job = FleetJob::new(spec, self.module.clone());
        job.inputs.insert(self.plan.source.clone(), self.source.clone());
        let definition = self.definition(film.identity)?;
        job.film = Some(FilmPart { film: film.identity, definition, role, generation: film.generation });
        Ok(job)
    }
}

/// Returns a path of the plan below the folder of its film.
fn relative(path: &str) -> Result<VPath> {
    let reason = "it is not below the folder of its film";
    if path.starts_with('/') || path.split('/').any(|name| name == "..") {
        return Err(Error::invalid(format!("the path {path:?}"), reason));
    }
    VPath::new(format!("/{path}"))
        .map_err(|error| Error::invalid(format!("the path {path:?}"), error.to_string()))
}
