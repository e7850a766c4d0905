//! The submission of films.

use std::{collections::BTreeSet, time::Duration};

use futures_util::StreamExt as _;
use object_store::{ObjectStoreExt as _, PutPayload};

use super::{
    definition::{FleetFilm, Submission},
    state::{FilmPhase, FilmState},
};
use crate::{
    error::{Error, Result},
    fleet::Fleet,
    identity::Identity,
    records::{self, Stored},
    stores::Stores,
};

/// The longest time between two looks at the state of a film that is waited for.
const LOOK: Duration = Duration::from_secs(10);

impl Fleet {
    /// Submits a film, and returns its identity. The same film is made once, however often it is submitted. If a
    /// submission is interrupted, submit the film again. A film that has failed or was cancelled is started again; its
    /// parts that are done are kept.
    ///
    /// # Errors
    ///
    /// As [`Fleet::submit`].
    pub async fn submit_film(&self, mut film: FleetFilm, stores: &Stores) -> Result<Identity> {
        film.check()?;
        if film.source.version.is_none() {
            film.source.version = Some(stores.version(&film.source.url).await?);
        }
        let identity = film.identity()?;
        let Some((is_new, generation, revision)) = self.prepare_film(identity, &film, stores).await? else {
            return Ok(identity);
        };
        let outputs: Vec<_> = film.outputs.values().collect();
        if let Err(error) = self.reserve_all(identity, identity, &outputs, film.overwrite, stores).await {
            if is_new {
                // The film is as it was before, as far as the server can be reached.
                let _ = self.film_records().remove(identity, revision).await;
            }
            return Err(error);
        }
        put(&film.definition(identity)?, records::to_json(&film)?.into(), stores).await?;
        for join in &film.plan.joins {
            put(&film.location(identity, &join.list_path)?, join.list.clone().into(), stores).await?;
        }
        let jobs = film.part_jobs(Submission { identity, generation })?;
        // The first chunks first.
        self.submit_parts(jobs.into_iter().rev().collect(), stores).await?;
        Ok(identity)
    }

    /// Sets the state of a film whose parts are to be submitted, and returns whether it is new, its
    /// generation and its revision; `None` if the film is joined or done.
    async fn prepare_film(
        &self,
        identity: Identity,
        film: &FleetFilm,
        stores: &Stores,
    ) -> Result<Option<(bool, u32, u64)>> {
        let new = FilmState {
            phase: FilmPhase::Encoding,
            outputs: film.outputs.values().cloned().collect(),
            parts: film.parts(),
            joins: film.plan.joins.len(),
            done: BTreeSet::new(),
            generation: 0,
            definition: film.definition(identity)?,
        };
        let films = self.film_records();
        loop {
            let revision = match films.get(identity).await? {
                None => films.create(identity, &new).await?.map(|revision| (true, 0, revision)),
                // An interrupted submission, or a film that is being encoded: the same jobs are not started twice.
                Some(Stored { state, revision }) if state.phase == FilmPhase::Encoding => {
                    Some((false, state.generation, revision))
                }
                Some(Stored { state, .. }) if !state.is_final() => return Ok(None),
                Some(Stored { state, .. })
                    if state.phase == FilmPhase::Done && exist(film, stores).await? =>
                {
                    return Ok(None);
                }
                Some(Stored { state, revision }) => {
                    let again = FilmState { generation: state.generation + 1, ..new.clone() };
                    let generation = again.generation;
                    let updated = films.update(identity, &again, revision).await?;
                    updated.map(|revision| (false, generation, revision))
                }
            };
            if revision.is_some() {
                return Ok(revision);
            }
        }
    }

    /// Returns the state of a film.
    ///
    /// # Errors
    ///
    /// [`Error::NoJob`]; [`Error::Server`].
    pub async fn film_state(&self, identity: Identity) -> Result<FilmState> {
        let stored = self.film_records().get(identity).await?;
        stored.map(|stored| stored.state).ok_or(Error::NoJob { identity })
    }

    /// Waits until a film has ended, and returns its state.
    ///
    /// # Errors
    ///
    /// [`Error::NoJob`]; [`Error::Server`].
    pub async fn wait_for_film(&self, identity: Identity) -> Result<FilmState> {
        let films = self.film_records();
        loop {
            let Some(stored) = films.get(identity).await? else { return Err(Error::NoJob { identity }) };
            if stored.state.is_final() {
                return Ok(stored.state);
            }
            let next = self.bucket.watch_from_revision(films.key(identity), stored.revision + 1).await;
            let mut entries = next.map_err(Error::server(format!("watch the film {identity}")))?;
            // After a change, a time without one, or the end of the connection, the state is read again.
            let _ = tokio::time::timeout(LOOK, entries.next()).await;
        }
    }
}

/// Whether the joined films exist.
async fn exist(film: &FleetFilm, stores: &Stores) -> Result<bool> {
    for output in film.outputs.values() {
        if stores.length(output).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Stores a small object.
async fn put(url: &url::Url, contents: PutPayload, stores: &Stores) -> Result<()> {
    let place = stores.place(url)?;
    place.store.put(&place.key, contents).await.map(drop).map_err(Error::store("store", url))
}
