//! The objects that a job reads and writes.

use afmpeg_fleet::{Error, Phase};

use super::stage::{CUT, Stage, run};
use crate::harness::judge_host_file;

#[test]
fn output_is_stored_once_and_the_same_job_does_not_run_again() {
    run(async {
        let stage = Stage::open().await;
        let (identity, state) = stage.run(stage.job(CUT, "cut.mp4")).await;
        assert!(matches!(state.phase, Phase::Done { .. }), "{state:?}");
        judge_host_file(&stage.path("cut.mp4")).assert_codec("video", "h264").assert_frames(10);
        let bytes = std::fs::metadata(stage.path("cut.mp4")).unwrap().len();
        let [object] = &state.objects[..] else { panic!("{state:?}") };
        assert_eq!((&object.url, object.bytes), (&stage.url("cut.mp4"), bytes));

        let again = stage.submit(stage.job(CUT, "cut.mp4")).await;
        assert_eq!((again.identity, again.is_new), (identity, false));
        assert_eq!(stage.fleet.state(identity).await.unwrap(), state);

        // Without its output, it is no longer done. The second run makes the same bytes.
        std::fs::remove_file(stage.path("cut.mp4")).unwrap();
        let (_, second) = stage.run(stage.job(CUT, "cut.mp4")).await;
        assert_eq!((second.generation, &second.objects), (1, &state.objects));
    });
}

#[test]
fn every_file_of_an_output_folder_is_stored_below_its_location() {
    run(async {
        let stage = Stage::open().await;
        let args = ["-i", "in.mp4", "-t", "1", "-c", "copy", "-f", "hls", "hls/a b.m3u8"];
        let mut job = stage.job(&args, "unused");
        job.outputs.clear();
        let (_, state) = stage.run(job.output("hls", stage.url("film/"))).await;
        assert!(matches!(state.phase, Phase::Done { .. }), "{state:?}");
        let playlist = std::fs::read_to_string(stage.path("film/a b.m3u8")).unwrap();
        let segment = playlist.lines().find(|line| !line.starts_with('#')).unwrap();
        judge_host_file(&stage.path(&format!("film/{segment}"))).assert_codec("video", "h264");
        assert!(state.objects.iter().any(|object| object.url.path().ends_with("/film/a%20b.m3u8")));
    });
}

#[test]
fn two_jobs_never_have_one_output() {
    run(async {
        let stage = Stage::open().await;
        let first = stage.submit(stage.job(CUT, "cut.mp4")).await.identity;
        let other = ["-i", "in.mp4", "-frames:v", "3", "-an", "-c:v", "libopenh264", "out.mp4"];
        let other = || stage.job(&other, "cut.mp4");
        for other in [other(), other().overwrite()] {
            let refused = stage.fleet.submit(other, &stage.stores()).await.unwrap_err();
            assert!(matches!(&refused, Error::OutputTaken { owner, .. } if *owner == first), "{refused}");
        }
        assert_eq!(stage.fleet.jobs().await.unwrap().len(), 1, "a refused job leaves nothing");

        let worker = stage.worker().await;
        stage.fleet.wait(first).await.unwrap();
        let (_, replaced) = stage.run(other().overwrite()).await;
        assert!(matches!(replaced.phase, Phase::Done { .. }), "{replaced:?}");
        judge_host_file(&stage.path("cut.mp4")).assert_frames(3);
        assert!(matches!(stage.fleet.state(first).await, Err(Error::NoJob { .. })), "its output is gone");
        drop(worker);
    });
}

#[test]
fn existing_object_is_replaced_only_by_a_job_that_overwrites() {
    run(async {
        let stage = Stage::open().await;
        std::fs::write(stage.path("cut.mp4"), "of somebody else").unwrap();
        let refused = stage.fleet.submit(stage.job(CUT, "cut.mp4"), &stage.stores()).await.unwrap_err();
        assert!(
            matches!(&refused, Error::OutputExists { url, .. } if *url == stage.url("cut.mp4")),
            "{refused}"
        );
        assert_eq!(stage.fleet.jobs().await.unwrap(), []);

        // It comes to be after the submission.
        std::fs::remove_file(stage.path("cut.mp4")).unwrap();
        let late = stage.submit(stage.job(CUT, "cut.mp4")).await.identity;
        std::fs::write(stage.path("cut.mp4"), "of somebody else").unwrap();
        let worker = stage.worker().await;
        let state = stage.fleet.wait(late).await.unwrap();
        assert!(
            matches!(&state.phase, Phase::Failed { failure, .. } if failure.message.contains("cut.mp4")),
            "{state:?}"
        );
        assert_eq!(std::fs::read(stage.path("cut.mp4")).unwrap(), b"of somebody else");
        drop(worker);

        let (_, state) = stage.run(stage.job(CUT, "cut.mp4").overwrite()).await;
        assert!(matches!(state.phase, Phase::Done { .. }), "{state:?}");
        judge_host_file(&stage.path("cut.mp4")).assert_frames(10);
    });
}
