use std::sync::Arc;

use afmpeg_vfs::{ObjectFs, VPath};
use object_store::{
    ObjectStore, ObjectStoreExt as _,
    path::Path,
    registry::{DefaultObjectStoreRegistry, ObjectStoreRegistry},
};
use url::Url;

use crate::{
    error::{Error, Result},
    job::Version,
};

/// The object stores of a fleet's media, and the locations in them that may be used.
///
/// Locations are URLs, such as `s3://bucket/key`. Jobs come from others: a worker reads and writes only below the
/// allowed prefixes.
///
/// ```
/// use afmpeg_fleet::Stores;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let stores = Stores::from_env(["s3://media/talks/".parse()?]);
/// assert!(stores.allows(&"s3://media/talks/7.mov".parse()?));
/// assert!(!stores.allows(&"s3://media/talks-2/7.mov".parse()?));
/// assert!(!stores.allows(&"file:///etc/passwd".parse()?));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Stores {
    registry: Arc<dyn ObjectStoreRegistry>,
    allowed: Vec<Url>,
}

/// An object's place in its store.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) key: Path,
}

impl Stores {
    /// Uses the stores of `registry`, below the prefixes `allowed`.
    pub fn new(registry: Arc<dyn ObjectStoreRegistry>, allowed: impl IntoIterator<Item = Url>) -> Self {
        Self { registry, allowed: allowed.into_iter().collect() }
    }

    /// Uses stores with the options of the environment, such as `AWS_ACCESS_KEY_ID` and `AWS_ENDPOINT_URL` for `s3:`,
    /// below the prefixes `allowed`. The features of the crate [`object_store`] select the kinds of stores.
    pub fn from_env(allowed: impl IntoIterator<Item = Url>) -> Self {
        Self::new(Arc::new(DefaultObjectStoreRegistry::new()), allowed)
    }

    /// Whether the object at `url` may be read and written.
    pub fn allows(&self, url: &Url) -> bool {
        self.allowed.iter().any(|prefix| is_below(url, prefix))
    }

    /// Returns the store of an object as a filesystem, and the path of the object in it.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use afmpeg_fleet::Stores;
    ///
    /// let stores = Stores::from_env(["memory:///films/".parse()?]);
    /// let (_, path) = stores.open(&"memory:///films/a.mov".parse()?)?;
    /// assert_eq!(path.as_str(), "/films/a.mov");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`]; [`Error::Store`] for a store that is not known; [`Error::InvalidJob`] for a name that is not
    /// a path.
    pub fn open(&self, url: &Url) -> Result<(ObjectFs, VPath)> {
        let Place { store, key } = self.place(url)?;
        let path = VPath::new(format!("/{key}"));
        let path = path.map_err(|error| Error::invalid(format!("the name of {url}"), error.to_string()))?;
        Ok((ObjectFs::new(store), path))
    }

    /// Returns the version that the store has of an object.
    pub(crate) async fn version(&self, url: &Url) -> Result<Version> {
        let place = self.place(url)?;
        let found = place.store.head(&place.key).await.map_err(Error::store("read the version of", url))?;
        if found.e_tag.is_none() && found.version.is_none() {
            return Err(Error::NoVersion { url: url.clone() });
        }
        Ok(Version { e_tag: found.e_tag, version: found.version, bytes: found.size })
    }

    /// Returns the length in bytes of an object, or `None` if there is none.
    pub(crate) async fn length(&self, url: &Url) -> Result<Option<u64>> {
        let place = self.place(url)?;
        match place.store.head(&place.key).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::store("look for", url)(error)),
        }
    }

    /// Returns the place of an object.
    pub(crate) fn place(&self, url: &Url) -> Result<Place> {
        if !self.allows(url) {
            return Err(Error::NotAllowed { url: url.clone() });
        }
        let failed = || Error::store("find the store of", url);
        let (store, encoded) = self.registry.resolve(url).map_err(failed())?;
        // The registry returns the last parts of the URL as they are encoded in it.
        let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
        let count = encoded.parts().count().min(parts.len());
        let key = Path::from_url_path(parts[parts.len() - count..].join("/"));
        Ok(Place { store, key: key.map_err(|error| failed()(error.into()))? })
    }
}

/// Whether `url` is `prefix`, or below it.
fn is_below(url: &Url, prefix: &Url) -> bool {
    let place =
        |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default());
    let has_more = url.query().is_some() || url.fragment().is_some() || !url.username().is_empty();
    if place(url) != place(prefix) || has_more {
        return false;
    }
    // An encoded slash is a part of a name here, and a separator for some stores.
    if url.path().to_ascii_lowercase().contains("%2f") {
        return false;
    }
    match url.path().strip_prefix(prefix.path()) {
        Some(rest) => rest.is_empty() || rest.starts_with('/') || prefix.path().ends_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn only_locations_below_a_prefix_are_allowed() {
        let stores = Stores::from_env([url("s3://media/in"), url("memory:///out/")]);
        for allowed in ["s3://media/in", "s3://media/in/a/b.mov", "memory:///out/a%20b"] {
            assert!(stores.allows(&url(allowed)), "{allowed}");
        }
        for refused in [
            "s3://media/inside",
            "s3://media/in/../other",
            "s3://media/in/%2e%2e/other",
            "s3://media/in/..%2Fother",
            "s3://other/in/a",
            "s3://media/in/a?versionId=1",
            "memory:///other",
            "file:///out/a",
        ] {
            assert!(!stores.allows(&url(refused)), "{refused}");
            assert!(matches!(stores.place(&url(refused)), Err(Error::NotAllowed { .. })));
        }
    }

    #[test]
    fn keys_are_decoded() {
        let stores = Stores::from_env([url("memory:///")]);
        assert_eq!(stores.place(&url("memory:///a%20b/c.mp4")).unwrap().key.as_ref(), "a b/c.mp4");
    }
}
