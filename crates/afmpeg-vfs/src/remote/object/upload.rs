//! Making a bucket hold what was written.

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
use crate::{
    Change, OpenOptions, VFile, VPath, Vfs as _,
    remote::{
        bridge::Pending,
        spool::{Spool, Version},
    },
};

/// How many requests are under way at once; each holds a part in memory.
const CONCURRENT: usize = 4;

/// How many parts an object may have: what S3 allows.
const MAX_PARTS: u64 = 10_000;

/// The smallest part that every store takes, but for the last of an object.
pub(super) const MIN_PART_BYTES: u64 = 5 << 20;

/// How objects are uploaded.
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

/// What has been done by commits that did not come to their end.
#[derive(Debug, Default)]
pub(super) struct Done {
    uploaded: BTreeMap<Path, Version>,
    /// Objects that were removed. Those that they hid are there now, and are not to be removed as well.
    removed: HashSet<Path>,
    /// What had to be removed: what has been uploaded in its place since then no longer tells.
    to_remove: BTreeSet<VPath>,
}

impl Done {
    /// What was uploaded as `key` or below it.
    fn uploaded_below(&self, key: &Path) -> Vec<Path> {
        let near = self.uploaded.range(key..).map(|(found, _)| found);
        let near = near.take_while(|found| found.as_ref().starts_with(key.as_ref()));
        near.filter(|found| found.prefix_matches(key)).cloned().collect()
    }
}

pub(super) struct Upload<'a> {
    pub(super) bucket: &'a Bucket,
    /// What was written, each file at its own path.
    pub(super) spool: &'a Spool,
    pub(super) options: UploadOptions,
    pub(super) done: &'a mut Done,
}

