//! Media in buckets, at URLs, in archives and in overlays.

use std::{
    error::Error as _,
    io::{self, Write as _},
    sync::Arc,
};

use afmpeg_engine::Error;
use afmpeg_vfs::{
    Change, FaultRule, Faulty, HostDir, HttpFs, MemFs, Mount, ObjectFs, Observe, Operation, Overlay,
    ReadOnly, VPath, Vfs, VfsExt as _, ZipFs,
};

use crate::{
    filesystem::backends::support::{self, s3},
    harness::{CLIP, CLIP_FRAMES, FULL_GPL, fixture, judge_host_file, memory_with, runtime},
    long_mp4,
};

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

/// Returns a filesystem in memory with `fs` at `/in`.
fn with_inputs(fs: impl Vfs) -> (Mount, MemFs) {
    let outputs = MemFs::new();
    (Mount::new(Arc::new(outputs.clone())).mount(path("/in"), Arc::new(fs)), outputs)
}

const COPY: [&str; 6] = ["-nostdin", "-i", "/in/clip.mp4", "-c", "copy", "/out/clip.mkv"];

#[test]
fn bucket_is_written_only_after_the_job_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let server = s3::serve_bucket(folder.path());
    let bucket = folder.path().join(s3::BUCKET);
    std::fs::create_dir(bucket.join("in")).unwrap();
    std::fs::write(bucket.join("in/clip.mp4"), fixture(CLIP)).unwrap();
    let output = bucket.join("in/clip.mkv");
    // Write to the folder of the input, since a bucket has no empty folders.
    let copy: [&str; 6] = std::array::from_fn(|index| if index == 5 { "/in/clip.mkv" } else { COPY[index] });

    let fs = || ObjectFs::new(Arc::new(s3::client(&server, s3::SECRET)));
    let rule = FaultRule::error(io::ErrorKind::Other, "out of ink").on(Operation::Write).nth(3);
    let failed = runtime(FULL_GPL).run(Faulty::new(fs()).with(rule), copy).unwrap_err();
    assert!(matches!(failed, Error::Filesystem { .. }), "{failed:?}");
    assert!(!output.exists());
    runtime(FULL_GPL).run(fs(), copy).unwrap();
    judge_host_file(&output).assert_codec("video", "h264").assert_frames(CLIP_FRAMES);
    let wrong = ObjectFs::new(Arc::new(s3::client(&server, "wrong")));
    let refused = runtime(FULL_GPL).run(wrong, copy).unwrap_err();
    assert!(refused.to_string().contains("/in/clip.mp4"), "{refused}");
    assert!(refused.source().is_some_and(|cause| cause.to_string().contains("403")), "{refused:?}");
}

#[test]
fn probe_of_a_long_file_at_a_url_fetches_little_of_it() {
    let folder = tempfile::tempdir().unwrap();
    long_mp4::write(&runtime(FULL_GPL), fixture(CLIP), &folder.path().join("long.mp4"));
    let server = support::serve_folder(folder.path());
    let fs =
        HttpFs::builder().file("/long.mp4", format!("http://{}/long.mp4", server.address)).build().unwrap();
    let probe = runtime(FULL_GPL).probe(fs, "long.mp4").unwrap();
    assert_eq!(probe.streams.len(), 2);
    let sent = server.sent();
    assert!(sent < 4 << 20, "{sent} bytes, headers included");
}

#[test]
fn jobs_read_from_urls_and_archives() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clip"), fixture(CLIP)).unwrap();
    let server = support::serve_folder(folder.path());
    let at_url = HttpFs::builder()
        .file("/clip.mp4", format!("http://{}/clip?signature=x", server.address))
        .build()
        .unwrap();

    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("clip.mp4", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(&fixture(CLIP)).unwrap();
    let zipped = ZipFs::open(writer.finish().unwrap().into_inner()).unwrap();

    let (direct, outputs) = with_inputs(stored(fixture(CLIP)));
    outputs.create_dir_all("/out").unwrap();
    runtime(FULL_GPL).job(direct).seed(1).args(COPY).run().unwrap();
    let expected = outputs.read("/out/clip.mkv").unwrap();
    for inputs in [Arc::new(at_url) as Arc<dyn Vfs>, Arc::new(zipped)] {
        let (fs, outputs) = with_inputs(inputs);
        outputs.create_dir_all("/out").unwrap();
        runtime(FULL_GPL).job(fs).seed(1).args(COPY).run().unwrap();
        assert!(outputs.read("/out/clip.mkv").unwrap() == expected);
    }
}

fn stored(clip: Vec<u8>) -> MemFs {
    let fs = MemFs::new();
    fs.write("/clip.mp4", clip).unwrap();
    fs
}

#[test]
fn overlay_receives_the_writes_and_leaves_the_host_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clip.mp4"), fixture(CLIP)).unwrap();
    let host = ReadOnly::new(HostDir::open(folder.path()).unwrap());
    let fs = Overlay::new(Arc::new(host), Arc::new(MemFs::new()));
    // Replace the input in the overlay.
    let rewrite = ["-y", "-nostdin", "-i", "clip.mp4", "-c", "copy", "-movflags", "+faststart", "new.mp4"];
    runtime(FULL_GPL).run(fs.clone(), rewrite).unwrap();
    fs.rename(&path("/new.mp4"), &path("/clip.mp4")).unwrap();
    assert_eq!(fs.changes().unwrap(), [Change::Written(path("/clip.mp4"))]);
    assert!(std::fs::read(folder.path().join("clip.mp4")).unwrap() == fixture(CLIP));
    assert!(fs.read("/clip.mp4").unwrap() != fixture(CLIP));
}

#[test]
fn reads_and_writes_are_counted_by_file() {
    let fs = Observe::new(memory_with(&[CLIP]));
    runtime(FULL_GPL).run(fs.clone(), ["-nostdin", "-i", CLIP, "-c", "copy", "out.mkv"]).unwrap();
    let clip = fs.stats_of(&path(&format!("/{CLIP}")));
    let out = fs.stats_of(&path("/out.mkv"));
    assert!(clip.bytes_read >= fixture(CLIP).len() as u64 && clip.bytes_written == 0, "{clip:?}");
    assert!(out.bytes_written >= fs.read("/out.mkv").unwrap().len() as u64, "{out:?}");
}
