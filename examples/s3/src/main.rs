//! `afmpeg-s3 --bucket media --from 60 --to 90 film.mov part.mp4`: cuts a part of an object into another object.

#![allow(clippy::print_stderr, clippy::print_stdout, reason = "a program prints its results")]

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use afmpeg::Runtime;
use afmpeg_s3::{Failure, Part, cut};
use clap::Parser;
use object_store::aws::AmazonS3Builder;

/// Cut a part of a film in an S3 bucket. The region, the endpoint and the credentials are in the environment: AWS_REGION,
/// AWS_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
#[derive(Debug, Parser)]
struct Options {
    /// The FFmpeg module. Default: the one that is found
    #[arg(long)]
    module: Option<PathBuf>,
    /// The name of the bucket
    #[arg(long)]
    bucket: String,
    /// The start of the part, in seconds
    #[arg(long, value_parser = seconds, default_value = "0")]
    from: Duration,
    /// The end of the part, in seconds
    #[arg(long, value_parser = seconds)]
    to: Duration,
    /// Replace an object at the key of the output
    #[arg(long)]
    overwrite: bool,
    /// The key of the film
    film: String,
    /// The key of the MP4 to write
    output: String,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("expected a number of seconds, found {text:?}"))?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), Failure> {
    // It fails only if the program has a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let bucket = AmazonS3Builder::from_env().with_bucket_name(options.bucket).build()?;
    let builder = Runtime::builder();
    let builder = match options.module {
        Some(module) => builder.module(module),
        None => builder.find_module(),
    };
    let Options { film, from, to, output, overwrite, .. } = options;
    let part = Part { film, from, to, output, overwrite };
    for dropped in cut(&builder.build()?, Arc::new(bucket), &part)? {
        eprintln!("warning: {dropped}");
    }
    println!("{} is in the bucket", part.output);
    Ok(())
}
