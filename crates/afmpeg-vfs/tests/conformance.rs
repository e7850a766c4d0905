//! The conformance suite, on every filesystem of this crate.
#![cfg(feature = "conformance")]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::sync::Arc;

use afmpeg_vfs::{
    MemFs, Mount, ReadOnly, VPath, VfsExt as _,
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

#[test]
#[should_panic(expected = "files::contents_come_back_as_they_were_written")]
fn suite_names_what_failed() {
    Suite::new(|| ReadOnly::new(MemFs::new())).run();
}
