//! Each limit, lowered step by step from a job's actual use to zero: the job either writes the same output as without
//! the limit or fails with the limit's error. No output is ever incomplete without an error.
//!
//! Not tested are the stack, since a process reuses the stacks of earlier jobs; the log, which is only shortened;
//! `stall`, since these jobs compute all the time; and `slot_wait`, which ends before a job starts.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use afmpeg_engine::{Error, Limit, Limits, Runtime, Tool};
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;

use crate::harness::{full, has_every_case};

/// Returns the number of steps for each limit.
fn steps() -> u32 {
    if has_every_case() { 12 } else { 6 }
}

/// Kinds of jobs: encoders with threads, muxers that write one file or many, filters that buffer frames, a decoder, and
/// output on standard output. `clip.mp4` is H.264 with AAC.
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

    /// Runs a job and returns its files and its standard output.
    fn run(&self, (tool, args): Job<'_>, limits: Limits) -> Result<Outputs, Error> {
        let fs = self.fs.snapshot();
        let job = self.runtime.job(fs.clone()).tool(tool).deterministic().limits(limits);
        let job = if tool == Tool::Ffmpeg { job.args(["-nostdin"]) } else { job };
        let output = job.discard_tmp(true).args(args.split(' ')).run()?;
        let mut left = Outputs::from([("stdout".to_owned(), output.into_stdout().into())]);
        for path in fs.walk("/").unwrap() {
            left.insert(path.to_string(), fs.read(path.as_str()).unwrap_or_default());
        }
        Ok(left)
    }
}

/// Lowers a limit in steps from the value that `enough` returns for a job to `least`. `set` sets the limit, and
/// `is_met` recognises its error. At least `must_meet` kinds of jobs must exceed the limit between the two ends: a job
/// that cannot even start proves nothing.
#[track_caller]
fn lower(
    must_meet: usize,
    jobs: &[Job<'_>],
    least: u64,
    enough: impl Fn(&Bench, Job<'_>) -> u64,
    set: impl Fn(Limits, u64) -> Limits,
    is_met: impl Fn(&Error) -> bool,
) {
    let (bench, steps) = (Bench::new(), steps());
    let mut met = 0;
    for job in jobs {
        let unlimited = bench.run(*job, Limits::none()).unwrap_or_else(|error| panic!("{}: {error}", job.1));
        let most = enough(&bench, *job).max(least);
        let mut has_met = false;
        for step in (0..=steps).rev() {
            let limits = set(Limits::default(), least + (most - least) * u64::from(step) / u64::from(steps));
            match bench.run(*job, limits.clone()) {
                Ok(outputs) => {
                    let names = |outputs: &Outputs| outputs.keys().cloned().collect::<Vec<_>>();
                    assert_eq!(names(&outputs), names(&unlimited), "{}: {limits:?}", job.1);
                    assert!(outputs == unlimited, "{}: different output with {limits:?}", job.1);
                }
                Err(error) => {
                    assert!(is_met(&error), "{}: {error} with {limits:?}\n{}", job.1, error.log().join("\n"));
                    has_met |= (1..steps).contains(&step);
                }
            }
        }
        met += usize::from(has_met);
    }
    assert!(met >= must_meet, "{met} kinds of jobs exceeded the limit");
}

fn limit_of(error: &Error) -> Option<Limit> {
    match error {
        Error::Limit(limit) => Some(limit.limit()),
        _ => None,
    }
}

/// Returns the size of a job's output without limits, in bytes.
fn output_of(bench: &Bench, job: Job<'_>) -> u64 {
    let before: u64 = bench.fs.walk("/").unwrap().iter().map(|path| length(&bench.fs, path.as_str())).sum();
    let left = bench.run(job, Limits::none()).unwrap();
    left.values().map(|bytes| bytes.len() as u64).sum::<u64>() - before
}

fn length(fs: &MemFs, path: &str) -> u64 {
    fs.read(path).map_or(0, |bytes| bytes.len() as u64)
}

/// The initial memory of the module, and some for FFmpeg to start, in bytes.
const LEAST_MEMORY: u64 = 16 << 20;

/// Returns enough memory for a job in bytes, to within 2 MiB.
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

/// Returns the time of the faster of two runs of a job in microseconds, since the machine may be busy.
fn time_of(bench: &Bench, job: Job<'_>) -> u64 {
    let time = || {
        let started = Instant::now();
        bench.run(job, Limits::none()).unwrap();
        started.elapsed().as_micros() as u64
    };
    time().min(time())
}

#[test]
fn less_memory_never_truncates_output_silently() {
    lower(JOBS.len(), JOBS, LEAST_MEMORY, memory_of, Limits::memory, |error| {
        matches!(limit_of(error), Some(Limit::Memory { .. }))
    });
}

#[test]
fn fewer_threads_never_truncate_output_silently() {
    lower(
        JOBS.len() - 1,
        JOBS,
        0,
        |_, _| 2 * u64::from(steps()),
        |limits, threads| limits.threads(threads as usize),
        |error| matches!(limit_of(error), Some(Limit::Threads(_))),
    );
}

#[test]
fn less_output_never_truncates_output_silently() {
    lower(JOBS.len(), JOBS, 0, output_of, Limits::output, |error| {
        matches!(limit_of(error), Some(Limit::Output(_) | Limit::Stdout(_)))
    });
}

#[test]
fn less_host_memory_never_truncates_output_silently() {
    // The end of the log counts, too.
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
fn less_space_in_tmp_never_truncates_output_silently() {
    // The files in /tmp are removed with the job, so compare another output.
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
fn fewer_files_never_truncate_output_silently() {
    let files = |bench: &Bench, job: Job<'_>| {
        let left = bench.run(job, Limits::none()).unwrap();
        // Do not count the clip and the standard output, but a temporary file.
        left.len() as u64 - 2 + 1
    };
    lower(8, JOBS, 0, files, Limits::files, |error| matches!(limit_of(error), Some(Limit::Files(_))));
}

#[test]
fn less_time_never_truncates_output_silently() {
    // The machine may be less busy than when the time was measured.
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
fn less_processor_time_never_truncates_output_silently() {
    // The limit is enforced to within some 10 ms, so short jobs may not exceed it.
    lower(
        JOBS.len() / 2,
        JOBS,
        0,
        time_of,
        |limits, time| limits.cpu_time(Duration::from_micros(time)),
        |error| matches!(limit_of(error), Some(Limit::CpuTime(_))),
    );
}
