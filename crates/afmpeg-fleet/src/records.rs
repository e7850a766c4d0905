//! The states of jobs and films in the fleet's bucket.

use std::marker::PhantomData;

use async_nats::jetstream::kv::{CreateErrorKind, Operation, Store, UpdateErrorKind};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    identity::Identity,
};

/// The largest message and state, in bytes: servers accept 1 MiB with the headers unless they are configured otherwise.
pub(crate) const MAX_BYTES: usize = 1000 << 10;

/// The number of concurrent requests that read states.
const CONCURRENT: usize = 32;

/// A state, and its revision in the bucket.
#[derive(Debug, Clone)]
pub(crate) struct Stored<T> {
    pub(crate) state: T,
    pub(crate) revision: u64,
}

/// The states of one kind of work. A state changes only by comparing its revision, so that one of several changes wins.
#[derive(Debug, Clone)]
pub(crate) struct Records<T> {
    bucket: Store,
    /// The prefix of the keys, such as `job.`.
    prefix: &'static str,
    states: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Records<T> {
    pub(crate) fn new(bucket: Store, prefix: &'static str) -> Self {
        Self { bucket, prefix, states: PhantomData }
    }

    pub(crate) fn key(&self, identity: Identity) -> String {
        format!("{}{identity}", self.prefix)
    }

    /// Returns the state of a job or film.
    pub(crate) async fn get(&self, identity: Identity) -> Result<Option<Stored<T>>> {
        let entry = self.bucket.entry(self.key(identity)).await.map_err(failed("read", identity))?;
        let Some(entry) = entry.filter(|entry| entry.operation == Operation::Put) else { return Ok(None) };
        Ok(Some(Stored { state: parse(identity, &entry.value)?, revision: entry.revision }))
    }

    /// Returns all states, in no order.
    pub(crate) async fn all(&self) -> Result<Vec<(Identity, T)>> {
        let operation = "list the states";
        let keys = self.bucket.keys().await.map_err(Error::server(operation))?;
        let keys: Vec<String> = keys.try_collect().await.map_err(Error::server(operation))?;
        let identities = keys.iter().filter_map(|key| key.strip_prefix(self.prefix)?.parse().ok());
        let found = stream::iter(identities).map(async |identity| {
            let stored = self.get(identity).await?;
            Ok::<_, Error>(stored.map(|stored| (identity, stored.state)))
        });
        let found: Vec<Option<(Identity, T)>> = found.buffer_unordered(CONCURRENT).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Stores the state of a job or film that has none, and returns its revision; `None` if there is a state.
    pub(crate) async fn create(&self, identity: Identity, state: &T) -> Result<Option<u64>> {
        let value = to_json(state)?;
        match self.bucket.create(self.key(identity), value.clone()).await {
            Ok(revision) => Ok(Some(revision)),
            Err(error) if error.kind() == CreateErrorKind::AlreadyExists => {
                self.is_stored(identity, &value).await
            }
            Err(error) => Err(failed("store", identity)(error)),
        }
    }

    /// Replaces the state with this revision, and returns the new revision; `None` if another change came first.
    pub(crate) async fn update(&self, identity: Identity, state: &T, revision: u64) -> Result<Option<u64>> {
        let value = to_json(state)?;
        match self.bucket.update(self.key(identity), value.clone(), revision).await {
            Ok(revision) => Ok(Some(revision)),
            Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => {
                self.is_stored(identity, &value).await
            }
            Err(error) => Err(failed("store", identity)(error)),
        }
    }

    /// Returns the revision of exactly this value: an earlier request may have stored it and lost its answer.
    async fn is_stored(&self, identity: Identity, value: &Bytes) -> Result<Option<u64>> {
        let entry = self.bucket.entry(self.key(identity)).await.map_err(failed("read", identity))?;
        Ok(entry.filter(|entry| entry.value == *value).map(|entry| entry.revision))
    }

    /// Removes the state with this revision.
    pub(crate) async fn remove(&self, identity: Identity, revision: u64) -> Result<()> {
        let removed = self.bucket.delete_expect_revision(self.key(identity), Some(revision)).await;
        removed.map_err(failed("remove", identity))
    }
}

fn failed<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    verb: &str,
    identity: Identity,
) -> impl FnOnce(E) -> Error {
    Error::server(format!("{verb} the state of {identity}"))
}

/// Parses the value of a state.
pub(crate) fn parse<T: DeserializeOwned>(identity: Identity, value: &[u8]) -> Result<T> {
    let subject = || format!("the state of {identity}");
    serde_json::from_slice(value).map_err(|source| Error::Data { subject: subject(), source })
}

/// Returns data of the fleet as JSON.
pub(crate) fn to_json(data: &impl Serialize) -> Result<Bytes> {
    let bytes = serde_json::to_vec(data).map_err(|error| Error::invalid("the job", error.to_string()))?;
    Ok(bytes.into())
}
