//! What a job may use of the host, and how it ends when it uses more.

use std::{
    panic,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use afmpeg_engine::{CancelToken, Error, ErrorKind, Job, Limit, Limits, Runtime};
use afmpeg_vfs::{MemFs, VPath, Vfs as _};

use crate::harness::{CLIP, full, guest, memory_with};

/// Every way to waste time that the guest knows: computing, calling, waiting, sleeping, asking the host.
const WASTES: &[&str] = &["spin", "call", "park", "sleep", "read", "copy"];

/// Long enough for a job that would never end to be seen as one that does not.
const PATIENCE: Duration = Duration::from_secs(5);

fn wasting(runtime: &Runtime, args: &[&str]) -> Job {
    let fs = MemFs::new();
    fs.create_dir(&VPath::new("/out").unwrap()).unwrap();
    runtime.job(fs).args(args.iter().copied())
}

fn limit_of(error: &Error) -> Limit {
    match error {
        Error::Limit(limit) => limit.limit(),
        other => panic!("{other}"),
    }
}

#[test]
fn job_that_wastes_time_in_any_way_ends_at_its_deadline() {
    let runtime = guest("limits");
    let allowed = Duration::from_millis(50);
    for waste in WASTES {
        let started = Instant::now();
        let job = wasting(&runtime, &["main", waste]).limits(Limits::default().wall_time(allowed));
        let error = job.run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{waste}: {error}");
        assert_eq!(limit_of(&error), Limit::WallTime(allowed));
        assert!(started.elapsed() < PATIENCE, "{waste} took {:?}", started.elapsed());
    }
}

#[test]
fn every_thread_of_a_job_ends_with_it() {
    let runtime = guest("limits");
    let all: Vec<&str> = std::iter::once("threads").chain(WASTES.iter().copied()).collect();
    let cancel = CancelToken::new();
    let job = wasting(&runtime, &all).cancel_token(&cancel).stdout({
        let cancel = cancel.clone();
        // Once they all run.
        move |_| {
            cancel.cancel();
            Ok(())
        }
    });
    let error = job.run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
}

#[test]
fn threads_that_compute_end_when_main_has_exited() {
    // main of this one fails by itself at the missing name, while a thread spins.
    let error = wasting(&guest("limits"), &["threads", "spin", "nonsense"]).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exit, "{error}");
}

#[test]
fn stopped_job_leaves_the_runtime_usable() {
    let runtime = guest("limits");
    for _ in 0..20 {
        let limits = Limits::default().wall_time(Duration::from_millis(5));
        wasting(&runtime, &["threads", "spin", "park", "call"]).limits(limits).run().unwrap_err();
        wasting(&runtime, &["nothing"]).run().unwrap();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn processor_time_counts_all_threads_and_not_their_sleep() {
    let runtime = guest("limits");
    let allowed = Duration::from_millis(100);
    let limits = Limits::default().cpu_time(allowed);
    let error = wasting(&runtime, &["threads", "spin", "spin"]).limits(limits.clone()).run().unwrap_err();
    assert_eq!(limit_of(&error), Limit::CpuTime(allowed));

    let asleep = limits.wall_time(Duration::from_millis(400));
    let error = wasting(&runtime, &["main", "sleep"]).limits(asleep).run().unwrap_err();
    assert_eq!(limit_of(&error), Limit::WallTime(Duration::from_millis(400)));
}

#[test]
fn memory_beyond_the_limit_is_refused_and_named() {
    let limits = Limits::default().memory(32 << 20);
    let error = wasting(&guest("limits"), &["memory"]).limits(limits).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryLimit, "{error}");
    let Limit::Memory { allowed, asked } = limit_of(&error) else { panic!("{error}") };
    assert_eq!(allowed, 32 << 20);
    assert!(asked >= 1 << 20, "{asked}");
    assert!(error.hint().unwrap().contains("Limits::memory"));
}

#[test]
fn ffmpeg_that_needs_more_memory_fails_with_the_limit() {
    let error = full()
        .runtime
        .job(memory_with(&[CLIP]))
        .limits(Limits::default().memory(64 << 20))
        .args(["-nostdin", "-i", CLIP, "-vf", "scale=3840:-2", "-c:v", "libx264", "out.mp4"])
        .run()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryLimit, "{error}\n{}", error.log().join("\n"));
}

