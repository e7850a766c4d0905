//! `cargo xtask bench`: the same work in afmpeg and in its alternatives, as ratios from one run.

mod codecs;
mod engine;
mod files;

use clap::Subcommand;

/// The subject of a benchmark.
#[derive(Debug, Subcommand)]
pub(crate) enum Subject {
    /// The module against native FFmpeg: decoding, filtering, encoding
    Codecs(codecs::Choices),
    /// The engine: starting, stopping, and jobs in parallel
    Engine,
    /// Files: in memory against a tmpfs, in a guest against native FFmpeg, and bytes fetched from a bucket
    Vfs,
}

impl Subject {
    pub(crate) fn measure(&self) -> anyhow::Result<()> {
        match self {
            Subject::Codecs(choices) => codecs::run(choices),
            Subject::Engine => engine::run(),
            Subject::Vfs => files::run(),
        }
    }
}
