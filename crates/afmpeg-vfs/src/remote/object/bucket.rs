//! What a bucket holds, as a tree of names.

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

/// How long what was found at a name is believed. Every path is looked up name by name, and each would be a request.
const BELIEVED: Duration = Duration::from_secs(5);

/// How many names are remembered of each kind. Beyond that all are asked for again.
const MAX_REMEMBERED: usize = 1 << 16;

/// How many names a folder may have, and how many objects may be below one that is removed.
const MAX_NAMES: usize = 1 << 20;

/// How many keys a store lists at once.
const LISTED: usize = 1000;

type Listed = BoxStream<'static, object_store::Result<ObjectMeta>>;

/// A bucket, to read only. Folders are what keys have in common.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) prefix: Path,
    pub(super) cache: Arc<Cache>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// The version of each object that was opened last, whose bytes may be in the cache.
    objects: HashMap<Path, Arc<Object>>,
    /// What was found at a name, and when.
    found: HashMap<Path, (Instant, Option<Metadata>)>,
    /// How often all that was found was forgotten. What was asked before is not remembered after.
    forgotten: u64,
    /// Folders that were listed. Some stores list empty ones, which no key leads to.
    folders: HashSet<Path>,
}

impl Bucket {
    pub(super) fn new(store: Arc<dyn ObjectStore>, prefix: Path, tuning: &Tuning) -> Self {
        Self { store, prefix, cache: Cache::new(tuning), memory: Mutex::default() }
    }

    /// The key of a path; none if no key can be it.
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
        memory.forgotten += 1;
    }

    /// When a request is made whose answer is to be remembered.
    fn now(&self) -> Asked {
        Asked { when: Instant::now(), forgotten: self.memory.lock().forgotten }
    }

    /// What the store says about a key, if there is such an object.
    pub(super) fn head(&self, key: &Path) -> io::Result<Option<ObjectMeta>> {
        if key.is_root() {
            return Ok(None);
        }
        let (store, asked) = (Arc::clone(&self.store), key.clone());
        self.cache.bridge().run(format_args!("looking at the object {key}"), async move {
            match store.get_opts(&asked, GetOptions::new().with_head(true)).await {
                Ok(found) => Ok(Some(found.meta)),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => {
                    let error = explain("looking at", &asked, error);
                    // A folder of the host is in the way, where objects are files of the host.
                    let is_below_a_file = error.kind() == io::ErrorKind::NotADirectory;
                    if is_below_a_file { Ok(None) } else { Err(error) }
                }
            }
        })
    }

    /// Whether a key is below a folder.
    fn has_below(&self, folder: &Path) -> io::Result<bool> {
        let (_, keys) = self.next_keys(folder, self.store.list(Some(folder)), 1)?;
        Ok(!keys.is_empty())
    }

    /// Every key below a folder.
    pub(super) fn keys_below(&self, folder: &Path) -> io::Result<Vec<Path>> {
        // It is asked again after its end.
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
                    "there are more than {MAX_NAMES} objects below {folder}"
                )));
            }
            listed = rest;
        }
    }

    /// The next of the keys that are listed: all of them are many requests, each of which may take its time.
    fn next_keys(&self, folder: &Path, mut listed: Listed, count: usize) -> io::Result<(Listed, Vec<Path>)> {
        let asked = folder.clone();
        self.cache.bridge().run(format_args!("listing the objects below {folder}"), async move {
            let mut keys = Vec::new();
            while keys.len() < count {
                match listed.next().await {
                    None => break,
                    Some(Ok(object)) => keys.push(object.location),
                    Some(Err(error)) => return Err(explain("listing below", &asked, error)),
                }
            }
            Ok((listed, keys))
        })
    }

    fn look(&self, key: &Path) -> io::Result<Option<Metadata>> {
        let asked = self.now();
        {
            let memory = self.memory.lock();
            if let Some((when, found)) = memory.found.get(key)
                && asked.when.saturating_duration_since(*when) < BELIEVED
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
        self.memory.lock().remember(key.clone(), asked, found);
        Ok(found)
    }
}

/// When something was asked.
#[derive(Debug, Clone, Copy)]
struct Asked {
    when: Instant,
    forgotten: u64,
}

impl Memory {
    fn remember(&mut self, key: Path, asked: Asked, found: Option<Metadata>) {
        if asked.forgotten != self.forgotten {
            return;
        }
        if self.found.len() >= MAX_REMEMBERED {
            self.found.clear();
        }
        self.found.insert(key, (asked.when, found));
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
        let asked = self.now();
        let found = self.head(&key)?.ok_or(io::ErrorKind::NotFound)?;
        let metadata = metadata(&found);
        let new = Object::new(Arc::clone(&self.store), found);
        let mut memory = self.memory.lock();
        memory.remember(key.clone(), asked, Some(metadata));
        if memory.objects.len() >= MAX_REMEMBERED {
            memory.objects.clear();
        }
        let object = match memory.objects.get(&key) {
            Some(known) if known.is_version(&new) => Arc::clone(known),
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
        // A name that no key can have leads nowhere.
        let key = self.key(path).ok_or(io::ErrorKind::NotFound)?;
        self.look(&key)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let key = self.key(path).ok_or(io::ErrorKind::NotFound)?;
        let asked = self.now();
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
                if memory.folders.len() < MAX_REMEMBERED && memory.forgotten == asked.forgotten {
                    memory.folders.insert(folder);
                }
            }
        }
        for object in listed.objects {
            // An object and a folder of one name are an object.
            if let Some(name) = name_below(&object.location, &key) {
                entries.insert(name, FileType::File);
                let found = metadata(&object);
                memory.remember(object.location, asked, Some(found));
            }
        }
        Ok(entries.into_iter().map(|(name, file_type)| DirEntry::new(name, file_type)).collect())
    }
}

/// The name of a key in a folder. The marker of the folder itself is not in it.
fn name_below(key: &Path, folder: &Path) -> Option<String> {
    let rest = key.as_ref().strip_prefix(folder.as_ref())?;
    let name = if folder.is_root() { rest } else { rest.strip_prefix('/')? };
    is_name(name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_right_below_the_folder() {
        let name =
            |key: &str, folder: &str| name_below(&Path::parse(key).unwrap(), &Path::parse(folder).unwrap());
        assert_eq!(name("a/b", "a").as_deref(), Some("b"));
        assert_eq!(name("a", "").as_deref(), Some("a"));
        assert_eq!(name("a", "a"), None, "the marker of a folder");
        assert_eq!(name("ab/c", "a"), None);
        assert_eq!(name("a/b/c", "a"), None);
    }

    #[test]
    fn path_and_prefix_make_the_key() {
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
