//! Buckets as filesystems: in memory, in a folder of the host, and by the S3 protocol.
#![cfg(feature = "object-store")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests may panic")]

mod support;

use std::{
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use afmpeg_vfs::{MemFs, ObjectFs, OpenOptions, VFile, VPath, Vfs, VfsExt as _};
use futures_util::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
    local::LocalFileSystem, memory::InMemory, path::Path,
};
use parking_lot::Mutex;
use tokio::runtime::Runtime;

use self::support::{pattern, s3};

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn open(fs: &ObjectFs, name: &str) -> std::io::Result<Box<dyn VFile>> {
    fs.open(&path(name), OpenOptions::new().read(true))
}

/// Returns the keys of a bucket, from the store itself.
fn keys(store: &dyn ObjectStore) -> Vec<String> {
    let listed = Runtime::new().unwrap().block_on(store.list(None).try_collect::<Vec<ObjectMeta>>());
    let mut keys: Vec<String> =
        listed.unwrap().into_iter().map(|object| object.location.to_string()).collect();
    keys.sort();
    keys
}

fn put(store: &dyn ObjectStore, key: &str, bytes: impl Into<PutPayload>) {
    let key = Path::parse(key).unwrap();
    Runtime::new().unwrap().block_on(store.put_opts(&key, bytes.into(), PutOptions::default())).unwrap();
}

fn get(store: &dyn ObjectStore, key: &str) -> Vec<u8> {
    let key = Path::parse(key).unwrap();
    let got = async { store.get_opts(&key, GetOptions::new()).await?.bytes().await };
    Runtime::new().unwrap().block_on(got).unwrap().into()
}

