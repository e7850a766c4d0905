//! The conformance suite, on every filesystem of this crate.
#![cfg(feature = "conformance")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may fail where it stands")]

use std::sync::Arc;

use afmpeg_vfs::{
    FaultRule, Faulty, MemFs, Mount, Observe, Overlay, Prefix, Quota, ReadOnly, VPath, Vfs as _, VfsExt as _,
    conformance::{ReadOnlySuite, Suite, Tree},
};

/// A filesystem in memory that holds `tree`.
fn memory_holding(tree: &Tree) -> MemFs {
    let fs = MemFs::new();
    for (path, contents) in tree.files() {
        fs.create_dir_all(VPath::new(path).unwrap().parent().unwrap()).unwrap();
        fs.write(path, contents.clone()).unwrap();
    }
    fs
}

#[test]
fn mem_fs() {
    Suite::new(MemFs::new).run();
}

#[cfg(all(unix, feature = "host"))]
#[test]
fn host_dir() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().to_owned();
    let made = AtomicUsize::new(0);
    Suite::new(move || {
        let fresh = folder.join(made.fetch_add(1, Ordering::Relaxed).to_string());
        std::fs::create_dir(&fresh).unwrap();
        afmpeg_vfs::HostDir::open(&fresh).unwrap()
    })
    .run();
}

#[test]
fn mount_within_a_mount() {
    Suite::new(|| Mount::new(Arc::new(Mount::new(Arc::new(MemFs::new()))))).run();
}

#[test]
fn read_only() {
    ReadOnlySuite::new(|tree| ReadOnly::new(memory_holding(tree))).run();
}

fn folder_in_memory() -> (MemFs, VPath) {
    let (fs, folder) = (MemFs::new(), VPath::new("/a/folder").unwrap());
    fs.create_dir_all(&folder).unwrap();
    (fs, folder)
}

#[test]
fn overlay() {
    Suite::new(|| Overlay::new(Arc::new(MemFs::new()), Arc::new(MemFs::new()))).run();
}

#[test]
fn overlay_that_was_emptied() {
    Suite::new(|| {
        let lower = memory_holding(&Tree::new());
        for (at, name) in ["/a", "/b", "/d", "/file", "/dir"].into_iter().enumerate() {
            if at % 2 == 0 { lower.write(name, name).unwrap() } else { lower.create_dir_all(name).unwrap() }
        }
        let fs = Overlay::new(Arc::new(ReadOnly::new(lower)), Arc::new(MemFs::new()));
        for path in fs.walk("/").unwrap().iter().rev().map(|path| VPath::new(path).unwrap()) {
            fs.remove_file(&path).or_else(|_| fs.remove_dir(&path)).unwrap();
        }
        fs
    })
    .run();
}

#[cfg(all(unix, feature = "host"))]
#[test]
fn overlay_on_the_host() {
    use std::sync::Mutex;

    // Kept until the end: each check has a folder of its own.
    let folders = Mutex::new(Vec::new());
    Suite::new(move || {
        let folder = tempfile::tempdir().unwrap();
        let upper = afmpeg_vfs::HostDir::open(folder.path()).unwrap();
        folders.lock().unwrap().push(folder);
        Overlay::new(Arc::new(MemFs::new()), Arc::new(upper))
    })
    .run();
}

#[test]
fn overlay_that_reads() {
    ReadOnlySuite::new(|tree| {
        ReadOnly::new(Overlay::new(Arc::new(memory_holding(tree)), Arc::new(MemFs::new())))
    })
    .run();
}

#[test]
fn prefix() {
    Suite::new(|| {
        let (fs, folder) = folder_in_memory();
        Prefix::new(fs, folder)
    })
    .run();
    ReadOnlySuite::new(|tree| {
        let (fs, folder) = folder_in_memory();
        for (path, contents) in tree.files() {
            fs.insert(format!("{folder}{path}"), contents.clone()).unwrap();
        }
        Prefix::new(ReadOnly::new(fs), folder)
    })
    .run();
}

