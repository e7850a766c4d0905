//! The example of a web service, with requests as its clients send them.

use std::{num::NonZero, time::Duration};

use afmpeg::{MemFs, Runtime, VfsExt as _};
use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, Response, StatusCode},
};
use futures_util::StreamExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::harness::{CLIP, CLIP_FRAMES, CLIP_SECONDS, FULL_GPL, Judged, fixture, full, judge, module_path};

/// A runtime with one slot, so that a job that never ends shows.
fn runtime() -> Runtime {
    let one = NonZero::<usize>::MIN;
    Runtime::builder().module(module_path(FULL_GPL)).slots(one).max_waiting(1).build().unwrap()
}

async fn send(service: &Router, path: &str, body: impl Into<Body>) -> Response<Body> {
    let request = Request::post(path).body(body.into()).unwrap();
    service.clone().oneshot(request).await.unwrap()
}

async fn whole(response: Response<Body>) -> Bytes {
    let pieces: Vec<Bytes> = response.into_body().into_data_stream().map(Result::unwrap).collect().await;
    pieces.concat().into()
}

/// Reads a file with Debian's ffprobe.
fn judged(name: &str, bytes: Bytes) -> Judged {
    let fs = MemFs::new();
    fs.write(name, bytes).unwrap();
    judge(&fs, name)
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn upload_gets_its_facts_a_thumbnail_and_a_film() {
    let service = afmpeg_upload::service(runtime());
    block_on(async {
        let response = send(&service, "/facts", fixture(CLIP)).await;
        assert_eq!(response.status(), StatusCode::OK);
        let facts: Value = serde_json::from_slice(&whole(response).await).unwrap();
        assert!((facts["seconds"].as_f64().unwrap() - CLIP_SECONDS).abs() < 0.1, "{facts}");
        assert_eq!(
            (&facts["streams"][0]["codec"], &facts["streams"][0]["size"][0]),
            (&"h264".into(), &1280.into())
        );

        let response = send(&service, "/thumbnail", fixture(CLIP)).await;
        assert_eq!(response.headers()["content-type"], "image/jpeg");
        judged("thumbnail.jpg", whole(response).await).assert_codec("video", "mjpeg").assert_size(320, 180);

        let response = send(&service, "/film", fixture(CLIP)).await;
        assert_eq!(response.headers()["content-type"], "video/mp4");
        let film = judged("film.mp4", whole(response).await);
        film.assert_codec("video", "h264").assert_codec("audio", "aac").assert_size(1280, 720);
        film.assert_frames(CLIP_FRAMES);
    });
}

#[test]
fn status_names_the_fault() {
    let service = afmpeg_upload::service(runtime());
    block_on(async {
        for path in ["/facts", "/thumbnail", "/film"] {
            assert_eq!(
                send(&service, path, "no media").await.status(),
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "{path}"
            );
        }
        let long = vec![0; afmpeg_upload::MAX_UPLOAD + 1];
        assert_eq!(send(&service, "/facts", long).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let playlist = "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n";
        assert_eq!(send(&service, "/film", playlist).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    });
}

#[test]
fn film_starts_before_it_is_complete_and_a_client_that_leaves_ends_its_job() {
    let runtime = runtime();
    let service = afmpeg_upload::service(runtime.clone());
    // Ten minutes of a still picture are short, and take minutes to encode.
    let fs = MemFs::new();
    let picture = "-v error -f lavfi -i testsrc2=s=1280x720:d=0.04,loop=-1:1,trim=end=10";
    full().ffmpeg(&fs, &format!("{picture} -c:v libx264 -preset ultrafast /short.mkv"));
    full().ffmpeg(&fs, "-v error -stream_loop 59 -i /short.mkv -c copy /long.mkv");
    let film = fs.read("/long.mkv").unwrap();
    assert!(film.len() < afmpeg_upload::MAX_UPLOAD);
    block_on(async {
        let response = send(&service, "/film", film).await;
        assert_eq!(response.status(), StatusCode::OK);
        let mut body = response.into_body().into_data_stream();
        let first = body.next().await.unwrap().unwrap();
        // The first box of an MP4.
        assert_eq!(&first[4..8], b"ftyp");
        drop(body);
        assert_eq!(send(&service, "/facts", fixture(CLIP)).await.status(), StatusCode::OK);
    });
    assert_eq!(runtime.shutdown(Duration::from_secs(60)), 0);
}