/// A store that logs its requests, and injects failures.
#[derive(Debug)]
struct Watched {
    inner: Arc<dyn ObjectStore>,
    log: Arc<Mutex<Vec<String>>>,
    /// The number of requested bytes.
    bytes: AtomicU64,
    /// A part of the log entry of requests that fail, and how many still do.
    fails: Arc<Mutex<Option<(&'static str, usize)>>>,
    delay: Duration,
    /// Whether uploads wait until this is false.
    puts_wait: AtomicBool,
    /// The key whose first lookup is delayed, and whether it is being delayed now.
    delayed: Mutex<Option<(&'static str, bool)>>,
    /// Whether tags are weak, so that they never match.
    weak: bool,
}

impl Watched {
    fn new(inner: impl ObjectStore) -> Arc<Self> {
        Arc::new(Self {
            inner: Arc::new(inner),
            log: Arc::default(),
            bytes: AtomicU64::new(0),
            fails: Arc::default(),
            delay: Duration::ZERO,
            puts_wait: AtomicBool::new(false),
            delayed: Mutex::default(),
            weak: false,
        })
    }

    fn with_tag(&self, mut found: GetResult) -> GetResult {
        if self.weak {
            found.meta.e_tag = found.meta.e_tag.map(|tag| format!("W/{tag}"));
        }
        found
    }

    fn log(&self, entry: String) -> Result<()> {
        log(&self.log, &self.fails, entry)
    }

    fn count(&self, prefix: &str) -> usize {
        self.log.lock().iter().filter(|entry| entry.starts_with(prefix)).count()
    }
}

fn log(log: &Mutex<Vec<String>>, fails: &Mutex<Option<(&'static str, usize)>>, entry: String) -> Result<()> {
    let mut fails = fails.lock();
    let fail = fails.as_mut().filter(|(part, left)| *left > 0 && entry.contains(*part));
    let result = match fail {
        Some((_, left)) => {
            *left -= 1;
            Err(Error::Generic { store: "watched", source: "the store is on fire".into() })
        }
        None => Ok(()),
    };
    log.lock().push(entry);
    result
}

impl std::fmt::Display for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("watched")
    }
}

#[async_trait::async_trait]
impl ObjectStore for Watched {
    async fn put_opts(&self, key: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.log(format!("put {key}"))?;
        while self.puts_wait.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.inner.put_opts(key, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        key: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.log(format!("begin {key}"))?;
        let inner = self.inner.put_multipart_opts(key, options).await?;
        let (log, fails) = (Arc::clone(&self.log), Arc::clone(&self.fails));
        Ok(Box::new(WatchedUpload { inner, log, fails, parts: 0 }))
    }

    async fn get_opts(&self, key: &Path, options: GetOptions) -> Result<GetResult> {
        if options.head {
            self.log(format!("head {key}"))?;
            let found = self.inner.get_opts(key, options).await;
            let is_first = self.delayed.lock().as_mut().is_some_and(|(name, is_delayed)| {
                *name == key.as_ref() && !std::mem::replace(is_delayed, true)
            });
            while is_first && self.delayed.lock().is_some() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            return found.map(|found| self.with_tag(found));
        }
        self.log(format!("get {key}"))?;
        tokio::time::sleep(self.delay).await;
        if options.if_match.as_ref().is_some_and(|tag| tag.starts_with("W/")) {
            return Err(Error::Precondition { path: key.to_string(), source: "a weak tag".into() });
        }
        let result = self.with_tag(self.inner.get_opts(key, options).await?);
        self.bytes.fetch_add(result.range.end - result.range.start, Ordering::Relaxed);
        Ok(result)
    }

    fn delete_stream(&self, keys: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let (log_to, fails) = (Arc::clone(&self.log), Arc::clone(&self.fails));
        let keys = keys.and_then(move |key| {
            std::future::ready(log(&log_to, &fails, format!("delete {key}")).map(|()| key))
        });
        self.inner.delete_stream(keys.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let _ = self.log(format!("list {}", prefix.cloned().unwrap_or_default()));
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.log(format!("folder {}", prefix.cloned().unwrap_or_default()))?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

#[derive(Debug)]
struct WatchedUpload {
    inner: Box<dyn MultipartUpload>,
    log: Arc<Mutex<Vec<String>>>,
    fails: Arc<Mutex<Option<(&'static str, usize)>>>,
    parts: usize,
}

#[async_trait::async_trait]
impl MultipartUpload for WatchedUpload {
    fn put_part(&mut self, payload: PutPayload) -> UploadPart {
        self.parts += 1;
        let logged =
            log(&self.log, &self.fails, format!("part {} of {}", self.parts, payload.content_length()));
        let sending = self.inner.put_part(payload);
        Box::pin(async move {
            logged?;
            sending.await
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        log(&self.log, &self.fails, "complete".to_owned())?;
        self.inner.complete().await
    }

    async fn abort(&mut self) -> Result<()> {
        log(&self.log, &self.fails, "abort".to_owned())?;
        self.inner.abort().await
    }
}

/// Operations that every empty bucket supports.
fn check_writing_and_reading(store: Arc<dyn ObjectStore>) {
    let long = pattern(0..11 << 20);
    let fs =
        ObjectFs::builder(Arc::clone(&store)).part_bytes(5 << 20).spool_file_bytes(1 << 20).build().unwrap();
    fs.create_dir_all("/a/b").unwrap();
    fs.write("/a/short", "short").unwrap();
    fs.write("/a/b/empty", "").unwrap();
    fs.write("/a/b/long name ф%20", long.clone()).unwrap();
    fs.write("/gone", "x").unwrap();
    fs.remove_file(&path("/gone")).unwrap();
    assert_eq!(keys(&*store), [""; 0], "nothing is visible before the commit");
    fs.commit().unwrap();
    assert_eq!(keys(&*store), ["a/b/empty", "a/b/long name ф%20", "a/short"]);

    let tree = ["/a", "/a/b", "/a/b/empty", "/a/b/long name ф%20", "/a/short"];
    for fs in [&fs, &ObjectFs::new(Arc::clone(&store))] {
        assert_eq!(fs.walk("/").unwrap(), tree);
        assert_eq!(fs.read("/a/short").unwrap(), "short");
        assert_eq!(fs.read("/a/b/empty").unwrap(), "");
        assert!(fs.read("/a/b/long name ф%20").unwrap() == long);
        assert_eq!(fs.read("/a/none").unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(fs.read("/a/short/x").unwrap_err().kind(), ErrorKind::NotADirectory);
        assert_eq!(fs.read("/a/b").unwrap_err().kind(), ErrorKind::IsADirectory);
        let mut part = [0; 100];
        assert_eq!(open(fs, "/a/b/long name ф%20").unwrap().read_at(&mut part, 7_000_000).unwrap(), 100);
        assert_eq!(part[..], long[7_000_000..7_000_100]);
    }
    fs.commit().unwrap();

    // Existing files are changed in the middle, renamed and removed.
    let options = OpenOptions::new().read(true).write(true);
    fs.open(&path("/a/short"), options).unwrap().write_at(b"sho", 2).unwrap();
    fs.rename(&path("/a/b"), &path("/c")).unwrap();
    fs.remove_file(&path("/c/empty")).unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/a", "/a/short", "/c", "/c/long name ф%20"]);
    assert_eq!(keys(&*store).len(), 3);
    fs.commit().unwrap();
    assert_eq!(keys(&*store), ["a/short", "c/long name ф%20"]);
    // Some stores list empty folders, which a walk must tolerate.
    let walked = ObjectFs::new(Arc::clone(&store)).walk("/").unwrap();
    assert!(walked.contains(&"/a/short".to_owned()), "{walked:?}");
    assert_eq!(get(&*store, "a/short"), b"shsho");
    assert!(get(&*store, "c/long name ф%20") == long);

    let fs = ObjectFs::builder(Arc::clone(&store)).create_only(true).build().unwrap();
    fs.write("/new", "new").unwrap();
    fs.commit().unwrap();
    fs.write("/a/short", "again").unwrap();
    let error = fs.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(error.to_string().contains("a/short"), "{error}");
    assert_eq!(get(&*store, "a/short"), b"shsho");

    // A file of another filesystem, without the spool.
    let other = MemFs::new();
    other.write("/short", "from elsewhere").unwrap();
    other.write("/long", long.clone()).unwrap();
    let file = |name| other.open(&path(name), OpenOptions::new().read(true)).unwrap();
    let fs = ObjectFs::builder(Arc::clone(&store)).create_only(true).build().unwrap();
    for (name, bytes) in [("/short", &b"from elsewhere"[..]), ("/long", &long)] {
        let key = format!("uploaded{name}");
        fs.upload(&path(&format!("/{key}")), &*file(name)).unwrap();
        assert!(get(&*store, &key) == bytes, "{key}");
        assert!(fs.read(&key).unwrap() == bytes, "{key}");
        let again = fs.upload(&path(&format!("/{key}")), &*file("/short")).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        assert!(again.to_string().contains(&key) && get(&*store, &key) == bytes, "{again}");
    }
}

#[test]
fn bucket_in_memory() {
    check_writing_and_reading(Arc::new(InMemory::new()));
}

#[test]
fn bucket_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    check_writing_and_reading(Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap()));
    let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().contains('#')), "no partial upload is left");
}

#[test]
fn bucket_over_the_wire() {
    let folder = tempfile::tempdir().unwrap();
    let server = s3::serve_bucket(folder.path());
    let store = |secret| s3::client(&server, secret);
    let fs = ObjectFs::new(Arc::new(store("wrong")));
    assert_eq!(fs.read("/a").unwrap_err().kind(), ErrorKind::PermissionDenied);
    check_writing_and_reading(Arc::new(store(s3::SECRET)));
}

#[test]
fn probing_reads_little_of_a_long_object() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::File::create(folder.path().join("clip.mp4")).unwrap().set_len(1 << 30).unwrap();
    let store = Watched::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    let fs = ObjectFs::new(store.clone());
    let read = support::probe(&fs, "/clip.mp4", 1 << 30);
    // Read-ahead counts, too.
    std::thread::sleep(Duration::from_millis(100));
    let transferred = store.bytes.load(Ordering::Relaxed);
    assert!(transferred < 4 << 20, "{transferred} bytes for {read}");
    assert!(store.count("get") < 20, "{:?}", store.log.lock());
}

#[test]
fn cached_object_is_read_again_only_after_a_change() {
    let store = Watched::new(InMemory::new());
    put(&*store, "a", vec![1; 100_000]);
    let fs = ObjectFs::new(store.clone());
    for _ in 0..3 {
        assert_eq!(fs.read("/a").unwrap(), vec![1; 100_000]);
    }
    let gets = store.count("get");
    assert!(gets <= 2, "{gets}");
    put(&*store, "a", vec![2; 100_000]);
    assert_eq!(fs.read("/a").unwrap(), vec![2; 100_000]);
}

#[test]
fn change_of_an_object_during_reading_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Arc<dyn ObjectStore>; 2] =
        [Arc::new(InMemory::new()), Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap())];
    for store in stores {
        put(&*store, "clip", vec![1; 1 << 20]);
        let fs = ObjectFs::new(store.clone());
        let file = open(&fs, "/clip").unwrap();
        let mut bytes = [0; 10];
        file.read_at(&mut bytes, 0).unwrap();
        put(&*store, "clip", vec![2; 1 << 20]);
        let error = file.read_at(&mut bytes, 500_000).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().contains("clip: changed while it was read"), "{error}");
        open(&fs, "/clip").unwrap().read_at(&mut bytes, 0).unwrap();
        assert_eq!(bytes, [2; 10]);
    }
}

