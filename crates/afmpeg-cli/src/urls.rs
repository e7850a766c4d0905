//! URLs that FFmpeg may read.

use std::env;

use afmpeg_engine::Job;

use crate::failure::Failure;

/// The environment variable with the prefixes of URLs that a tool may read under its own name, separated by blanks.
pub(crate) const VARIABLE: &str = "AFMPEG_ALLOW_URLS";

/// The longest file of a server without ranges, in bytes: it is in memory while it is open.
#[cfg(feature = "http")]
const MAX_WHOLE: u64 = 1 << 30;

/// The URLs that a job may read.
#[derive(Default)]
pub(crate) struct Urls {
    #[cfg(feature = "http")]
    opener: Option<afmpeg_vfs::HttpUrls>,
}

impl Urls {
    /// Returns those of the environment.
    pub(crate) fn of_environment() -> Result<Self, Failure> {
        let list = env::var_os(VARIABLE).unwrap_or_default();
        let list = list.to_string_lossy();
        Self::below(list.split_whitespace())
    }

    /// Returns the URLs below some prefixes.
    #[cfg(feature = "http")]
    pub(crate) fn below<'a>(prefixes: impl IntoIterator<Item = &'a str>) -> Result<Self, Failure> {
        let mut prefixes = prefixes.into_iter().peekable();
        if prefixes.peek().is_none() {
            return Ok(Self::default());
        }
        let builder = afmpeg_vfs::HttpUrls::builder().whole_bytes(MAX_WHOLE);
        let builder = prefixes.fold(builder, |builder, prefix| builder.allow(prefix));
        match builder.build() {
            Ok(urls) => Ok(Self { opener: Some(urls) }),
            Err(error) => Err(Failure::usage(
                error.to_string(),
                "give the start of URLs, such as https://media.example/films/, or https:// for all of them",
            )),
        }
    }

    #[cfg(not(feature = "http"))]
    pub(crate) fn below<'a>(prefixes: impl IntoIterator<Item = &'a str>) -> Result<Self, Failure> {
        match prefixes.into_iter().next() {
            None => Ok(Self::default()),
            Some(prefix) => Err(Failure::usage(
                format!("cannot allow {prefix}: this command cannot read URLs"),
                "install it with the feature `http`",
            )),
        }
    }

    pub(crate) fn give_to(self, job: Job) -> Job {
        #[cfg(feature = "http")]
        if let Some(urls) = self.opener {
            return job.urls(urls);
        }
        job
    }
}

/// Whether FFmpeg's name of an input is a URL that [`Urls`] can allow.
pub(crate) fn is_url(name: &str) -> bool {
    name.starts_with("http://") || name.starts_with("https://")
}
