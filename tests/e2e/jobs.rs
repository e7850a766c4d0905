//! Concurrent jobs: spawning, waiting, cancelling and progress.

use std::{
    io,
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, SystemTime},
};

use afmpeg_engine::{
    CancelToken, Error, ErrorKind, JobSpec, JobState, Limits, LogLevel, Progress, Runtime, frames::FrameSize,
};
use afmpeg_vfs::{MemFs, VPath, VfsExt as _};

use futures_util::StreamExt as _;

use crate::harness::{CLIP, CLIP_FRAMES, CLIP_SECONDS, FULL_GPL, full, guest, memory_with, module_path};

const ENCODE: &[&str] =
    &["-nostdin", "-i", CLIP, "-an", "-c:v", "libx264", "-preset", "ultrafast", "-y", "out.mp4"];

fn one_slot(name: &str) -> Runtime {
    guest(name).with_slots(NonZero::<usize>::MIN)
}

#[test]
fn waiting_for_a_spawned_job_returns_its_output_once() {
    let fs = memory_with(&[CLIP]);
    let mut job = full().runtime.job(fs.clone()).args(ENCODE.iter().copied()).spawn().unwrap();
    let output = loop {
        if let Some(output) = job.try_wait().unwrap() {
            break output;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(job.try_wait().unwrap().is_none(), "the result is returned once");
    assert!(fs.exists("/out.mp4"));
    assert!(output.cpu_time() > Duration::ZERO || cfg!(not(unix)));
}

#[test]
fn job_runs_on_after_its_handle_is_dropped() {
    let fs = MemFs::new();
    let (done, is_done) = mpsc::channel();
    let job = guest("limits").job(fs).args(["time"]).stdout(move |_| done.send(()).map_err(io::Error::other));
    drop(job.spawn().unwrap());
    is_done.recv_timeout(Duration::from_secs(20)).unwrap();
}

#[test]
fn concurrent_jobs_are_limited_by_the_slots() {
    let runtime = guest("limits").with_slots(NonZero::new(2).unwrap());
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let jobs: Vec<_> = (0..6)
        .map(|_| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            let job = runtime.job(MemFs::new()).args(["time"]).stdout(move |_| {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(30));
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            });
            job.spawn().unwrap()
        })
        .collect();
    for job in jobs {
        job.wait().unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[test]
fn waiting_jobs_start_in_the_order_of_arrival() {
    let runtime = one_slot("limits");
    let (sender, order) = mpsc::channel();
    let jobs: Vec<_> = (0..5)
        .map(|number| {
            let sender = sender.clone();
            let job = runtime.job(MemFs::new()).args(["time"]);
            let job = job.stdout(move |bytes| {
                // The text and its newline arrive separately.
                if bytes != b"\n" {
                    sender.send(number).unwrap();
                }
                Ok(())
            });
            let job = job.spawn().unwrap();
            // A spawned job joins the queue only when its host thread runs.
            std::thread::sleep(Duration::from_millis(5));
            job
        })
        .collect();
    for job in jobs {
        job.wait().unwrap();
    }
    drop(sender);
    assert_eq!(order.into_iter().collect::<Vec<u32>>(), [0, 1, 2, 3, 4]);
}

#[test]
fn waiting_job_can_be_cancelled_and_never_starts() {
    let runtime = one_slot("limits");
    let first = runtime.job(MemFs::new()).args(["main", "park"]).spawn().unwrap();
    let (sender, started) = mpsc::channel();
    let second =
        runtime.job(MemFs::new()).args(["time"]).stdout(move |_| sender.send(()).map_err(io::Error::other));
    let second = second.spawn().unwrap();
    second.cancel();
    assert_eq!(second.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    first.cancel();
    assert_eq!(first.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(started.recv().is_err());
    runtime.job(MemFs::new()).args(["nothing"]).run().unwrap();
}

#[test]
fn one_token_cancels_many_jobs_and_later_ones() {
    let runtime = guest("limits");
    let token = CancelToken::new();
    let jobs: Vec<_> = (0..4)
        .map(|_| runtime.job(MemFs::new()).args(["main", "spin"]).cancel_token(&token).spawn().unwrap())
        .collect();
    token.cancel();
    for job in jobs {
        assert_eq!(job.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    }
    let late = runtime.job(MemFs::new()).args(["nothing"]).cancel_token(&token);
    assert_eq!(late.run().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn future_of_a_job_runs_on_any_executor_and_cancels_when_dropped() {
    let runtime = one_slot("limits");
    let executor = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    executor.block_on(async {
        runtime.job(MemFs::new()).args(["nothing"]).run_async().await.unwrap();
        let endless = runtime.job(MemFs::new()).args(["main", "spin"]).run_async();
        tokio::time::timeout(Duration::from_millis(100), endless).await.unwrap_err();
        // The only slot is free again.
        runtime.job(MemFs::new()).args(["nothing"]).run_async().await.unwrap();
    });
}

#[test]
fn progress_does_not_depend_on_options_of_the_command_line() {
    for extra in [&["-progress", "pipe:1"][..], &["-nostats"], &["-v", "quiet"]] {
        let clip = ["-f", "lavfi", "-i", "testsrc2=s=64x36:d=1.2", "-f", "null", "-"];
        let job = full().runtime.job(MemFs::new()).args([extra, &clip].concat());
        let progress = job.progress();
        let output = job.run().unwrap();
        assert_eq!(progress.latest().frame, Some(30), "{extra:?}");
        let own = extra.contains(&"pipe:1");
        assert_eq!(String::from_utf8_lossy(output.stdout()).contains("progress=end"), own, "{extra:?}");
    }
}

#[test]
fn progress_never_decreases_and_ends_with_the_job() {
    let job = full().runtime.job(memory_with(&[CLIP])).args(["-stats_period", "0.02"]);
    let job = job.args(ENCODE.iter().copied()).expected_duration(Duration::from_secs_f64(CLIP_SECONDS));
    let job = job.spawn().unwrap();
    let reports: Vec<Progress> = job.progress().collect();
    job.wait().unwrap();
    assert!(reports.len() > 3, "{reports:?}");
    assert!(reports.windows(2).all(|two| two[0].fraction <= two[1].fraction && two[0].frame <= two[1].frame));
    let (last, before) = reports.split_last().unwrap();
    assert!(before.iter().all(|progress| progress.fraction < Some(1.0) && progress.state != JobState::Ended));
    assert_eq!((last.state, last.fraction), (JobState::Ended, Some(1.0)));
    assert_eq!(last.frame, Some(CLIP_FRAMES));
    assert!((last.time.unwrap().as_secs_f64() - CLIP_SECONDS).abs() < 0.1, "{last:?}");
    assert!(last.bytes.is_some() && last.speed.is_some() && last.dup.is_some());
}

#[test]
fn fraction_is_unknown_without_an_expected_duration() {
    let job = full().runtime.job(memory_with(&[CLIP])).args(ENCODE.iter().copied()).spawn().unwrap();
    let progress = job.progress();
    job.wait().unwrap();
    assert_eq!((progress.latest().fraction, progress.latest().eta), (None, None));
}

#[test]
fn failed_job_ends_without_full_progress() {
    let job = full().runtime.job(MemFs::new()).args(["-i", "missing.mp4", "out.mp4"]);
    let progress = job.expected_duration(Duration::from_secs(1)).spawn().unwrap();
    let watch = progress.progress();
    progress.wait().unwrap_err();
    assert_eq!((watch.latest().state, watch.latest().fraction), (JobState::Ended, Some(0.0)));
}

#[test]
fn bytes_of_each_file_are_counted() {
    let fs = memory_with(&[CLIP]);
    let output = full().ffmpeg(&fs, &format!("-i {CLIP} -c copy out.mkv"));
    let stats = |path: &str| {
        let path = VPath::new(path).unwrap();
        output.files().iter().find(|(name, _)| *name == path).map(|(_, stats)| *stats).unwrap()
    };
    let clip_len = fs.read(format!("/{CLIP}")).unwrap().len() as u64;
    assert_eq!(stats(&format!("/{CLIP}")).read_to, clip_len);
    assert_eq!(stats("/out.mkv").written_to, fs.read("/out.mkv").unwrap().len() as u64);
}

#[test]
fn log_is_passed_on_as_records_at_any_log_level() {
    for level in [["-v", "info"], ["-v", "repeat+verbose"]] {
        let (sender, records) = mpsc::channel();
        let job = full().runtime.job(memory_with(&[CLIP])).args(level).args(ENCODE.iter().copied());
        let output = job.on_log(move |record| sender.send(record.clone()).unwrap()).run().unwrap();
        let records: Vec<_> = records.into_iter().collect();
        let x264: Vec<_> =
            records.iter().filter(|record| record.component.as_deref() == Some("libx264")).collect();
        assert!(x264.iter().any(|record| record.message.starts_with("profile ")), "{records:?}");
        assert!(records.iter().all(|record| record.level <= LogLevel::Verbose));
        assert!(!output.log().contains("[info]"), "{}", output.log());
    }
}

#[test]
fn clones_of_a_runtime_share_its_slots() {
    let runtime =
        Runtime::builder().module(module_path(FULL_GPL)).slots(NonZero::<usize>::MIN).build().unwrap();
    let clone = runtime.clone();
    let endless = runtime.job(MemFs::new()).args(["-f", "lavfi", "-i", "testsrc", "-f", "null", "-"]);
    let endless = endless.spawn().unwrap();
    let mut waiting = clone.job(MemFs::new()).args(["-version"]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(waiting.try_wait().unwrap().is_none());
    assert_eq!(waiting.progress().latest().state, JobState::Waiting);
    endless.cancel();
    waiting.wait().unwrap();
}

#[test]
fn shutdown_waits_for_jobs_that_end_in_time() {
    let runtime = guest("limits");
    let job = runtime.job(MemFs::new()).args(["time"]).spawn().unwrap();
    assert_eq!(runtime.shutdown(Duration::from_secs(60)), 0);
    job.wait().unwrap();
}

#[test]
fn shutdown_cancels_jobs_at_its_timeout_and_refuses_new_ones() {
    let runtime = one_slot("limits");
    let spin = || runtime.job(MemFs::new()).args(["main", "spin"]).spawn().unwrap();
    let (running, waiting) = (spin(), spin());
    assert_eq!(runtime.clone().shutdown(Duration::from_millis(200)), 2);
    for job in [running, waiting] {
        assert_eq!(job.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    }
    let error = runtime.job(MemFs::new()).args(["time"]).run().unwrap_err();
    assert!(matches!(error, Error::ShutDown { .. }), "{error}");
    assert_eq!(runtime.shutdown(Duration::ZERO), 0);
}

#[test]
fn shutdown_ends_jobs_whose_reader_is_idle() {
    let runtime = Runtime::builder().module(module_path(FULL_GPL)).build().unwrap();
    let mut frames = runtime
        .frames(MemFs::new(), "testsrc2=s=160x90:r=25")
        .input_options(["-f", "lavfi"])
        .as_url()
        .run()
        .unwrap();
    let mut samples =
        runtime.samples(MemFs::new(), "sine").input_options(["-f", "lavfi"]).as_url().run().unwrap();
    frames.next().unwrap().unwrap();
    samples.next().unwrap().unwrap();
    // Time in which both jobs fill their queues.
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(runtime.shutdown(Duration::ZERO), 2);
    // Otherwise, the shutdown would end the jobs as stuck in the sink.
    let kinds =
        [frames.find_map(Result::err), samples.find_map(Result::err)].map(|error| error.unwrap().kind());
    assert_eq!(kinds, [ErrorKind::Cancelled; 2]);
}

#[cfg(target_os = "linux")]
#[test]
fn runtime_has_no_thread_after_its_shutdown() {
    // The tests of this file run in processes of their own.
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    let runtime = guest("limits");
    runtime.job(MemFs::new()).args(["threads", "spin"]).spawn().unwrap().cancel();
    assert!(threads() > before);
    runtime.shutdown(Duration::ZERO);
    // The system lists a thread for a moment after its last instruction.
    for _ in 0..100 {
        if threads() == before {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{} threads are left, {before} were there before", threads());
}

#[test]
fn job_that_arrived_as_json_runs_as_it_was_described() {
    let mut spec = JobSpec::new(["-nostdin", "-bitexact", "-f", "lavfi", "-i", "anoisesrc=d=0.1", "out.mka"]);
    spec.seed = Some(7);
    spec.time_of_day = Some(SystemTime::UNIX_EPOCH);
    spec.limits = Some(Limits::default().wall_time(Duration::from_secs(60)));
    let json = serde_json::to_string(&spec).unwrap();
    let received: JobSpec = serde_json::from_str(&json).unwrap();
    assert_eq!(received, spec);
    let [here, there] = [spec, received].map(|spec| {
        let fs = MemFs::new();
        full().runtime.job(fs.clone()).with_spec(spec).run().unwrap();
        fs.read("/out.mka").unwrap()
    });
    assert!(!here.is_empty());
    assert_eq!(here, there);
}

#[test]
fn requests_run_on_any_executor() {
    let runtime = pollster::block_on(Runtime::builder().module(module_path(FULL_GPL)).build_async()).unwrap();
    let fs = memory_with(&[CLIP]);
    let probe = pollster::block_on(runtime.probe_request(fs.clone(), CLIP).run_async()).unwrap();
    assert_eq!(probe.video().unwrap().size(), Some((1280, 720)));
    let size = FrameSize::Within { width: 64, height: 64 };
    let frames: Vec<_> = pollster::block_on(async {
        let request = runtime.frames(fs.clone(), CLIP).every(Duration::from_secs(1)).size(size);
        request.run_async().await.unwrap().into_stream().collect().await
    });
    assert_eq!(frames.into_iter().map(Result::unwrap).count(), 6);
    let samples: usize = pollster::block_on(async {
        let blocks =
            runtime.samples(fs, CLIP).rate(8000).channels(1).run_async().await.unwrap().into_stream();
        blocks.map(|block| block.unwrap().samples().len()).fold(0, |sum, len| async move { sum + len }).await
    });
    let expected = CLIP_SECONDS * 8000.0;
    assert!((samples as f64 - expected).abs() < 0.05 * expected, "{samples} samples, expected {expected}");
}

#[test]
fn dropped_request_cancels_its_jobs_and_frees_its_slot() {
    let runtime = full().runtime.with_slots(NonZero::<usize>::MIN);
    // Reading it blocks, and so do the probe and the job.
    let (blocked, _writer) = std::io::pipe().unwrap();
    let blocked = std::sync::Mutex::new(Some(blocked));
    let request = runtime.frames(MemFs::new(), "-").as_url();
    let request =
        request.configure_job(move |job| job.stdin(blocked.lock().unwrap().take().expect("one job")));
    let mut future = Box::pin(request.run_async());
    assert!(futures_util::FutureExt::now_or_never(&mut future).is_none());
    std::thread::sleep(Duration::from_millis(200));
    drop(future);
    runtime.job(MemFs::new()).args(["-version"]).run().unwrap();
}