#[test]
fn quota() {
    Suite::new(|| Quota::new(MemFs::new()).max_bytes(1 << 60).max_names(1000).max_file_len(1 << 50)).run();
    Suite::new(|| Quota::new(MemFs::new())).run();
    ReadOnlySuite::new(|tree| Quota::new(ReadOnly::new(memory_holding(tree)))).run();
}

#[test]
fn observe() {
    Suite::new(|| Observe::new(MemFs::new())).run();
    ReadOnlySuite::new(|tree| Observe::new(ReadOnly::new(memory_holding(tree)))).run();
}

#[cfg(feature = "trace")]
#[test]
fn trace() {
    Suite::new(|| afmpeg_vfs::Trace::new(MemFs::new())).run();
    ReadOnlySuite::new(|tree| afmpeg_vfs::Trace::new(ReadOnly::new(memory_holding(tree)))).run();
}

#[test]
fn faulty_without_rules() {
    Suite::new(|| Faulty::new(MemFs::new())).run();
    ReadOnlySuite::new(|tree| Faulty::new(ReadOnly::new(memory_holding(tree)))).run();
}

/// Nothing but `contents` has to bear with short reads: checks read as programs do.
#[test]
fn overlay_copies_from_short_reads_to_short_writes() {
    let bytes: Vec<u8> = (0..3_000_000u32).map(|at| (at / 7) as u8).collect();
    let (lower, upper) = (MemFs::new(), MemFs::new());
    lower.write("/a", bytes.clone()).unwrap();
    let short = |fs: MemFs, seed| Arc::new(Faulty::new(fs).with(FaultRule::short_at_random(seed)));
    let fs = Overlay::new(short(lower, 1), short(upper.clone(), 2));
    fs.rename(&VPath::new("/a").unwrap(), &VPath::new("/b").unwrap()).unwrap();
    assert!(upper.read("/b").unwrap() == bytes);
}

#[test]
#[should_panic(expected = "files::contents_come_back_as_they_were_written")]
fn suite_names_what_failed() {
    Suite::new(|| ReadOnly::new(MemFs::new())).run();
}

#[cfg(feature = "object-store")]
#[test]
fn object_fs_on_a_bucket_in_memory() {
    use afmpeg_vfs::{ObjectFs, conformance::Feature};

    Suite::new(|| ObjectFs::new(Arc::new(object_store::memory::InMemory::new())))
        .without(Feature::Symlinks)
        .without(Feature::HardLinks)
        .run();
}

#[cfg(feature = "object-store")]
#[test]
fn object_fs_that_spools_to_disk_on_a_bucket_in_a_folder() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use afmpeg_vfs::{ObjectFs, conformance::Feature};
    use object_store::local::LocalFileSystem;

    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().to_owned();
    let made = AtomicUsize::new(0);
    Suite::new(move || {
        let fresh = folder.join(made.fetch_add(1, Ordering::Relaxed).to_string());
        std::fs::create_dir(&fresh).unwrap();
        ObjectFs::new(Arc::new(LocalFileSystem::new_with_prefix(&fresh).unwrap())).spool_file_bytes(0)
    })
    .without(Feature::Symlinks)
    .without(Feature::HardLinks)
    .run();
}

#[cfg(feature = "object-store")]
#[test]
fn object_fs_that_holds_a_tree() {
    use afmpeg_vfs::{ObjectFs, Vfs as _};

    ReadOnlySuite::new(|tree| {
        let fs = ObjectFs::new(Arc::new(object_store::memory::InMemory::new()));
        for (path, contents) in tree.files() {
            fs.create_dir_all(VPath::new(path).unwrap().parent().unwrap()).unwrap();
            fs.write(path, contents.clone()).unwrap();
        }
        fs.commit().unwrap();
        ReadOnly::new(fs)
    })
    .run();
}

#[cfg(feature = "http")]
mod support;

#[cfg(feature = "http")]
#[test]
fn http_fs() {
    use afmpeg_vfs::HttpFs;

    let folder = tempfile::tempdir().unwrap();
    for (number, (_, contents)) in Tree::new().files().enumerate() {
        std::fs::write(folder.path().join(number.to_string()), contents).unwrap();
    }
    let server = support::serve_folder(folder.path());
    let address = server.address;
    ReadOnlySuite::new(move |tree| {
        let files = tree.files().enumerate();
        files.fold(HttpFs::new(), |fs, (number, (path, _))| {
            fs.file(path, format!("http://{address}/{number}")).unwrap()
        })
    })
    .run();
}