#[test]
fn repeated_lookups_send_no_request() {
    let store = Watched::new(InMemory::new());
    put(&*store, "in/deep/a", "x");
    let fs = ObjectFs::new(store.clone());
    fs.metadata(&path("/in/deep/a")).unwrap();
    let requests = store.log.lock().len();
    for _ in 0..10 {
        fs.metadata(&path("/in/deep/a")).unwrap();
        fs.metadata(&path("/in")).unwrap();
    }
    assert_eq!(store.log.lock().len(), requests, "{:?}", store.log.lock());
}

#[test]
fn prefix_is_the_root() {
    let store = Arc::new(InMemory::new());
    put(&*store, "job/1/a", "inside");
    put(&*store, "job/10/a", "outside");
    put(&*store, "b", "outside");
    let fs = ObjectFs::builder(store.clone()).prefix("/job/1/").build().unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/a"]);
    assert_eq!(fs.read("/../../b").unwrap_err().kind(), ErrorKind::NotFound);
    fs.write("/c", "new").unwrap();
    fs.commit().unwrap();
    assert_eq!(keys(&*store), ["b", "job/1/a", "job/1/c", "job/10/a"]);
}

#[test]
fn everything_is_uploaded_before_anything_is_removed() {
    let store = Watched::new(InMemory::new());
    put(&*store, "old/a", "a");
    put(&*store, "old/b", "b");
    let fs = ObjectFs::new(store.clone());
    fs.remove_file(&path("/old/a")).unwrap();
    fs.rename(&path("/old"), &path("/new")).unwrap();
    fs.write("/z", "z").unwrap();
    store.log.lock().clear();
    *store.fails.lock() = Some(("put z", 1));
    fs.commit().unwrap_err();
    assert_eq!(store.count("delete"), 0);
    fs.commit().unwrap();
    assert_eq!(keys(&*store), ["new/b", "z"]);
    assert_eq!(store.count("put new/b"), 1, "uploaded files are not uploaded again");
    store.log.lock().clear();
    fs.commit().unwrap();
    assert!(store.log.lock().is_empty(), "a further commit does nothing");
}

