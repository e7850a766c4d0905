//! The states of jobs in the fleet's bucket.

use async_nats::jetstream::kv::{CreateErrorKind, Operation, Store, UpdateErrorKind};
use bytes::Bytes;
use serde::Serialize;

use crate::{
    error::{Error, Result},
    identity::Identity,
    names::state_key,
    state::JobState,
};

/// A state, and its revision in the bucket.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) state: JobState,
    pub(crate) revision: u64,
}

/// The states of jobs. A state changes only by comparing its revision, so that one of several changes wins.
#[derive(Debug, Clone)]
pub(crate) struct States(pub(crate) Store);

impl States {
    /// Returns the state of a job.
    pub(crate) async fn get(&self, identity: Identity) -> Result<Option<Stored>> {
        let operation = format!("read the state of the job {identity}");
        let entry = self.0.entry(state_key(identity)).await.map_err(Error::server(operation))?;
        let Some(entry) = entry.filter(|entry| entry.operation == Operation::Put) else { return Ok(None) };
        Ok(Some(Stored { state: parse(identity, &entry.value)?, revision: entry.revision }))
    }

    /// Stores the state of a job that has none, and returns its revision; `None` if the job has a state.
    pub(crate) async fn create(&self, identity: Identity, state: &JobState) -> Result<Option<u64>> {
        let value = to_json(state)?;
        match self.0.create(state_key(identity), value.clone()).await {
            Ok(revision) => Ok(Some(revision)),
            Err(error) if error.kind() == CreateErrorKind::AlreadyExists => {
                self.is_stored(identity, &value).await
            }
            Err(error) => Err(Error::server(format!("store the state of the job {identity}"))(error)),
        }
    }

    /// Replaces the state with this revision, and returns the new revision; `None` if another change came first.
    pub(crate) async fn update(
        &self,
        identity: Identity,
        state: &JobState,
        revision: u64,
    ) -> Result<Option<u64>> {
        let value = to_json(state)?;
        match self.0.update(state_key(identity), value.clone(), revision).await {
            Ok(revision) => Ok(Some(revision)),
            Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => {
                self.is_stored(identity, &value).await
            }
            Err(error) => Err(Error::server(format!("store the state of the job {identity}"))(error)),
        }
    }

    /// Returns the revision of exactly this value: an earlier request may have stored it and lost its answer.
    async fn is_stored(&self, identity: Identity, value: &Bytes) -> Result<Option<u64>> {
        let operation = format!("read the state of the job {identity}");
        let entry = self.0.entry(state_key(identity)).await.map_err(Error::server(operation))?;
        Ok(entry.filter(|entry| entry.value == *value).map(|entry| entry.revision))
    }

    /// Removes the state with this revision.
    pub(crate) async fn remove(&self, identity: Identity, revision: u64) -> Result<()> {
        let removed = self.0.delete_expect_revision(state_key(identity), Some(revision)).await;
        removed.map_err(Error::server(format!("remove the state of the job {identity}")))
    }
}

/// Parses the value of a state.
pub(crate) fn parse(identity: Identity, value: &[u8]) -> Result<JobState> {
    let subject = || format!("the state of the job {identity}");
    serde_json::from_slice(value).map_err(|source| Error::Data { subject: subject(), source })
}

/// Returns data of the fleet as JSON.
pub(crate) fn to_json(data: &impl Serialize) -> Result<Bytes> {
    let bytes = serde_json::to_vec(data).map_err(|error| Error::invalid("the job", error.to_string()))?;
    Ok(bytes.into())
}
