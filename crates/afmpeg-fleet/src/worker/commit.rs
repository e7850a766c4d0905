//! The outputs of a job on their way to their stores.

use std::{io, time::Duration};

use afmpeg_engine::ErrorKind;
use afmpeg_vfs::{ObjectFs, OpenOptions, VPath, Vfs as _};
use futures_util::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    failure::Failed,
    files::{Files, Prepared},
};
use crate::{
    backoff,
    error::{Error, Result},
    state::OutputObject,
    stores::{Place, Stores},
};

/// The number of attempts to store an output, before the whole job is tried again.
const ATTEMPTS: u32 = 4;

/// The time before the second attempt to store an output.
const BACKOFF: Duration = Duration::from_millis(200);

/// Stores the outputs of a job. An object that exists is replaced only if `overwrite` is set, or if an earlier attempt at
/// the same job, which was about to store `earlier`, has stored it.
pub(super) async fn store(
    files: &Files,
    outputs: &[Prepared],
    earlier: &[OutputObject],
    overwrite: bool,
    stores: &Stores,
) -> Result<(), Failed> {
    for output in outputs {
        let mut attempt = 1;
        while let Err(failed) = store_one(files, output, earlier, overwrite, stores).await {
            if !failed.failure.may_be_retried || attempt == ATTEMPTS {
                return Err(failed);
            }
            tokio::time::sleep(backoff::delay(BACKOFF, attempt)).await;
            attempt += 1;
        }
    }
    Ok(())
}

async fn store_one(
    files: &Files,
    output: &Prepared,
    earlier: &[OutputObject],
    overwrite: bool,
    stores: &Stores,
) -> Result<(), Failed> {
    let url = &output.object.url;
    let place = stores.place(url)?;
    let error = match upload(files, &output.path, &place, !overwrite).await {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    if error.kind() != io::ErrorKind::AlreadyExists {
        return Err(Failed::of_files(format!("cannot store {url}: {error}")));
    }
    // An attempt of this job can have stored it, and lost its claim or the answer.
    let found = sha256(&place, url).await?;
    if found == output.object.sha256 {
        return Ok(());
    }
    if !earlier.iter().any(|object| object.url == *url && object.sha256 == found) {
        let message = format!("cannot store {url}: another object is there");
        let hint = "choose another output, or let the job overwrite it";
        return Err(Failed::for_good(ErrorKind::InvalidArgument, message, hint));
    }
    let replaced = upload(files, &output.path, &place, false).await;
    replaced.map_err(|error| Failed::of_files(format!("cannot store {url}: {error}")))
}

async fn upload(files: &Files, path: &VPath, place: &Place, create_only: bool) -> io::Result<()> {
    let (overlay, path, place) = (files.0.clone(), path.clone(), place.clone());
    let uploaded = tokio::task::spawn_blocking(move || {
        let key = VPath::new(format!("/{}", place.key))?;
        let fs = ObjectFs::builder(place.store).create_only(create_only).build()?;
        fs.upload(&key, &*overlay.open(&path, OpenOptions::new().read(true))?)
    });
    uploaded.await.map_err(io::Error::other)?
}

/// Whether all objects are stored, with these bytes.
pub(super) async fn are_stored(objects: &[OutputObject], stores: &Stores) -> Result<bool> {
    for object in objects {
        let place = stores.place(&object.url)?;
        match sha256(&place, &object.url).await {
            Ok(found) if found == object.sha256 => {}
            Ok(_) => return Ok(false),
            Err(error) if error.is_missing_object() => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(!objects.is_empty())
}

/// Returns the SHA-256 of an object.
async fn sha256(place: &Place, url: &Url) -> Result<String> {
    let failed = || Error::store("read", url);
    let mut pieces = place.store.get(&place.key).await.map_err(failed())?.into_stream();
    let mut hash = Sha256::new();
    while let Some(piece) = pieces.try_next().await.map_err(failed())? {
        hash.update(&piece);
    }
    Ok(hex::encode(hash.finalize()))
}
