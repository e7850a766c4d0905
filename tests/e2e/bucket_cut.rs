//! `examples/s3`: a part of an object becomes another object.

use std::{path::Path, sync::Arc, time::Duration};

use afmpeg::{Runtime, VfsExt as _};
use afmpeg_s3::{Failure, Part, cut};
use object_store::ObjectStoreExt as _;

use crate::{
    filesystem::backends::support::{Server, s3},
    harness::{CLIP, FRAME, FULL_GPL, full, index_is_first, judge_host_file, memory_with, runtime},
};

const FILM: &str = "talks/whole.mp4";
const OUTPUT: &str = "parts/question.mp4";

/// Puts a film of 40 times the clip, 42 MB, into the bucket in `folder`. Its index is at the end.
fn put_film(runtime: &Runtime, folder: &Path) -> u64 {
    let fs = memory_with(&[CLIP]);
    runtime.run(fs.clone(), ["-stream_loop", "39", "-i", CLIP, "-c", "copy", "film.mp4"]).unwrap();
    let film = fs.read("/film.mp4").unwrap();
    assert!(!index_is_first(&film));
    std::fs::create_dir(folder.join("talks")).unwrap();
    std::fs::write(folder.join(FILM), &film).unwrap();
    film.len() as u64
}

fn part(from: u64, to: u64) -> Part {
    Part {
        film: FILM.to_owned(),
        from: Duration::from_secs(from),
        to: Duration::from_secs(to),
        output: OUTPUT.to_owned(),
        overwrite: false,
    }
}

fn try_cut(runtime: &Runtime, server: &Server, part: &Part) -> Result<(), Failure> {
    cut(runtime, Arc::new(s3::client(server, s3::SECRET)), part).map(|dropped| assert_eq!(dropped, []))
}

#[test]
fn part_of_an_object_is_fetched_and_is_uploaded_in_parts_with_its_index_in_front() {
    let root = tempfile::tempdir().unwrap();
    let server = s3::serve_bucket(root.path());
    let bucket = root.path().join(s3::BUCKET);
    let runtime = full().runtime;
    let film = put_film(&runtime, &bucket);

    try_cut(&runtime, &server, &part(100, 160)).unwrap();
    let sent = server.sent();
    assert!(sent < film / 2, "{sent} bytes of {film}, headers included");
    let output = bucket.join(OUTPUT);
    let bytes = std::fs::read(&output).unwrap();
    assert!(index_is_first(&bytes));
    let judged = judge_host_file(&output);
    judged.assert_codec("video", "h264").assert_codec("audio", "aac").assert_duration(60.0, 2.0 * FRAME);

    // The tag of an object that was uploaded in parts ends in their number.
    let head = async { s3::client(&server, s3::SECRET).head(&OUTPUT.into()).await.unwrap() };
    let tag = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(head).e_tag;
    let parts = bytes.len().div_ceil(8 << 20);
    assert!(parts > 1 && tag.as_ref().is_some_and(|tag| tag.ends_with(&format!("-{parts}\""))), "{tag:?}");
}

#[test]
fn failed_cut_leaves_the_bucket_unchanged_and_names_the_cause_and_a_fix() {
    let root = tempfile::tempdir().unwrap();
    let server = s3::serve_bucket(root.path());
    let bucket = root.path().join(s3::BUCKET);
    let runtime = runtime(FULL_GPL);
    put_film(&runtime, &bucket);
    std::fs::create_dir(bucket.join("parts")).unwrap();
    std::fs::write(bucket.join(OUTPUT), "an older part").unwrap();
    let unchanged = || std::fs::read(bucket.join(OUTPUT)).unwrap() == b"an older part";

    let exists = try_cut(&runtime, &server, &part(1, 2)).unwrap_err();
    assert!(exists.message.contains(OUTPUT) && unchanged(), "{exists}");
    let other = |change: fn(&mut Part)| {
        let mut part = Part { overwrite: true, ..part(1, 2) };
        change(&mut part);
        try_cut(&runtime, &server, &part).unwrap_err()
    };
    let backwards = other(|part| part.to = Duration::ZERO);
    assert!(backwards.message.contains("a time after the start at 1"), "{backwards}");
    let absent = other(|part| part.film = "talks/none.mov".to_owned());
    assert!(absent.message.contains("talks/none.mov"), "{absent}");
    let webm = other(|part| part.output = "parts/question.webm".to_owned());
    assert_eq!(webm.hint, "end it in .mp4");
    let stranger = Arc::new(s3::client(&server, "wrong"));
    let refused = cut(&runtime, stranger, &Part { overwrite: true, ..part(1, 2) }).unwrap_err();
    assert!(refused.message.contains(FILM) && refused.message.contains("403"), "{refused}");
    assert_eq!(refused.hint, "check the bucket, the keys and the credentials");
    assert!(unchanged());

    try_cut(&runtime, &server, &Part { overwrite: true, ..part(1, 2) }).unwrap();
    judge_host_file(&bucket.join(OUTPUT)).assert_duration(1.0, 2.0 * FRAME);
}
