use std::path::PathBuf;

#[cfg(feature = "http")]
use super::fetch::Remote;
use super::located::{Contents, Located, locate_file, sha256, unpack};
use crate::{error::Result, store::Store};

/// The builder's choice of a module.
#[derive(Debug, Clone)]
pub(crate) enum ModuleSource {
    File(PathBuf),
    Bytes(Vec<u8>),
    #[cfg(feature = "http")]
    Url(Remote),
}

impl ModuleSource {
    /// Finds the module, its hash and its manifest, which must match.
    pub(crate) fn locate(self, store: Option<&Store>, limit: u64) -> Result<Located> {
        match self {
            ModuleSource::Bytes(bytes) => {
                let name = "<bytes>".to_owned();
                let bytes = unpack(&name, bytes, limit)?;
                let sha256 = sha256(&bytes);
                Ok(Located { name, sha256, manifest: None, contents: Contents::Bytes(bytes), limit })
            }
            ModuleSource::File(path) => locate_file(path.display().to_string(), path, store, limit),
            #[cfg(feature = "http")]
            ModuleSource::Url(remote) => remote.locate(store, limit),
        }
    }
}
