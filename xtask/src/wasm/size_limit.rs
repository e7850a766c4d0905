//! The limits on the sizes of modules.

use std::fs;

use anyhow::Context as _;
use serde::Deserialize;

use super::{folders::wasm_build, module_name::Profile};
use crate::failure::Failure;

/// The file with the limits, below `wasm-build/`.
const FILE: &str = "components/sizes.toml";

/// The largest size of a module of each profile with gzip, in bytes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    full: u64,
    lean: u64,
}

/// The largest size of a module of `profile` with gzip, in bytes.
pub(super) fn of(profile: Profile) -> anyhow::Result<u64> {
    let path = wasm_build().join(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let limits: Limits = toml::from_str(&text).with_context(|| format!("cannot use {}", path.display()))?;
    Ok(match profile {
        Profile::Full => limits.full,
        Profile::Lean => limits.lean,
    })
}

/// Fails if a module of `profile` has more than its limit of bytes with gzip.
pub(super) fn check(profile: Profile, gzip: u64) -> anyhow::Result<()> {
    let limit = of(profile)?;
    if gzip <= limit {
        return Ok(());
    }
    Err(Failure::new(
        format!("the module has {gzip} bytes with gzip, and its limit is {limit}"),
        format!("leave out what made it larger, or raise the limit in wasm-build/{FILE}"),
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_above_the_limit_of_its_profile_is_refused() {
        check(Profile::Lean, 3_000_000).unwrap();
        check(Profile::Full, 5_000_000).unwrap();
        let error = check(Profile::Lean, 5_000_000).unwrap_err().to_string();
        assert!(error.starts_with("the module has 5000000 bytes with gzip"), "{error}");
    }
}
