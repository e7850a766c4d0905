//! A bucket as a read-only tree of names.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use futures_util::{StreamExt as _, stream::BoxStream};
use object_store::{GetOptions, ObjectMeta, ObjectStore, path::Path};
use parking_lot::Mutex;

use super::{error::explain, object::Object};
use crate::{
    DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs,
    path::is_name,
    remote::{Tuning, cache::Cache, file::RangedFile},
};

/// How long the result of a lookup is cached. Paths are resolved name by name, each of which would be a request.
const LOOKUP_TTL: Duration = Duration::from_secs(5);

/// The most cached lookups of each kind. Beyond it, all are dropped.
const MAX_LOOKUPS: usize = 1 << 16;

/// The most names in a folder, and the most objects below a removed folder.
const MAX_NAMES: usize = 1 << 20;

/// The number of keys per request to a listing.
const LISTED: usize = 1000;

type Listed = BoxStream<'static, object_store::Result<ObjectMeta>>;

/// A bucket, read-only. Folders are common prefixes of keys.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) prefix: Path,
    pub(super) cache: Arc<Cache>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// The last opened version of each object, whose bytes may be in the cache.
    objects: HashMap<Path, Arc<Object>>,
    /// The results of lookups, and their times.
    found: HashMap<Path, (Instant, Option<Metadata>)>,
    /// The number of invalidations. A result that was requested before one is not cached after it.
    invalidations: u64,
    /// Folders from listings. Some stores list empty ones, which are not prefixes of keys.
    folders: HashSet<Path>,
}

impl Bucket {
    pub(super) fn new(store: Arc<dyn ObjectStore>, prefix: Path, tuning: &Tuning) -> Self {
        Self { store, prefix, cache: Cache::new(tuning), memory: Mutex::default() }
    }

    /// Returns the key of a path; `None` if it is not a valid key.
    pub(super) fn key(&self, path: &VPath) -> Option<Path> {
        if self.prefix.is_root() {
            return Path::parse(path.as_str()).ok();
        }
        Path::parse(format!("{}{}", self.prefix, path.as_str().trim_end_matches('/'))).ok()
    }

    /// Clears the cached lookups, but not the cached bytes.
    pub(super) fn invalidate(&self) {
        let mut memory = self.memory.lock();
        memory.found.clear();
        memory.folders.clear();
        memory.invalidations += 1;
    }

    /// Returns the time of a request whose result will be cached.
    fn now(&self) -> RequestTime {
        RequestTime { when: Instant::now(), invalidations: self.memory.lock().invalidations }
    }

    /// Requests the metadata of an object; returns `None` if it does not exist.
    pub(super) fn head(&self, key: &Path) -> io::Result<Option<ObjectMeta>> {
        if key.is_root() {
            return Ok(None);
        }
        let (store, location) = (Arc::clone(&self.store), key.clone());
        self.cache.bridge().run(format_args!("reading the metadata of the object {key}"), async move {
            match store.get_opts(&location, GetOptions::new().with_head(true)).await {
                Ok(found) => Ok(Some(found.meta)),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => {
                    let error = explain("reading the metadata of", &location, error);
                    // The store is a folder of the host, and the key is below one of its files.
                    let is_below_a_file = error.kind() == io::ErrorKind::NotADirectory;
                    if is_below_a_file { Ok(None) } else { Err(error) }
                }
            }
        })
    }

    /// Whether the bucket has keys below a folder.
    fn has_below(&self, folder: &Path) -> io::Result<bool> {
        let (_, keys) = self.next_keys(folder, self.store.list(Some(folder)), 1)?;
        Ok(!keys.is_empty())
    }

    /// Returns every key below a folder.
    pub(super) fn keys_below(&self, folder: &Path) -> io::Result<Vec<Path>> {
        // Fused, because it is polled again after its end.
        let mut listed = self.store.list(Some(folder)).fuse().boxed();
        let mut keys = Vec::new();
        loop {
            let (rest, mut more) = self.next_keys(folder, listed, LISTED)?;
            if more.is_empty() {
                return Ok(keys);
            }
            keys.append(&mut more);
            if keys.len() > MAX_NAMES {
                return Err(io::Error::other(format!(
                    "the folder {folder} has more than {MAX_NAMES} objects"
                )));
            }
            listed = rest;
        }
    }

    /// Returns the next keys of a listing. A listing consists of many requests, each with its own timeout.
    fn next_keys(&self, folder: &Path, mut listed: Listed, count: usize) -> io::Result<(Listed, Vec<Path>)> {
        let location = folder.clone();
        self.cache.bridge().run(format_args!("listing the objects below {folder}"), async move {
            let mut keys = Vec::new();
            while keys.len() < count {
                match listed.next().await {
                    None => break,
                    Some(Ok(object)) => keys.push(object.location),
                    Some(Err(error)) => return Err(explain("listing below", &location, error)),
                }
            }
            Ok((listed, keys))
        })
    }