#[test]
fn failed_upload_names_the_key_and_leaves_nothing() {
    for fails in ["begin", "part 2", "complete"] {
        let store = Watched::new(InMemory::new());
        put(&*store, "clip", "old");
        let fs = ObjectFs::builder(store.clone()).part_bytes(5 << 20).build().unwrap();
        fs.write("/clip", vec![1; 16 << 20]).unwrap();
        *store.fails.lock() = Some((fails, 1));
        let error = fs.commit().unwrap_err();
        assert!(error.to_string().contains("clip"), "{error}");
        assert!(error.to_string().contains("the store is on fire"), "{error}");
        assert_eq!(store.count("abort"), usize::from(fails != "begin"));
        assert_eq!(get(&*store, "clip"), b"old");
        assert_eq!(fs.read("/clip").unwrap().len(), 16 << 20, "nothing is lost");
        fs.commit().unwrap();
        assert_eq!(get(&*store, "clip"), vec![1; 16 << 20]);
        let parts: Vec<String> =
            store.log.lock().iter().filter(|entry| entry.starts_with("part")).cloned().collect();
        let last = ["part 1 of 5242880", "part 2 of 5242880", "part 3 of 5242880", "part 4 of 1048576"];
        assert_eq!(parts[parts.len() - 4..], last);
    }
}