#[test]
fn module_that_does_not_fit_its_memory_says_so() {
    let limits = Limits::default().memory(1 << 20);
    let error = full().runtime.job(MemFs::new()).limits(limits).args(["-version"]).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryLimit, "{error}");
}

#[test]
fn threads_beyond_the_limit_are_refused_and_named() {
    let limits = Limits::default().threads(8);
    let error = wasting(&guest("limits"), &["many-threads"]).limits(limits).run().unwrap_err();
    assert_eq!(limit_of(&error), Limit::Threads(8));
    assert!(error.log().iter().any(|line| line.starts_with("pthread_create")), "{:?}", error.log());
}

#[test]
fn endless_recursion_is_a_stack_overflow() {
    let error = wasting(&guest("limits"), &["stack"]).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StackOverflow, "{error}");
    let Error::Trap(trap) = &error else { panic!("{error}") };
    assert!(trap.backtrace().iter().any(|function| function == "deep"), "{:?}", trap.backtrace());
}

#[test]
fn output_beyond_the_limits_is_refused_and_named() {
    let runtime = guest("limits");
    let error = wasting(&runtime, &["output"]).limits(Limits::default().output(10_000)).run().unwrap_err();
    assert_eq!((error.kind(), limit_of(&error)), (ErrorKind::OutputLimit, Limit::Output(10_000)));

    let error = wasting(&runtime, &["files"]).limits(Limits::default().files(10)).run().unwrap_err();
    assert_eq!((error.kind(), limit_of(&error)), (ErrorKind::OutputLimit, Limit::Files(10)));

    let error = wasting(&runtime, &["stdout"]).limits(Limits::default().output(10_000)).run().unwrap_err();
    assert_eq!((error.kind(), limit_of(&error)), (ErrorKind::OutputLimit, Limit::Stdout(10_000)));
}

#[test]
fn log_beyond_the_limit_is_dropped_and_its_end_is_kept() {
    let (sender, passed) = std::sync::mpsc::channel();
    let output = wasting(&guest("limits"), &["log"])
        .limits(Limits::default().log(1000))
        .log(move |record| sender.send(record.message.clone()).unwrap())
        .run()
        .unwrap();
    let passed: Vec<String> = passed.into_iter().collect();
    assert_eq!(passed[0], "line 0 of a log that is too long");
    assert!(passed.last().unwrap().contains("longer than 1000 bytes"), "{passed:?}");
    assert!(passed.iter().map(String::len).sum::<usize>() < 1200);
    assert!(output.log().ends_with("line 99999 of a log that is too long\n"));
}

#[test]
fn cancelling_stops_an_encoder_in_the_middle() {
    let job = full()
        .runtime
        .job(memory_with(&[CLIP]))
        .args(["-nostdin", "-stream_loop", "-1", "-i", CLIP, "-preset", "veryslow", "-f", "null", "-"])
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(500));
    job.cancel();
    let since = Instant::now();
    assert_eq!(job.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(since.elapsed() < PATIENCE, "{:?}", since.elapsed());
}

#[test]
fn threads_that_are_stopped_on_their_way_into_the_world_do_not_panic() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let others = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // Other tests may panic on purpose.
        if thread::current().name() == Some("afmpeg") && info.to_string().contains("WasiEnv") {
            PANICS.fetch_add(1, Ordering::SeqCst);
        }
        others(info);
    }));
    let runtime = guest("limits");
    let crowd: Vec<&str> = std::iter::once("threads").chain(std::iter::repeat_n("spin", 8)).collect();
    for number in 0..300 {
        let limits = Limits::default().wall_time(Duration::from_micros(20 * number));
        let error = wasting(&runtime, &crowd).limits(limits).run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
}
