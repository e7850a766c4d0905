//! The progress of a film from its parts to its end.

use futures_util::TryStreamExt as _;
use object_store::{ObjectStore as _, ObjectStoreExt as _};

use super::{
    definition::{FleetFilm, Submission},
    state::{FilmPhase, FilmState},
};
use crate::{
    error::{Error, Result},
    fleet::Fleet,
    identity::Identity,
    job::FleetJob,
    part::{FilmPart, FilmRole},
    records::Stored,
    state::{Failure, Phase},
    stores::Stores,
};

impl Fleet {
    /// Returns the definition of a film.
    pub(crate) async fn film(&self, part: &FilmPart, stores: &Stores) -> Result<FleetFilm> {
        let place = stores.place(&part.definition)?;
        let failed = || Error::store("read the definition of the film", &part.definition);
        let bytes = place.store.get(&place.key).await.map_err(failed())?.bytes().await.map_err(failed())?;
        let subject = || format!("the definition of the film {}", part.film);
        serde_json::from_slice(&bytes).map_err(|source| Error::Data { subject: subject(), source })
    }

    /// Submits parts of a film. A part that is done already counts.
    pub(crate) async fn submit_parts(&self, mut jobs: Vec<FleetJob>, stores: &Stores) -> Result<()> {
        while let Some(job) = jobs.pop() {
            let part = job.film.clone();
            let submitted = self.submit(job, stores).await?;
            if submitted.is_new {
                continue;
            }
            let state = self.state(submitted.identity).await?;
            if let (Phase::Done { .. }, Some(part)) = (&state.phase, part) {
                jobs.extend(self.record(&part, stores).await?);
            }
        }
        Ok(())
    }

    /// Records that a part of a film is done, and goes on with the film.
    pub(crate) async fn advance(&self, part: &FilmPart, stores: &Stores) -> Result<()> {
        let next = self.record(part, stores).await?;
        self.submit_parts(next, stores).await
    }

    /// Records that a part is done, and returns the jobs that can start now. The last part to be done starts the joins;
    /// its message may come again, and submitting a job twice starts it once.
    async fn record(&self, part: &FilmPart, stores: &Stores) -> Result<Vec<FleetJob>> {
        let films = self.film_records();
        let film = match self.film(part, stores).await {
            Err(error) if error.is_missing_object() => {
                // That of a film that is done has been removed, unless a worker was lost before that.
                let found = films.get(part.film).await?;
                return if found.is_none_or(|found| found.state.is_final()) {
                    Ok(Vec::new())
                } else {
                    Err(error)
                };
            }
            film => film?,
        };
        // Parts of a film that end at the same time compete here.
        loop {
            let Some(Stored { state, revision }) = films.get(part.film).await? else { return Ok(Vec::new()) };
            let next = if state.is_final() { state.clone() } else { state.with(film.number(part.role)) };
            if next != state && films.update(part.film, &next, revision).await?.is_none() {
                continue;
            }
            return match next.phase {
                FilmPhase::Joining if !matches!(part.role, FilmRole::Join(_)) => {
                    film.join_jobs(submission(part.film, &next))
                }
                FilmPhase::Done => {
                    if let Err(error) = self.remove_intermediates(part.film, &film, stores).await {
                        // The outputs do not depend on it.
                        tracing::warn!(film = %part.film, %error, "cannot remove the parts of a film");
                    }
                    Ok(Vec::new())
                }
                _ => Ok(Vec::new()),
            };
        }
    }

    /// Removes the intermediate objects of a film that is done, and their reservations.
    async fn remove_intermediates(
        &self,
        identity: Identity,
        film: &FleetFilm,
        stores: &Stores,
    ) -> Result<()> {
        let folder = film.location(identity, "")?;
        let place = stores.place(&folder)?;
        let failed = || Error::store("remove the objects below", &folder);
        let listed = place.store.list(Some(&place.key)).map_ok(|object| object.location);
        let keys: Vec<_> = listed.try_collect().await.map_err(failed())?;
        for key in keys {
            match place.store.delete(&key).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed()(error)),
            }
        }
        for job in film.part_jobs(Submission { identity, generation: 0 })? {
            for output in job.outputs.values() {
                self.reservations().release(output).await?;
            }
        }
        Ok(())
    }

    /// Ends a film whose part has failed or was cancelled, and cancels its other parts. A message of an earlier submission
    /// of the film submits the part again.
    pub(crate) async fn end_film(
        &self,
        part: &FilmPart,
        failure: Option<&Failure>,
        stores: &Stores,
    ) -> Result<()> {
        let phase = match failure {
            Some(failure) => FilmPhase::Failed { failure: failure.clone() },
            None => FilmPhase::Cancelled,
        };
        let films = self.film_records();
        loop {
            let Some(Stored { state, revision }) = films.get(part.film).await? else { return Ok(()) };
            if state.is_final() {
                return Ok(());
            }
            if state.generation != part.generation {
                // The film was submitted again since, when this part had not ended yet.
                let film = self.film(part, stores).await?;
                let again = film.job_with(submission(part.film, &state), part.role)?;
                return self.submit_parts(vec![again], stores).await;
            }
            let ended = FilmState { phase: phase.clone(), ..state };
            if films.update(part.film, &ended, revision).await?.is_some() {
                return self.cancel_parts(part, stores).await;
            }
        }
    }

    /// Cancels the parts of a film that have not ended.
    async fn cancel_parts(&self, part: &FilmPart, stores: &Stores) -> Result<()> {
        let film = match self.film(part, stores).await {
            Err(error) if error.is_missing_object() => return Ok(()),
            film => film?,
        };
        for mut job in film.part_jobs(Submission { identity: part.film, generation: part.generation })? {
            job.check()?;
            match self.cancel(job.identity()?).await {
                Ok(_) | Err(Error::NoJob { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Cancels a film and its parts, and returns its state.
    ///
    /// # Errors
    ///
    /// [`Error::NoJob`]; [`Error::Server`]; [`Error::Store`] if its definition cannot be read.
    pub async fn cancel_film(&self, identity: Identity, stores: &Stores) -> Result<FilmState> {
        let films = self.film_records();
        let state = loop {
            let Some(Stored { state, revision }) = films.get(identity).await? else {
                return Err(Error::NoJob { identity });
            };
            if state.is_final() {
                break state;
            }
            let cancelled = FilmState { phase: FilmPhase::Cancelled, ..state };
            if films.update(identity, &cancelled, revision).await?.is_some() {
                break cancelled;
            }
        };
        if state.phase == FilmPhase::Cancelled {
            let (definition, generation) = (state.definition.clone(), state.generation);
            let part = FilmPart { film: identity, definition, role: FilmRole::Sound, generation };
            self.cancel_parts(&part, stores).await?;
        }
        Ok(state)
    }
}

fn submission(identity: Identity, state: &FilmState) -> Submission {
    Submission { identity, generation: state.generation }
}
