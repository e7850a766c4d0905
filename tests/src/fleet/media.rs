use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
};

use afmpeg_fleet::{Stores, Url};
use object_store::{
    ObjectStoreExt as _,
    registry::{DefaultObjectStoreRegistry, ObjectStoreRegistry as _},
};
use tempfile::TempDir;

use super::{
    bucket::{Bucket, Faults},
    support::s3,
};

/// The object store of a cluster. Its objects are files of this machine.
pub struct Media {
    folder: TempDir,
    bucket: Option<Bucket>,
    registry: Arc<DefaultObjectStoreRegistry>,
}

impl Media {
    /// Uses an empty folder.
    ///
    /// # Errors
    ///
    /// If there is no room for temporary files.
    pub fn folder() -> Result<Self, Box<dyn Error>> {
        Ok(Self { folder: tempfile::tempdir()?, bucket: None, registry: Arc::default() })
    }

    /// Uses an empty bucket of an S3 server in this process.
    ///
    /// # Errors
    ///
    /// If there is no room for temporary files.
    pub fn bucket() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let bucket = Bucket::serve(folder.path());
        let media = Self { folder, registry: Arc::default(), bucket: None };
        media.registry.register(format!("s3://{}", s3::BUCKET).parse()?, Arc::new(bucket.client()));
        Ok(Self { bucket: Some(bucket), ..media })
    }

    /// Returns the location of the object `name`; that of all objects for an empty name.
    ///
    /// # Panics
    ///
    /// If the path of a temporary folder is not absolute.
    pub fn url(&self, name: &str) -> Url {
        let root = match &self.bucket {
            Some(_) => format!("s3://{}/", s3::BUCKET).parse().expect("a URL"),
            None => Url::from_directory_path(self.folder.path()).expect("an absolute path"),
        };
        root.join(name).expect("a relative path")
    }

    /// Returns the file of the object `name`; the folder of all objects for an empty name.
    pub fn path(&self, name: &str) -> PathBuf {
        let root = self.folder.path();
        match &self.bucket {
            Some(_) => root.join(s3::BUCKET).join(name),
            None => root.join(name),
        }
    }

    /// Returns the store, for jobs with any of its objects.
    pub fn stores(&self) -> Stores {
        Stores::new(Arc::clone(&self.registry) as _, [self.url("")])
    }

    /// Stores an object.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn put(&self, name: &str, bytes: impl Into<bytes::Bytes>) -> object_store::Result<()> {
        let (store, path) = self.registry.resolve(&self.url(name))?;
        store.put(&path, bytes.into().into()).await.map(drop)
    }

    /// Returns the objects below the folder `name`, as names and files.
    ///
    /// # Errors
    ///
    /// If a folder cannot be read.
    pub fn objects(&self, name: &str) -> std::io::Result<Vec<(String, PathBuf)>> {
        let (root, mut folders, mut found) = (self.path(""), vec![self.path(name)], Vec::new());
        while let Some(folder) = folders.pop() {
            if !folder.exists() {
                continue;
            }
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push((name_of(&path, &root), path));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Returns the environment variables by which another process finds the store.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        self.bucket.as_ref().map(Bucket::environment).unwrap_or_default()
    }

    /// Returns the number of bytes that the server of a bucket has sent.
    pub(super) fn sent(&self) -> u64 {
        self.bucket.as_ref().map(Bucket::sent).unwrap_or_default()
    }

    /// Returns the faults of the bucket, if it is one.
    pub(super) fn faults(&self) -> Option<&Faults> {
        self.bucket.as_ref().map(|bucket| &*bucket.faults)
    }
}

fn name_of(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}
