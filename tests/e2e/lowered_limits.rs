//! Each limit, lowered step by step from enough to nothing: a job's output is then what it is without the limit, or its
//! error is the limit's. Nothing is ever missing from an output without an error. The stack is not among them: a process
//! uses the stacks of earlier jobs again.

use std::{collections::BTreeMap, time::Duration};

use afmpeg_engine::{Error, Limit, Limits, Runtime, Tool};
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;

use crate::harness::full;

/// How often a limit is lowered.
const STEPS: u32 = 12;

/// Kinds of jobs, by what is in them: encoders with threads of their own, muxers that write one file or many, filters
/// that keep frames, a decoder, an answer on the standard output. `-i clip.mp4` is H.264 with AAC.
const JOBS: &[(Tool, &str)] = &[
    (Tool::Ffmpeg, "-f lavfi -i testsrc2=s=320x180:d=0.2 -c:v libx264 out.mp4"),
    (Tool::Ffmpeg, "-f lavfi -i testsrc2=s=320x180:d=0.2 -c:v libx265 -x265-params log-level=none out.mkv"),
    (Tool::Ffmpeg, "-f lavfi -i testsrc2=s=320x180:d=0.2 -c:v mpeg4 out.avi"),
    (Tool::Ffmpeg, "-f lavfi -i testsrc2=s=320x180:d=0.2 -c:v ffv1 out.mkv"),
    (Tool::Ffmpeg, "-f lavfi -i sine=d=2 -c:a aac out.m4a"),
    (Tool::Ffmpeg, "-i clip.mp4 -c:v libx264 -g 1 -f hls -hls_time 0.04 out.m3u8"),
    (Tool::Ffmpeg, "-i clip.mp4 -filter_complex split[a][b];[a]palettegen[p];[b][p]paletteuse out.gif"),
    (Tool::Ffmpeg, "-i clip.mp4 -vf reverse -af areverse -f framemd5 -"),
    (Tool::Ffmpeg, "-i clip.mp4 -an out%d.png"),
    (Tool::Ffprobe, "-v error -show_frames -of json clip.mp4"),
];

type Outputs = BTreeMap<String, Bytes>;

struct Bench {
    runtime: Runtime,
    fs: MemFs,
}

impl Bench {
    fn new() -> Self {
        let full = full();
        let fs = MemFs::new();
        let clip =
            "-f lavfi -i testsrc2=s=320x180:d=0.2 -f lavfi -i sine=d=0.2 -c:v libx264 -c:a aac clip.mp4";
        full.ffmpeg(&fs, clip);
        Self { runtime: full.runtime, fs }
    }

    /// What the job leaves: its files, and its standard output.
    fn run(&self, (tool, args): (Tool, &str), limits: Limits) -> Result<Outputs, Error> {
        let fs = self.fs.snapshot();
        let job = self.runtime.job(fs.clone()).tool(tool).deterministic().limits(limits);
        let job = if tool == Tool::Ffmpeg { job.args(["-nostdin"]) } else { job };
        let output = job.args(args.split(' ')).run()?;
        let mut left = Outputs::from([("stdout".to_owned(), output.into_stdout().into())]);
        for path in fs.walk("/").unwrap() {
            left.insert(path.to_string(), fs.read(path.as_str()).unwrap_or_default());
        }
        Ok(left)
    }
}

/// Lowers a limit, which `set` sets to a part of what is enough for every job, and `is_met` tells from the other ones.
/// `must_meet` is how many kinds of jobs meet it at least.
#[track_caller]
fn lower(must_meet: usize, set: impl Fn(Limits, f64) -> Limits, is_met: impl Fn(&Error) -> bool) {
    let bench = Bench::new();
    let mut met = 0;
    for job in JOBS {
        let unlimited = bench.run(*job, Limits::none()).unwrap_or_else(|error| panic!("{}: {error}", job.1));
        let mut has_met = false;
        for step in (0..=STEPS).rev() {
            let part = f64::from(step) / f64::from(STEPS);
            let limits = set(Limits::default(), part);
            match bench.run(*job, limits.clone()) {
                Ok(outputs) => {
                    let names = |outputs: &Outputs| outputs.keys().cloned().collect::<Vec<_>>();
                    assert_eq!(names(&outputs), names(&unlimited), "{}: {limits:?}", job.1);
                    assert!(outputs == unlimited, "{}: other bytes with {limits:?}", job.1);
                }
                Err(error) => {
                    assert!(is_met(&error), "{}: {error} with {limits:?}\n{}", job.1, error.log().join("\n"));
                    has_met = true;
                }
            }
        }
        met += usize::from(has_met);
    }
    assert!(met >= must_meet, "{met} kinds of jobs have met the limit");
}

fn limit_of(error: &Error) -> Option<Limit> {
    match error {
        Error::Limit(limit) => Some(limit.limit()),
        _ => None,
    }
}

/// A part of a number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
fn part_of(whole: u64, part: f64) -> u64 {
    (whole as f64 * part) as u64
}

#[test]
fn less_and_less_memory_loses_nothing_in_silence() {
    lower(
        JOBS.len(),
        |limits, part| limits.memory(part_of(120 << 20, part)),
        |error| matches!(limit_of(error), Some(Limit::Memory { .. })),
    );
}

#[test]
fn fewer_and_fewer_threads_lose_nothing_in_silence() {
    lower(
        JOBS.len() - 1,
        |limits, part| limits.threads(usize::try_from(part_of(24, part)).unwrap()),
        |error| matches!(limit_of(error), Some(Limit::Threads(_))),
    );
}

#[test]
fn less_and_less_output_loses_nothing_in_silence() {
    lower(
        JOBS.len(),
        |limits, part| limits.output(part_of(60_000, part)),
        |error| matches!(limit_of(error), Some(Limit::Output(_) | Limit::Stdout(_))),
    );
}

#[test]
fn less_and_less_of_the_hosts_memory_loses_nothing_in_silence() {
    // What is left beside the end of the log.
    lower(
        JOBS.len(),
        |limits, part| limits.host_memory((256 << 10) + part_of(60_000, part)),
        |error| matches!(limit_of(error), Some(Limit::HostMemory(_))),
    );
}

#[test]
fn fewer_and_fewer_files_lose_nothing_in_silence() {
    lower(
        8,
        |limits, part| limits.files(part_of(12, part)),
        |error| matches!(limit_of(error), Some(Limit::Files(_))),
    );
}

#[test]
fn less_and_less_time_loses_nothing_in_silence() {
    lower(
        JOBS.len(),
        |limits, part| limits.wall_time(Duration::from_millis(600).mul_f64(part)),
        |error| matches!(limit_of(error), Some(Limit::WallTime(_))),
    );
}

#[test]
#[cfg(target_os = "linux")]
fn less_and_less_processor_time_loses_nothing_in_silence() {
    lower(
        JOBS.len(),
        |limits, part| limits.cpu_time(Duration::from_millis(400).mul_f64(part)),
        |error| matches!(limit_of(error), Some(Limit::CpuTime(_))),
    );
}
