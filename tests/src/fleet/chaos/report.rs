use std::{error::Error, fmt, time::Duration};

use afmpeg_fleet::StateChange;

use super::{
    super::bucket::{Faults, Record},
    faults::Fault,
    storm::Storm,
};

/// The facts of a run.
#[derive(Debug)]
pub struct Report {
    /// The number of jobs, those of the film included.
    pub jobs: usize,
    /// The number of attempts of all jobs.
    pub attempts: u32,
    /// The most attempts of a job.
    pub most_attempts: u32,
    /// The number of workers that were killed in the middle of a job.
    pub killed_workers: u32,
    /// The number of times that the server was killed.
    pub killed_servers: u32,
    /// The number of messages that came twice.
    pub duplicates: u32,
    /// The number of requests to the store.
    pub requests: u64,
    /// The number of requests that failed.
    pub failed_requests: u64,
    /// The number of failed requests that were refused, which no client tries again.
    pub refused_requests: u64,
    /// The time of one worker alone, and of all workers with the faults.
    pub times: [Duration; 2],
}

impl Report {
    pub(super) async fn of(storm: &Storm, times: [Duration; 2]) -> Result<Self, Box<dyn Error>> {
        let attempts: Vec<u32> =
            storm.fleet.jobs().await?.iter().map(|StateChange { state, .. }| state.attempts).collect();
        let record = storm.cluster.media.faults().map(Faults::record).unwrap_or_default();
        let Record { requests, unavailable, answers_lost, refused, .. } = record;
        let refused_requests = refused.len() as u64;
        let count = |fault| storm.ledger.counts.get(&fault).copied().unwrap_or_default();
        Ok(Self {
            jobs: attempts.len(),
            attempts: attempts.iter().sum(),
            most_attempts: attempts.iter().copied().max().unwrap_or_default(),
            killed_workers: count(Fault::KilledWorker),
            killed_servers: count(Fault::KilledServer),
            duplicates: count(Fault::Duplicate),
            requests,
            failed_requests: unavailable + answers_lost + refused_requests,
            refused_requests,
            times,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [alone, together] = self.times.map(|time| time.as_secs_f64());
        writeln!(
            formatter,
            "{} jobs took {} attempts, at most {} each",
            self.jobs, self.attempts, self.most_attempts
        )?;
        writeln!(
            formatter,
            "faults: a full disk, a damaged input, {} killed workers, {} killed servers, {} messages that came twice, \
             {} failed requests of {} to the store ({} of them refused)",
            self.killed_workers,
            self.killed_servers,
            self.duplicates,
            self.failed_requests,
            self.requests,
            self.refused_requests
        )?;
        write!(formatter, "one worker alone: {alone:.1} s; with faults: {together:.1} s")
    }
}
