//! Runs cases and reports their outcomes.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use afmpeg_engine::{Error, ErrorKind, Job, Limits, Runtime};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::Case;

/// The outcome of a run: its kind of error, or `None` for success.
pub type Ending = Option<ErrorKind>;

/// Kinds of error that no input may cause: failures of the host, the module or afmpeg.
const NEVER: &[ErrorKind] = &[
    ErrorKind::Start,
    ErrorKind::Trap,
    ErrorKind::Module,
    ErrorKind::Cache,
    ErrorKind::Cancelled,
    ErrorKind::UnexpectedOutput,
];

/// The allowed delay of a job's end after its deadline, on a busy machine.
const GRACE: Duration = Duration::from_secs(10);

/// The outcomes of many runs.
#[derive(Debug, Default)]
pub struct Report {
    /// The number of runs by tool and outcome.
    pub endings: BTreeMap<String, usize>,
    /// Runs with an outcome that no input may cause, each with its name and log.
    pub surprises: Vec<String>,
    /// The first case of each outcome other than success.
    pub examples: BTreeMap<String, String>,
}

/// Returns limits such as a job that reads an upload would have.
fn limits() -> Limits {
    Limits::default()
        .memory(256 << 20)
        .wall_time(Duration::from_secs(20))
        .cpu_time(Duration::from_secs(4))
        .output(64 << 20)
        .files(100)
        .log(1 << 20)
        .threads(64)
}

impl Report {
    /// Reads every case with `ffprobe` and decodes it with `ffmpeg`, on all of `runtime`'s slots.
    pub fn of(runtime: &Runtime, cases: impl IntoIterator<Item = Case>) -> Self {
        let cases: Vec<Case> = cases.into_iter().collect();
        let (report, next) = (Mutex::new(Self::default()), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..runtime.slots().get() {
                scope.spawn(|| {
                    while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let runs = [("ffprobe", probe(runtime, case)), ("ffmpeg", decode(runtime, case))];
                        let mut report = report.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        for (tool, (ending, elapsed)) in runs {
                            report.add(tool, case, ending, elapsed);
                        }
                    }
                });
            }
        });
        report.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Returns the number of runs.
    pub fn runs(&self) -> usize {
        self.endings.values().sum()
    }

    /// Adds the outcomes of another report.
    pub fn merge(&mut self, other: Self) {
        for (ending, count) in other.endings {
            *self.endings.entry(ending).or_default() += count;
        }
        self.surprises.extend(other.surprises);
        for (ending, example) in other.examples {
            self.examples.entry(ending).or_insert(example);
        }
    }

    fn add(&mut self, tool: &str, case: &Case, ending: Result<(), Error>, elapsed: Duration) {
        let kind: Ending = ending.as_ref().err().map(Error::kind);
        let label = format!("{tool} {}", kind.map_or("success".to_owned(), |kind| format!("{kind:?}")));
        if let Err(error) = &ending {
            let description = format!("{}: {error}", case.name);
            // FFmpeg's own refusals are exit errors with EPERM; a filesystem fault is a different error.
            if NEVER.contains(&error.kind()) || matches!(error, Error::Filesystem { .. } | Error::Commit(_)) {
                let mut surprise = description.clone();
                if let Error::Trap(trap) = error {
                    surprise = format!("{surprise}\n{}", trap.backtrace().join(" < "));
                }
                self.surprises.push(format!("{tool}, {label}, {surprise}\n{}", error.log().join("\n")));
            }
            self.examples.entry(label.clone()).or_insert(description);
        }
        if limits().wall_time.is_some_and(|allowed| elapsed > allowed + GRACE) {
            self.surprises.push(format!("{tool}, {}: ended after {elapsed:?}", case.name));
        }
        *self.endings.entry(label).or_default() += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ending, count) in &self.endings {
            writeln!(f, "{count:>7} {ending}")?;
        }
        Ok(())
    }
}

fn filesystem(case: &Case) -> MemFs {
    let fs = MemFs::new();
    for (name, bytes) in &case.files {
        let path = format!("/{name}");
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        fs.create_dir_all(folder).expect("a folder in a MemFs");
        fs.write(&path, bytes.clone()).expect("a write to a MemFs");
    }
    fs
}

fn probe(runtime: &Runtime, case: &Case) -> (Result<(), Error>, Duration) {
    let request = runtime
        .probe_request(filesystem(case), &case.input)
        .as_url()
        .input_options(case.options.iter().cloned())
        .configure_job(|job| job.limits(limits()));
    let started = Instant::now();
    let ending = request.run().map(drop);
    (ending, started.elapsed())
}

fn decode(runtime: &Runtime, case: &Case) -> (Result<(), Error>, Duration) {
    let job = runtime
        .job(filesystem(case))
        .limits(limits())
        .args(["-nostdin", "-hide_banner"])
        .args(case.options.iter().cloned())
        .args(["-i", &case.input])
        // Without `-map`, no subtitles are decoded.
        .args(["-map", "0:v?", "-map", "0:a?", "-map", "0:s?", "-c:s", "ass", "-f", "null", "-"]);
    let started = Instant::now();
    // The measured time includes no wait for a slot: there are as many threads as slots.
    let ending = Job::spawn(job).and_then(afmpeg_engine::JobHandle::wait).map(drop);
    (ending, started.elapsed())
}
