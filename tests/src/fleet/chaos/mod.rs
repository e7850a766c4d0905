//! The same work on one worker alone, and on several that lose each other, their server and their store: the outputs are
//! equal, and no fault of them costs more than one attempt.

mod check;
mod faults;
mod outputs;
mod report;
mod storm;
mod work;

use std::{
    error::Error,
    time::{Duration, Instant},
};

pub use self::report::Report;
use self::{
    outputs::{Outputs, outputs},
    storm::Storm,
    work::Work,
};
use super::{
    cluster::{Cluster, WorkerSetup},
    fixtures::Fixtures,
    media::Media,
};

/// The time after which a run that has not ended fails.
const PATIENCE: Duration = Duration::from_secs(9 * 60);

/// The choices of a run.
#[derive(Debug, Clone, Copy)]
pub struct Chaos {
    /// The seed of the order of faults, and of their victims.
    pub seed: u64,
    /// The number of jobs. The input of one of them is damaged.
    pub jobs: usize,
    /// The number of chunks of the film.
    pub chunks: u64,
}

impl Chaos {
    /// Runs the work without faults and with them, and compares the results.
    ///
    /// # Errors
    ///
    /// Every difference, and every broken rule.
    pub async fn run(self, fixtures: &Fixtures) -> Result<Report, Box<dyn Error>> {
        let work = Work::new(self.jobs, self.chunks, fixtures)?;
        let started = Instant::now();
        let expected = alone(&work, fixtures).await?;
        let alone = started.elapsed();
        let started = Instant::now();
        let mut storm = Storm::begin(&work, self.seed, fixtures).await?;
        let running = storm.run(&work, self.jobs);
        tokio::time::timeout(PATIENCE, running).await.map_err(|_| "the jobs have not ended in time")??;
        let report = Report::of(&storm, [alone, started.elapsed()]).await?;
        let problems = check::problems(&storm, &work, &expected).await?;
        if problems.is_empty() {
            Ok(report)
        } else {
            Err(format!("{report}\n{}", problems.join("\n")).into())
        }
    }
}

/// Runs the work on one worker, and returns the outputs.
async fn alone(work: &Work, fixtures: &Fixtures) -> Result<Outputs, Box<dyn Error>> {
    let mut cluster = Cluster::start(fixtures, Media::folder()?);
    work.put(&cluster.media).await?;
    let (fleet, stores) = (cluster.fleet().await?, cluster.media.stores());
    let mut identities = Vec::new();
    for job in work.jobs(&cluster.media).into_iter().chain([work.long(&cluster.media)]) {
        identities.push(fleet.submit(job, &stores).await?.identity);
    }
    let film = fleet.submit_film(work.film(&cluster.media)?, &stores).await?;
    cluster.start_worker(WorkerSetup::default())?;
    for identity in identities {
        fleet.wait(identity).await?;
    }
    fleet.wait_for_film(film).await?;
    outputs(&cluster.media)
}