#[test]
fn failed_commit_can_be_retried_with_create_only() {
    let store = Watched::new(InMemory::new());
    let fs = ObjectFs::builder(store.clone()).create_only(true).build().unwrap();
    fs.write("/a", "a").unwrap();
    fs.write("/b", "b").unwrap();
    *store.fails.lock() = Some(("put b", 1));
    assert!(fs.commit().unwrap_err().to_string().contains("\"b\""));
    assert_eq!(keys(&*store), ["a"]);
    fs.commit().unwrap();
    assert_eq!(keys(&*store), ["a", "b"]);
}

#[test]
fn create_only_applies_to_long_files() {
    let store = Watched::new(InMemory::new());
    let fs = ObjectFs::builder(store.clone()).create_only(true).part_bytes(5 << 20).build().unwrap();
    fs.write("/a", vec![1; 6 << 20]).unwrap();
    put(&*store, "a", "theirs");
    assert_eq!(fs.commit().unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(get(&*store, "a"), b"theirs");
}

#[test]
fn folder_and_file_replace_each_other() {
    let store = Arc::new(InMemory::new());
    put(&*store, "folder/a", "a");
    put(&*store, "file", "b");
    let fs = ObjectFs::new(store.clone());
    fs.remove_file(&path("/folder/a")).unwrap();
    fs.remove_dir(&path("/folder")).unwrap();
    fs.write("/folder", "file now").unwrap();
    fs.remove_file(&path("/file")).unwrap();
    fs.create_dir(&path("/file")).unwrap();
    fs.write("/file/a", "x").unwrap();
    fs.commit().unwrap();
    assert_eq!(keys(&*store), ["file/a", "folder"]);
    assert_eq!(fs.walk("/").unwrap(), ["/file", "/file/a", "/folder"]);
}

#[test]
fn folder_of_many_objects_is_removed() {
    let store = Arc::new(InMemory::new());
    let runtime = Runtime::new().unwrap();
    for number in 0..2500 {
        let key = Path::from(format!("old/{number}"));
        runtime.block_on(store.put_opts(&key, "x".into(), PutOptions::default())).unwrap();
    }
    let fs = ObjectFs::new(store.clone());
    fs.rename(&path("/old"), &path("/new")).unwrap();
    fs.commit().unwrap();
    let keys = keys(&*store);
    assert_eq!(keys.len(), 2500);
    assert!(keys.iter().all(|key| key.starts_with("new/")));
}

#[test]
fn removing_an_object_keeps_the_objects_below_it() {
    let store = Arc::new(InMemory::new());
    put(&*store, "a", "object");
    put(&*store, "a/b", "another");
    let fs = ObjectFs::new(store.clone());
    assert_eq!(fs.walk("/").unwrap(), ["/a"]);
    assert_eq!(fs.read("/a").unwrap(), "object");
    fs.remove_file(&path("/a")).unwrap();
    fs.commit().unwrap();
    assert_eq!(keys(&*store), ["a/b"]);
    assert_eq!(fs.walk("/").unwrap(), ["/a", "/a/b"]);
}

#[test]
fn links_and_invalid_keys_are_refused() {
    let fs = ObjectFs::new(Arc::new(InMemory::new()));
    fs.write("/a", "x").unwrap();
    assert_eq!(fs.symlink("a", &path("/b")).unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(fs.hard_link(&path("/a"), &path("/b")).unwrap_err().kind(), ErrorKind::Unsupported);
    fs.write("/new\nline", "x").unwrap();
    let error = fs.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidFilename);
    assert!(error.to_string().contains("new\\nline"), "{error}");
    fs.remove_file(&path("/new\nline")).unwrap();
    fs.commit().unwrap();
}

#[test]
fn store_without_a_response_times_out() {
    let mut store = Watched::new(InMemory::new());
    put(&*store, "a", "x");
    Arc::get_mut(&mut store).unwrap().delay = Duration::from_secs(60);
    let fs = ObjectFs::builder(store).timeout(Duration::from_millis(50)).build().unwrap();
    let error = fs.read("/a").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("of a: no response within 50ms"), "{error}");
}