impl Upload<'_> {
    /// Uploads what was written, all of it before anything is removed.
    pub(super) fn run(&mut self, changes: &[Change]) -> io::Result<()> {
        let mut written = Vec::new();
        for change in changes {
            match change {
                Change::Written(path) => {
                    let key = self.bucket.key(path).ok_or_else(|| no_key(path))?;
                    written.push((path, key));
                }
                Change::Linked(path) => {
                    let message = format!("{path} is a symbolic link, which a bucket cannot hold");
                    return Err(io::Error::new(io::ErrorKind::Unsupported, message));
                }
                Change::Removed(path) => drop(self.done.to_remove.insert(path.clone())),
                // Folders are what keys have in common.
                Change::CreatedDir(_) => {}
            }
        }
        self.write(&written)?;
        let kept: HashSet<&Path> = written.iter().map(|(_, key)| key).collect();
        let to_remove: Vec<VPath> = self.done.to_remove.iter().cloned().collect();
        to_remove.iter().try_for_each(|path| self.remove(path, &kept))
    }

    /// Short files are uploaded several at once, long ones one by one in several parts at once.
    fn write(&mut self, written: &[(&VPath, Path)]) -> io::Result<()> {
        let mut under_way: VecDeque<(&Path, Version, Pending<()>)> = VecDeque::new();
        let mut result = Ok(());
        let wait = |done: &mut Done, next: (&Path, Version, Pending<()>)| {
            let (key, version, pending) = next;
            pending.wait(format_args!("writing the object {key}"))?;
            done.uploaded.insert(key.clone(), version);
            Ok(())
        };
        for (path, key) in written {
            match self.start(path, key) {
                Ok(Some((version, pending))) => under_way.push_back((key, version, pending)),
                Ok(None) => {}
                Err(error) => result = Err(error),
            }
            if under_way.len() >= CONCURRENT
                && let Some(next) = under_way.pop_front()
            {
                result = result.and(wait(self.done, next));
            }
            if result.is_err() {
                break;
            }
        }
        // Those that were started are waited for whatever happened: some will have come to their end.
        for next in under_way {
            result = result.and(wait(self.done, next));
        }
        result
    }

    /// Starts to upload a short file, or uploads a long one; nothing if that was done before.
    fn start(&mut self, path: &VPath, key: &Path) -> io::Result<Option<(Version, Pending<()>)>> {
        let version = self.spool.version(path)?;
        if self.done.uploaded.get(key) == Some(&version) {
            return Ok(None);
        }
        let file = self.spool.open(path, OpenOptions::new().read(true))?;
        let len = file.len()?;
        if len > self.options.part_bytes {
            self.put_parts(&*file, len, key)?;
            self.done.uploaded.insert(key.clone(), version);
            return Ok(None);
        }
        let contents = file.contents()?;
        let mode = if self.options.create_only { PutMode::Create } else { PutMode::Overwrite };
        let (store, key) = (Arc::clone(&self.bucket.store), key.clone());
        let pending = self.bucket.cache.bridge().start(async move {
            let put = store.put_opts(&key, PutPayload::from_bytes(contents), PutOptions::from(mode)).await;
            put.map(drop).map_err(|error| explain("writing", &key, error))
        })?;
        Ok(Some((version, pending)))
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
        let mut before = Before::Unknown;
        let done = self.send_parts(&upload, file, len, key).and_then(|()| {
            // Parts cannot be completed on condition of there being no such object; this is as close as it gets.
            self.check_new(key)?;
            before = self.bucket.head(key).map_or(Before::Unknown, Before::Known);
            let (upload, to) = (Arc::clone(&upload), key.clone());
            let timeout = self.options.complete_timeout;
            bridge.run_within(timeout, format_args!("completing the object {key}"), async move {
                let completed = upload.lock().await.complete().await;
                completed.map(drop).map_err(|error| explain("completing", &to, error))
            })
        });
        let Err(error) = done else { return Ok(()) };
        // An answer that did not come, or an error of a second try, tells nothing of the first.
        if self.is_there(key, len, &before) {
            return Ok(());
        }
        // What it was given up for is what matters, whether or not the store can be told.
        let _ = bridge.run("giving up an upload", async move {
            upload.lock().await.abort().await.map_err(io::Error::other)
        });
        // The store may have come to its end meanwhile; from now on it cannot.
        if self.is_there(key, len, &before) { Ok(()) } else { Err(error) }
    }

    /// Whether the object at `key` is the upload of `len` bytes, and not what was there before.
    fn is_there(&self, key: &Path, len: u64, before: &Before) -> bool {
        let Before::Known(before) = before else { return false };
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
        // All of one length: some stores want that.
        let part_bytes = self.options.part_bytes.max(len.div_ceil(MAX_PARTS));
        let mut under_way: VecDeque<Pending<()>> = VecDeque::new();
        let what = format!("writing a part of the object {key}");
        let mut offset = 0;
        while offset < len {
            let part = read_exact_at(file, offset, part_bytes.min(len - offset))?;
            offset += part.len() as u64;
            let Some(mut parts) = upload.try_lock() else { return Err(io::ErrorKind::ResourceBusy.into()) };
            let sending = parts.put_part(PutPayload::from_bytes(part));
            drop(parts);
            let to = key.clone();
            under_way.push_back(self.bucket.cache.bridge().start(async move {
                sending.await.map_err(|error| explain("writing a part of", &to, error))
            })?);
            if under_way.len() >= CONCURRENT
                && let Some(first) = under_way.pop_front()
            {
                first.wait(&what)?;
            }
        }
        under_way.into_iter().try_for_each(|part| part.wait(&what))
    }

    /// Fails if there is an object that must not be replaced.
    fn check_new(&self, key: &Path) -> io::Result<()> {
        if self.options.create_only && self.bucket.head(key)?.is_some() {
            let message = format!("writing the object {:?}: it is there already", key.as_ref());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
        Ok(())
    }

    /// Removes an object; or else every object below a folder, but for those that are `kept`.
    fn remove(&mut self, path: &VPath, kept: &HashSet<&Path>) -> io::Result<()> {
        let Some(key) = self.bucket.key(path) else { return Ok(()) };
        // What was a folder and is a file that has just been uploaded is not the object to remove.
        let keys = if !kept.contains(&key) && self.bucket.head(&key)?.is_some() {
            self.done.removed.insert(key.clone());
            vec![key]
        } else if self.done.removed.contains(&key) {
            self.done.uploaded_below(&key)
        } else {
            self.bucket.keys_below(&key)?
        };
        let mut under_way: VecDeque<Pending<()>> = VecDeque::new();
        for key in keys.into_iter().filter(|key| !kept.contains(key)) {
            self.done.uploaded.remove(&key);
            let store = Arc::clone(&self.bucket.store);
            under_way
                .push_back(self.bucket.cache.bridge().start(async move { remove(&*store, &key).await })?);
            if under_way.len() >= CONCURRENT
                && let Some(first) = under_way.pop_front()
            {
                first.wait("removing an object")?;
            }
        }
        under_way.into_iter().try_for_each(|removal| removal.wait("removing an object"))
    }
}

/// What was at a key when an upload was to be completed.
enum Before {
    /// It was not asked for yet, or there was no answer.
    Unknown,
    Known(Option<ObjectMeta>),
}

async fn remove(store: &dyn ObjectStore, key: &Path) -> io::Result<()> {
    match store.delete(key).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(explain("removing", key, error)),
    }
}

fn no_key(path: &VPath) -> io::Error {
    let message = format!("{:?} has a control character, and can be no key", path.as_str());
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
