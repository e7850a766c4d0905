//! Filesystems that fail, stall or transfer less than requested: the job either fails with the cause or completes in
//! full.

use std::{
    error::Error as _,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use afmpeg_engine::{Error, ErrorKind, Limit, Limits, PartialOutputs, Runtime};
use afmpeg_vfs::{
    DirEntry, FaultRule, Faulty, MemFs, Metadata, OpenOptions, Operation, Quota, VFile, VPath, Vfs,
    VfsExt as _,
};

use crate::harness::{CLIP, FULL_GPL, memory_with, runtime};

const COPY: [&str; 6] = ["-nostdin", "-i", CLIP, "-c", "copy", "out.mkv"];

/// Remuxes the clip on `fs`.
fn copy(fs: impl Vfs) -> afmpeg_engine::Result<afmpeg_engine::Output> {
    runtime(FULL_GPL).job(fs).seed(1).args(COPY).run()
}

/// Remuxes the clip on a working filesystem.
fn expected() -> bytes::Bytes {
    let fs = memory_with(&[CLIP]);
    copy(fs.clone()).unwrap();
    fs.read("/out.mkv").unwrap()
}

#[track_caller]
fn assert_filesystem_error(error: &Error, operation: &str, path: &str, cause: &str) {
    let Error::Filesystem { operation: failed, path: file, source, .. } = error else { panic!("{error:?}") };
    assert_eq!((failed.as_str(), file.as_str(), source.to_string().as_str()), (operation, path, cause));
    assert_eq!(error.to_string(), format!("cannot {operation} {path}"));
}

#[test]
fn failing_read_fails_the_job_with_path_operation_and_cause() {
    // While the input is probed, in its middle, and near its end.
    for nth in [1, 3, 20, 30] {
        let rule =
            FaultRule::error(io::ErrorKind::ConnectionReset, "403 from the bucket").on(Operation::Read);
        let fs = Faulty::new(memory_with(&[CLIP]))
            .with(rule.below(VPath::new(format!("/{CLIP}")).unwrap()).nth(nth));
        let error = copy(fs).unwrap_err();
        assert_filesystem_error(&error, "read", &format!("/{CLIP}"), "403 from the bucket");
    }
}

#[test]
fn failing_write_and_failing_close_fail_the_job() {
    for (operation, name) in [(Operation::Write, "write"), (Operation::Close, "close")] {
        let rule = FaultRule::error(io::ErrorKind::Other, "the disk is gone").on(operation);
        let fs = Faulty::new(memory_with(&[CLIP])).with(rule.below(VPath::new("/out.mkv").unwrap()).nth(1));
        assert_filesystem_error(&copy(fs).unwrap_err(), name, "/out.mkv", "the disk is gone");
    }
}

#[test]
fn short_reads_and_writes_change_nothing() {
    let expected = expected();
    for rules in [
        vec![FaultRule::short(1000).on(Operation::Read), FaultRule::short(777).on(Operation::Write)],
        vec![FaultRule::short_at_random(7)],
    ] {
        let fs = memory_with(&[CLIP]);
        let faulty = rules.into_iter().fold(Faulty::new(fs.clone()), Faulty::with);
        copy(faulty).unwrap();
        assert!(fs.read("/out.mkv").unwrap() == expected);
    }
}

#[test]
fn job_waits_for_a_slow_filesystem() {
    let fs = memory_with(&[CLIP]);
    let rule = FaultRule::stall(Duration::from_millis(150)).on(Operation::Read).nth(2);
    copy(Faulty::new(fs.clone()).with(rule)).unwrap();
    assert!(fs.read("/out.mkv").unwrap() == expected());
}

#[test]
fn panicking_filesystem_fails_only_its_job() {
    for operation in [Operation::Open, Operation::Read, Operation::Write, Operation::Stat, Operation::Close] {
        let fs = memory_with(&[CLIP]);
        let error =
            copy(Faulty::new(fs.clone()).with(FaultRule::panic("a bug in the backend").on(operation)));
        let error = error.unwrap_err();
        assert!(format!("{error:?}").contains("a bug in the backend"), "{operation}: {error}");
        // Remove the output of the failed job.
        let _ = fs.remove_file(&VPath::new("/out.mkv").unwrap());
        copy(fs).unwrap();
    }
}

#[test]
fn exceeded_quota_fails_the_job_with_no_space_left() {
    let fs = Quota::new(memory_with(&[CLIP])).max_bytes(100_000);
    let error = copy(fs).unwrap_err();
    let Error::Filesystem { path, source, log, .. } = &error else { panic!("{error:?}") };
    assert_eq!((path.as_str(), source.kind()), ("/out.mkv", io::ErrorKind::StorageFull));
    assert!(log.iter().any(|line| line.contains("No space left")), "{log:?}");
}

#[test]
fn partial_outputs_are_kept_or_removed_as_configured() {
    let outputs = |choice| {
        let fs = memory_with(&[CLIP]);
        fs.write("/kept", "not the job's").unwrap();
        let rule = FaultRule::error(io::ErrorKind::Other, "the disk is gone").on(Operation::Write).nth(3);
        let job = runtime(FULL_GPL).job(Faulty::new(fs.clone()).with(rule));
        job.args(COPY).partial_outputs(choice).run().unwrap_err();
        fs.walk("/").unwrap()
    };
    assert_eq!(
        outputs(PartialOutputs::Keep),
        [format!("/{CLIP}"), "/kept".to_owned(), "/out.mkv".to_owned()]
    );
    assert_eq!(outputs(PartialOutputs::Remove), [format!("/{CLIP}"), "/kept".to_owned()]);
}

/// A filesystem that records its commit, and can fail or panic in it.
#[derive(Debug)]
struct Committing {
    fs: MemFs,
    committed: Arc<AtomicBool>,
    commit: fn() -> io::Result<()>,
}

impl Vfs for Committing {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        self.fs.open(path, options)
    }
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.fs.metadata(path)
    }
    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.fs.read_dir(path)
    }
    fn commit(&self) -> io::Result<()> {
        self.committed.store(true, Ordering::Relaxed);
        (self.commit)()
    }
}