#[test]
fn removing_a_missing_object_succeeds() {
    let store = Arc::new(InMemory::new());
    put(&*store, "a", "x");
    let fs = ObjectFs::new(store.clone());
    fs.remove_file(&path("/a")).unwrap();
    Runtime::new().unwrap().block_on(store.delete(&Path::from("a"))).unwrap();
    fs.commit().unwrap();
}

#[test]
fn change_of_an_object_with_a_weak_tag_is_detected() {
    let mut store = Watched::new(InMemory::new());
    Arc::get_mut(&mut store).unwrap().weak = true;
    put(&*store, "a", vec![1; 200_000]);
    let fs = ObjectFs::new(store.clone());
    let file = open(&fs, "/a").unwrap();
    assert_eq!(file.read_at(&mut [0; 10], 0).unwrap(), 10);
    put(&*store, "a", vec![2; 200_000]);
    assert_eq!(file.read_at(&mut [0; 10], 100_000).unwrap_err().kind(), ErrorKind::InvalidData);
}

#[test]
fn clones_share_the_spool() {
    let store = Arc::new(InMemory::new());
    let first = ObjectFs::new(store.clone());
    let second = first.clone();
    first.write("/a", "x").unwrap();
    assert_eq!(second.read("/a").unwrap(), "x");
    second.commit().unwrap();
    assert_eq!(keys(&*store), ["a"]);
}

#[test]
fn retried_commit_removes_nothing_else() {
    let store = Watched::new(InMemory::new());
    put(&*store, "a", "object");
    put(&*store, "a/b", "hidden by it");
    put(&*store, "z", "object");
    let fs = ObjectFs::new(store.clone());
    fs.remove_file(&path("/a")).unwrap();
    fs.remove_file(&path("/z")).unwrap();
    *store.fails.lock() = Some(("delete z", 1));
    fs.commit().unwrap_err();
    fs.commit().unwrap();
    assert_eq!(keys(&*store), ["a/b"]);
}

#[test]
fn file_created_and_removed_between_failed_commits_is_not_uploaded() {
    let store = Watched::new(InMemory::new());
    put(&*store, "d/a", "object");
    put(&*store, "z", "object");
    let fs = ObjectFs::new(store.clone());
    let fail = || {
        *store.fails.lock() = Some(("delete z", 1));
        fs.commit().unwrap_err();
    };
    fs.remove_file(&path("/z")).unwrap();
    fs.remove_file(&path("/d/a")).unwrap();
    fs.remove_dir(&path("/d")).unwrap();
    fs.create_dir_all("/e/f").unwrap();
    fs.write("/e/f/new", "x").unwrap();
    fail();
    assert_eq!(keys(&*store), ["e/f/new", "z"]);
    fs.create_dir(&path("/d")).unwrap();
    fs.write("/d/a", "again").unwrap();
    fail();
    assert_eq!(keys(&*store), ["d/a", "e/f/new", "z"]);
    fs.rename(&path("/e/f/new"), &path("/other")).unwrap();
    fail();
    fs.rename(&path("/other"), &path("/e/f/new")).unwrap();
    fail();
    assert_eq!(keys(&*store), ["d/a", "e/f/new", "z"]);
    for file in ["/d/a", "/e/f/new"] {
        fs.remove_file(&path(file)).unwrap();
    }
    fs.commit().unwrap();
    assert_eq!(keys(&*store), [""; 0]);
    assert!(!fs.exists("/e/f/new") && !fs.exists("/d/a"));
}

#[test]
fn folder_that_became_a_file_is_removed_by_the_next_commit() {
    let store = Watched::new(InMemory::new());
    put(&*store, "folder/a", "a");
    let fs = ObjectFs::new(store.clone());
    fs.remove_file(&path("/folder/a")).unwrap();
    fs.remove_dir(&path("/folder")).unwrap();
    fs.write("/folder", "file now").unwrap();
    *store.fails.lock() = Some(("delete folder/a", 1));
    fs.commit().unwrap_err();
    fs.commit().unwrap();
    assert_eq!(keys(&*store), ["folder"]);
}

