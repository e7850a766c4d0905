//! `cargo xtask bench`: the same work by us and by what people use otherwise, as ratios of one run.

mod codecs;
mod engine;
mod files;

use clap::ValueEnum;

/// What is measured.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Subject {
    /// The module against native FFmpeg: decoding, filtering, encoding
    Codecs,
    /// The engine: to start, to stop, and jobs side by side
    Engine,
    /// Files: in memory against a tmpfs, of a guest against native FFmpeg, of a bucket in bytes fetched
    Vfs,
}

impl Subject {
    pub(crate) fn measure(self) -> anyhow::Result<()> {
        match self {
            Subject::Codecs => codecs::run(),
            Subject::Engine => engine::run(),
            Subject::Vfs => files::run(),
        }
    }
}
