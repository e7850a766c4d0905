//! Libraries of headers alone, which the recipe's `install` copies.

use serde::Deserialize;

use super::driver::{Driver, Site};

/// Nothing is compiled.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Headers {}

impl Driver for Headers {
    fn options(&self) -> Vec<String> {
        Vec::new()
    }

    fn build(&self, _: &mut Site<'_>) -> anyhow::Result<()> {
        Ok(())
    }
}