#[cfg(feature = "embed")]
#[test]
fn embed_fs() {
    use afmpeg_vfs::EmbedFs;

    ReadOnlySuite::new(|tree| {
        // What is in the program lives as long as it does.
        let entries: Vec<(&'static str, &'static [u8])> =
            tree.files().map(|(path, contents)| (path, &*contents.to_vec().leak())).collect();
        EmbedFs::from_entries(&entries).unwrap()
    })
    .run();
}

#[cfg(feature = "tar")]
fn tar_holding(tree: &Tree) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, contents) in tree.files() {
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        builder.append_data(&mut header, &path[1..], &contents[..]).unwrap();
    }
    builder.into_inner().unwrap()
}

#[cfg(feature = "tar")]
#[test]
fn tar_fs_in_memory_and_in_a_file() {
    use afmpeg_vfs::TarFs;

    ReadOnlySuite::new(|tree| TarFs::open(tar_holding(tree)).unwrap()).run();
    ReadOnlySuite::new(|tree| {
        let fs = MemFs::new();
        fs.write("/a.tar", tar_holding(tree)).unwrap();
        TarFs::new(&fs, &VPath::new("/a.tar").unwrap()).unwrap()
    })
    .run();
}

#[cfg(feature = "zip")]
fn zip_holding(tree: &Tree, method: zip::CompressionMethod) -> Vec<u8> {
    use std::io::Write as _;

    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (path, contents) in tree.files() {
        writer.start_file(&path[1..], options).unwrap();
        writer.write_all(contents).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[cfg(feature = "zip")]
#[test]
fn zip_fs_stored_and_deflated_in_memory_and_in_a_file() {
    use afmpeg_vfs::ZipFs;

    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        ReadOnlySuite::new(move |tree| ZipFs::open(zip_holding(tree, method)).unwrap()).run();
        ReadOnlySuite::new(move |tree| {
            let fs = MemFs::new();
            fs.write("/a.zip", zip_holding(tree, method)).unwrap();
            ZipFs::new(&fs, &VPath::new("/a.zip").unwrap()).unwrap()
        })
        .run();
    }
}

#[cfg(feature = "vfs-crate")]
#[test]
fn from_vfs_on_their_memory_on_the_host_and_on_our_own() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use afmpeg_vfs::{
        adapter::vfs::{FromVfs, ToVfs},
        conformance::Feature,
    };

    let without_links = |suite: Suite| {
        [Feature::Symlinks, Feature::HardLinks, Feature::Inodes, Feature::SparseFiles]
            .into_iter()
            .fold(suite, Suite::without)
    };
    without_links(Suite::new(|| FromVfs::new(vfs::MemoryFS::new()))).run();
    without_links(Suite::new(|| FromVfs::new(ToVfs::new(Arc::new(MemFs::new()))))).run();
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().to_owned();
    let made = AtomicUsize::new(0);
    without_links(Suite::new(move || {
        let fresh = folder.join(made.fetch_add(1, Ordering::Relaxed).to_string());
        std::fs::create_dir(&fresh).unwrap();
        FromVfs::new(vfs::PhysicalFS::new(fresh))
    }))
    .run();
}

#[cfg(feature = "wasmer")]
#[test]
fn from_wasmer_through_both_bridges_and_on_wasmers_memory() {
    use afmpeg_vfs::{
        FaultLog,
        adapter::wasmer::{FromWasmer, WasmerFs},
        conformance::Feature,
    };

    Suite::new(|| FromWasmer::new(Arc::new(WasmerFs::new(Arc::new(MemFs::new()), FaultLog::new()))))
        .without(Feature::Inodes)
        .without(Feature::Times)
        .run();
    Suite::new(|| FromWasmer::new(Arc::new(virtual_fs::mem_fs::FileSystem::default())))
        .without(Feature::HardLinks)
        .without(Feature::Inodes)
        .without(Feature::Times)
        .without(Feature::SparseFiles)
        .run();
}
