//! `wasm-build/versions.lock`: the third-party sources of a module.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::failure::Failure;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Lock {
    pub(super) module: ModulePin,
    pub(super) toolchain: ToolchainPin,
    pub(super) wasix_libc: Source,
    #[serde(rename = "source")]
    pub(super) sources: BTreeMap<String, Spanned<Source>>,
}

/// The modules that were built last for others to compare with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModulePin {
    /// Larger by one with each change of a module's bytes.
    pub(super) number: u32,
    /// The versions of the tools that built them.
    pub(super) toolchain: Vec<String>,
    /// The sha256 of each, by its variant and profile.
    pub(super) sha256: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ToolchainPin {
    pub(super) clang_major: u32,
    pub(super) packages: Vec<String>,
}

/// A file to fetch, and its hash. It has a URL, a path on a mirror, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) version: String,
    /// SPDX.
    pub(super) licence: String,
    pub(super) file: String,
    pub(super) sha256: String,
    /// The URL of upstream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    /// The path on a Debian mirror.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pool: Option<String>,
    /// Debian's archive of patches to it, which are applied before ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) debian: Option<Box<Source>>,
    /// The files and folders to unpack, as paths below the top folder. The default is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) paths: Vec<String>,
    /// A smaller archive of these paths, which replaces the file where it is at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subset: Option<Subset>,
}

/// An archive that has some paths of another one. It is on no mirror.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subset {
    pub(super) file: String,
    pub(super) sha256: String,
}

impl Lock {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let lock: Self = toml::from_str(&text).with_context(|| format!("cannot use {}", path.display()))?;
        if let Some(pin) = lock.archives().find(|pin| pin.url.is_none() && pin.pool.is_none()) {
            return Err(Failure::new(
                format!("versions.lock pins {}, but has neither its url nor its pool", pin.file),
                "add `url`, the URL of upstream, or `pool`, the path on a Debian mirror",
            )
            .into());
        }
        Ok(lock)
    }

    pub(super) fn source(&self, name: &str) -> anyhow::Result<&Source> {
        let source = self.sources.get(name).with_context(|| format!("versions.lock has no source {name}"))?;
        Ok(source.get_ref())
    }

    /// Every archive that a build can need.
    fn archives(&self) -> impl Iterator<Item = &Source> {
        let sources = self.sources.values().map(Spanned::get_ref).chain([&self.wasix_libc]);
        sources.flat_map(|source| [source].into_iter().chain(source.debian.as_deref()))
    }

    /// The place of a source in the file; none for a name that it lacks, which comes before all others.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.sources.get(name).map(|source| source.span().start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pin_of_the_repository_is_complete() {
        let lock = Lock::read(&super::super::folders::wasm_build().join("versions.lock")).unwrap();
        for source in lock.archives() {
            assert_eq!(source.sha256.len(), 64, "{}", source.file);
            assert!(source.pool.iter().all(|pool| pool.ends_with(&source.file)), "{}", source.file);
            assert!(source.url.iter().all(|url| url.starts_with("https://")), "{}", source.file);
            assert!(!source.licence.is_empty(), "{}", source.file);
            if let Some(subset) = &source.subset {
                assert_eq!(subset.sha256.len(), 64, "{}", subset.file);
                assert!(!source.paths.is_empty(), "{} names the paths that {} has", source.file, subset.file);
            }
        }
        assert_eq!(lock.source("ffmpeg").unwrap().version, "9.0.2");
        assert!(lock.position("zlib") < lock.position("openh264"));
        assert!(lock.source("nosuch").unwrap_err().to_string().contains("nosuch"));
    }

    #[test]
    fn pin_needs_a_url_or_a_pool() {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("versions.lock");
        let path = super::super::folders::wasm_build().join("versions.lock");
        let text = fs::read_to_string(&path).unwrap();
        for pin in Lock::read(&path).unwrap().archives() {
            let Some(pool) = &pin.pool else { continue };
            fs::write(&copy, text.replace(&format!("pool = \"{pool}\"\n"), "")).unwrap();
            let result = Lock::read(&copy).map_err(|error| error.to_string());
            match &pin.url {
                Some(_) => assert!(result.unwrap().archives().any(|pin| pin.pool.is_none())),
                None => assert!(result.unwrap_err().contains(&format!("pins {}", pin.file))),
            }
        }
    }
}
