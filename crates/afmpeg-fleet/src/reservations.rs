//! The owners of output locations in the fleet's bucket: two jobs never write the same one.

use async_nats::jetstream::kv::{CreateErrorKind, Operation, Store, UpdateErrorKind};
use bytes::Bytes;
use url::Url;

use crate::{
    error::{Error, Result},
    identity::Identity,
    names::reservation_key,
};

/// The owner of an output location.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The job itself, which has reserved it now.
    New,
    /// The job itself, which had reserved it before.
    Same,
    /// Another job, with the revision of its reservation.
    Other(Identity, u64),
}

#[derive(Debug, Clone)]
pub(crate) struct Reservations(pub(crate) Store);

impl Reservations {
    /// Reserves `output` for `identity` unless it is reserved.
    pub(crate) async fn reserve(&self, output: &Url, identity: Identity) -> Result<Owner> {
        let key = reservation_key(output);
        loop {
            match self.0.create(&key, value(identity)).await {
                Ok(_) => return Ok(Owner::New),
                Err(error) if error.kind() == CreateErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(output)(error)),
            }
            let entry = self.0.entry(&key).await.map_err(failed(output))?;
            // It was released in the meantime.
            let Some(entry) = entry.filter(|entry| entry.operation == Operation::Put) else { continue };
            let owner = std::str::from_utf8(&entry.value).unwrap_or_default();
            let owner = owner.parse().map_err(|error: String| Error::invalid("a reservation", error))?;
            return Ok(if owner == identity { Owner::Same } else { Owner::Other(owner, entry.revision) });
        }
    }

    /// Gives a reservation of another job to `identity`; false if it has changed.
    pub(crate) async fn take(&self, output: &Url, identity: Identity, revision: u64) -> Result<bool> {
        match self.0.update(reservation_key(output), value(identity), revision).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => Ok(false),
            Err(error) => Err(failed(output)(error)),
        }
    }

    /// Releases `output`.
    pub(crate) async fn release(&self, output: &Url) -> Result<()> {
        self.0.purge(reservation_key(output)).await.map_err(failed(output))
    }
}

fn value(identity: Identity) -> Bytes {
    identity.to_string().into()
}

fn failed<E: Into<Box<dyn std::error::Error + Send + Sync>>>(output: &Url) -> impl FnOnce(E) -> Error {
    Error::server(format!("reserve the output {output}"))
}