#[test]
fn file_written_after_a_failed_commit_is_uploaded_by_the_next() {
    let store = Watched::new(InMemory::new());
    let fs = ObjectFs::new(store.clone());
    let long_ago = Some(SystemTime::UNIX_EPOCH);
    let write = |contents: &'static str| {
        let file = fs.open(&path("/a"), OpenOptions::new().write(true).create(true)).unwrap();
        file.write_at(contents.as_bytes(), 0).unwrap();
        // As archivers do to make archives reproducible.
        fs.set_times(&path("/a"), long_ago, long_ago).unwrap();
    };
    write("old");
    fs.write("/b", "").unwrap();
    *store.fails.lock() = Some(("put b", 1));
    fs.commit().unwrap_err();
    write("new");
    fs.commit().unwrap();
    assert_eq!(get(&*store, "a"), b"new");
}

#[test]
fn file_looked_up_during_its_commit_exists_afterwards() {
    let store = Watched::new(InMemory::new());
    let fs = ObjectFs::new(store.clone());
    fs.write("/a", "x").unwrap();
    // The path was looked up when it was written, and that result has been invalidated.
    *store.fails.lock() = Some(("put a", 1));
    fs.commit().unwrap_err();
    *store.delayed.lock() = Some(("a", false));
    thread::scope(|scope| {
        let looking = scope.spawn(|| fs.metadata(&path("/a")).unwrap());
        let is_delayed = || store.delayed.lock().is_some_and(|(_, is_delayed)| is_delayed);
        let deadline = Instant::now() + Duration::from_secs(10);
        while !is_delayed() && Instant::now() < deadline {
            thread::yield_now();
        }
        let was_delayed = is_delayed();
        fs.commit().unwrap();
        *store.delayed.lock() = None;
        looking.join().unwrap();
        assert!(was_delayed, "the result from before the failed commit is still cached");
    });
    assert_eq!(fs.read("/a").unwrap(), "x");
}

/// The longest time that a test waits for an event.
const PATIENCE: Duration = Duration::from_secs(60);

fn wait_for(event: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "timed out waiting for {event}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn completion_may_take_longer_than_other_requests() {
    let folder = tempfile::tempdir().unwrap();
    let server = s3::serve_slow_bucket(folder.path(), Duration::ZERO, Duration::from_secs(4));
    let store = Arc::new(s3::client(&server, s3::SECRET));
    let fs =
        ObjectFs::builder(store.clone()).part_bytes(5 << 20).timeout(Duration::from_secs(3)).build().unwrap();
    fs.write("/long", vec![1; 6 << 20]).unwrap();
    fs.commit().unwrap();
    assert_eq!(get(&*store, "long").len(), 6 << 20);
}

#[test]
fn completed_upload_without_a_response_is_detected() {
    let folder = tempfile::tempdir().unwrap();
    let server = s3::serve_slow_bucket(folder.path(), Duration::ZERO, PATIENCE * 10);
    let store = Arc::new(s3::client(&server, s3::SECRET));
    for create_only in [true, false] {
        let fs = ObjectFs::builder(store.clone())
            .part_bytes(5 << 20)
            .create_only(create_only)
            .complete_timeout(Duration::from_secs(3))
            .build()
            .unwrap();
        // The second upload replaces the first, which has the same length.
        fs.write("/long", vec![u8::from(create_only); 6 << 20]).unwrap();
        fs.commit().unwrap();
        assert!(get(&*store, "long") == vec![u8::from(create_only); 6 << 20]);
        fs.commit().unwrap();
    }
}

#[test]
fn upload_that_is_not_completed_in_time_is_aborted() {
    let folder = tempfile::tempdir().unwrap();
    let server = s3::serve_slow_bucket(folder.path(), PATIENCE * 10, Duration::ZERO);
    let store = Watched::new(s3::client(&server, s3::SECRET));
    put(&*store, "long", vec![2; 6 << 20]);
    let fs = ObjectFs::builder(store.clone())
        .part_bytes(5 << 20)
        .complete_timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    fs.write("/long", vec![1; 6 << 20]).unwrap();
    let error = fs.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("completing the object long: no response within 300ms"), "{error}");
    assert_eq!(store.count("abort"), 1);
    assert!(
        get(&*store, "long") == vec![2; 6 << 20],
        "an old object of the same length is not taken for the upload"
    );
    assert!(fs.read("/long").unwrap() == vec![1; 6 << 20], "nothing is lost");
}

