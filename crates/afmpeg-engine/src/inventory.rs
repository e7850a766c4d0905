//! Runs a module to read its capabilities and its tools' options.
//!
//! This happens when a runtime is built, or in [`Runtime::capabilities`]. All other guests are started by callers.

use std::time::Duration;

use afmpeg_vfs::MemFs;

use crate::{
    Capabilities, Limits, Result, Runtime, Tool,
    asynchronous::{self, JobTokens},
    capabilities,
    facts::ToolOptions,
};

/// The most time of each run of a tool. Slower hosts get no suggestions.
const MAX_TIME: Duration = Duration::from_secs(10);

impl Runtime {
    /// Returns the components of this module: codecs, formats, filters, each with its options.
    ///
    /// Runs the module, in a slot and within the [limits](Self::limits), unless this runtime or the cache already has
    /// the result. Both then store it.
    ///
    /// Errors suggest corrections for misspelt components and options, from this list and from the tools' help, which
    /// this call also reads. A runtime that was [built](crate::RuntimeBuilder::build) from a module with a cache has
    /// both from the start. Other runtimes have suggestions only after this call, or if the cache already has the
    /// lists. A failed job never runs the module for a suggestion.
    ///
    /// # Errors
    ///
    /// As [`Job::run`](crate::Job::run), and [`Error::CapabilitiesOutput`](crate::Error::CapabilitiesOutput).
    pub fn capabilities(&self) -> Result<&Capabilities> {
        let capabilities = self.capabilities_within(&self.limits)?;
        self.read_options(&self.limits);
        Ok(capabilities)
    }

    /// The async version of [`capabilities`](Self::capabilities), for any executor. Dropping the future does not end the
    /// module's run.
    ///
    /// # Errors
    ///
    /// As [`capabilities`](Self::capabilities).
    pub async fn capabilities_async(&self) -> Result<&Capabilities> {
        if self.inner().facts.capabilities().is_none() {
            let runtime = self.clone();
            let read = move || runtime.capabilities().map(drop);
            asynchronous::run(self, Tool::Capabilities, JobTokens::default(), read).await?;
        }
        self.capabilities_within(&self.limits)
    }

    /// Returns the stored capabilities, or reads them from the module within `limits`.
    fn capabilities_within(&self, limits: &Limits) -> Result<&Capabilities> {
        let facts = &self.inner().facts;
        if let Some(stored) = facts.capabilities() {
            return Ok(stored);
        }
        let capabilities = capabilities::read_or_run(facts.store(), self.module_sha256(), || {
            let job = self.job(MemFs::new()).tool(Tool::Capabilities).limits(limits.clone());
            Ok(job.run()?.into_stdout())
        })?;
        Ok(facts.set_capabilities(capabilities))
    }

    /// Reads the tools' options, unless they are stored. Only suggestions for misspelt options need them.
    fn read_options(&self, limits: &Limits) {
        let inner = self.inner();
        if !inner.is_ffmpeg || inner.facts.options().is_some() {
            return;
        }
        let help_of = |tool| -> Result<String> {
            let job = self.job(MemFs::new()).tool(tool).limits(limits.clone().wall_time(MAX_TIME));
            let help = job.args(["-hide_banner", "-h", "long"]).run()?;
            Ok(String::from_utf8_lossy(help.stdout()).into_owned())
        };
        let read = help_of(Tool::Ffmpeg)
            .and_then(|ffmpeg| Ok(ToolOptions::of_help(&ffmpeg, &help_of(Tool::Ffprobe)?)));
        match read {
            Ok(options) => inner.facts.set_options(options),
            Err(error) => tracing::debug!(
                error = &error as &dyn std::error::Error,
                "cannot read the options of the tools"
            ),
        }
    }

    /// Stores the missing facts about a module with cached code.
    pub(crate) fn keep_facts(&self) {
        let inner = self.inner();
        if !inner.is_ffmpeg || !inner.facts.could_be_kept() {
            return;
        }
        // Not the caller's limits, which are for media: module and arguments are trusted.
        let limits = Limits::default().wall_time(MAX_TIME);
        if let Err(error) = self.capabilities_within(&limits) {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "cannot read the module's capabilities"
            );
        }
        self.read_options(&limits);
    }
}
