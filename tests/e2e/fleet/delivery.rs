//! Jobs whose worker, server or message is lost or comes twice.

use std::time::Duration;

use afmpeg_fleet::Phase;

use super::stage::{CUT, SLOW, Stage, options, run};
use crate::harness::judge_host_file;

/// Two seconds of a test pattern, in about as much time.
const SHORT: &[&str] =
    &["-re", "-f", "lavfi", "-i", "testsrc2=d=2:s=64x64:r=5", "-c:v", "libopenh264", "out.mp4"];

#[test]
fn job_of_a_lost_worker_is_done_by_another_one() {
    run(async {
        let stage = Stage::open().await;
        // On a runtime of its own, which ends without a word to the server.
        let lost = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (address, runtime, stores) = (stage.nats.address(), stage.runtime.clone(), stage.stores());
        let worker = lost.spawn(async move {
            let fleet = afmpeg_fleet::Fleet::connect(&address, options()).await.unwrap();
            afmpeg_fleet::Worker::builder(fleet, runtime, stores).start().await.unwrap()
        });
        let worker = worker.await.unwrap();
        let identity = stage.submit(stage.job(SHORT, "out.mp4")).await.identity;
        stage.until_running(identity).await;
        lost.shutdown_background();
        let name = worker.name().to_owned();
        std::mem::forget(worker);

        let other = stage.worker().await;
        let state = stage.fleet.wait(identity).await.unwrap();
        assert!(matches!(state.phase, Phase::Done { .. }), "{state:?}");
        assert_eq!(state.attempts, 2, "after {name}");
        judge_host_file(&stage.path("out.mp4")).assert_frames(10);
        drop(other);
    });
}

#[test]
fn stopped_worker_finishes_short_jobs_and_hands_back_long_ones() {
    run(async {
        let stage = Stage::open().await;
        let worker = stage.worker().await;
        let (short, long) = (stage.job(SHORT, "short.mp4"), stage.job(SLOW, "long.mp4"));
        let (short, long) = (stage.submit(short).await.identity, stage.submit(long).await.identity);
        stage.until_running(short).await;
        stage.until_running(long).await;
        worker.stop(Duration::from_secs(10)).await;
        let short = stage.fleet.state(short).await.unwrap();
        assert!(matches!(short.phase, Phase::Done { .. }), "{short:?}");
        let handed_back = stage.fleet.state(long).await.unwrap();
        assert_eq!((handed_back.phase, handed_back.attempts), (Phase::Queued, 0));

        // Another worker has it at once, not after the lease.
        let other = stage.worker().await;
        stage.until_running(long).await;
        stage.fleet.cancel(long).await.unwrap();
        stage.fleet.wait(long).await.unwrap();
        drop(other);
    });
}

#[test]
fn job_survives_a_server_that_is_killed_while_it_runs() {
    run(async {
        let mut stage = Stage::open().await;
        let worker = stage.worker().await;
        let running = stage.submit(stage.job(SHORT, "running.mp4")).await.identity;
        let waiting = stage.submit(stage.job(CUT, "waiting.mp4")).await.identity;
        stage.until_running(running).await;
        stage.nats.kill();
        tokio::time::sleep(Duration::from_secs(1)).await;
        stage.nats.restart();
        for (identity, name) in [(running, "running.mp4"), (waiting, "waiting.mp4")] {
            let state = loop {
                // The connection comes back on its own.
                match stage.fleet.wait(identity).await {
                    Ok(state) => break state,
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            };
            assert!(matches!(state.phase, Phase::Done { .. }), "{state:?}");
            assert_eq!(state.attempts, 1, "{name}");
            judge_host_file(&stage.path(name)).assert_frames(10);
        }
        drop(worker);
    });
}

#[test]
fn duplicate_message_does_not_start_a_job_again() {
    run(async {
        let stage = Stage::open().await;
        let worker = stage.worker().await;
        let mut job = stage.job(SHORT, "out.mp4");
        let identity = stage.submit(job.clone()).await.identity;
        stage.until_running(identity).await;
        // As the submission makes it.
        job.spec.processors = std::num::NonZero::new(1);
        assert_eq!(job.identity().unwrap(), identity);
        for _ in 0..3 {
            stage.publish(serde_json::to_vec(&job).unwrap()).await;
        }
        let state = stage.fleet.wait(identity).await.unwrap();
        assert!(matches!(state.phase, Phase::Done { .. }), "{state:?}");
        // The duplicates come again after the lease, and are acknowledged.
        stage.until_empty().await;
        let after = stage.fleet.state(identity).await.unwrap();
        assert_eq!((after.attempts, &after), (1, &state));
        drop(worker);
    });
}

#[test]
fn messages_that_no_submission_has_sent_are_removed_and_harm_no_worker() {
    run(async {
        let stage = Stage::open().await;
        let worker = stage.worker().await;
        stage.publish("not a job").await;
        // As submitted, except for the number of processors, or for its module.
        let unchecked = stage.job(CUT, "unchecked.mp4");
        stage.publish(serde_json::to_vec(&unchecked).unwrap()).await;
        let mut other = stage.job(SHORT, "other.mp4");
        other.spec.processors = std::num::NonZero::new(1);
        other.module = "ab".repeat(32);
        stage.publish(serde_json::to_vec(&other).unwrap()).await;

        let identity = stage.submit(stage.job(CUT, "cut.mp4")).await.identity;
        let state = stage.fleet.wait(identity).await.unwrap();
        assert!(matches!(state.phase, Phase::Done { .. }), "{state:?}");
        stage.until_empty().await;
        assert!(!stage.path("unchecked.mp4").exists() && !stage.path("other.mp4").exists());
        assert_eq!(stage.fleet.jobs().await.unwrap().len(), 1);
        drop(worker);
    });
}
