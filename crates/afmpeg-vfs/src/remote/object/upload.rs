//! Uploading the changes of a filesystem to its bucket.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet, VecDeque},
    io,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::lock::Mutex;
use object_store::{
    MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMode, PutMultipartOptions, PutOptions,
    PutPayload, path::Path,
};

use super::{bucket::Bucket, error::explain};
use crate::{Change, OpenOptions, SpoolFs, VFile, VPath, Vfs as _, remote::bridge::Pending, spool::Version};

/// The number of concurrent requests, each with a part in memory.
const CONCURRENT: usize = 4;

/// The most parts of an object: the limit of S3.
const MAX_PARTS: u64 = 10_000;

/// The smallest part that every store accepts, except for the last one.
pub(super) const MIN_PART_BYTES: u64 = 5 << 20;

/// Options for uploads.
#[derive(Debug, Clone, Copy)]
pub(super) struct UploadOptions {
    pub(super) part_bytes: u64,
    pub(super) create_only: bool,
    pub(super) complete_timeout: Duration,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self { part_bytes: 8 << 20, create_only: false, complete_timeout: Duration::from_secs(600) }
    }
}

/// The steps of earlier commits that failed.
#[derive(Debug, Default)]
pub(super) struct Done {
    uploaded: BTreeMap<Path, Version>,
    /// Removed objects. The objects below them are visible now, and must not be removed.
    removed: HashSet<Path>,
    /// Paths to be removed, recorded because a later upload hides the difference.
    to_remove: BTreeSet<VPath>,
}

impl Done {
    /// Returns the uploaded objects at and below `key`.
    fn uploaded_below(&self, key: &Path) -> Vec<Path> {
        let near = self.uploaded.range(key..).map(|(found, _)| found);
        let near = near.take_while(|found| found.as_ref().starts_with(key.as_ref()));
        near.filter(|found| found.prefix_matches(key)).cloned().collect()
    }
}

/// The changes of a filesystem on their way to its bucket.
pub(super) struct Upload<'a> {
    pub(super) uploader: Uploader<'a>,
    /// The written files, each at its path.
    pub(super) spool: &'a SpoolFs,
    pub(super) done: &'a mut Done,
}

