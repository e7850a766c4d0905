use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::state::Failure;

/// The state of a film of a fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FilmState {
    /// The phase.
    #[serde(flatten)]
    pub phase: FilmPhase,
    /// The locations of the joined films.
    pub outputs: Vec<Url>,
    /// The number of chunks, and one more if the film has sound.
    pub parts: usize,
    /// The number of joins.
    pub joins: usize,
    /// The parts that are done, by number: the chunks, the sound, then the joins.
    pub done: BTreeSet<usize>,
    /// The number of times that the film was submitted again after it had failed or was cancelled.
    pub generation: u32,
    /// The location of its definition, a [`FleetFilm`](crate::FleetFilm) in JSON.
    pub definition: Url,
}

/// The phase of a film of a fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FilmPhase {
    /// Workers encode chunks and sound.
    Encoding,
    /// All chunks and the sound are stored, and workers join them.
    Joining,
    /// All outputs are stored.
    Done,
    /// A part has failed: it is a [dead letter](crate::DeadLetter).
    #[non_exhaustive]
    Failed {
        /// The failure of the part.
        failure: Failure,
    },
    /// The film was cancelled.
    Cancelled,
}

impl FilmState {
    /// Whether the film has ended: it is done, has failed or was cancelled.
    ///
    /// ```
    /// # fn f(state: &afmpeg_fleet::FilmState) {
    /// println!("{} of {} jobs are done", state.done.len(), state.parts + state.joins);
    /// assert!(!state.is_final());
    /// # }
    /// ```
    pub fn is_final(&self) -> bool {
        matches!(self.phase, FilmPhase::Done | FilmPhase::Failed { .. } | FilmPhase::Cancelled)
    }

    /// Records that a part is done, and returns the state after that.
    pub(super) fn with(&self, part: usize) -> Self {
        let mut next = self.clone();
        next.done.insert(part);
        if next.phase == FilmPhase::Encoding && (0..next.parts).all(|part| next.done.contains(&part)) {
            next.phase = FilmPhase::Joining;
        }
        if next.phase == FilmPhase::Joining && next.done.len() == next.parts + next.joins {
            next.phase = FilmPhase::Done;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn film_is_joined_once_all_parts_are_done_in_any_order_and_however_often() {
        let mut state = FilmState {
            phase: FilmPhase::Encoding,
            outputs: Vec::new(),
            parts: 3,
            joins: 2,
            done: BTreeSet::new(),
            generation: 0,
            definition: "memory:///film.json".parse().unwrap(),
        };
        let mut phases = Vec::new();
        for part in [2, 0, 2, 0, 1, 1, 4, 4, 3] {
            state = state.with(part);
            phases.push(state.phase.clone());
        }
        assert!(phases[..4].iter().all(|phase| *phase == FilmPhase::Encoding));
        assert!(phases[4..8].iter().all(|phase| *phase == FilmPhase::Joining));
        assert_eq!(phases[8], FilmPhase::Done);
    }
}