    fn look(&self, key: &Path) -> io::Result<Option<Metadata>> {
        let time = self.now();
        {
            let memory = self.memory.lock();
            if let Some((when, found)) = memory.found.get(key)
                && time.when.saturating_duration_since(*when) < LOOKUP_TTL
            {
                return Ok(*found);
            }
        }
        let found = match self.head(key)? {
            Some(object) => Some(metadata(&object)),
            None => {
                let is_folder = self.memory.lock().folders.contains(key) || self.has_below(key)?;
                is_folder.then(|| Metadata::new(FileType::Dir, 0))
            }
        };
        self.memory.lock().remember(key.clone(), time, found);
        Ok(found)
    }
}

/// The time of a request, relative to invalidations.
#[derive(Debug, Clone, Copy)]
struct RequestTime {
    when: Instant,
    invalidations: u64,
}

impl Memory {
    fn remember(&mut self, key: Path, time: RequestTime, found: Option<Metadata>) {
        if time.invalidations != self.invalidations {
            return;
        }
        if self.found.len() >= MAX_LOOKUPS {
            self.found.clear();
        }
        self.found.insert(key, (time.when, found));
    }
}

pub(super) fn metadata(object: &ObjectMeta) -> Metadata {
    let modified = Some(SystemTime::from(object.last_modified));
    Metadata { modified, ..Metadata::new(FileType::File, object.size) }
}

impl Vfs for Bucket {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if options.may_change() {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        options.check()?;
        let key = self.key(path).ok_or(io::ErrorKind::NotFound)?;
        let time = self.now();
        let found = self.head(&key)?.ok_or(io::ErrorKind::NotFound)?;
        let metadata = metadata(&found);
        let new = Object::new(Arc::clone(&self.store), found);
        let mut memory = self.memory.lock();
        memory.remember(key.clone(), time, Some(metadata));
        if memory.objects.len() >= MAX_LOOKUPS {
            memory.objects.clear();
        }
        let object = match memory.objects.get(&key) {
            Some(cached) if cached.is_version(&new) => Arc::clone(cached),
            _ => {
                let new = Arc::new(new);
                memory.objects.insert(key, Arc::clone(&new));
                new
            }
        };
        drop(memory);
        Ok(Box::new(RangedFile::new(&self.cache, object, metadata)))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        if path.is_root() {
            return Ok(Metadata::new(FileType::Dir, 0));
        }
        // A path that is not a valid key does not exist.
        let key = self.key(path).ok_or(io::ErrorKind::NotFound)?;
        self.look(&key)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let key = self.key(path).ok_or(io::ErrorKind::NotFound)?;
        let time = self.now();
        let (store, folder) = (Arc::clone(&self.store), key.clone());
        let listed = self.cache.bridge().run(format_args!("listing the objects in {key}"), async move {
            let listed = store.list_with_delimiter(Some(&folder)).await;
            listed.map_err(|error| explain("listing", &folder, error))
        })?;
        if listed.objects.len().saturating_add(listed.common_prefixes.len()) > MAX_NAMES {
            return Err(io::Error::other(format!("the folder {path} has more than {MAX_NAMES} names")));
        }
        let mut entries = BTreeMap::new();
        let mut memory = self.memory.lock();
        for folder in listed.common_prefixes {
            if let Some(name) = name_below(&folder, &key) {
                entries.insert(name, FileType::Dir);
                if memory.folders.len() < MAX_LOOKUPS && memory.invalidations == time.invalidations {
                    memory.folders.insert(folder);
                }
            }
        }
        for object in listed.objects {
            // A name that is both an object and a folder is an object.
            if let Some(name) = name_below(&object.location, &key) {
                entries.insert(name, FileType::File);
                let found = metadata(&object);
                memory.remember(object.location, time, Some(found));
            }
        }
        Ok(entries.into_iter().map(|(name, file_type)| DirEntry::new(name, file_type)).collect())
    }
}

/// Returns the name of a key directly in a folder. The marker object of the folder itself has none.
fn name_below(key: &Path, folder: &Path) -> Option<String> {
    let rest = key.as_ref().strip_prefix(folder.as_ref())?;
    let name = if folder.is_root() { rest } else { rest.strip_prefix('/')? };
    is_name(name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_directly_in_the_folder() {
        let name =
            |key: &str, folder: &str| name_below(&Path::parse(key).unwrap(), &Path::parse(folder).unwrap());
        assert_eq!(name("a/b", "a").as_deref(), Some("b"));
        assert_eq!(name("a", "").as_deref(), Some("a"));
        assert_eq!(name("a", "a"), None, "the marker of a folder");
        assert_eq!(name("ab/c", "a"), None);
        assert_eq!(name("a/b/c", "a"), None);
    }

    #[test]
    fn key_consists_of_prefix_and_path() {
        let bucket = |prefix| {
            let store = Arc::new(object_store::memory::InMemory::new());
            Bucket::new(store, Path::parse(prefix).unwrap(), &Tuning::default())
        };
        let path = |text| VPath::new(text).unwrap();
        assert_eq!(bucket("").key(&path("/a b/ф%20")).unwrap().as_ref(), "a b/ф%20");
        assert_eq!(bucket("x/y").key(&path("/a")).unwrap().as_ref(), "x/y/a");
        assert_eq!(bucket("x/y").key(&VPath::root()).unwrap().as_ref(), "x/y");
        assert_eq!(bucket("").key(&path("/new\nline")), None);
    }
}
