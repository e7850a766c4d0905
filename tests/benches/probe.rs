//! Prints the number of bytes, headers included, that a bucket sends while ffprobe in the sandbox reads an MP4 of 1 GiB
//! with its index at the end. `cargo xtask bench vfs` prints it with its target.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints its results and may panic"
)]

#[path = "../../crates/afmpeg-vfs/tests/support/mod.rs"]
mod support;

#[path = "../e2e/long_mp4.rs"]
mod long_mp4;

use std::sync::Arc;

use afmpeg_engine::Runtime;
use afmpeg_vfs::ObjectFs;
use support::s3;

const MODULE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/wasm/ffmpeg-full-gpl.wasm");
const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/bigbuckbunny.mp4");

fn main() {
    let runtime = Runtime::builder().module(MODULE).build().unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::tempdir().unwrap();
    let server = s3::serve_bucket(folder.path());
    let clip = std::fs::read(CLIP).unwrap();
    long_mp4::write(&runtime, clip, &folder.path().join(s3::BUCKET).join("long.mp4"));
    runtime.probe(ObjectFs::new(Arc::new(s3::client(&server, s3::SECRET))), "long.mp4").unwrap();
    println!("{}", server.sent());
}
