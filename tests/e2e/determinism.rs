//! A deterministic job writes the same bytes in every run.

use std::time::{Duration, SystemTime};

use afmpeg_engine::Runtime;
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;

use crate::harness::{CLIP, full, guest, memory_with};

/// Jobs that could depend on the clock, on random numbers or on the number of threads.
const JOBS: &[(&str, &str)] = &[
    ("x264.mp4", "-t 1 -i clip -an -s 320x180 -c:v libx264 -metadata creation_time=now"),
    ("x265.mp4", "-t 0.4 -i clip -an -s 320x180 -c:v libx265 -preset veryfast"),
    ("aac.m4a", "-t 1 -i clip -vn -c:a aac"),
    ("frame.png", "-i clip -frames:v 1 -update 1"),
    ("both.mkv", "-t 1 -i clip -s 320x180 -c:v libx264 -c:a aac -metadata creation_time=now"),
];

fn outputs(runtime: &Runtime) -> Vec<Bytes> {
    let fs = memory_with(&[CLIP]);
    let run = |(name, command): &(&str, &str)| {
        let command = command.replace("clip", CLIP);
        let job = runtime.job(fs.clone()).args(["-nostdin"]).args(command.split(' ')).args([*name]);
        job.deterministic().run().unwrap_or_else(|error| panic!("{name}: {error}"));
        fs.read(format!("/{name}")).unwrap()
    };
    JOBS.iter().map(run).collect()
}

#[test]
fn deterministic_job_writes_the_same_bytes_again() {
    let runtime = full().runtime;
    let first = outputs(&runtime);
    // Wait longer than the resolution of any date in a file.
    std::thread::sleep(Duration::from_millis(1100));
    for ((name, _), (first, second)) in JOBS.iter().zip(first.iter().zip(outputs(&runtime))) {
        assert!(*first == second, "{name} differs");
    }
}

#[test]
fn ordinary_job_has_random_identifiers() {
    let run = || {
        let fs = memory_with(&[CLIP]);
        full().ffmpeg(&fs, &format!("-t 0.2 -i {CLIP} -c copy out.mkv"));
        fs.read("/out.mkv").unwrap()
    };
    assert!(run() != run(), "Matroska's identifiers are random");
}

#[test]
fn time_of_day_is_fixed_for_the_guest() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let job = guest("limits").job(MemFs::new()).args(["time"]).time_of_day(time);
    assert_eq!(job.run().unwrap().stdout(), b"1000000000\n");

    let fs = memory_with(&[CLIP]);
    let job = full().runtime.job(fs.clone()).args(["-nostdin", "-t", "0.2", "-i", CLIP]);
    let job = job.args(["-metadata", "creation_time=now", "-c", "copy", "out.mp4"]).time_of_day(time);
    job.run().unwrap();
    let probe = full().runtime.probe(fs, "out.mp4").unwrap();
    let created = probe.format.unwrap().tags.get("creation_time").cloned();
    assert_eq!(created.as_deref(), Some("2001-09-09T01:46:40.000000Z"));
}
