//! `cargo xtask clients`: real programs that run FFmpeg, with their own tests, on native FFmpeg and on the programs of
//! `afmpeg shim`.

mod client;
mod files;
mod outcome;
mod packages;
mod programs;
mod report;
mod run;
mod verdict;

use std::fs;

use anyhow::Context as _;

use self::{
    client::Client,
    programs::Programs,
    report::Row,
    run::{Folders, Run},
    verdict::Verdict,
};
use crate::{command::Log, failure::Failure, progress::Progress, project};

#[derive(Debug, clap::Args)]
pub(crate) struct Choices {
    /// Clients: pydub, moviepy... Default: all
    names: Vec<String>,
    /// Print the outcome of every test, by name
    #[arg(long)]
    verbose: bool,
}

/// Runs the tests of the clients twice, and fails unless the outcomes are equal but for the known differences.
pub(crate) fn run(choices: &Choices) -> anyhow::Result<()> {
    let clients = chosen(Client::all()?, &choices.names)?;
    let results = project::target().join("clients");
    fs::create_dir_all(&results)?;
    let packages = packages::installed()?;
    let both = [
        Programs::native(results.join("programs/native"))?,
        Programs::afmpeg(results.join("programs/afmpeg"))?,
    ];
    let progress = Progress::new("clients", clients.len() * (1 + both.len()));

    let mut runs: Vec<[Run; 2]> = Vec::new();
    for client in &clients {
        let (pristine, work) = (results.join("pristine"), results.join("work"));
        progress.step(&format!("{}: files", client.name), || {
            run::empty(&pristine)?;
            if let Some(sha256) = &client.sdist {
                packages::unpack_sdist(client, sha256, &packages, &pristine)?;
            }
            let mut log = Log::create(results.join(format!("{}-media.log", client.name)))?;
            files::make(client, &both[0].ffmpeg(), &pristine, &mut log)
        })?;
        let folders = Folders { packages: &packages, pristine: &pristine, work: &work, results: &results };
        let run = |programs: &Programs| {
            progress
                .step(&format!("{}: {}", client.name, programs.name), || run::run(client, programs, &folders))
        };
        runs.push([run(&both[0])?, run(&both[1])?]);
    }

    let verdicts: Vec<Verdict<'_>> = clients
        .iter()
        .zip(&runs)
        .map(|(client, [native, afmpeg])| Verdict::of(client, &native.outcomes, &afmpeg.outcomes))
        .collect();
    let names: String = verdicts.iter().map(report::by_name).collect();
    let list = results.join("tests.txt");
    fs::write(&list, &names).with_context(|| format!("cannot write {}", list.display()))?;
    if choices.verbose {
        println!("{names}");
    }
    verdicts.iter().for_each(|verdict| print!("{verdict}"));
    let rows: Vec<Row<'_>> = verdicts
        .iter()
        .zip(&runs)
        .map(|(verdict, [native, afmpeg])| Row { verdict, native: native.time, afmpeg: afmpeg.time })
        .collect();
    println!("{}\nThe outcomes by name are in {}.", report::table(&rows), list.display());
    if verdicts.iter().all(Verdict::is_good) {
        return Ok(());
    }
    Err(Failure::new(
        "the tests of clients do not pass and fail as on native FFmpeg",
        format!("the reasons are in {}; known differences are in clients.toml", list.display()),
    )
    .into())
}

/// Returns the clients of these names, or all of them if there are none.
fn chosen(clients: Vec<Client>, names: &[String]) -> anyhow::Result<Vec<Client>> {
    let all: Vec<&str> = clients.iter().map(|client| client.name.as_str()).collect();
    if let Some(unknown) = names.iter().find(|name| !all.contains(&name.as_str())) {
        let hint = format!("choose from {}", all.join(", "));
        return Err(Failure::new(format!("there is no client {unknown}"), hint).into());
    }
    Ok(clients.into_iter().filter(|client| names.is_empty() || names.contains(&client.name)).collect())
}
