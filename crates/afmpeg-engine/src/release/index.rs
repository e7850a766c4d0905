//! The index of a release, once it is verified.

use afmpeg_types::release::{
    FORMAT, INDEX, ReleaseArtifact, ReleaseFile, ReleaseIndex, ReleaseModule, SIGNATURE,
};
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

use super::{ReleaseKey, place::Place};
use crate::{
    code::{Backend, CODEGEN_VERSION},
    error::{Error, Result},
    release_error::ReleaseError,
    store::Store,
    target::Target,
};

/// The longest index, in bytes. One with four modules has some 20,000.
const MAX_INDEX: u64 = 4 << 20;

/// The longest signature, in bytes. minisign writes some 300.
const MAX_SIGNATURE: u64 = 16 << 10;

/// The newest index of a publisher that was used, with its signature.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Signed {
    index: String,
    signature: String,
}

/// A verified index, and the place of its files.
#[derive(Debug)]
pub(super) struct OpenRelease<'a> {
    place: &'a Place,
    index: ReleaseIndex,
}

impl<'a> OpenRelease<'a> {
    /// Reads and verifies the index. If its place cannot be reached, uses the newest one that was used before.
    pub(super) fn open(place: &'a Place, key: &ReleaseKey, store: &Store) -> Result<Self> {
        let kept = Kept { place, key, store };
        let path = store.path(&kept.name());
        // Another process may have a newer one.
        let _lock = store.lock(&path).map_err(|error| store.error(error))?;
        let used = kept.read();
        let signed = match (read(place), &used) {
            (Ok(signed), _) => signed,
            (Err(error @ Error::Download { .. }), Some((signed, _))) => {
                tracing::warn!(%error, "using the index of an earlier use of the release");
                signed.clone()
            }
            (Err(error), _) => return Err(error),
        };
        let index = kept.verify(&signed)?;
        let used = used.map(|(_, index)| index.serial);
        if let Some(used) = used.filter(|used| *used > index.serial) {
            let (place, found) = (place.name(), index.serial);
            return Err(ReleaseError::OlderSerial { place, found, used }.into());
        }
        if used != Some(index.serial) {
            let text = serde_json::to_vec(&signed).map_err(|error| store.error(error.into()))?;
            if let Err(error) = store.keep(&kept.name(), &text) {
                store.report(error, "an older release could be used later without an error")?;
            }
        }
        Ok(Self { place, index })
    }

    pub(super) fn serial(&self) -> u64 {
        self.index.serial
    }

    pub(super) fn place(&self) -> &Place {
        self.place
    }

    /// Returns the module of this variant and profile.
    pub(super) fn module(&self, variant: &str, profile: &str) -> Result<&ReleaseModule> {
        let mut modules = self.index.modules.iter();
        modules.find(|module| module.variant == variant && module.profile == profile).ok_or_else(|| {
            ReleaseError::NoModule {
                place: self.place.name(),
                variant: variant.to_owned(),
                profile: profile.to_owned(),
                has: self.index.modules.iter().map(|module| module.name.clone()).collect(),
            }
            .into()
        })
    }

    /// Returns a module's compiled code that makes the most of this machine, among those that this program loads. Code
    /// of another compiler than `backend` is not used, unless that compiles nothing.
    pub(super) fn artifact<'m>(
        &self,
        module: &'m ReleaseModule,
        backend: Backend,
    ) -> Option<&'m ReleaseArtifact> {
        let machine = Target::host();
        let fits = |artifact: &&ReleaseArtifact| {
            let target = Target::noted(&artifact.triple, &artifact.cpu);
            artifact.wasmer == wasmer_types::VERSION
                && artifact.settings == CODEGEN_VERSION
                && (backend == Backend::Headless || artifact.backend == backend.name())
                && target.is_ok_and(|target| target.unfit_for(&machine).is_none())
        };
        module.artifacts.iter().filter(fits).max_by_key(|artifact| artifact.cpu.len())
    }

    /// Returns the entry of a file that the index refers to.
    pub(super) fn file(&self, name: &str) -> Result<&ReleaseFile> {
        let file = self.index.file(name);
        file.ok_or_else(|| index_error(self.place, format!("it does not list the file {name}")))
    }
}

fn read(place: &Place) -> Result<Signed> {
    let text = |name, limit| {
        let bytes = place.read(name, limit)?;
        String::from_utf8(bytes).map_err(|_| index_error(place, format!("{name} is not text")))
    };
    Ok(Signed { index: text(INDEX, MAX_INDEX)?, signature: text(SIGNATURE, MAX_SIGNATURE)? })
}

/// The newest index of a publisher in a store.
struct Kept<'a> {
    place: &'a Place,
    key: &'a ReleaseKey,
    store: &'a Store,
}

impl Kept<'_> {
    fn name(&self) -> String {
        format!("{}.index", self.key.id())
    }

    fn read(&self) -> Option<(Signed, ReleaseIndex)> {
        let signed: Signed = serde_json::from_slice(&self.store.read(&self.name())?).ok()?;
        let index = self.verify(&signed).ok()?;
        Some((signed, index))
    }

    /// Parses an index that is signed with the key, and checks that this program can use it.
    fn verify(&self, signed: &Signed) -> Result<ReleaseIndex> {
        let Self { place, key, .. } = self;
        if !key.has_signed(signed.index.as_bytes(), &signed.signature) {
            return Err(ReleaseError::Signature { place: place.name() }.into());
        }
        let damaged = |reason: String| index_error(place, reason);
        let json: serde_json::Value =
            serde_json::from_str(&signed.index).map_err(|error| damaged(error.to_string()))?;
        if json["format"] != FORMAT {
            return Err(damaged(format!("expected the format {FORMAT}, found {}", json["format"])));
        }
        let index: ReleaseIndex = serde_json::from_value(json).map_err(|error| damaged(error.to_string()))?;
        let fits = VersionReq::parse(&index.afmpeg).map_err(|error| damaged(error.to_string()))?;
        let this = Version::parse(env!("CARGO_PKG_VERSION")).map_err(|error| damaged(error.to_string()))?;
        if !fits.matches(&this) {
            return Err(ReleaseError::Version { place: place.name(), fits: index.afmpeg }.into());
        }
        if let Some(file) = index.files.iter().find(|file| !is_plain(&file.name)) {
            return Err(damaged(format!("{:?} is not the name of a file", file.name)));
        }
        Ok(index)
    }
}

/// Whether a name is that of a file in the release's own folder.
fn is_plain(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_allowed)
}

fn index_error(place: &Place, reason: String) -> Error {
    ReleaseError::Index { place: place.name(), reason }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_in_the_folder_of_the_release_are_accepted() {
        for name in ["ffmpeg-full-gpl.wasm.zst", "afmpeg_0.2+1.json"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["", ".", "..", ".hidden", "a/b", "../a", "/etc/passwd", "a\\b", "C:a", "a b", "a%2fb"] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
