//! The check of a film's parts, before they are stored.

use afmpeg_cmd::film::Difference;
use afmpeg_engine::{ErrorKind, probe::Probe};

use super::{failure::Failed, files::Files, shared::Shared};
use crate::part::{FilmPart, FilmRole};

/// Compares the files of a part with the plan of its film: the numbers of frames and the durations.
pub(super) async fn check(shared: &Shared, part: &FilmPart, files: &Files) -> Result<(), Failed> {
    let plan = shared.fleet.film(part, &shared.stores).await?.plan;
    match part.role {
        FilmRole::Chunk(index) => {
            let chunk = plan.chunks.get(index).ok_or_else(|| unknown(part))?;
            for path in &chunk.paths {
                let probe = probe(shared, files, path).await?;
                plan.check_chunk(chunk, &probe).map_err(|differences| differs(path, &differences))?;
            }
        }
        FilmRole::Join(index) => {
            let join = plan.joins.get(index).ok_or_else(|| unknown(part))?;
            let probe = probe(shared, files, &join.path).await?;
            plan.check(join, &probe).map_err(|differences| differs(&join.path, &differences))?;
        }
        FilmRole::Sound => {}
    }
    Ok(())
}

async fn probe(shared: &Shared, files: &Files, path: &str) -> Result<Probe, Failed> {
    Ok(shared.runtime.probe_request(files.0.clone(), path).packets().run_async().await?)
}

fn unknown(part: &FilmPart) -> Failed {
    let message = format!("the film {} has no {:?}", part.film, part.role);
    Failed::for_good(ErrorKind::InvalidArgument, message, "submit the film again")
}

fn differs(path: &str, differences: &[Difference]) -> Failed {
    let found: Vec<String> = differences.iter().map(Difference::to_string).collect();
    let message = format!("{path} is not as planned: {}", found.join("; "));
    Failed::for_good(ErrorKind::UnexpectedOutput, message, "check the filters and the encoder of the film")
}
