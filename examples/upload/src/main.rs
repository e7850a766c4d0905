//! `afmpeg-upload --module ffmpeg.wasm`: serves on a port of this machine.

#![allow(clippy::print_stdout, reason = "a program prints its results")]

use std::path::PathBuf;

use afmpeg::Runtime;
use anyhow::Context as _;
use clap::Parser;
use tokio::net::TcpListener;

/// Serve facts, thumbnails and films of uploads
#[derive(Debug, Parser)]
struct Options {
    /// The FFmpeg module. Default: the one that is found
    #[arg(long)]
    module: Option<PathBuf>,
    /// The address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// The most requests that wait for a slot. Others get the status 503
    #[arg(long, default_value_t = 32)]
    waiting: usize,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let builder = Runtime::builder().max_waiting(options.waiting);
    let builder = match options.module {
        Some(module) => builder.module(module),
        None => builder.find_module(),
    };
    let service = afmpeg_upload::service(builder.build()?);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(&options.listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {}", options.listen))?;
        println!("listening on http://{}", listener.local_addr()?);
        Ok(axum::serve(listener, service).await?)
    })
}