#[test]
fn outputs_are_committed_only_after_success() {
    let run = |input: &str, commit| {
        let committed = Arc::default();
        let fs = Committing { fs: memory_with(&[CLIP]), committed: Arc::clone(&committed), commit };
        let result = runtime(FULL_GPL).run(fs, ["-i", input, "-c", "copy", "out.mkv"]);
        (result, committed.load(Ordering::Relaxed))
    };
    let (result, committed) = run(CLIP, || Ok(()));
    assert!(result.is_ok() && committed);
    let (result, committed) = run("missing.mp4", || Ok(()));
    assert!(result.is_err() && !committed);
    let (result, _) = run(CLIP, || Err(io::Error::other("507 from the bucket")));
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), "cannot commit the job's outputs");
    assert_eq!(error.source().unwrap().to_string(), "507 from the bucket");
    let (result, _) = run(CLIP, || panic!("a bug in the backend"));
    assert!(matches!(result.unwrap_err(), Error::Commit(_)));
}

#[test]
fn hint_contains_the_cause_of_a_refusal() {
    let rule = FaultRule::error(io::ErrorKind::PermissionDenied, "403 from the bucket").on(Operation::Open);
    let error = copy(Faulty::new(memory_with(&[CLIP])).with(rule)).unwrap_err();
    assert!(matches!(error, Error::Exit(_)), "{error:?}");
    let hint = error.hint().unwrap();
    assert!(hint.contains("403 from the bucket") && hint.contains(CLIP), "{hint}");
}

#[test]
fn private_folder_for_temporary_files_has_a_limit() {
    let job = |runtime: &Runtime, limit| {
        let args = ["-nostdin", "-i", CLIP, "-c", "copy", "/tmp/out.mkv"];
        let job = runtime.job(memory_with(&[CLIP])).args(args).discard_tmp(true);
        job.limits(Limits::default().tmp(limit)).run()
    };
    let runtime = runtime(FULL_GPL);
    job(&runtime, 16 << 20).unwrap();
    let error = job(&runtime, 100_000).unwrap_err();
    let Error::Limit(limit) = &error else { panic!("{error:?}") };
    assert_eq!((limit.limit(), error.kind()), (Limit::Tmp(100_000), ErrorKind::OutputLimit));
}

#[test]
fn seeded_jobs_write_the_same_bytes_and_others_do_not() {
    // Matroska has random segment identifiers.
    let bytes = |seed: Option<u64>| {
        let fs = memory_with(&[CLIP]);
        let job = runtime(FULL_GPL).job(fs.clone()).args(COPY);
        seed.into_iter().fold(job, afmpeg_engine::Job::seed).run().unwrap();
        fs.read("/out.mkv").unwrap()
    };
    assert!(bytes(Some(1)) == bytes(Some(1)));
    assert!(bytes(Some(1)) != bytes(Some(2)));
    assert!(bytes(None) != bytes(None));
}

/// A reader that fails after some frames.
struct Failing {
    left: usize,
    panics: bool,
}

impl io::Read for Failing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            assert!(!self.panics, "the cable was pulled");
            return Err(io::Error::other("the cable was pulled"));
        }
        let count = buf.len().min(self.left);
        self.left -= count;
        buf[..count].fill(128);
        Ok(count)
    }
}

#[test]
fn failing_standard_input_fails_the_job_instead_of_ending_the_input() {
    for panics in [false, true] {
        let fs = memory_with(&[]);
        let job = runtime(FULL_GPL).job(fs.clone()).stdin(Failing { left: 16 * 16 * 10, panics });
        let error = job
            .args(["-nostdin", "-f", "rawvideo", "-pix_fmt", "gray", "-s", "16x16", "-i", "-", "out.mkv"])
            .run()
            .expect_err("a truncated output must not be a success");
        assert_eq!(error.kind(), ErrorKind::Filesystem, "{error}");
        assert!(error.to_string().contains("/dev/stdin"), "{error}");
        // FFmpeg keeps the frames that it has received.
        assert!(fs.metadata(&VPath::new("/out.mkv").unwrap()).is_ok());
    }
}
