//! Runs cases, and says how they ended.

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

/// How a run ended: its kind of error, or none.
pub type Ending = Option<ErrorKind>;

/// What ends that no input may bring about: they are of the host, the module, or of us.
const NEVER: &[ErrorKind] = &[
    ErrorKind::Start,
    ErrorKind::Trap,
    ErrorKind::Module,
    ErrorKind::Cache,
    ErrorKind::Cancelled,
    ErrorKind::UnexpectedOutput,
];

/// How long after its deadline a job may be seen to end, on a busy machine.
const GRACE: Duration = Duration::from_secs(10);

/// How the runs ended.
#[derive(Debug, Default)]
pub struct Report {
    /// How many runs there were of each tool and ending.
    pub endings: BTreeMap<String, usize>,
    /// The runs that ended as none may, each with what it was and what was said.
    pub surprises: Vec<String>,
    /// Each kind of ending but success and plain damage, with the first case that had it.
    pub examples: BTreeMap<String, String>,
}

/// What a job that reads an upload may use.
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

    /// How many runs there were.
    pub fn runs(&self) -> usize {
        self.endings.values().sum()
    }

    /// Adds what another report has.
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
            let told = format!("{}: {error}", case.name);
            // FFmpeg says of its own refusals that they were not permitted; a fault of the filesystem is another error.
            if NEVER.contains(&error.kind()) || matches!(error, Error::Filesystem { .. } | Error::Commit(_)) {
                let mut surprise = told.clone();
                if let Error::Trap(trap) = error {
                    surprise = format!("{surprise}\n{}", trap.backtrace().join(" < "));
                }
                self.surprises.push(format!("{tool}, {label}, {surprise}\n{}", error.log().join("\n")));
            }
            self.examples.entry(label.clone()).or_insert(told);
        }
        if limits().wall_time.is_some_and(|allowed| elapsed > allowed + GRACE) {
            self.surprises.push(format!("{tool}, {}: it ended after {elapsed:?}", case.name));
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
        fs.create_dir_all(folder).expect("a MemFs makes it");
        fs.write(&path, bytes.clone()).expect("a MemFs takes it");
    }
    fs
}

fn probe(runtime: &Runtime, case: &Case) -> (Result<(), Error>, Duration) {
    let request = runtime
        .probe_request(filesystem(case), &case.input)
        .input_options(case.options.iter().cloned())
        .with_job(|job| job.limits(limits()));
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
        .args(["-i", &case.input, "-f", "null", "-"]);
    let started = Instant::now();
    // The time in the queue does not count, and there is none: there are as many of us as slots.
    let ending = Job::spawn(job).and_then(afmpeg_engine::JobHandle::wait).map(drop);
    (ending, started.elapsed())
}
