//! Modules that somebody has published, in a folder or at a URL, with a signed index.

mod index;
mod installed;
mod key;
mod place;

use std::path::PathBuf;

use afmpeg_types::release::{ReleaseArtifact, ReleaseModule};

pub(crate) use self::installed::newest_installed;
use self::{index::OpenRelease, place::Place};
pub use self::{
    installed::{InstalledModule, InstalledModules},
    key::{ParseReleaseKeyError, ReleaseKey},
};
use crate::{
    code::Backend,
    error::Result,
    module::{Located, Manifest, ModuleSource, packed},
    release_error::ReleaseError,
    store::Store,
};

/// The longest unpacked artifact, in bytes. That of a full module has some 80 million.
const MAX_ARTIFACT: u64 = 1 << 30;

/// A published folder of modules, and the choice of one.
///
/// The publisher creates the folder with `cargo xtask dist`. Its index has a signature and the hashes of all files, so
/// that the folder may come from anywhere. An index that is older than one of the same publisher that was used before is
/// refused.
///
/// ```
/// use afmpeg_engine::Release;
///
/// let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse()?;
/// let release = Release::at_url("https://media.example/afmpeg", key).variant("lgpl").profile("lean");
/// # Ok::<(), afmpeg_engine::ParseReleaseKeyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Release {
    place: Place,
    key: ReleaseKey,
    variant: String,
    profile: String,
}

/// The form in which a module of a release is loaded.
pub(crate) enum Obtained {
    Artifact(PathBuf),
    Module(Located),
}

impl Release {
    /// A release in a local folder.
    pub fn in_folder(folder: impl Into<PathBuf>, key: ReleaseKey) -> Self {
        Self::new(Place::Folder(folder.into()), key)
    }

    /// A release at an `http` or `https` URL, that of its folder. Using it needs the feature `http`.
    pub fn at_url(url: impl Into<String>, key: ReleaseKey) -> Self {
        Self::new(Place::Url(url.into()), key)
    }

    fn new(place: Place, key: ReleaseKey) -> Self {
        Self { place, key, variant: "gpl".to_owned(), profile: "full".to_owned() }
    }

    /// Selects the licence of the module: `gpl`, the default, or `lgpl`.
    #[must_use]
    pub fn variant(mut self, variant: impl Into<String>) -> Self {
        self.variant = variant.into();
        self
    }

    /// Selects the components of the module: `full`, the default, or `lean`.
    #[must_use]
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = profile.into();
        self
    }

    /// Finds the chosen module in the store, or reads it from the release: compiled, if the release has code that
    /// `backend` compiled for this machine.
    pub(crate) fn obtain(&self, store: &Store, backend: Backend, limit: u64) -> Result<Obtained> {
        let release = OpenRelease::open(&self.place, &self.key, store)?;
        let module = release.module(&self.variant, &self.profile)?;
        if let Some(artifact) = release.artifact(module, backend) {
            let path = store.path(&format!("{}.artifact", release.file(&artifact.file)?.sha256));
            if !path.exists() {
                let bytes = unpacked(&release, artifact, store, &|_| ())?;
                store
                    .write(&path, |file| std::io::Write::write_all(file, &bytes))
                    .map_err(|error| store.error(error))?;
            }
            store.record_use(&path);
            store.prune(&path);
            return Ok(Obtained::Artifact(path));
        }
        if backend == Backend::Headless {
            return Err(no_artifact(&release, module));
        }
        let read = |name: &str| release.place().fetch(release.file(name)?, store, &|_| ());
        let manifest: Manifest = serde_json::from_slice(&read(&module.manifest)?)
            .map_err(|error| damaged(&release, &module.manifest, error.to_string()))?;
        let mut located = ModuleSource::Bytes(read(&module.file)?).locate(Some(store), limit)?;
        located.name = format!("{} of {}", module.file, release.place().name());
        manifest.check(&located.name, &located.sha256)?;
        located.manifest = Some(manifest);
        Ok(Obtained::Module(located))
    }
}

/// Reads an artifact of the release, and unpacks it.
fn unpacked(
    release: &OpenRelease<'_>,
    artifact: &ReleaseArtifact,
    store: &Store,
    progress: &dyn Fn(u64),
) -> Result<Vec<u8>> {
    let bytes = release.place().fetch(release.file(&artifact.file)?, store, progress)?;
    packed::unpack(bytes, MAX_ARTIFACT).map_err(|failure| {
        let reason = match failure {
            packed::Failure::TooLarge => format!("it is longer than {MAX_ARTIFACT} bytes"),
            packed::Failure::Damaged(reason) => reason,
        };
        damaged(release, &artifact.file, reason)
    })
}

fn no_artifact(release: &OpenRelease<'_>, module: &ReleaseModule) -> crate::Error {
    ReleaseError::NoArtifact { place: release.place().name(), module: module.name.clone() }.into()
}

fn damaged(release: &OpenRelease<'_>, name: &str, reason: String) -> crate::Error {
    ReleaseError::Damaged { place: release.place().name(), name: name.to_owned(), reason }.into()
}