#[test]
fn change_during_a_commit_is_refused_and_reads_continue() {
    let store = Watched::new(InMemory::new());
    put(&*store, "old", "object");
    let fs = ObjectFs::new(store.clone());
    let options = OpenOptions::new().read(true).write(true).create(true);
    let file = fs.open(&path("/a"), options).unwrap();
    file.write_at(b"first", 0).unwrap();
    store.puts_wait.store(true, Ordering::Relaxed);
    thread::scope(|scope| {
        let committing = scope.spawn(|| fs.commit());
        wait_for("the upload", || store.count("put a") == 1);
        let busy = |result: std::io::Result<()>| {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ResourceBusy);
            assert!(error.to_string().contains("during a commit of this filesystem"), "{error}");
        };
        busy(file.write_at(b"second", 0).map(drop));
        busy(file.append(b"more").map(drop));
        busy(file.set_len(0));
        busy(file.replace("whole".into()));
        busy(fs.write("/b", "new"));
        busy(fs.write("/a", "new"));
        busy(fs.create_dir(&path("/dir")));
        busy(fs.rename(&path("/a"), &path("/c")));
        busy(fs.remove_file(&path("/old")));
        busy(fs.set_times(&path("/a"), None, Some(SystemTime::UNIX_EPOCH)));
        assert_eq!((fs.read("/a").unwrap(), fs.read("/old").unwrap()), ("first".into(), "object".into()));
        store.puts_wait.store(false, Ordering::Relaxed);
        committing.join().unwrap().unwrap();
    });
    assert_eq!(file.write_at(b"second", 0).unwrap_err().kind(), ErrorKind::StaleNetworkFileHandle);
    assert_eq!(get(&*store, "a"), b"first");
    fs.write("/a", "second").unwrap();
    fs.commit().unwrap();
    assert_eq!((keys(&*store), get(&*store, "a")), (vec!["a".into(), "old".into()], b"second".to_vec()));
}

#[test]
fn open_file_stays_usable_after_a_failed_commit() {
    let store = Watched::new(InMemory::new());
    let fs = ObjectFs::new(store.clone());
    let file = fs.open(&path("/a"), OpenOptions::new().write(true).create(true)).unwrap();
    file.write_at(b"first", 0).unwrap();
    *store.fails.lock() = Some(("put a", 1));
    fs.commit().unwrap_err();
    file.write_at(b"again", 0).unwrap();
    fs.commit().unwrap();
    assert_eq!(get(&*store, "a"), b"again");
}

#[test]
fn successful_write_beside_commits_is_in_the_bucket_after_the_last() {
    let store = Watched::new(InMemory::new());
    let fs = ObjectFs::new(store.clone());
    let is_over = AtomicBool::new(false);
    let written = thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let (fs, is_over) = (&fs, &is_over);
                scope.spawn(move || {
                    let name = path(&format!("/{writer}"));
                    let options = OpenOptions::new().write(true).create(true);
                    let (mut last, mut number, mut file) = (None, 0u64, None);
                    while !is_over.load(Ordering::Relaxed) {
                        number += 1;
                        if file.is_none() {
                            file = fs.open(&name, options).ok();
                        }
                        let Some(open) = &file else { continue };
                        match open.write_at(&number.to_be_bytes(), 0) {
                            Ok(_) => last = Some(number),
                            Err(error) if error.kind() == ErrorKind::ResourceBusy => {}
                            Err(error) => {
                                assert_eq!(error.kind(), ErrorKind::StaleNetworkFileHandle);
                                file = None;
                            }
                        }
                    }
                    last
                })
            })
            .collect();
        wait_for("the first file", || !fs.read_dir(&VPath::root()).unwrap().is_empty());
        for _ in 0..100 {
            fs.commit().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        writers.into_iter().map(|writer| writer.join().unwrap()).collect::<Vec<_>>()
    });
    fs.commit().unwrap();
    for (writer, last) in written.into_iter().enumerate() {
        if let Some(last) = last {
            assert_eq!(get(&*store, &writer.to_string()), last.to_be_bytes());
        }
    }
    assert!(store.count("put") > 1);
}
