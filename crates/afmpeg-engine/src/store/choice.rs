use std::path::PathBuf;

use super::Store;
use crate::error::Result;

/// The builder's choice of a folder for results that are kept.
#[derive(Debug, Clone)]
pub(crate) enum CacheChoice {
    /// A folder in the user's cache folder, if it can be used.
    User,
    Folder(PathBuf),
    None,
}

impl CacheChoice {
    /// Opens the folder. An error of the user's own folder is a warning: its results are made again at each start.
    pub(crate) fn open(self) -> Result<Option<Store>> {
        match self {
            CacheChoice::None => Ok(None),
            CacheChoice::Folder(folder) => Store::open(folder, true).map(Some),
            CacheChoice::User => Ok(user_folder().and_then(|folder| {
                let store = Store::open(folder, false);
                store
                    .inspect_err(|error| tracing::warn!(%error, "no cache: each start compiles the module"))
                    .ok()
            })),
        }
    }
}

fn user_folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;

    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.cache_dir().join("afmpeg").join("artifacts"))
}
