//! Each limit, lowered step by step from what a job takes to nothing: a job's output is then what it is without the limit,
//! or its error is the limit's. Nothing is ever missing from an output without an error.
//!
//! Not among them are the stack, since a process uses the stacks of earlier jobs again; the log, which only becomes
//! shorter; `stall`, since these jobs compute from their start to their end; and `slot_wait`, which ends before a job begins.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use afmpeg_engine::{Error, Limit, Limits, Runtime, Tool};
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;

use crate::harness::full;

/// How often a limit is lowered.
const STEPS: u32 = 12;

/// Kinds of jobs, by what is in them: encoders with threads of their own, muxers that write one file or many, filters
/// that keep frames, a decoder, an answer on the standard output. `-i clip.mp4` is H.264 with AAC.
const JOBS: &[Job<'static>] = &[
    (Tool::Ffmpeg, "-f lavfi -i testsrc2=s=320x180:d=0.2 -c:v libx264 out.mp4"),
    (Tool::Ffmpeg, "-f lavfi -i testsrc2=s=320x180:d=0.2 -c:v libx265 -x265-params log-level=none out.mkv"),
    (Tool::Ffmpeg, "-f lavfi -i testsrc2=s=320x180:d=0.2 -c:v mpeg4 out.avi"),
    (Tool::Ffmpeg, "-f lavfi -i testsrc2=s=320x180:d=0.2 -c:v ffv1 out.mkv"),
    (Tool::Ffmpeg, "-f lavfi -i sine=d=2 -c:a aac out.m4a"),
    (Tool::Ffmpeg, "-i clip.mp4 -c:v libx264 -g 1 -f hls -hls_time 0.04 out.m3u8"),
    (Tool::Ffmpeg, "-i clip.mp4 -filter_complex split[a][b];[a]palettegen[p];[b][p]paletteuse out.gif"),
    (
        Tool::Ffmpeg,
        "-f lavfi -i testsrc2=s=640x360:d=2 -f lavfi -i sine=d=2 -vf reverse -af areverse -f framemd5 -",
    ),
    (Tool::Ffmpeg, "-i clip.mp4 -an out%d.png"),
    (Tool::Ffprobe, "-v error -show_frames -of json clip.mp4"),
];

/// A tool and its arguments.
type Job<'a> = (Tool, &'a str);

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
    fn run(&self, (tool, args): Job<'_>, limits: Limits) -> Result<Outputs, Error> {
        let fs = self.fs.snapshot();
        let job = self.runtime.job(fs.clone()).tool(tool).deterministic().limits(limits);
        let job = if tool == Tool::Ffmpeg { job.args(["-nostdin"]) } else { job };
        let output = job.discard_tmp().args(args.split(' ')).run()?;
        let mut left = Outputs::from([("stdout".to_owned(), output.into_stdout().into())]);
        for path in fs.walk("/").unwrap() {
            left.insert(path.to_string(), fs.read(path.as_str()).unwrap_or_default());
        }
        Ok(left)
    }
}

