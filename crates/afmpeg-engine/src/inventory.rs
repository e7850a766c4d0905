//! Runs a module for what it has: its capabilities and its tools' options.
//!
//! That happens when a runtime is built, or by [`Runtime::capabilities`], and no other guest runs but those that a caller
//! starts.

use std::time::Duration;

use afmpeg_vfs::MemFs;

use crate::{Capabilities, Limits, Result, Runtime, Tool, capabilities, facts::ToolOptions};

/// The most time that each run of a tool takes: a host that is as slow as that goes without.
const MAX_TIME: Duration = Duration::from_secs(10);

impl Runtime {
    /// What this module has: codecs, formats, filters, and the options of each.
    ///
    /// The module is run once for it, in a slot and within the [limits](Self::limits); after that the answer is in this
    /// runtime and in the cache, beside the artifact.
    ///
    /// It is also what makes errors suggest the name that a misspelt one may have meant, together with the names of the
    /// tools' options, which this reads, too: a job that fails runs nothing else. [`build`](crate::RuntimeBuilder::build) does
    /// the same by itself where compiled code is kept in a cache. A runtime without a cache, or of an artifact, makes
    /// suggestions only after a call of this.
    ///
    /// # Errors
    ///
    /// As [`Job::run`](crate::Job::run), and [`Error::CapabilitiesOutput`](crate::Error::CapabilitiesOutput).
    pub fn capabilities(&self) -> Result<&Capabilities> {
        let capabilities = self.capabilities_within(&self.limits)?;
        self.learn_options(&self.limits);
        Ok(capabilities)
    }

    /// The capabilities of the module: those that are known, or else those that it prints within `limits`.
    fn capabilities_within(&self, limits: &Limits) -> Result<&Capabilities> {
        let facts = &self.inner().facts;
        if let Some(known) = facts.capabilities() {
            return Ok(known);
        }
        let capabilities = capabilities::read_or_run(facts.store(), self.module_sha256(), || {
            let job = self.job(MemFs::new()).tool(Tool::Capabilities).limits(limits.clone());
            Ok(job.run()?.into_stdout())
        })?;
        Ok(facts.set_capabilities(capabilities))
    }

    /// Makes the tools' options known, if they are not. Without them there are no suggestions for misspelt options, and
    /// nothing else is missing.
    fn learn_options(&self, limits: &Limits) {
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
            Err(error) => tracing::debug!(%error, "the options of the tools are not known"),
        }
    }

    /// Writes the facts of a module whose compiled code is in the cache, where they are missing and can be kept.
    pub(crate) fn keep_facts(&self) {
        let inner = self.inner();
        if !inner.is_ffmpeg || !inner.facts.could_be_kept() {
            return;
        }
        // The module is ours and its arguments are, too: the caller's limits are for media.
        let limits = Limits::default().wall_time(MAX_TIME);
        if let Err(error) = self.capabilities_within(&limits) {
            tracing::debug!(%error, "the module's capabilities are not known");
        }
        self.learn_options(&limits);
    }
}
