#![doc = include_str!("../README.md")]

mod failure;

use std::time::Duration;

use afmpeg::{
    Job, Limits, MemFs, Runtime, VfsExt as _,
    frames::{FrameFormat, FrameSize},
};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::header::CONTENT_TYPE,
    response::IntoResponse,
    routing::post,
};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::failure::Failure;

/// The largest upload, in bytes.
pub const MAX_UPLOAD: usize = 64 << 20;

/// The path of an upload on the filesystem of its jobs.
const UPLOAD: &str = "/upload";

/// Returns the service. Its jobs run in `runtime`, whose [`max_waiting`](afmpeg::RuntimeBuilder::max_waiting) bounds the
/// requests that wait for a slot.
///
/// ```no_run
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = afmpeg::Runtime::builder().find_module().max_waiting(32).build()?;
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// axum::serve(listener, afmpeg_upload::service(runtime)).await?;
/// # Ok(())
/// # }
/// ```
pub fn service(runtime: Runtime) -> Router {
    Router::new()
        .route("/facts", post(facts))
        .route("/thumbnail", post(thumbnail))
        .route("/film", post(film))
        .layer(DefaultBodyLimit::max(MAX_UPLOAD))
        .with_state(runtime)
}

/// The limits of a job. A clip of an hour and an endless one must both end.
fn limited(job: Job) -> Job {
    job.limits(Limits::default().wall_time(Duration::from_secs(120)).output(512 << 20))
}

/// Returns a filesystem with nothing but the upload. An upload cannot refer to another one.
fn filesystem(upload: Bytes) -> Result<MemFs, Failure> {
    let fs = MemFs::new();
    fs.write(UPLOAD, upload)?;
    Ok(fs)
}

async fn facts(State(runtime): State<Runtime>, upload: Bytes) -> Result<Json<Value>, Failure> {
    let request = runtime.probe_request(filesystem(upload)?, UPLOAD).configure_job(limited);
    let probe = request.run_async().await?;
    let streams: Vec<Value> = probe
        .streams
        .iter()
        .map(|stream| json!({ "codec": stream.codec_name, "size": stream.size() }))
        .collect();
    let seconds = probe.duration().map(|duration| duration.as_secs_f64());
    Ok(Json(json!({ "seconds": seconds, "streams": streams })))
}

async fn thumbnail(State(runtime): State<Runtime>, upload: Bytes) -> Result<impl IntoResponse, Failure> {
    let request = runtime
        .frames(filesystem(upload)?, UPLOAD)
        .at(Duration::ZERO)
        .size(FrameSize::Within { width: 320, height: 320 })
        .format(FrameFormat::Jpeg { quality: 85 })
        .configure_job(limited);
    let frame = request.run_async().await?.into_stream().next().await.ok_or(Failure::NoPicture)??;
    Ok(([(CONTENT_TYPE, "image/jpeg")], frame.into_data()))
}

async fn film(State(runtime): State<Runtime>, upload: Bytes) -> Result<impl IntoResponse, Failure> {
    let args = [
        "-v",
        "error",
        "-i",
        UPLOAD,
        "-map",
        "0:v:0",
        "-map",
        "0:a:0?",
        "-vf",
        "scale=-2:'min(720,ih)',format=yuv420p",
        "-c:v",
        "libopenh264",
        "-c:a",
        "aac",
        "-movflags",
        "frag_keyframe+empty_moov",
        "-f",
        "mp4",
        "-",
    ];
    let mut pieces = limited(runtime.job(filesystem(upload)?)).args(args).stdout_stream()?;
    // The first piece decides the status. A job that fails later breaks the response off.
    let first = pieces.next().await.ok_or(Failure::NoPicture)??;
    let pieces = stream::once(async { Ok(first) }).chain(pieces);
    Ok(([(CONTENT_TYPE, "video/mp4")], Body::from_stream(pieces)))
}
