//! `afmpeg worker`, `afmpeg submit`, `afmpeg film` and `afmpeg jobs`, as processes.

use std::process::{Command, Output};

use afmpeg_tests::fleet::{Cluster, Media, WorkerSetup};
use serde_json::Value;

use super::stage::{LOOPS, fixtures, looped_clip, run};
use crate::{
    command_line::{binary, error_and_hint},
    harness::{CLIP_FRAMES, CLIP_SECONDS, FRAME, FULL_GPL, judge_host_file, module_path},
};

/// A cluster whose media have a film, without workers.
async fn cluster() -> Cluster {
    let cluster = Cluster::start(&fixtures(), Media::folder().unwrap());
    cluster.media.put("film.mp4", looped_clip()).await.unwrap();
    cluster
}

/// Runs the command in a cluster: `{media}` is the location of its media.
fn afmpeg(cluster: &Cluster, line: &str) -> Output {
    let media = cluster.media.url("").to_string();
    let mut command = Command::new(binary());
    command.args(line.split(' ').map(|arg| arg.replace("{media}", &media)));
    command.env("AFMPEG_MODULE", module_path(FULL_GPL)).env("NATS_URL", cluster.nats.address());
    command.output().unwrap()
}

#[track_caller]
fn text(output: &Output) -> &str {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::str::from_utf8(&output.stdout).unwrap().trim_end()
}

#[test]
fn film_is_encoded_in_two_sizes_and_is_listed() {
    run(async {
        let mut cluster = cluster().await;
        cluster.start_worker(WorkerSetup::default()).unwrap();
        let line = "film {media}film.mp4 --output 180={media}small.mp4 --output {media}whole.mkv --chunk 4 --option \
                    preset=ultrafast --option crf=30 --deterministic --wait --json";
        let state: Value = serde_json::from_str(text(&afmpeg(&cluster, line))).unwrap();
        assert_eq!(state["film"]["phase"], "done", "{state}");
        assert!(state["film"]["parts"].as_u64().unwrap() > 2, "{state}");
        for (name, width, height) in [("small.mp4", 320, 180), ("whole.mkv", 1280, 720)] {
            let judged = judge_host_file(&cluster.media.path(name));
            judged
                .assert_frames(LOOPS * CLIP_FRAMES)
                .assert_duration(LOOPS as f64 * CLIP_SECONDS, 3.0 * FRAME);
            judged.assert_codec("video", "h264").assert_codec("audio", "aac");
            judged.assert_size(width, height);
        }
        assert_eq!(cluster.media.objects("parts").unwrap(), [], "the parts are removed");

        let listed = afmpeg(&cluster, "jobs");
        let film = text(&listed).lines().next().unwrap();
        assert!(film.starts_with(state["identity"].as_str().unwrap()), "{film}");
        assert!(film.contains("done") && film.contains("small.mp4"), "{film}");

        // The same film again is done already.
        let again: Value = serde_json::from_str(text(&afmpeg(&cluster, line))).unwrap();
        assert_eq!(again, state);
    });
}

#[test]
fn failed_job_ends_the_wait_with_the_exit_code_and_has_a_dead_letter() {
    run(async {
        let mut cluster = cluster().await;
        cluster.start_worker(WorkerSetup::default()).unwrap();
        let line = "submit --wait --input in.mp4={media}film.mp4 --output out.mp4={media}out.mp4 -i in.mp4 -map 7 out.mp4";
        let failed = afmpeg(&cluster, line);
        assert_eq!(failed.status.code(), Some(234), "{}", String::from_utf8_lossy(&failed.stderr));
        let identity = std::str::from_utf8(&failed.stdout).unwrap().trim_end();
        assert!(error_and_hint(&failed).0.contains("'map'"), "{failed:?}");
        let letter = afmpeg(&cluster, &format!("jobs dead-letter {identity}"));
        let letter: Value = serde_json::from_str(text(&letter)).unwrap();
        assert_eq!(letter["identity"], identity);
    });
}

#[test]
fn cancelled_film_ends_with_its_jobs() {
    run(async {
        // Without a worker, everything waits.
        let cluster = cluster().await;
        let output = afmpeg(&cluster, "film {media}film.mp4 --output {media}out.mp4 --chunk 2");
        let identity = text(&output);
        text(&afmpeg(&cluster, &format!("jobs cancel {identity}")));
        let listed = afmpeg(&cluster, "jobs");
        let states: Vec<&str> =
            text(&listed).lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
        assert!(states.len() > 3 && states.iter().all(|state| *state == "cancelled"), "{states:?}");
    });
}