impl Upload<'_> {
    /// Uploads all written files, then removes objects.
    pub(super) fn run(&mut self, changes: &[Change]) -> io::Result<()> {
        let mut written = Vec::new();
        for change in changes {
            match change {
                Change::Written(path) => {
                    written.push((path, self.uploader.key(path)?));
                }
                Change::Linked(path) => {
                    let message = format!("cannot upload the symbolic link {path}: buckets hold only files");
                    return Err(io::Error::new(io::ErrorKind::Unsupported, message));
                }
                Change::Removed(path) => drop(self.done.to_remove.insert(path.clone())),
                // Folders are implied by keys.
                Change::CreatedDir(_) => {}
            }
        }
        self.write(&written)?;
        let kept: HashSet<&Path> = written.iter().map(|(_, key)| key).collect();
        let to_remove: Vec<VPath> = self.done.to_remove.iter().cloned().collect();
        to_remove.iter().try_for_each(|path| self.remove(path, &kept))
    }

    /// Uploads several short files at once, and the parts of one long file at once.
    fn write(&mut self, written: &[(&VPath, Path)]) -> io::Result<()> {
        let mut in_progress: VecDeque<(&Path, Version, Pending<()>)> = VecDeque::new();
        let mut result = Ok(());
        let wait = |done: &mut Done, next: (&Path, Version, Pending<()>)| {
            let (key, version, pending) = next;
            pending.wait(format_args!("writing the object {key}"))?;
            done.uploaded.insert(key.clone(), version);
            Ok(())
        };
        for (path, key) in written {
            match self.start(path, key) {
                Ok(Some((version, pending))) => in_progress.push_back((key, version, pending)),
                Ok(None) => {}
                Err(error) => result = Err(error),
            }
            if in_progress.len() >= CONCURRENT
                && let Some(next) = in_progress.pop_front()
            {
                result = result.and(wait(self.done, next));
            }
            if result.is_err() {
                break;
            }
        }
        // Uploads in progress are awaited even after an error, because some of them succeed.
        for next in in_progress {
            result = result.and(wait(self.done, next));
        }
        result
    }

    /// Starts the upload of a short file, or uploads a long one; does nothing if the version was uploaded before.
    fn start(&mut self, path: &VPath, key: &Path) -> io::Result<Option<(Version, Pending<()>)>> {
        let version = self.spool.version(path)?;
        if self.done.uploaded.get(key) == Some(&version) {
            return Ok(None);
        }
        let file = self.spool.open(path, OpenOptions::new().read(true))?;
        let pending = self.uploader.start(&*file, key)?;
        if pending.is_none() {
            self.done.uploaded.insert(key.clone(), version);
        }
        Ok(pending.map(|pending| (version, pending)))
    }

    /// Removes an object; otherwise every object below a folder, except those in `kept`.
    fn remove(&mut self, path: &VPath, kept: &HashSet<&Path>) -> io::Result<()> {
        let Some(key) = self.uploader.bucket.key(path) else { return Ok(()) };
        // A folder that was replaced by an uploaded file has the key of that file.
        let keys = if !kept.contains(&key) && self.uploader.bucket.head(&key)?.is_some() {
            self.done.removed.insert(key.clone());
            vec![key]
        } else if self.done.removed.contains(&key) {
            self.done.uploaded_below(&key)
        } else {
            self.uploader.bucket.keys_below(&key)?
        };
        let mut in_progress: VecDeque<Pending<()>> = VecDeque::new();
        for key in keys.into_iter().filter(|key| !kept.contains(key)) {
            self.done.uploaded.remove(&key);
            let store = Arc::clone(&self.uploader.bucket.store);
            in_progress.push_back(
                self.uploader.bucket.cache.bridge().start(async move { remove(&*store, &key).await })?,
            );
            if in_progress.len() >= CONCURRENT
                && let Some(first) = in_progress.pop_front()
            {
                first.wait("removing an object")?;
            }
        }
        in_progress.into_iter().try_for_each(|removal| removal.wait("removing an object"))
    }
}

/// Uploads single files to a bucket.
#[derive(Clone, Copy)]
pub(super) struct Uploader<'a> {
    pub(super) bucket: &'a Bucket,
    pub(super) options: UploadOptions,
}

