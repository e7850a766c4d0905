//! `cargo xtask checkasm`: the programs of FFmpeg and its libraries that compare SIMD kernels with the C functions that they
//! replace, on random inputs.

use std::{
    num::NonZero,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::Mutex,
    thread,
};

use anyhow::Context as _;

use crate::{
    command,
    failure::Failure,
    fate::exec,
    wasm::{self, Variant, fate::Suite},
};

/// The seeds of the random inputs. Errors often appear with few of them.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Seeds {
    /// Number of seeds
    #[arg(long = "seeds", value_name = "COUNT", default_value_t = 2)]
    pub(crate) count: u32,
    /// First seed
    #[arg(long = "first", value_name = "SEED", default_value_t = 1)]
    pub(crate) first: u32,
}

/// A program and a seed.
#[derive(Debug)]
struct Run {
    program: PathBuf,
    seed: u32,
}

impl Run {
    fn output(&self) -> anyhow::Result<Output> {
        let folder = self.program.parent().context("a program is in a folder")?;
        let mut exec = Command::new(exec::path()?);
        exec.current_dir(folder).env(exec::ROOT, folder).env_remove(exec::PROCESSORS);
        Ok(exec.arg(&self.program).arg(self.seed.to_string()).stdin(Stdio::null()).output()?)
    }
}

/// Runs every program with every seed.
pub(crate) fn run(seeds: Seeds) -> anyhow::Result<()> {
    let suite = Suite::prepare(Variant::Gpl)?;
    command::build_workspace()?;
    run_in(&suite, seeds)
}

/// Like [`run()`], with the workspace already built.
pub(crate) fn run_in(suite: &Suite, seeds: Seeds) -> anyhow::Result<()> {
    let mut programs = wasm::checks::programs()?;
    programs.push(suite.build().join("tests/checkasm/checkasm"));
    let runs = (seeds.first..seeds.first + seeds.count)
        .flat_map(|seed| programs.iter().map(move |program| Run { program: program.clone(), seed }));
    let runs = Mutex::new(runs);
    let failed = Mutex::new(Vec::new());
    let work = || -> anyhow::Result<()> {
        loop {
            let next = runs.lock().ok().and_then(|mut runs| runs.next());
            let Some(run) = next else { return Ok(()) };
            let output = run.output()?;
            let printed = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
            let last = printed.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let label = format!("{} {}", run.program.display(), run.seed);
            println!("{label}: {last}");
            if !output.status.success() {
                eprintln!("{printed}");
                failed.lock().map_err(|_| anyhow::anyhow!("a thread panicked"))?.push(label);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?)
    })?;
    let failed = failed.into_inner().unwrap_or_default();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("kernels differ from C: {}", failed.join(", ")),
        "the output above names the functions; run the program with --help for a part of the checks",
    )
    .into())
}
