//! Jobs that fail: which are tried again, and which are not.

use std::sync::atomic::Ordering;

use afmpeg_engine::ErrorKind;
use afmpeg_fleet::{Error, Failure, JobState, Phase, Stores};

use super::stage::{CUT, SLOW, Stage, Unreachable, run};
use crate::harness::judge_host_file;

#[track_caller]
fn failure(state: &JobState) -> &Failure {
    match &state.phase {
        Phase::Failed { failure, .. } => failure,
        _ => panic!("{state:?}"),
    }
}

#[test]
fn damaged_input_is_a_dead_letter_with_its_log_after_one_attempt() {
    run(async {
        let stage = Stage::open().await;
        std::fs::write(stage.path("in.mp4"), "not a film").unwrap();
        let (identity, state) = stage.run(stage.job(CUT, "cut.mp4")).await;
        assert_eq!((failure(&state).kind, state.attempts), (ErrorKind::InvalidData, 1), "{state:?}");
        let letter = stage.fleet.dead_letter(identity).await.unwrap().unwrap();
        assert_eq!((&letter.failure, letter.identity, letter.attempts), (failure(&state), identity, 1));
        assert!(letter.log.iter().any(|line| line.contains("in.mp4")), "{letter:?}");
        assert!(!stage.path("cut.mp4").exists());

        // Submitted again, it runs again: the same bytes fail again.
        let (_, again) = stage.run(stage.job(CUT, "cut.mp4")).await;
        assert_eq!((failure(&again).kind, again.generation), (ErrorKind::InvalidData, 1));
    });
}

#[test]
fn unreachable_store_is_tried_again() {
    run(async {
        let stage = Stage::open().await;
        let registry = Unreachable::times(2);
        let worker = stage.worker_on(Stores::new(registry.clone(), [stage.url("")])).await;
        let identity = stage.submit(stage.job(CUT, "cut.mp4")).await.identity;
        let state = stage.fleet.wait(identity).await.unwrap();
        assert!(matches!(state.phase, Phase::Done { .. }), "{state:?}");
        assert_eq!((state.attempts, registry.failures.load(Ordering::SeqCst)), (3, 0));
        judge_host_file(&stage.path("cut.mp4")).assert_frames(10);
        drop(worker);
    });
}

#[test]
fn job_that_always_fails_is_a_dead_letter_after_its_last_attempt() {
    run(async {
        let stage = Stage::open().await;
        let worker = stage.worker_on(Stores::new(Unreachable::times(usize::MAX), [stage.url("")])).await;
        let identity = stage.submit(stage.job(CUT, "cut.mp4")).await.identity;
        let state = stage.fleet.wait(identity).await.unwrap();
        assert_eq!((failure(&state).kind, state.attempts), (ErrorKind::Filesystem, 5), "{state:?}");
        assert!(stage.fleet.dead_letter(identity).await.unwrap().is_some());
        drop(worker);
    });
}

#[test]
fn changed_input_fails_the_job() {
    run(async {
        let stage = Stage::open().await;
        let identity = stage.submit(stage.job(CUT, "cut.mp4")).await.identity;
        let mut changed = std::fs::read(stage.path("in.mp4")).unwrap();
        changed.push(0);
        std::fs::write(stage.path("in.mp4"), changed).unwrap();
        let worker = stage.worker().await;
        let state = stage.fleet.wait(identity).await.unwrap();
        assert!(failure(&state).message.contains("has changed"), "{state:?}");
        drop(worker);
    });
}

#[test]
fn worker_refuses_locations_that_its_operator_has_not_allowed() {
    run(async {
        let stage = Stage::open().await;
        let worker = stage.worker_on(Stores::from_env([stage.url("inside/")])).await;
        let identity = stage.submit(stage.job(CUT, "cut.mp4")).await.identity;
        let state = stage.fleet.wait(identity).await.unwrap();
        assert!(failure(&state).message.contains("in.mp4: it is below no allowed location"), "{state:?}");
        drop(worker);
        let elsewhere = stage.job(CUT, "cut.mp4").input("/etc.txt", "file:///etc/passwd".parse().unwrap());
        let refused = stage.fleet.submit(elsewhere, &stage.stores()).await.unwrap_err();
        assert!(matches!(refused, Error::NotAllowed { .. }), "{refused}");
    });
}

#[test]
fn files_that_are_no_outputs_and_missing_outputs_fail_the_job() {
    run(async {
        let stage = Stage::open().await;
        let both = ["-i", "in.mp4", "-t", "1", "-c", "copy", "out.mp4", "-t", "1", "-c", "copy", "other.mp4"];
        let (_, state) = stage.run(stage.job(&both, "cut.mp4")).await;
        assert!(failure(&state).message.contains("/other.mp4"), "{state:?}");
        assert!(!stage.path("cut.mp4").exists(), "nothing is stored");

        let (_, state) =
            stage.run(stage.job(CUT, "cut.mp4").output("second.mp4", stage.url("second.mp4"))).await;
        assert!(failure(&state).message.contains("/second.mp4"), "{state:?}");
    });
}

#[test]
fn cancelled_job_ends_whether_it_waits_or_runs() {
    run(async {
        let stage = Stage::open().await;
        let waiting = stage.submit(stage.job(CUT, "waiting.mp4")).await.identity;
        assert_eq!(stage.fleet.cancel(waiting).await.unwrap().phase, Phase::Cancelled);
        let worker = stage.worker().await;
        let running = stage.submit(stage.job(SLOW, "running.mp4")).await.identity;
        stage.until_running(running).await;
        stage.fleet.cancel(running).await.unwrap();
        let state = stage.fleet.wait(running).await.unwrap();
        assert_eq!((&state.phase, state.attempts), (&Phase::Cancelled, 1));
        assert!(!stage.path("running.mp4").exists() && !stage.path("waiting.mp4").exists());
        drop(worker);

        // Submitted again, it runs.
        let (_, state) = stage.run(stage.job(CUT, "waiting.mp4")).await;
        assert!(matches!(state.phase, Phase::Done { .. }), "{state:?}");
    });
}
