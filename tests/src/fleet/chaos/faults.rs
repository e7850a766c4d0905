//! The faults of a run, and the jobs that they hit.

use std::collections::BTreeMap;

use afmpeg_fleet::Identity;
use rand_chacha::{ChaCha8Rng, rand_core::RngCore as _};

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// A worker is killed in the middle of a job.
    KilledWorker,
    /// The server is killed, and starts again.
    KilledServer,
    /// A message comes twice.
    Duplicate,
}

/// Returns the faults of a run with this number of jobs, in a random order.
pub(super) fn plan(jobs: usize, rng: &mut ChaCha8Rng) -> Vec<Fault> {
    let counts = [
        (Fault::KilledWorker, 2 + jobs / 50),
        (Fault::KilledServer, 1 + jobs / 100),
        (Fault::Duplicate, 2 + jobs / 10),
    ];
    let mut faults: Vec<Fault> =
        counts.into_iter().flat_map(|(fault, count)| std::iter::repeat_n(fault, count)).collect();
    for last in (1..faults.len()).rev() {
        faults.swap(last, index_below(last + 1, rng));
    }
    faults
}

/// Returns a random index below `end`.
#[allow(clippy::cast_possible_truncation, reason = "it is below a usize")]
pub(super) fn index_below(end: usize, rng: &mut ChaCha8Rng) -> usize {
    below(end as u64, rng) as usize
}

/// Returns a random number below `end`.
pub(super) fn below(end: u64, rng: &mut ChaCha8Rng) -> u64 {
    // The bias is one in billions.
    rng.next_u64() % end.max(1)
}

/// The faults that happened.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// The number of each fault.
    pub(super) counts: BTreeMap<Fault, u32>,
    /// The number of faults that hit each job. A message that comes twice is not one: it must not cost an attempt.
    hits: BTreeMap<Identity, u32>,
}

impl Ledger {
    pub(super) fn count(&mut self, fault: Fault) {
        *self.counts.entry(fault).or_default() += 1;
    }

    pub(super) fn hit(&mut self, job: Identity, count: u32) {
        *self.hits.entry(job).or_default() += count;
    }

    pub(super) fn hits(&self, job: Identity) -> u32 {
        self.hits.get(&job).copied().unwrap_or_default()
    }
}
