//! A version of an object.

use std::{io, sync::Arc};

use futures_util::StreamExt as _;
use object_store::{Error, GetOptions, GetResultPayload, ObjectMeta, ObjectStore};

use super::error::explain;
use crate::remote::{
    filler::Filler,
    source::{Fetching, Source, next_id},
};

#[derive(Debug)]
pub(super) struct Object {
    id: u64,
    store: Arc<dyn ObjectStore>,
    meta: ObjectMeta,
}

impl Object {
    pub(super) fn new(store: Arc<dyn ObjectStore>, meta: ObjectMeta) -> Self {
        Self { id: next_id(), store, meta }
    }

    /// Whether `other` is the same version.
    pub(super) fn is_version(&self, other: &Self) -> bool {
        self.meta == other.meta
    }

    async fn fetch_all(&self, filler: &mut Filler) -> io::Result<()> {
        let key = &self.meta.location;
        let range = filler.remaining();
        let mut options = GetOptions::new().with_range(Some(range.clone()));
        match &self.meta.e_tag {
            // A weak tag never matches.
            Some(tag) if !tag.starts_with("W/") => options = options.with_if_match(Some(tag)),
            _ => options = options.with_if_unmodified_since(Some(self.meta.last_modified)),
        }
        let found = self.store.get_opts(key, options).await.map_err(|error| match error {
            Error::Precondition { .. } | Error::NotModified { .. } => self.changed(),
            error => explain("reading", key, error),
        })?;
        if found.meta.size != self.meta.size || found.meta.e_tag != self.meta.e_tag {
            return Err(self.changed());
        }
        if found.range != range {
            let message = format!("the object {key}: expected bytes {range:?}, received {:?}", found.range);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        if !matches!(found.payload, GetResultPayload::Stream(_)) {
            // A file of the host, which is faster to read at once.
            let bytes = found.bytes().await.map_err(|error| explain("reading", key, error))?;
            return filler.push(&bytes);
        }
        let mut chunks = found.into_stream();
        while let Some(chunk) = chunks.next().await {
            filler.push(&chunk.map_err(|error| explain("reading", key, error))?)?;
        }
        Ok(())
    }

    fn changed(&self) -> io::Error {
        let message = format!("the object {}: changed while it was read; open it again", self.meta.location);
        io::Error::new(io::ErrorKind::InvalidData, message)
    }
}

impl Source for Object {
    fn id(&self) -> u64 {
        self.id
    }

    fn len(&self) -> u64 {
        self.meta.size
    }

    fn name(&self) -> &str {
        self.meta.location.as_ref()
    }

    fn fetch<'a>(&'a self, filler: &'a mut Filler) -> Fetching<'a> {
        Box::pin(self.fetch_all(filler))
    }
}
