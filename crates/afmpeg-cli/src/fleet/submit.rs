//! `afmpeg submit`: gives a job to a fleet.

use std::ffi::OsString;

use afmpeg_engine::{JobSpec, ModuleInfo, Tool};
use afmpeg_fleet::{Fleet, FleetJob, FleetOptions, Identity, JobState, Phase};
use futures_util::StreamExt as _;

use super::{failure, options::SubmitOptions, server, shown};
use crate::{bar::Bar, failure::Failure, job_result, module::Located, output};

pub(crate) fn submit(options: &SubmitOptions) -> Result<(), Failure> {
    let job = job(options)?;
    server::block_on(run(options, job))
}

async fn run(options: &SubmitOptions, job: FleetJob) -> Result<(), Failure> {
    let stores = server::stores(options.inputs.iter().chain(&options.outputs).map(|(_, url)| url));
    let fleet = server::connect(&options.server, FleetOptions::default()).await?;
    let submitted = fleet.submit(job, &stores).await?;
    let state = match options.submission.wait {
        true => wait(&fleet, submitted.identity, options.submission.json).await?,
        false => fleet.state(submitted.identity).await?,
    };
    if options.submission.json {
        output::print(&job_result::to_line(&shown::json(submitted.identity, &state))?)?;
    } else {
        output::print(&format!("{}\n", submitted.identity))?;
    }
    match &state.phase {
        Phase::Failed { failure, .. } => Err(failure::of_job(failure)),
        Phase::Cancelled if options.submission.wait => Err(Failure::interrupted()),
        _ => Ok(()),
    }
}

/// Waits for the end of a job, and shows its progress.
async fn wait(fleet: &Fleet, identity: Identity, is_hidden: bool) -> Result<JobState, Failure> {
    let bar = Bar::new("waiting", is_hidden);
    let changes = fleet.watch().await?;
    let mut changes = std::pin::pin!(changes);
    let mut end = std::pin::pin!(fleet.wait(identity));
    loop {
        tokio::select! {
            state = &mut end => return Ok(state?),
            Some(Ok(change)) = changes.next() => {
                if change.identity == identity {
                    shown::on_bar(&bar, &change.state);
                }
            }
        }
    }
}

fn job(options: &SubmitOptions) -> Result<FleetJob, Failure> {
    let module = match &options.module_sha256 {
        Some(hash) => hash.clone(),
        None => {
            let located = Located::new(options.module.module.as_deref())?;
            let info = ModuleInfo::read(located.path()).map_err(|error| located.failure(error))?;
            info.sha256().to_owned()
        }
    };
    let tool = Tool::from(options.tool);
    let mut args: Vec<String> = tool.unattended_args().iter().map(|arg| (*arg).to_owned()).collect();
    for argument in &options.arguments {
        args.push(text(argument)?);
    }
    let mut spec = options.submission.settings(JobSpec::new(args));
    spec.tool = tool;
    let mut job = FleetJob::new(spec, module);
    for (path, url) in &options.inputs {
        job = job.input(path, url.clone());
    }
    for (path, url) in &options.outputs {
        job = job.output(path, url.clone());
    }
    Ok(if options.submission.overwrite { job.overwrite() } else { job })
}

/// Returns an argument as text: other machines need not have the encoding of this one.
fn text(argument: &OsString) -> Result<String, Failure> {
    argument.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::usage(format!("the argument {} is not UTF-8", argument.display()), "write it in UTF-8")
    })
}