/// Lowers a limit, which `set` sets to a part of what there is between `least` and what `enough` finds out that a job
/// takes; `is_met` tells it from the other ones. `must_meet` is how many kinds of jobs meet it at least, in the middle: a
/// job that cannot even start says nothing of this.
#[track_caller]
fn lower(
    must_meet: usize,
    jobs: &[Job<'_>],
    least: u64,
    enough: impl Fn(&Bench, Job<'_>) -> u64,
    set: impl Fn(Limits, u64) -> Limits,
    is_met: impl Fn(&Error) -> bool,
) {
    let bench = Bench::new();
    let mut met = 0;
    for job in jobs {
        let unlimited = bench.run(*job, Limits::none()).unwrap_or_else(|error| panic!("{}: {error}", job.1));
        let most = enough(&bench, *job).max(least);
        let mut has_met = false;
        for step in (0..=STEPS).rev() {
            let limits = set(Limits::default(), least + (most - least) * u64::from(step) / u64::from(STEPS));
            match bench.run(*job, limits.clone()) {
                Ok(outputs) => {
                    let names = |outputs: &Outputs| outputs.keys().cloned().collect::<Vec<_>>();
                    assert_eq!(names(&outputs), names(&unlimited), "{}: {limits:?}", job.1);
                    assert!(outputs == unlimited, "{}: other bytes with {limits:?}", job.1);
                }
                Err(error) => {
                    assert!(is_met(&error), "{}: {error} with {limits:?}\n{}", job.1, error.log().join("\n"));
                    has_met |= (1..STEPS).contains(&step);
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

/// What is left when the job has all it wants, in bytes.
fn output_of(bench: &Bench, job: Job<'_>) -> u64 {
    let before: u64 = bench.fs.walk("/").unwrap().iter().map(|path| length(&bench.fs, path.as_str())).sum();
    let left = bench.run(job, Limits::none()).unwrap();
    left.values().map(|bytes| bytes.len() as u64).sum::<u64>() - before
}

fn length(fs: &MemFs, path: &str) -> u64 {
    fs.read(path).map_or(0, |bytes| bytes.len() as u64)
}

/// The memory that the module starts with, and some for FFmpeg to begin, in bytes.
const LEAST_MEMORY: u64 = 16 << 20;

/// The memory that is enough for the job, to 2 MiB, in bytes.
fn memory_of(bench: &Bench, job: Job<'_>) -> u64 {
    let (mut least, mut enough) = (LEAST_MEMORY, 256 << 20);
    while enough - least > 2 << 20 {
        let middle = (least + enough) / 2;
        match bench.run(job, Limits::default().memory(middle)) {
            Ok(_) => enough = middle,
            Err(_) => least = middle,
        }
    }
    enough
}

/// The shorter of two runs of a job, in microseconds: the machine may do something else meanwhile.
fn time_of(bench: &Bench, job: Job<'_>) -> u64 {
    let time = || {
        let started = Instant::now();
        bench.run(job, Limits::none()).unwrap();
        started.elapsed().as_micros() as u64
    };
    time().min(time())
}

#[test]
fn less_and_less_memory_loses_nothing_in_silence() {
    lower(JOBS.len(), JOBS, LEAST_MEMORY, memory_of, Limits::memory, |error| {
        matches!(limit_of(error), Some(Limit::Memory { .. }))
    });
}

#[test]
fn fewer_and_fewer_threads_lose_nothing_in_silence() {
    lower(
        JOBS.len() - 1,
        JOBS,
        0,
        |_, _| 24,
        |limits, threads| limits.threads(threads as usize),
        |error| matches!(limit_of(error), Some(Limit::Threads(_))),
    );
}

#[test]
fn less_and_less_output_loses_nothing_in_silence() {
    lower(JOBS.len(), JOBS, 0, output_of, Limits::output, |error| {
        matches!(limit_of(error), Some(Limit::Output(_) | Limit::Stdout(_)))
    });
}

#[test]
fn less_and_less_of_the_hosts_memory_loses_nothing_in_silence() {
    // What is left beside the end of the log.
    const LOG: u64 = 256 << 10;
    lower(
        JOBS.len(),
        JOBS,
        LOG,
        |bench, job| LOG + output_of(bench, job),
        Limits::host_memory,
        |error| matches!(limit_of(error), Some(Limit::HostMemory(_))),
    );
}

#[test]
fn less_and_less_of_tmp_loses_nothing_in_silence() {
    // What is in /tmp goes with the job, so what is not lost is the other output.
    let jobs = [
        "-f lavfi -i testsrc2=s=320x180:d=0.2 -c:v mpeg4 out.avi -c:v ffv1 /tmp/out.mkv",
        "-i clip.mp4 -c copy out.mkv -c:v png /tmp/out%d.png",
        "-i clip.mp4 -c copy out.mkv -c:v mpeg4 -f hls -hls_time 0.04 /tmp/out.m3u8",
    ];
    let jobs = jobs.map(|args| (Tool::Ffmpeg, args));
    let in_tmp = |bench: &Bench, (tool, args): Job<'_>| {
        let elsewhere = args.replace("/tmp/", "");
        output_of(bench, (tool, &elsewhere)) - output_of(bench, (tool, args))
    };
    lower(jobs.len(), &jobs, 0, in_tmp, Limits::tmp, |error| matches!(limit_of(error), Some(Limit::Tmp(_))));
}

#[test]
fn fewer_and_fewer_files_lose_nothing_in_silence() {
    let files = |bench: &Bench, job: Job<'_>| {
        let left = bench.run(job, Limits::none()).unwrap();
        // The clip and the standard output were there before; a temporary file may be there meanwhile.
        left.len() as u64 - 2 + 1
    };
    lower(8, JOBS, 0, files, Limits::files, |error| matches!(limit_of(error), Some(Limit::Files(_))));
}

#[test]
fn less_and_less_time_loses_nothing_in_silence() {
    // A machine that was busy while the time was taken may be idle later.
    lower(
        JOBS.len() - 2,
        JOBS,
        0,
        time_of,
        |limits, time| limits.wall_time(Duration::from_micros(time)),
        |error| matches!(limit_of(error), Some(Limit::WallTime(_))),
    );
}

#[test]
#[cfg(target_os = "linux")]
fn less_and_less_processor_time_loses_nothing_in_silence() {
    // The limit is kept to within some 10 ms, so that short jobs may not meet it.
    lower(
        JOBS.len() / 2,
        JOBS,
        0,
        time_of,
        |limits, time| limits.cpu_time(Duration::from_micros(time)),
        |error| matches!(limit_of(error), Some(Limit::CpuTime(_))),
    );
}
