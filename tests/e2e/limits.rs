//! Limits on the host's resources, and the errors of jobs that exceed them.

use std::{
    io,
    num::NonZero,
    ops::ControlFlow,
    panic,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use afmpeg_engine::{CancelToken, Error, ErrorKind, Job, Limit, Limits, Runtime};
use afmpeg_vfs::{Access, MemFs, Observe, VPath, Vfs as _};

use crate::harness::{CLIP, full, guest, guest_path, judge, memory_with};

/// The guest's ways to run forever: computing, calling, waiting, sleeping and calls to the host.
const WASTES: &[&str] = &["spin", "call", "park", "sleep", "read", "copy"];

/// The time after which a job counts as one that never ends.
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
fn endless_job_of_any_kind_ends_at_its_deadline() {
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
        // Printed once all threads run.
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
    // main fails at the unknown name while a thread spins.
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
fn processor_time_counts_all_threads_but_not_their_sleep() {
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
fn memory_beyond_the_limit_is_refused_with_a_memory_limit_error() {
    let limits = Limits::default().memory(32 << 20);
    let error = wasting(&guest("limits"), &["memory"]).limits(limits).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryLimit, "{error}");
    let Limit::Memory { allowed, requested } = limit_of(&error) else { panic!("{error}") };
    assert_eq!(allowed, 32 << 20);
    assert!(requested >= 1 << 20, "{requested}");
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

/// The guest's requests for too much of a resource, each with limits that refuse it.
fn refusals() -> Vec<(&'static str, Limits, Limit)> {
    let memory = Limits::default().memory(32 << 20);
    vec![
        ("memory", memory, Limit::Memory { allowed: 32 << 20, requested: 0 }),
        ("many-threads", Limits::default().threads(8), Limit::Threads(8)),
        ("files", Limits::default().files(10), Limit::Files(10)),
        ("output", Limits::default().output(10_000), Limit::Output(10_000)),
    ]
}

#[track_caller]
fn assert_limit(error: &Error, expected: Limit) {
    match (limit_of(error), expected) {
        (Limit::Memory { allowed, .. }, Limit::Memory { allowed: expected, .. }) => {
            assert_eq!(allowed, expected, "{error}");
        }
        (limit, expected) => assert_eq!(limit, expected, "{error}"),
    }
}

#[test]
fn job_with_a_refused_request_fails_even_if_it_exits_with_success() {
    let runtime = guest("limits");
    for (waste, limits, limit) in refusals() {
        let error = wasting(&runtime, &["unmoved", waste]).limits(limits).run().unwrap_err();
        assert_limit(&error, limit);
    }
}

#[test]
fn job_that_runs_on_after_a_refused_request_is_ended_soon() {
    let runtime = guest("limits");
    for (waste, limits, limit) in refusals() {
        for next in ["park", "spin"] {
            let started = Instant::now();
            let limits = limits.clone().wall_time(Duration::from_secs(3600));
            let error = wasting(&runtime, &["unmoved", waste, next]).limits(limits).run().unwrap_err();
            assert_limit(&error, limit);
            assert!(started.elapsed() < Duration::from_secs(60), "{waste}: {:?}", started.elapsed());
        }
    }
}

#[test]
fn frames_lost_to_the_memory_limit_fail_the_job() {
    for threads in ["1", "4"] {
        let error = full()
            .runtime
            .job(MemFs::new())
            .limits(Limits::default().memory(64 << 20))
            .args(["-nostdin", "-filter_threads", threads, "-f", "lavfi", "-i", "testsrc2=s=1280x720:d=2"])
            .args(["-vf", "reverse,scale=64:36", "-c:v", "rawvideo", "-f", "framemd5", "-"])
            .run()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MemoryLimit, "{error}\n{}", error.log().join("\n"));
    }
}

#[test]
fn encoder_with_too_little_memory_fails_instead_of_blocking() {
    for (encoder, memory) in [("libx265", 40), ("libx264", 40), ("mpeg4", 30), ("ffv1", 30)] {
        let started = Instant::now();
        let error = full()
            .runtime
            .job(MemFs::new())
            .limits(Limits::default().memory(memory << 20))
            .args(["-nostdin", "-f", "lavfi", "-i", "testsrc2=s=1280x720:d=1", "-c:v", encoder])
            .args(["-f", "null", "-"])
            .run()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MemoryLimit, "{encoder}: {error}\n{}", error.log().join("\n"));
        assert!(started.elapsed() < Duration::from_secs(120), "{encoder}: {:?}", started.elapsed());
    }
}

#[test]
fn module_larger_than_the_memory_limit_fails_with_it() {
    let limits = Limits::default().memory(1 << 20);
    let error = full().runtime.job(MemFs::new()).limits(limits).args(["-version"]).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryLimit, "{error}");
}

