//! The rules that hold under all faults.

use std::{error::Error, sync::PoisonError};

use afmpeg_engine::ErrorKind;
use afmpeg_fleet::{FilmPhase, Phase, StateChange};

use super::{
    outputs::{Outputs, outputs},
    storm::Storm,
    work::Work,
};

/// Returns every broken rule, in a sentence each.
pub(super) async fn problems(
    storm: &Storm,
    work: &Work,
    expected: &Outputs,
) -> Result<Vec<String>, Box<dyn Error>> {
    let mut problems = Vec::new();
    let poisoned = storm.identities[work.poisoned()];
    for StateChange { identity, state, .. } in storm.fleet.jobs().await? {
        let location = &state.outputs[0];
        match &state.phase {
            Phase::Done { .. } if identity != poisoned => {}
            Phase::Failed { failure, .. }
                if identity == poisoned && failure.kind == ErrorKind::InvalidData => {}
            phase => problems.push(format!("the job of {location} ended as {phase:?}")),
        }
        let most = storm.ledger.hits(identity) + 1;
        if state.attempts > most {
            problems.push(format!(
                "the job of {location} had {} attempts, more than {most}: {:?}",
                state.attempts, state.last_failure
            ));
        }
    }
    match storm.fleet.dead_letter(poisoned).await? {
        Some(letter) if letter.log.iter().any(|line| line.contains("in.mp4")) => {}
        letter => problems.push(format!("the dead letter of the damaged input is {letter:?}")),
    }
    for job in storm.started_again.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        problems.push(format!("the job {job} started again after it was done"));
    }
    if let Some(film) = storm.film {
        let state = storm.fleet.film_state(film).await?;
        if state.phase != FilmPhase::Done {
            problems.push(format!("the film ended as {:?}", state.phase));
        }
    }
    let found = outputs(&storm.cluster.media)?;
    for name in expected.keys().chain(found.keys()) {
        if expected.get(name) != found.get(name) {
            problems.push(format!("{name} differs from that of one worker alone"));
        }
    }
    for (name, _) in storm.cluster.media.objects("parts")? {
        problems.push(format!("{name} was not removed"));
    }
    Ok(problems)
}
