use std::num::NonZero;

use clap::Args;

/// The tests of FATE to run.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Selection {
    /// Names of tests, with * as a wildcard: vsynth1-*, fate-lavf-mkv. Default: all
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<String>,
    /// Run a random sample of N tests
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// Seed of the sample
    #[arg(long, value_name = "S", default_value_t = 1, requires = "sample")]
    pub(crate) seed: u64,
    /// Run codecs and filters with N threads on N processors, instead of one
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZero<usize>>,
    /// Print the names of the tests instead of running them
    #[arg(long)]
    pub(crate) list: bool,
}