#[test]
fn threads_beyond_the_limit_are_refused_with_a_thread_limit_error() {
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
fn output_beyond_the_limits_is_refused_with_an_output_limit_error() {
    let runtime = guest("limits");
    let error = wasting(&runtime, &["output"]).limits(Limits::default().output(10_000)).run().unwrap_err();
    assert_eq!((error.kind(), limit_of(&error)), (ErrorKind::OutputLimit, Limit::Output(10_000)));

    let error = wasting(&runtime, &["files"]).limits(Limits::default().files(10)).run().unwrap_err();
    assert_eq!((error.kind(), limit_of(&error)), (ErrorKind::OutputLimit, Limit::Files(10)));

    let error = wasting(&runtime, &["stdout"]).limits(Limits::default().output(10_000)).run().unwrap_err();
    assert_eq!((error.kind(), limit_of(&error)), (ErrorKind::OutputLimit, Limit::Stdout(10_000)));
}

/// Returns the peak memory of this process in bytes.
#[cfg(target_os = "linux")]
pub(crate) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[test]
#[cfg(target_os = "linux")]
fn endless_writes_of_a_guest_are_bounded_by_the_host_memory_limit() {
    let runtime = guest("limits");
    wasting(&runtime, &["nothing"]).run().unwrap();
    let before = peak_memory();
    let bound = 96 << 20;
    let error = wasting(&runtime, &["hoard"]).limits(Limits::default().host_memory(bound)).run().unwrap_err();
    assert_eq!(limit_of(&error), Limit::HostMemory(bound), "{error}");
    assert_eq!(error.kind(), ErrorKind::OutputLimit);
    let grown = peak_memory() - before;
    // A collected standard output grows by doubling.
    assert!(grown > bound / 2 && grown < bound + (64 << 20), "{grown}");
}

/// Returns a runtime whose only slot is taken by a job that never ends.
fn occupied(max_waiting: usize) -> (Runtime, afmpeg_engine::JobHandle) {
    let slots = NonZero::<usize>::MIN;
    let runtime = Runtime::builder()
        .module(guest_path("limits"))
        .slots(slots)
        .max_waiting(max_waiting)
        .build()
        .unwrap();
    let (started, has_started) = std::sync::mpsc::channel();
    let job = wasting(&runtime, &["threads", "park"]).stdout(move |_| {
        let _ = started.send(());
        Ok(())
    });
    let job = job.spawn().unwrap();
    has_started.recv().unwrap();
    (runtime, job)
}

#[test]
fn job_is_refused_as_busy_if_the_queue_is_full() {
    let (runtime, parked) = occupied(0);
    let error = wasting(&runtime, &["nothing"]).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    assert!(error.hint().unwrap().contains("later"));
    parked.cancel();
    parked.wait().unwrap_err();
    wasting(&runtime, &["nothing"]).run().unwrap();
}

#[test]
fn wait_for_a_slot_is_limited() {
    let (runtime, parked) = occupied(10);
    let limits = Limits::default().slot_wait(Duration::from_millis(50));
    let error = wasting(&runtime, &["nothing"]).limits(limits.clone()).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    let error = wasting(&runtime, &["nothing"]).limits(limits).spawn().unwrap().wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    parked.cancel();
    parked.wait().unwrap_err();
}

#[test]
fn stalled_job_is_ended_and_a_computing_one_runs_on() {
    let runtime = guest("limits");
    let allowed = Duration::from_millis(500);
    for waste in ["park", "sleep"] {
        let error = wasting(&runtime, &["main", waste]).limits(Limits::default().stall(allowed)).run();
        let error = error.unwrap_err();
        assert_eq!((error.kind(), limit_of(&error)), (ErrorKind::Timeout, Limit::Stall(allowed)), "{waste}");
    }
    #[cfg(target_os = "linux")]
    {
        let wall = Duration::from_secs(2);
        let limits = Limits::default().stall(allowed).wall_time(wall);
        let error = wasting(&runtime, &["main", "spin"]).limits(limits).run().unwrap_err();
        assert_eq!(limit_of(&error), Limit::WallTime(wall));
    }
}

#[test]
fn job_inside_a_loop_over_frames_does_not_deadlock_with_one_slot() {
    let one = full().runtime.with_slots(NonZero::<usize>::MIN);
    let fs = memory_with(&[CLIP]);
    let mut count = 0;
    for frame in one.frames(fs.clone(), CLIP).run().unwrap().take(12) {
        frame.unwrap();
        one.probe(fs.clone(), CLIP).unwrap();
        count += 1;
    }
    assert_eq!(count, 12);
    let mut count = 0;
    for samples in one.samples(fs.clone(), CLIP).run().unwrap().take(12) {
        samples.unwrap();
        one.probe(fs.clone(), CLIP).unwrap();
        count += 1;
    }
    assert_eq!(count, 12);
    let mut nested = 0;
    let each = |_| {
        one.probe(fs.clone(), CLIP).unwrap();
        nested += 1;
        if nested < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    one.probe_request(fs.clone(), CLIP).packets().for_each(each).unwrap();
    assert_eq!(nested, 3);
    let endless = ["-f", "lavfi", "-i", "testsrc2=s=32x32", "-f", "null", "-"];
    let measured = ["-vf", "metadata=delete,signalstats,metadata=print:file=/dev/measurements0"];
    let args = [&endless[..4], &measured, &endless[4..]].concat();
    let mut count = 0;
    for measurement in one.job(MemFs::new()).args(args).measurements(1).unwrap().take(100) {
        measurement.unwrap();
        if count % 20 == 0 {
            one.probe(fs.clone(), CLIP).unwrap();
        }
        count += 1;
    }
    assert_eq!(count, 100);
}

/// Runs a job of `runtime` to its end.
type Nested = fn(&Runtime) -> Result<(), Error>;

/// An empty reader that calls a function at each read.
struct Reader<F>(F);

impl<F: FnMut() -> io::Result<()>> io::Read for Reader<F> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        (self.0)().map(|()| 0)
    }
}

