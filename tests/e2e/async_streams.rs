//! Standard streams of jobs in asynchronous programs.

use std::{io, time::Duration};

use afmpeg_engine::{Error, ErrorKind, Runtime};
use afmpeg_vfs::MemFs;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use pollster::block_on;

use crate::harness::{FULL_GPL, full, module_path};

/// A film without an end, of 173 KB per frame.
const ENDLESS: &str = "-v error -f lavfi -i testsrc2=s=320x180 -f rawvideo -pix_fmt rgb24 -";

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[test]
fn output_arrives_as_a_stream() {
    let args = "-v error -f lavfi -i testsrc2=s=320x180:d=2 -f rawvideo -pix_fmt rgb24 -";
    let job = || full().runtime.job(MemFs::new()).args(words(args));
    let pieces: Vec<Bytes> = block_on(job().stdout_stream().unwrap().try_collect()).unwrap();
    assert!(pieces.len() > 1);
    assert_eq!(pieces.concat(), job().run().unwrap().stdout());
}

#[test]
fn failure_of_the_job_is_the_last_item() {
    let job = full().runtime.job(MemFs::new()).args(words("-v error -i missing.mp4 -f null -"));
    let mut pieces = job.stdout_stream().unwrap();
    let error = block_on(pieces.next()).unwrap().unwrap_err();
    let inner = error.get_ref().unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!(inner.kind(), ErrorKind::NotFound);
    assert!(block_on(pieces.next()).is_none());
}

#[test]
fn slow_reader_makes_the_job_wait_without_a_slot_and_dropping_the_stream_ends_it() {
    let one = std::num::NonZero::<usize>::MIN;
    let runtime = Runtime::builder().module(module_path(FULL_GPL)).slots(one).build().unwrap();
    let job = runtime.job(MemFs::new()).args(words(ENDLESS));
    let progress = job.progress();
    let mut pieces = job.stdout_stream().unwrap();
    block_on(pieces.next()).unwrap().unwrap();
    // It gets the only slot while the endless one waits.
    runtime.job(MemFs::new()).args(words("-v error -f lavfi -i testsrc2=d=0.1 -f null -")).run().unwrap();
    // Without the reader's pace, there would be hundreds. Some wait in FFmpeg's own queues.
    std::thread::sleep(Duration::from_millis(1500));
    assert!(progress.latest().frame.unwrap_or(0) <= 100, "{:?}", progress.latest());
    for _ in 0..20 {
        block_on(pieces.next()).unwrap().unwrap();
    }
    drop(pieces);
    assert_eq!(runtime.shutdown(Duration::from_secs(60)), 0);
}

#[test]
fn input_is_read_from_a_stream() {
    let tone = full().runtime.job(MemFs::new()).args(words("-v error -f lavfi -i sine=d=1 -f wav -"));
    let tone = Bytes::copy_from_slice(tone.run().unwrap().stdout());
    let piece = |at: usize| tone.slice(at..tone.len().min(at + 1000));
    let pieces: Vec<Bytes> = (0..tone.len()).step_by(1000).map(piece).collect();
    // An empty piece is not the end.
    let pieces = pieces.into_iter().chain([Bytes::new()]).map(Ok::<_, io::Error>);
    let decode = words("-v error -i - -f s16le -");
    let job =
        full().runtime.job(MemFs::new()).args(decode.iter().copied()).stdin_stream(stream::iter(pieces));
    // One second of 16-bit samples at 44.1 kHz.
    assert_eq!(job.run().unwrap().stdout().len(), 88_200);

    let broken = stream::iter([Ok(tone.slice(..1000)), Err("the connection broke")]);
    let job = full().runtime.job(MemFs::new()).args(decode.iter().copied()).stdin_stream(broken);
    let error = job.run().unwrap_err();
    let Error::Filesystem { path, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((path.as_str(), source.to_string().contains("the connection broke")), ("/dev/stdin", true));
}
