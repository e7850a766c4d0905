//! The outputs of a run.

use std::{collections::BTreeMap, error::Error, path::PathBuf};

use sha2::{Digest as _, Sha256};

use super::super::{media::Media, source};

/// The SHA-256 of each output, by its name.
pub(super) type Outputs = BTreeMap<String, [u8; 32]>;

/// Returns the outputs as they are stored.
pub(super) fn outputs(media: &Media) -> Result<Outputs, Box<dyn Error>> {
    let mut files = media.objects("out")?;
    files.push((source::JOINED.to_owned(), media.path(source::JOINED)));
    let hash = |(name, path): (String, PathBuf)| {
        let bytes = std::fs::read(&path).map_err(|error| format!("{name}: {error}"))?;
        Ok((name, Sha256::digest(bytes).into()))
    };
    files.into_iter().map(hash).collect()
}