impl Uploader<'_> {
    /// Returns the key of an object to write.
    fn key(&self, path: &VPath) -> io::Result<Path> {
        self.bucket.key(path).ok_or_else(|| no_key(path))
    }

    /// Uploads a file to `path`.
    pub(super) fn run(&self, path: &VPath, file: &dyn VFile) -> io::Result<()> {
        let key = self.key(path)?;
        match self.start(file, &key)? {
            Some(pending) => pending.wait(format_args!("writing the object {key}")),
            None => Ok(()),
        }
    }

    /// Starts the upload of a short file; uploads a long one, and returns `None`.
    fn start(&self, file: &dyn VFile, key: &Path) -> io::Result<Option<Pending<()>>> {
        let len = file.len()?;
        if len > self.options.part_bytes {
            self.put_parts(file, len, key)?;
            return Ok(None);
        }
        let contents = file.contents()?;
        let mode = if self.options.create_only { PutMode::Create } else { PutMode::Overwrite };
        let (store, key) = (Arc::clone(&self.bucket.store), key.clone());
        let pending = self.bucket.cache.bridge().start(async move {
            let put = store.put_opts(&key, PutPayload::from_bytes(contents), PutOptions::from(mode)).await;
            put.map(drop).map_err(|error| explain("writing", &key, error))
        })?;
        Ok(Some(pending))
    }

    fn put_parts(&self, file: &dyn VFile, len: u64, key: &Path) -> io::Result<()> {
        self.check_new(key)?;
        let bridge = self.bucket.cache.bridge();
        let (store, to) = (Arc::clone(&self.bucket.store), key.clone());
        let upload = bridge.run(format_args!("starting to write the object {key}"), async move {
            let started = store.put_multipart_opts(&to, PutMultipartOptions::default()).await;
            started.map_err(|error| explain("starting to write", &to, error))
        })?;
        let upload = Arc::new(Mutex::new(upload));
        let mut before = Previous::Unread;
        let done = self.send_parts(&upload, file, len, key).and_then(|()| {
            // Uploads in parts cannot be conditional; this check is as late as possible.
            self.check_new(key)?;
            before = self.bucket.head(key).map_or(Previous::Unread, Previous::Read);
            let (upload, to) = (Arc::clone(&upload), key.clone());
            let timeout = self.options.complete_timeout;
            bridge.run_within(timeout, format_args!("completing the object {key}"), async move {
                let completed = upload.lock().await.complete().await;
                completed.map(drop).map_err(|error| explain("completing", &to, error))
            })
        });
        let Err(error) = done else { return Ok(()) };
        // A timeout, or an error of a retry, leaves the result of the first attempt open.
        if self.is_there(key, len, &before) {
            return Ok(());
        }
        // The error of the upload is reported, even if it cannot be aborted.
        let _ = bridge.run("giving up an upload", async move {
            upload.lock().await.abort().await.map_err(io::Error::other)
        });
        // The store may have completed the upload before it was aborted.
        if self.is_there(key, len, &before) { Ok(()) } else { Err(error) }
    }

    /// Whether the object at `key` is the upload of `len` bytes, and not the object from before.
    fn is_there(&self, key: &Path, len: u64, before: &Previous) -> bool {
        let Previous::Read(before) = before else { return false };
        let Ok(Some(now)) = self.bucket.head(key) else { return false };
        now.size == len && before.as_ref().is_none_or(|before| *before != now)
    }

    fn send_parts(
        &self,
        upload: &Arc<Mutex<Box<dyn MultipartUpload>>>,
        file: &dyn VFile,
        len: u64,
        key: &Path,
    ) -> io::Result<()> {
        // Parts have equal lengths, which some stores require.
        let part_bytes = self.options.part_bytes.max(len.div_ceil(MAX_PARTS));
        let mut in_progress: VecDeque<Pending<()>> = VecDeque::new();
        let action = format!("writing a part of the object {key}");
        let mut offset = 0;
        while offset < len {
            let part = read_exact_at(file, offset, part_bytes.min(len - offset))?;
            offset += part.len() as u64;
            let Some(mut parts) = upload.try_lock() else { return Err(io::ErrorKind::ResourceBusy.into()) };
            let sending = parts.put_part(PutPayload::from_bytes(part));
            drop(parts);
            let to = key.clone();
            in_progress.push_back(self.bucket.cache.bridge().start(async move {
                sending.await.map_err(|error| explain("writing a part of", &to, error))
            })?);
            if in_progress.len() >= CONCURRENT
                && let Some(first) = in_progress.pop_front()
            {
                first.wait(&action)?;
            }
        }
        in_progress.into_iter().try_for_each(|part| part.wait(&action))
    }

    /// Fails if the object exists and must not be replaced.
    fn check_new(&self, key: &Path) -> io::Result<()> {
        if self.options.create_only && self.bucket.head(key)?.is_some() {
            let message = format!("writing the object {:?}: it already exists", key.as_ref());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
        Ok(())
    }
}

/// The object at a key before an upload is completed.
enum Previous {
    /// Not requested, or the request failed.
    Unread,
    Read(Option<ObjectMeta>),
}

async fn remove(store: &dyn ObjectStore, key: &Path) -> io::Result<()> {
    match store.delete(key).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(explain("removing", key, error)),
    }
}

fn no_key(path: &VPath) -> io::Error {
    let message = format!("cannot upload {:?}: keys cannot have control characters", path.as_str());

    io::Error::new(io::ErrorKind::InvalidFilename, message)
}

fn read_exact_at(file: &dyn VFile, offset: u64, len: u64) -> io::Result<Bytes> {
    let mut part = vec![0; usize::try_from(len).map_err(|_| io::ErrorKind::OutOfMemory)?];
    let mut filled = 0;
    while filled < part.len() {
        match file.read_at(&mut part[filled..], offset + filled as u64) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(part.into())
}