#[test]
fn job_inside_a_callback_of_another_does_not_deadlock_with_one_slot() {
    let one = full().runtime.with_slots(NonZero::<usize>::MIN);
    let ways: [Nested; 4] = [
        |runtime| runtime.job(MemFs::new()).args(["-version"]).run().map(drop),
        |runtime| runtime.job(MemFs::new()).args(["-version"]).spawn()?.wait().map(drop),
        |runtime| {
            runtime.frames(memory_with(&[CLIP]), CLIP).run()?.take(5).try_for_each(|frame| frame.map(drop))
        },
        |runtime| {
            let probe = runtime.probe_request(memory_with(&[CLIP]), CLIP).packets();
            probe.for_each(|_| ControlFlow::Continue(())).map(drop)
        },
    ];
    let source = ["-nostdin", "-f", "lavfi", "-i", "color=s=16x16:d=0.04"];
    let copy =
        |input: &str, output: &str| ["-nostdin", "-i", input, "-f", "rawvideo", output].map(str::to_owned);
    for nested in ways {
        let runs = std::sync::Arc::new(AtomicUsize::new(0));
        let counted = {
            let (runs, one) = (std::sync::Arc::clone(&runs), one.clone());
            move || {
                // Run one nested job per outer job, which has many callbacks.
                if runs.fetch_add(1, Ordering::SeqCst) > 0 {
                    return Ok(());
                }
                nested(&one).map_err(io::Error::other)
            }
        };
        let assert_run_within = |job: Job| {
            runs.store(0, Ordering::SeqCst);
            job.run().unwrap();
            assert_ne!(runs.load(Ordering::SeqCst), 0);
        };
        let each = counted.clone();
        let job = one.job(MemFs::new()).args(source).args(["-f", "rawvideo", "-"]);
        assert_run_within(job.stdout(move |_| each()));
        let each = counted.clone();
        let job = one.job(MemFs::new()).args(source).args(["-f", "null", "-"]);
        assert_run_within(job.on_log(move |_| each().unwrap()));
        let each = counted.clone();
        let fs = Observe::new(MemFs::new()).on_access(move |_, access| {
            if access == Access::Open {
                each().unwrap();
            }
        });
        assert_run_within(one.job(fs).args(source).args(["out.mkv"]));
        let each = counted.clone();
        let job = one.job(MemFs::new()).args(["-f", "rawvideo", "-s", "16x16"]).args(copy("-", "-"));
        let job = job.stdin(Reader(each));
        runs.store(0, Ordering::SeqCst);
        // Without input, FFmpeg writes an empty output or fails.
        let _ = job.run();
        assert_ne!(runs.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn default_limits_allow_many_inputs_on_few_processors_and_on_many() {
    let full = full();
    let fs = MemFs::new();
    let clip = "-f lavfi -i testsrc2=s=64x64:d=0.2 -f lavfi -i sine=d=0.2 -c:v libx264 -c:a aac a.mp4";
    full.ffmpeg(&fs, clip);
    for processors in [2, 8] {
        let processors = NonZero::new(processors).unwrap();
        let inputs = (0..66).flat_map(|_| ["-i", "a.mp4"]);
        let graph = (0..66).map(|n| format!("[{n}:v][{n}:a]")).collect::<String>() + "concat=n=66:v=1:a=1";
        let job = full.runtime.job(fs.clone()).processors(processors).args(["-nostdin", "-y"]);
        let job = job.args(inputs).args(["-filter_complex", &graph, "-c:v", "libx264", "out.mp4"]);
        job.run().unwrap_or_else(|error| panic!("{processors}: {error}\n{}", error.log().join("\n")));
        judge(&fs, "/out.mp4").assert_frames(66 * 5);
    }
}

#[test]
fn default_limits_allow_a_2160p_encode_on_few_processors_and_on_many() {
    let runtime = full().runtime;
    let fs = MemFs::new();
    let source = "-f lavfi -i testsrc2=s=3840x2160:d=0.4 -c:v libx264 -preset ultrafast /clip.mp4";
    runtime.run(fs.clone(), source.split(' ')).unwrap();
    // x264's `medium` settings for lookahead and references, which determine its memory, with a fast analysis.
    let params = "rc-lookahead=40:b-adapt=1:bframes=3:ref=3:mbtree=1:weightp=2:subme=1";
    for processors in [2, 16] {
        let processors = NonZero::new(processors).unwrap();
        let args = ["-nostdin", "-stream_loop", "7", "-i", "/clip.mp4", "-c:v", "libx264"];
        let job = runtime.job(fs.clone()).processors(processors).args(args);
        let job = job.args(["-preset", "ultrafast", "-x264-params", params, "-f", "null", "-"]);
        job.run().unwrap_or_else(|error| panic!("{processors}: {error}\n{}", error.log().join("\n")));
    }
}

#[test]
fn log_beyond_the_limit_is_dropped_and_its_end_is_kept() {
    let (sender, passed) = std::sync::mpsc::channel();
    let output = wasting(&guest("limits"), &["log"])
        .limits(Limits::default().log(1000))
        .on_log(move |record| sender.send(record.message.clone()).unwrap())
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
fn threads_that_are_stopped_while_starting_do_not_panic() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let others = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // Count only panics of guest threads: other tests panic on purpose.
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
