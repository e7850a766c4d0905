//! The submission of jobs.

use futures_util::StreamExt as _;
use object_store::ObjectStore as _;
use url::Url;

use crate::{
    error::{Error, Result},
    film::FilmPhase,
    fleet::Fleet,
    identity::Identity,
    job::FleetJob,
    records::Stored,
    reservations::Owner,
    state::{JobState, Phase},
    stores::Stores,
};

/// A submitted job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Submitted {
    /// The identity of the job.
    pub identity: Identity,
    /// Whether this submission put the job into the queue. Otherwise the same job was submitted before, and waits, runs
    /// or is done.
    pub is_new: bool,
}

/// A job that is about to be put into the queue.
enum Prepared {
    /// It is not in the queue. This is its state.
    New(Box<Stored<JobState>>),
    /// It is in the queue, in this generation.
    Queued(u32),
    /// It runs, or is done.
    Running,
}

impl Fleet {
    /// Submits a job, once: the same job is not run again while it waits, runs or is done, however often it is
    /// submitted. A job that has failed or was cancelled is started again.
    ///
    /// The versions of the inputs are those that the stores have now, unless the job names others.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidJob`], [`Error::NotAllowed`], [`Error::Store`] for an input that does not exist,
    /// [`Error::OutputExists`], [`Error::OutputTaken`], [`Error::Server`]. After any of them, the job is not in the
    /// queue, or can be submitted again.
    pub async fn submit(&self, mut job: FleetJob, stores: &Stores) -> Result<Submitted> {
        job.check()?;
        for input in job.inputs.values_mut() {
            if input.version.is_none() {
                input.version = Some(stores.version(&input.url).await?);
            }
        }
        let identity = job.identity()?;
        let (state, revision) = match self.prepare(identity, &job, stores).await? {
            Prepared::New(stored) => (stored.state, stored.revision),
            Prepared::Queued(generation) => {
                // A server that was killed can have lost the message. Otherwise this one is dropped: by the server, or as
                // a duplicate by a worker.
                self.enqueue(identity, generation, &job).await?;
                return Ok(Submitted { identity, is_new: false });
            }
            Prepared::Running => return Ok(Submitted { identity, is_new: false }),
        };
        let outputs: Vec<_> = job.outputs.values().collect();
        let owner = job.film.as_ref().map_or(identity, |part| part.film);
        if let Err(error) = self.reserve_all(identity, owner, &outputs, job.overwrite, stores).await {
            // The job is as it was before, as far as the server can be reached.
            let _ = self.states().remove(identity, revision).await;
            return Err(error);
        }
        self.enqueue(identity, state.generation, &job).await?;
        // A worker may have started the job already.
        let queued = JobState { phase: Phase::Queued, ..state };
        self.states().update(identity, &queued, revision).await?;
        Ok(Submitted { identity, is_new: true })
    }

    /// Sets the state of a job that is to be put into the queue.
    async fn prepare(&self, identity: Identity, job: &FleetJob, stores: &Stores) -> Result<Prepared> {
        let new = JobState {
            phase: Phase::Submitting,
            tool: job.spec.tool,
            outputs: job.outputs.values().cloned().collect(),
            attempts: 0,
            generation: 0,
            objects: Vec::new(),
            last_failure: None,
        };
        let states = self.states();
        loop {
            let (state, revision) = match states.get(identity).await? {
                None => (new.clone(), states.create(identity, &new).await?),
                // An interrupted submission. The server drops its message if it was sent.
                Some(found) if found.state.phase == Phase::Submitting => (found.state, Some(found.revision)),
                Some(found) if self.is_to_run_again(&found.state, stores).await? => {
                    self.forget_cancellation(identity).await?;
                    let generation = found.state.generation + 1;
                    let again = JobState { generation, objects: found.state.objects, ..new.clone() };
                    let revision = states.update(identity, &again, found.revision).await?;
                    (again, revision)
                }
                Some(found) if found.state.phase == Phase::Queued => {
                    return Ok(Prepared::Queued(found.state.generation));
                }
                Some(_) => return Ok(Prepared::Running),
            };
            if let Some(revision) = revision {
                return Ok(Prepared::New(Box::new(Stored { state, revision })));
            }
        }
    }

    /// Whether a job has failed or was cancelled, or is done but an output of it has been removed.
    async fn is_to_run_again(&self, state: &JobState, stores: &Stores) -> Result<bool> {
        match state.phase {
            Phase::Failed { .. } | Phase::Cancelled => Ok(true),
            Phase::Done { .. } => {
                for object in &state.objects {
                    if stores.length(&object.url).await? != Some(object.bytes) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    /// Reserves all outputs of a job or film, or none. Those of its film, `film`, are reserved.
    pub(crate) async fn reserve_all(
        &self,
        identity: Identity,
        film: Identity,
        outputs: &[&Url],
        overwrite: bool,
        stores: &Stores,
    ) -> Result<()> {
        let mut reserved = Vec::new();
        for output in outputs {
            match self.reserve(identity, film, output, overwrite, stores).await {
                Ok(true) => reserved.push(output),
                Ok(false) => {}
                Err(error) => {
                    for output in reserved {
                        let _ = self.reservations().release(output).await;
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Reserves an output; false if the job or its film had reserved it before.
    async fn reserve(
        &self,
        identity: Identity,
        film: Identity,
        output: &Url,
        overwrite: bool,
        stores: &Stores,
    ) -> Result<bool> {
        let reservations = self.reservations();
        loop {
            match reservations.reserve(output, identity).await? {
                // An earlier attempt may have stored it.
                Owner::Same => return Ok(false),
                Owner::Other(owner, _) if owner == film => return Ok(false),
                Owner::New => {}
                Owner::Other(owner, revision) => {
                    if !self.is_over(owner, overwrite).await? {
                        return Err(Error::OutputTaken { url: output.clone(), owner });
                    }
                    if !reservations.take(output, identity, revision).await? {
                        continue;
                    }
                    self.forget(owner).await?;
                }
            }
            if !overwrite && let Err(error) = absent(output, stores).await {
                let _ = reservations.release(output).await;
                return Err(error);
            }
            return Ok(true);
        }
    }

    /// Whether the outputs of a job or film can be given to another one: it has failed or was cancelled, or is done and
    /// the other one overwrites.
    async fn is_over(&self, owner: Identity, overwrite: bool) -> Result<bool> {
        if let Some(found) = self.states().get(owner).await? {
            return Ok(
                found.state.is_final() && (overwrite || !matches!(found.state.phase, Phase::Done { .. }))
            );
        }
        Ok(match self.film_records().get(owner).await? {
            Some(found) => found.state.is_final() && (overwrite || found.state.phase != FilmPhase::Done),
            None => true,
        })
    }

    /// Removes the state of a job or film whose output another one has: submitted again, it runs again.
    async fn forget(&self, owner: Identity) -> Result<()> {
        if let Some(found) = self.states().get(owner).await? {
            self.states().remove(owner, found.revision).await?;
        }
        if let Some(found) = self.film_records().get(owner).await? {
            self.film_records().remove(owner, found.revision).await?;
        }
        Ok(())
    }
}

/// Fails if there is an object at `url`, or below it if it is a folder.
async fn absent(url: &Url, stores: &Stores) -> Result<()> {
    let exists = if url.path().ends_with('/') {
        let place = stores.place(url)?;
        let first = place.store.list(Some(&place.key)).next().await;
        first.transpose().map_err(Error::store("list", url))?.is_some()
    } else {
        stores.length(url).await?.is_some()
    };
    if exists { Err(Error::OutputExists { url: url.clone() }) } else { Ok(()) }
}
