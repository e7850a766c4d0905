//! Running FATE's tests with FFmpeg's makefiles.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    num::NonZero,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use super::{exec, sample::PREFIX, verdict::Outcome};
use crate::wasm::fate::Suite;

/// The interval between looks at the results.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The number of lines of a failure to show.
const SHOWN_LINES: usize = 12;

/// Returns the folder of the tests' reports.
pub(super) fn reports(suite: &Suite) -> PathBuf {
    suite.build().join("tests/data/fate")
}

/// Returns the names of all tests that need no sample files, without their prefix.
pub(super) fn list(suite: &Suite) -> anyhow::Result<Vec<String>> {
    let output = make(suite)?.arg("--silent").arg("fate-list").stderr(Stdio::inherit()).output()?;
    anyhow::ensure!(output.status.success(), "FATE's makefiles cannot list the tests");
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().filter_map(|line| line.strip_prefix(PREFIX)).map(str::to_owned).collect())
}

/// Runs `tests` and the tests that they depend on, on all cores, and shows progress and failures.
pub(super) fn run(
    suite: &Suite,
    tests: &[String],
    threads: Option<NonZero<usize>>,
) -> anyhow::Result<BTreeMap<String, Outcome>> {
    let reports = reports(suite);
    // Remove all outputs of tests: some are inputs of others, and may be incomplete after an interrupted run.
    let outputs = suite.build().join("tests/data");
    if outputs.exists() {
        fs::remove_dir_all(&outputs)?;
    }
    let log_path = suite.folder().join("fate.log");
    let log = OpenOptions::new().create(true).write(true).truncate(true).open(&log_path)?;

    let mut make = make(suite)?;
    let jobs = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    make.args(["--keep-going", &format!("--jobs={jobs}")]);
    make.arg(format!("TARGET_EXEC={}", exec::path()?.display()))
        .arg(format!("TARGET_PATH={}", suite.build().display()))
        .args(["GEN=no", "V=0"])
        .args(tests.iter().map(|test| format!("{PREFIX}{test}")))
        .env(exec::ROOT, suite.folder())
        .env_remove(exec::PROCESSORS)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);

    if let Some(threads) = threads {
        make.arg(format!("THREADS={threads}")).env(exec::PROCESSORS, threads.to_string());
    }

    let bar = ProgressBar::new(u64::try_from(tests.len())?);
    if let Ok(style) = ProgressStyle::with_template("fate {pos}/{len} {wide_bar} {elapsed_precise} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(POLL_INTERVAL);
    let mut results = BTreeMap::new();
    let mut running = make.spawn().context("cannot run make")?;
    loop {
        let ended = running.try_wait()?.is_some();
        for (test, outcome) in new_results(&reports, &results)? {
            if let Outcome::Failed(report) = &outcome {
                bar.suspend(|| eprintln!("{test} failed:\n{}", head(report)));
            }
            results.insert(test, outcome);
        }
        let done = tests.iter().filter(|test| results.contains_key(*test)).count();
        bar.set_position(u64::try_from(done)?);
        if ended {
            break;
        }
        thread::sleep(POLL_INTERVAL);
    }
    bar.finish_and_clear();
    if tests.iter().any(|test| !results.contains_key(test)) {
        eprintln!("some tests could not be run; see {}", log_path.display());
    }
    Ok(results)
}

/// Returns a `make` for FFmpeg's makefiles, without environment variables that could change an output.
fn make(suite: &Suite) -> anyhow::Result<Command> {
    let mut make = Command::new("make");
    for variable in ["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "SAMPLES", "FATE_SAMPLES", "KEEP", "THREADS"] {
        make.env_remove(variable);
    }
    let source = suite.source();
    make.current_dir(suite.build())
        // Override the location of the sources that configure recorded.
        .arg(format!("--file={}", source.join("Makefile").display()))
        .arg(format!("SRC_PATH={}", source.display()))
        // The objects were removed, and make would compile some only to find their dependencies.
        .arg("CC=true")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        // One test queries git for FFmpeg's files, and would find this repository.
        .env("GIT_DIR", suite.folder().join("no-git"));
    // Without objects, make must consider every program up to date.
    for program in suite.programs()? {
        make.arg(format!("--assume-old={}", program.display()));
    }
    Ok(make)
}

/// Returns the results in `reports` that are not in `seen`.
fn new_results(
    reports: &Path,
    seen: &BTreeMap<String, Outcome>,
) -> anyhow::Result<BTreeMap<String, Outcome>> {
    let mut results = BTreeMap::new();
    let Ok(entries) = fs::read_dir(reports) else { return Ok(results) };
    for entry in entries {
        let path = entry?.path();
        let Some(test) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".rep")) else {
            continue;
        };
        if seen.contains_key(test) {
            continue;
        }
        let Some(status) = status(&fs::read_to_string(&path)?) else { continue };
        let outcome = if status == "0" {
            Outcome::Passed
        } else {
            let read = |extension: &str| {
                let bytes = fs::read(reports.join(format!("{test}.{extension}"))).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            };
            Outcome::Failed(format!("status {status}\n{}{}", read("diff"), read("err")))
        };
        results.insert(test.to_owned(), outcome);
    }
    Ok(results)
}

/// Returns the status in a report, `name:status:difference:errors`, or `None` if the report is incomplete.
fn status(report: &str) -> Option<String> {
    let line = report.strip_suffix('\n')?;
    line.split(':').nth(1).map(str::to_owned)
}

/// Returns the first lines of a failure, indented.
fn head(report: &str) -> String {
    report.lines().take(SHOWN_LINES).map(|line| format!("    {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_from_fates_reports() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("good.rep", "good:0::\n");
        write("bad.rep", "bad:1:LS0t:dGhyZWFkcz0x\n");
        write("bad.diff", "-right\n+wrong\n");
        write("bad.err", "threads=1\n");
        write("half-written.rep", "half-wri");
        write("running.err", "");
        let results = new_results(folder.path(), &BTreeMap::new()).unwrap();
        let bad = Outcome::Failed("status 1\n-right\n+wrong\nthreads=1\n".to_owned());
        assert_eq!(results, [("bad".to_owned(), bad), ("good".to_owned(), Outcome::Passed)].into());
        assert_eq!(new_results(folder.path(), &results).unwrap(), BTreeMap::new());
    }
}
