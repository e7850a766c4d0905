//! `afmpeg jobs`: the jobs of a fleet.

use std::collections::BTreeMap;

use afmpeg_fleet::{Error, FilmState, Fleet, FleetOptions, Identity, JobState, StateChange};
use futures_util::StreamExt as _;

use super::{
    options::{JobsAction, JobsOptions},
    server,
    shown::{self, Bars},
};
use crate::{
    failure::Failure,
    job_result,
    output::{self, Reader},
};

pub(crate) fn jobs(options: &JobsOptions) -> Result<(), Failure> {
    server::block_on(async {
        let fleet = server::connect(&options.server, FleetOptions::default()).await?;
        match &options.action {
            Some(JobsAction::Cancel { job }) => cancel(&fleet, *job).await,
            Some(JobsAction::DeadLetter { job }) => dead_letter(&fleet, *job).await,
            None if options.watch => watch(&fleet, options.json).await,
            None => list(&fleet, options.json).await,
        }
    })
}

async fn dead_letter(fleet: &Fleet, identity: Identity) -> Result<(), Failure> {
    let letter = fleet.dead_letter(identity).await?.ok_or(Error::no_job(identity))?;
    output::print(&job_result::to_line(&letter)?).map(drop)
}

/// Cancels a job, or a film and its jobs.
async fn cancel(fleet: &Fleet, identity: Identity) -> Result<(), Failure> {
    match fleet.film_state(identity).await {
        Ok(film) => {
            fleet.cancel_film(identity, &server::stores([&film.definition])).await?;
        }
        Err(Error::NoJob { .. }) => {
            fleet.cancel(identity).await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Prints the films, then the jobs.
async fn list(fleet: &Fleet, is_json: bool) -> Result<(), Failure> {
    let films: BTreeMap<Identity, FilmState> = fleet.films().await?.into_iter().collect();
    for (identity, state) in films {
        let line = match is_json {
            true => job_result::to_line(&shown::film_json(identity, &state))?,
            false => format!("{identity}  {}\n", shown::film_line(&state)),
        };
        if output::print(&line)? == Reader::Closed {
            return Ok(());
        }
    }
    for (identity, state) in ordered(fleet).await? {
        if print(identity, &state, is_json)? == Reader::Closed {
            break;
        }
    }
    Ok(())
}

/// Returns the jobs by identity.
async fn ordered(fleet: &Fleet) -> Result<BTreeMap<Identity, JobState>, Failure> {
    Ok(fleet.jobs().await?.into_iter().map(|job| (job.identity, job.state)).collect())
}

fn print(identity: Identity, state: &JobState, is_json: bool) -> Result<Reader, Failure> {
    if is_json {
        return output::print(&job_result::to_line(&shown::json(identity, state))?);
    }
    output::print(&format!("{identity}  {}\n", shown::line(state)))
}

/// Shows the jobs until all have ended.
async fn watch(fleet: &Fleet, is_json: bool) -> Result<(), Failure> {
    // The watch first, so that no change is missed in between.
    let changes = fleet.watch().await?;
    let mut changes = std::pin::pin!(changes);
    let mut jobs = ordered(fleet).await?;
    let mut bars = Bars::new(is_json);
    for (identity, state) in &jobs {
        bars.show(*identity, state);
    }
    while jobs.values().any(|state| !state.is_final()) {
        let Some(change) = changes.next().await else { break };
        let StateChange { identity, state, .. } = change?;
        bars.show(identity, &state);
        if is_json && print(identity, &state, true)? == Reader::Closed {
            return Ok(());
        }
        jobs.insert(identity, state);
    }
    drop(bars);
    if is_json {
        return Ok(());
    }
    for (identity, state) in &jobs {
        print(*identity, state, false)?;
    }
    Ok(())
}
