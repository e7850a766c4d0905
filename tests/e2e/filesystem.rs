//! Files as a guest has them: the conformance suite of `afmpeg-vfs` again, through libc and WASI.

#[path = "../../crates/afmpeg-vfs/tests/backends/mod.rs"]
pub(crate) mod backends;

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex},
};

use afmpeg_engine::Error;
use afmpeg_vfs::{
    HostDir, MemFs, Mount, Overlay, ReadOnly, VPath, Vfs, VfsExt as _,
    conformance::{ReadOnlySuite, Suite},
};

use backends::{ReadOnlyOne, Writable};

use crate::{guest_fs::GuestFs, harness::guest};

#[test]
fn every_filesystem_that_can_be_written_to_behaves_the_same_inside_a_guest() {
    backends::each(
        backends::writable(),
        |one| one.name,
        |Writable { fresh, lacks, .. }| {
            let suite = Suite::new(move || GuestFs::new(fresh()));
            lacks.iter().fold(suite, |suite, lacking| suite.without(*lacking)).run();
        },
    );
}

#[test]
fn every_filesystem_that_only_reads_behaves_the_same_inside_a_guest() {
    backends::each(
        backends::read_only(),
        |one| one.name,
        |ReadOnlyOne { holding, .. }| ReadOnlySuite::new(move |tree| GuestFs::new(holding(tree))).run(),
    );
}

/// Runs `wasm-build/guests/posix.c` in a folder of `work`. The same program says "ok" on Linux itself.
#[track_caller]
fn assert_posix(work: impl Vfs) {
    work.create_dir_all("/folder").unwrap();
    let mount = |fs: Mount, point: &str, mounted: Arc<dyn Vfs>| fs.mount(VPath::new(point).unwrap(), mounted);
    let read_only = MemFs::new();
    read_only.write("/file", "kept").unwrap();
    let fs = Mount::new(Arc::new(MemFs::new()));
    let fs = mount(fs, "/work", Arc::new(work));
    let fs = mount(fs, "/ro", Arc::new(ReadOnly::new(read_only)));
    let fs = mount(fs, "/full", Arc::new(MemFs::with_capacity_limit(10)));
    let said = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&said);
    let job = guest("posix").job(fs).args(["/work/folder", "with /ro and /full"]).stdin(&b"input"[..]);
    let ended = job
        .stdout(move |bytes| {
            listener.lock().unwrap().extend_from_slice(bytes);
            Ok(())
        })
        .run();
    // The program sees ENOSPC and goes on; whoever runs it is told all the same.
    match ended {
        Err(Error::Filesystem { path, source, log, .. }) => {
            assert_eq!(
                (path.as_str(), source.kind(), &log[..]),
                ("/full/file", ErrorKind::StorageFull, &[][..])
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(String::from_utf8_lossy(&said.lock().unwrap()), "ok\n");
}

#[test]
fn memory_is_posix_to_c_programs() {
    assert_posix(MemFs::new());
}

#[test]
fn host_folder_is_posix_to_c_programs() {
    let folder = tempfile::tempdir().unwrap();
    assert_posix(HostDir::open(folder.path()).unwrap());
}

#[test]
fn overlay_is_posix_to_c_programs() {
    assert_posix(Overlay::new(Arc::new(MemFs::new()), Arc::new(MemFs::new())));
}
