//! Every filesystem of this crate, for the conformance suites natively and inside a guest.

use std::{
    io::Write as _,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use afmpeg_vfs::{
    EmbedFs, FaultLog, Faulty, HostDir, HttpFs, MemFs, Mount, ObjectFs, Observe, Overlay, Prefix, Quota,
    ReadOnly, SpoolFs, SpoolLimits, TarFs, Trace, VPath, Vfs, VfsExt as _, ZipFs,
    adapter::wasmer::{FromWasmer, WasmerFs},
    conformance::{
        Feature::{self, HardLinks, Inodes, SparseFiles, Symlinks, Times},
        Tree,
    },
};
use object_store::{local::LocalFileSystem, memory::InMemory};
use zip::CompressionMethod;

#[path = "../support/mod.rs"]
pub(crate) mod support;

/// A writable filesystem.
pub(crate) struct Writable {
    /// The type, and in brackets its inner filesystem.
    pub(crate) name: &'static str,
    pub(crate) lacks: &'static [Feature],
    /// Creates an empty one.
    pub(crate) fresh: Box<dyn Fn() -> Arc<dyn Vfs>>,
}

/// Creates a filesystem that holds a tree.
type Holding = Box<dyn Fn(&Tree) -> Arc<dyn Vfs>>;

/// A read-only filesystem.
pub(crate) struct ReadOnlyOne {
    pub(crate) name: &'static str,
    pub(crate) holding: Holding,
}

fn writable_one<V: Vfs>(
    name: &'static str,
    lacks: &'static [Feature],
    fresh: impl Fn() -> V + 'static,
) -> Writable {
    Writable { name, lacks, fresh: Box::new(move || Arc::new(fresh())) }
}

fn read_only_one<V: Vfs>(name: &'static str, holding: impl Fn(&Tree) -> V + 'static) -> ReadOnlyOne {
    ReadOnlyOne { name, holding: Box::new(move |tree| Arc::new(holding(tree))) }
}

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

/// Folders of the host, removed on drop.
struct Folders {
    outer: tempfile::TempDir,
    made: AtomicUsize,
}

impl Folders {
    fn new() -> Self {
        Self { outer: tempfile::tempdir().unwrap(), made: AtomicUsize::new(0) }
    }

    fn fresh(&self) -> PathBuf {
        let folder = self.outer.path().join(self.made.fetch_add(1, Ordering::Relaxed).to_string());
        std::fs::create_dir(&folder).unwrap();
        folder
    }
}

/// Writes the tree to `fs`.
fn fill(fs: &dyn Vfs, tree: &Tree) {
    for (name, contents) in tree.files() {
        fs.create_dir_all(path(name).parent().unwrap()).unwrap();
        fs.write(name, contents.clone()).unwrap();
    }
}

fn memory_holding(tree: &Tree) -> MemFs {
    let fs = MemFs::new();
    fill(&fs, tree);
    fs
}

fn in_memory() -> Arc<dyn Vfs> {
    Arc::new(MemFs::new())
}

/// Creates a folder below the root of a filesystem in memory.
fn folder_in_memory() -> (MemFs, VPath) {
    let (fs, folder) = (MemFs::new(), path("/a/folder"));
    fs.create_dir_all(&folder).unwrap();
    (fs, folder)
}

/// Creates an overlay from which everything in the lower filesystem has been removed.
fn emptied_overlay() -> Overlay {
    let lower = memory_holding(&Tree::new());
    for (at, name) in ["/a", "/b", "/d", "/file", "/dir"].into_iter().enumerate() {
        if at % 2 == 0 { lower.write(name, name).unwrap() } else { lower.create_dir_all(name).unwrap() }
    }
    let fs = Overlay::new(ReadOnly::new(lower), in_memory());
    for name in fs.walk("/").unwrap().iter().rev().map(|name| path(name)) {
        fs.remove_file(&name).or_else(|_| fs.remove_dir(&name)).unwrap();
    }
    fs
}

pub(crate) fn writable() -> Vec<Writable> {
    let folders = Arc::new(Folders::new());
    let folder = move || {
        let folders = Arc::clone(&folders);
        move || folders.fresh()
    };
    let (host, upper, bucket) = (folder(), folder(), folder());
    vec![
        writable_one("MemFs", &[], MemFs::new),
        writable_one("HostDir", &[], move || HostDir::open(host()).unwrap()),
        writable_one("ObjectFs", &[Symlinks, HardLinks], || ObjectFs::new(Arc::new(InMemory::new()))),
        writable_one("ObjectFs (a folder, spooling to disk)", &[Symlinks, HardLinks], move || {
            let store = LocalFileSystem::new_with_prefix(bucket()).unwrap();
            ObjectFs::builder(Arc::new(store)).spool_file_bytes(0).build().unwrap()
        }),
        writable_one("SpoolFs", &[], || SpoolFs::new(SpoolLimits::default())),
        writable_one("SpoolFs (on disk)", &[], || {
            SpoolFs::new(SpoolLimits { file_bytes: 0, ..SpoolLimits::default() })
        }),
        writable_one("Mount", &[], || Mount::new(Mount::new(in_memory()))),
        writable_one("Overlay", &[], || Overlay::new(in_memory(), in_memory())),
        writable_one("Overlay (emptied)", &[], emptied_overlay),
        writable_one("Overlay (on the host)", &[], move || {
            Overlay::new(in_memory(), HostDir::open(upper()).unwrap())
        }),
        writable_one("Prefix", &[], || {
            let (fs, folder) = folder_in_memory();
            Prefix::new(fs, folder)
        }),
        writable_one("Quota", &[], || {
            Quota::new(MemFs::new()).max_bytes(1 << 60).max_names(1000).max_file_len(1 << 50)
        }),
        writable_one("Observe", &[], || Observe::new(MemFs::new())),
        writable_one("Trace", &[], || Trace::new(MemFs::new())),
        writable_one("Faulty", &[], || Faulty::new(MemFs::new())),
        writable_one("FromWasmer", &[HardLinks, Times, Inodes, SparseFiles], || {
            FromWasmer::new(Arc::new(virtual_fs::mem_fs::FileSystem::default()))
        }),
        writable_one("FromWasmer (WasmerFs)", &[Times, Inodes], || {
            FromWasmer::new(Arc::new(WasmerFs::new(in_memory(), FaultLog::new())))
        }),
    ]
}

fn tar_holding(tree: &Tree) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, contents) in tree.files() {
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        builder.append_data(&mut header, &name[1..], &contents[..]).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip_holding(tree: &Tree, method: CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, contents) in tree.files() {
        writer.start_file(&name[1..], options).unwrap();
        writer.write_all(contents).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn stored_at(name: &str, archive: Vec<u8>) -> MemFs {
    let fs = MemFs::new();
    fs.write(name, archive).unwrap();
    fs
}

pub(crate) fn read_only() -> Vec<ReadOnlyOne> {
    let folder = tempfile::tempdir().unwrap();
    for (number, (_, contents)) in Tree::new().files().enumerate() {
        std::fs::write(folder.path().join(number.to_string()), contents).unwrap();
    }
    let server = support::serve_folder(folder.path());
    vec![
        read_only_one("ReadOnly", |tree| ReadOnly::new(memory_holding(tree))),
        read_only_one("HttpFs", move |tree| {
            // The server and its folder must outlive the filesystems.
            let (server, _) = (&server, &folder);
            let files = tree.files().enumerate();
            let builder = files.fold(HttpFs::builder(), |builder, (number, (name, _))| {
                builder.file(name, format!("http://{}/{number}", server.address))
            });
            builder.build().unwrap()
        }),
        read_only_one("EmbedFs", |tree| {
            // Leaked, because embedded files are static.
            let entries: Vec<(&'static str, &'static [u8])> =
                tree.files().map(|(name, contents)| (name, &*contents.to_vec().leak())).collect();
            EmbedFs::from_entries(&entries).unwrap()
        }),
        read_only_one("ZipFs", |tree| ZipFs::open(zip_holding(tree, CompressionMethod::Deflated)).unwrap()),
        read_only_one("ZipFs (stored)", |tree| {
            ZipFs::open(zip_holding(tree, CompressionMethod::Stored)).unwrap()
        }),
        read_only_one("ZipFs (in a file)", |tree| {
            let fs = stored_at("/a.zip", zip_holding(tree, CompressionMethod::Deflated));
            ZipFs::new(&fs, &path("/a.zip")).unwrap()
        }),
        read_only_one("TarFs", |tree| TarFs::open(tar_holding(tree)).unwrap()),
        read_only_one("TarFs (in a file)", |tree| {
            TarFs::new(&stored_at("/a.tar", tar_holding(tree)), &path("/a.tar")).unwrap()
        }),
        read_only_one("ObjectFs (committed)", |tree| {
            let fs = ObjectFs::new(Arc::new(InMemory::new()));
            fill(&fs, tree);
            fs.commit().unwrap();
            ReadOnly::new(fs)
        }),
        read_only_one("Overlay (of a tree)", |tree| {
            ReadOnly::new(Overlay::new(memory_holding(tree), in_memory()))
        }),
        read_only_one("Prefix (of a tree)", |tree| {
            let (fs, folder) = folder_in_memory();
            fill(&Prefix::new(fs.clone(), folder.clone()), tree);
            Prefix::new(ReadOnly::new(fs), folder)
        }),
        read_only_one("Quota (of a tree)", |tree| Quota::new(ReadOnly::new(memory_holding(tree)))),
        read_only_one("Observe (of a tree)", |tree| Observe::new(ReadOnly::new(memory_holding(tree)))),
        read_only_one("Trace (of a tree)", |tree| Trace::new(ReadOnly::new(memory_holding(tree)))),
        read_only_one("Faulty (of a tree)", |tree| Faulty::new(ReadOnly::new(memory_holding(tree)))),
    ]
}

/// Runs `check` for each item, and panics with all failures.
#[track_caller]
pub(crate) fn each<T>(all: Vec<T>, name: fn(&T) -> &'static str, check: impl Fn(T)) {
    let mut failed = Vec::new();
    for one in all {
        let name = name(&one);
        if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(one))) {
            failed.push(format!("{name}: {}", panic.downcast_ref::<String>().map_or("?", String::as_str)));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
